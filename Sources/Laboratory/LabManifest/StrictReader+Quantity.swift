// Reading numbers with units, and saying the right spelling when they are wrong.

extension StrictReader {
  /// A number without a unit, with its text.
  func decimal(
    of kind: QuantityKind, within range: String
  ) -> (number: DecimalNumber, text: String)? {
    let expected = range.isEmpty ? kind.noun : "\(kind.noun) \(range)"
    guard let text = scalar(expected: expected, example: kind.example) else { return nil }
    guard let (number, rest) = DecimalNumber.prefix(of: text) else {
      notANumber(text, expected: expected, example: kind.example)
      return nil
    }
    guard rest.isEmpty else {
      report(
        "manifest.unit",
        "'\(shortened(text))' has a unit; \(expected) without a unit was expected; "
          + "write '\(text.dropLast(rest.count))'")
      return nil
    }
    return (number, text)
  }

  /// A number with a unit of one kind.
  func quantity(_ kind: QuantityKind) -> Quantity? {
    guard let text = scalar(expected: kind.noun, example: kind.example) else { return nil }
    if let quantity = Quantity(text), quantity.kind == kind { return quantity }
    guard let (_, rest) = DecimalNumber.prefix(of: text) else {
      notANumber(text, expected: kind.noun, example: kind.example)
      return nil
    }
    report("manifest.unit", unitProblem(text, rest: rest, kind: kind))
    return nil
  }

  private func unitProblem(_ text: String, rest: Substring, kind: QuantityKind) -> String {
    let units = kind.units.map(\.name)
    let number = String(text.dropLast(rest.count))
    let choice = units.count == 1 ? "the unit" : "one of the units"
    let expected = "\(kind.noun) with \(choice) \(units.joined(separator: ", ")) was expected"
    if rest.isEmpty {
      let unit = Quantity(kind.example).map { example in
        kind.units.first { $0.factor == example.factor }?.name ?? ""
      }
      return "'\(shortened(text))' has no unit; \(expected); write it like '\(number)\(unit ?? "")'"
    }
    let unit = rest.filter { !$0.isWhitespace }
    let meant =
      units.contains(unit)
      ? unit : kind.synonyms[unit.lowercased()] ?? nearestName(to: unit, among: units)
    let advice = meant.map { "write '\(number)\($0)'" } ?? "write it like '\(kind.example)'"
    if units.contains(unit) {
      return "'\(shortened(text))' has a space before its unit; none was expected; \(advice)"
    }
    return "'\(shortened(text))' has the unit '\(shortened(unit))'; \(expected); \(advice)"
  }

  private func notANumber(_ text: String, expected: String, example: String) {
    let special = ["nan", "inf", "infinity", ".nan", ".inf", "-inf", "+inf", "-.inf", "-infinity"]
    let isSpecial = special.contains { text.lowercased().hasPrefix($0) }
    report(
      "manifest.number",
      "'\(shortened(text))' is \(isSpecial ? "not finite" : "not a number"); \(expected) was "
        + "expected; write it like '\(example)'")
  }

  func describe(_ range: ClosedRange<Int>) -> String {
    switch (range.lowerBound, range.upperBound) {
    case (.min, .max): ""
    case (.min, let upper): "of at most \(upper)"
    case (let lower, .max): "of at least \(lower)"
    case (let lower, let upper): "from \(lower) to \(upper)"
    }
  }

  func describe(_ range: ClosedRange<Double>) -> String {
    let most = Double.greatestFiniteMagnitude
    switch (range.lowerBound <= -most, range.upperBound >= most) {
    case (true, true): return ""
    case (true, false): return "of at most \(plainNumber(range.upperBound))"
    case (false, true): return "of at least \(plainNumber(range.lowerBound))"
    case (false, false):
      return "from \(plainNumber(range.lowerBound)) to \(plainNumber(range.upperBound))"
    }
  }
}
