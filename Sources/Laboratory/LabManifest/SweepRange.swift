// Values from one end to another: `{from: 0%, to: 20%, step: 5%}`, `{from: 1, to: 1000, points: 4,
// scale: log}`.

import Glibc

/// The values of a range.
struct SweepRange {
  /// The values, each with the place of the range.
  let values: [YAMLTree]

  /// Reads a range; what is wrong is reported.
  ///
  /// Steps are computed exactly, in decimals. Points are rounded to twelve digits, and to whole
  /// numbers, nanoseconds or bytes where only those can be.
  /// - Parameters:
  ///   - isWhole: Whether the setting takes whole numbers only.
  ///   - limit: The most values.
  init?(_ reader: StrictReader, isWhole: Bool, limit: Int) {
    guard let fields = reader.fields(ManifestKeys.range) else { return nil }
    let before = reader.log.count
    let from = fields.read("from") { $0.rangeEnd() }
    let to = fields.read("to") { $0.rangeEnd() }
    let step = fields.read("step") { $0.rangeEnd() }
    let points = fields.read("points") { $0.whole(in: 2...Int.max) }
    let scale = fields.read("scale", default: "linear") { $0.choice(["linear", "log"]) }
    guard reader.log.count == before, let from, let to, let scale else { return nil }
    for (name, other) in [("to", to), ("step", step ?? from)] where other.kind != from.kind {
      fields[name]?.report(
        "manifest.range-unit",
        "'\(other.canonicalText)' is not of the same kind as '\(from.canonicalText)'; "
          + "\(from.kind.noun) was expected as for 'from'; change the unit")
      return nil
    }
    let range = Ends(from: from, to: to, isWhole: isWhole, reader: reader, limit: limit)
    let texts: [String]? =
      switch (step, points) {
      case (let step?, nil) where scale == "linear": range.stepping(by: step)
      case (nil, let points?): range.spread(over: points, isLogarithmic: scale == "log")
      default: range.reportChoice(isLogarithmic: scale == "log")
      }
    guard let texts else { return nil }
    values = texts.map { YAMLTree.scalar($0, at: reader.place) }
  }
}

/// The ends of a range, which are of one kind.
private struct Ends {
  let from: Quantity
  let to: Quantity
  let isWhole: Bool
  let reader: StrictReader
  let limit: Int

  func reportChoice(isLogarithmic: Bool) -> [String]? {
    reader.report(
      "manifest.range",
      isLogarithmic
        ? "a range with 'scale: log' has no steps; a number of points was expected; "
          + "write 'points: 4'"
        : "exactly one of 'step' and 'points' was expected; write 'step: 1' or 'points: 4'")
    return nil
  }

  func stepping(by step: Quantity) -> [String]? {
    let exponent = min(from.number.exponent, to.number.exponent, step.number.exponent)
    guard let first = scaled(from, exponent), let last = scaled(to, exponent),
      let width = scaled(step, exponent)
    else {
      reader.report(
        "manifest.range", "the range is too wide to count; nearer ends were expected; change them")
      return nil
    }
    guard width > 0, first <= last else {
      reader.report(
        "manifest.range",
        "no step of '\(step.canonicalText)' leads from '\(from.canonicalText)' to "
          + "'\(to.canonicalText)'; a step above 0 and ends in ascending order were expected; "
          + "change them")
      return nil
    }
    let count = (last - first) / width + 1
    guard isWithinLimit(count) else { return nil }
    return (0..<count).map { index in
      let digits = Int(first + index * width)
      return text(DecimalNumber(digits: digits, exponent: exponent))
    }
  }

  func spread(over points: Int, isLogarithmic: Bool) -> [String]? {
    guard isWithinLimit(Int128(points)) else { return nil }
    let (first, last) = (from.amount, to.amount)
    guard first < last, !isLogarithmic || first > 0 else {
      reader.report(
        "manifest.range",
        "no points lie between '\(from.canonicalText)' and '\(to.canonicalText)'; ends in "
          + "ascending order\(isLogarithmic ? " above 0" : "") were expected; change them")
      return nil
    }
    return (0..<points).map { index in
      if index == 0 { return from.canonicalText }
      if index == points - 1 { return to.canonicalText }
      let share = Double(index) / Double(points - 1)
      let value =
        isLogarithmic
        ? exp(log(first) + (log(last) - log(first)) * share)
        : first + (last - first) * share
      let mustBeWhole = isWhole || from.kind == .duration || from.kind == .size
      return text(mustBeWhole ? rounded(value.rounded()) : rounded(value))
    }
  }

  private func isWithinLimit(_ count: Int128) -> Bool {
    if count <= Int128(limit) { return true }
    reader.report(
      "manifest.too-many-cells",
      "the range has \(count) values; at most \(limit) cells were expected; "
        + "write wider steps or raise 'limits.cells'")
    return false
  }

  /// The amount in base units times 10^−exponent, which is whole.
  private func scaled(_ quantity: Quantity, _ exponent: Int) -> Int128? {
    var amount = Int128(quantity.number.digits) * Int128(quantity.factor)
    guard quantity.number.digits != 0 else { return 0 }
    for _ in 0..<(quantity.number.exponent - exponent) {
      amount *= 10
      guard abs(amount) < Int128(1) << 62 else { return nil }
    }
    return abs(amount) < Int128(1) << 62 ? amount : nil
  }

  /// A number with twelve significant digits.
  private func rounded(_ value: Double) -> DecimalNumber {
    guard value != 0 else { return DecimalNumber(digits: 0, exponent: 0) }
    let magnitude = Int(log10(abs(value)).rounded(.down))
    let scale = 11 - magnitude
    let digits = scale >= 0 ? value * pow(10, Double(scale)) : value / pow(10, Double(-scale))
    return DecimalNumber(digits: Int(digits.rounded()), exponent: -scale)
  }

  private func text(_ number: DecimalNumber) -> String {
    Quantity(kind: from.kind, number: number, factor: 1).canonicalText
  }
}

extension StrictReader {
  fileprivate func rangeEnd() -> Quantity? {
    guard let text = scalar(expected: "a number, with its unit if it has one", example: "1kB")
    else { return nil }
    guard let quantity = Quantity(text) else {
      report(
        "manifest.number",
        "'\(shortened(text))' is not a number with a known unit; one was expected as the end of a "
          + "range; write it like '1kB', '20ms', '5%' or '10'")
      return nil
    }
    return quantity
  }
}
