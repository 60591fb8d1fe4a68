// Reading probability laws.

import LabCore
public import Statistics

extension LawUnit {
  /// What the law's values look like in a file.
  var quantityKind: QuantityKind {
    switch self {
    case .number: .number
    case .seconds: .duration
    case .bytes: .size
    }
  }
}

extension StrictReader {
  /// A probability law: `20ms` for a constant, or a mapping such as
  /// `{law: gamma, shape: 2, scale: 5ms}`.
  ///
  /// - Parameter unit: The unit of what is drawn, which says how parameters are written.
  public func law(_ unit: LawUnit) -> Law? { law(unit, allowing: [], depth: 0) }

  private func law(_ unit: LawUnit, allowing others: [String], depth: Int) -> Law? {
    guard depth <= 4 else {
      report(
        "manifest.law-depth", "laws nest more than 4 deep; fewer were expected; write one mixture")
      return nil
    }
    guard tree.entries != nil else {
      return lawValue(unit, mustBePositive: false).map(Law.constant)
    }
    let everyKey = ["law"] + others + LawForm.parameterDescriptions.map(\.name)
    guard let named = tree["law"] else {
      _ = fields(everyKey, required: ["law"])
      return nil
    }
    guard let name = StrictReader(named, log: log).choice(LawForm.all.map(\.name)),
      let form = LawForm.all.first(where: { $0.name == name })
    else { return nil }
    let isSample = name == "empirical"
    if isSample, let reference = tree["csv"], tree["values"] == nil {
      // The content of the file should stand here by now; why it does not, was reported.
      if log.isEmpty {
        log.report(
          "manifest.conflict", at: reference.place,
          "a file cannot be read here; the values themselves were expected; write 'values: […]'")
      }
      return nil
    }
    let known = ["law"] + form.parameters.map(\.key) + others
    let required = isSample ? ["law", "values"] : ["law"] + form.parameters.map(\.key)
    let before = log.count
    guard let fields = fields(known, required: required), log.count == before else { return nil }
    return law(named: name, form: form, fields: fields, unit: unit, depth: depth)
  }

  private func law(
    named name: String, form: LawForm, fields: StrictFields, unit: LawUnit, depth: Int
  ) -> Law? {
    var values: [String: Double] = [:]
    for parameter in form.parameters {
      guard let reader = fields[parameter.key] else { continue }
      switch parameter.kind {
      case .value(let mustBePositive):
        values[parameter.key] = reader.lawValue(unit, mustBePositive: mustBePositive)
      case .shape:
        values[parameter.key] = reader.positiveNumber()
      case .other: break
      }
    }
    func value(_ key: String) -> Double? { values[key] }
    let law: Law?
    switch name {
    case "empirical": law = fields.read("values") { $0.sample(unit) }
    case "mixture": law = fields.read("of") { $0.mixture(unit, depth: depth) }
    case "shifted":
      let inner = fields.read("of") { $0.law(unit, allowing: [], depth: depth + 1) }
      if let offset = values["by"], let inner {
        law = .shifted(by: offset, inner)
      } else {
        law = nil
      }
    default: law = Self.law(named: name, value)
    }
    guard let law, isOrdered(values, fields) else { return nil }
    for problem in law.problems() {
      report("manifest.law", problem)
    }
    return law
  }

  /// Whether the bounds of a uniform law are in order, if it is one.
  private func isOrdered(_ values: [String: Double], _ fields: StrictFields) -> Bool {
    guard let low = values["low"], let high = values["high"], low >= high else { return true }
    report(
      "manifest.law",
      "the bounds are '\(fields["low"]?.tree.text ?? "")' and "
        + "'\(fields["high"]?.tree.text ?? "")'; 'low' below 'high' was expected; change them")
    return false
  }

  private static func law(named name: String, _ value: (String) -> Double?) -> Law? {
    func both(_ first: String, _ second: String, _ make: (Double, Double) -> Law) -> Law? {
      guard let one = value(first), let two = value(second) else { return nil }
      return make(one, two)
    }
    switch name {
    case "constant": return value("value").map(Law.constant)
    case "exponential": return value("mean").map(Law.exponential)
    case "uniform": return both("low", "high") { .uniform(low: $0, high: $1) }
    case "normal":
      return both("mean", "deviation") { .normal(mean: $0, standardDeviation: $1) }
    case "lognormal": return both("median", "sigma") { .lognormal(median: $0, sigma: $1) }
    case "gamma": return both("shape", "scale") { .gamma(shape: $0, scale: $1) }
    case "weibull": return both("shape", "scale") { .weibull(shape: $0, scale: $1) }
    case "pareto": return both("minimum", "tail-index") { .pareto(minimum: $0, tailIndex: $1) }
    default: preconditionFailure("the law '\(name)' is in the table but has no reader")
    }
  }

  private func sample(_ unit: LawUnit) -> Law? {
    guard let readers = items() else { return nil }
    guard !readers.isEmpty else {
      report("manifest.empty-list", "the sample is empty; at least one value was expected; add one")
      return nil
    }
    let values = readers.compactMap { $0.lawValue(unit, mustBePositive: false) }
    guard values.count == readers.count else { return nil }
    do throws(StatisticsError) {
      return .empirical(try SortedSample(values))
    } catch {
      report("manifest.law", "\(error)")
      return nil
    }
  }

  private func mixture(_ unit: LawUnit, depth: Int) -> Law? {
    guard let parts = items() else { return nil }
    guard !parts.isEmpty else {
      report(
        "manifest.empty-list", "the mixture has no law; at least one was expected; add one")
      return nil
    }
    let before = log.count
    let laws = parts.compactMap { part -> WeightedLaw? in
      guard part.tree.entries != nil, let weight = part.tree["weight"] else {
        part.report(
          "manifest.missing-key",
          "a part of a mixture has no weight; a law with its weight was expected; "
            + "write it like '{weight: 0.9, law: exponential, mean: 5ms}'")
        return nil
      }
      let number = StrictReader(weight, log: log).positiveNumber()
      let law = part.law(unit, allowing: ["weight"], depth: depth + 1)
      guard let number, let law else { return nil }
      return WeightedLaw(weight: number, law: law)
    }
    return log.count == before ? .mixture(laws) : nil
  }

  /// One value in a law's unit, as a double: seconds, bytes or a number.
  func lawValue(_ unit: LawUnit, mustBePositive: Bool) -> Double? {
    let kind = unit.quantityKind
    let value: Double
    if kind == .number {
      guard let decimal = decimal(of: .number, within: "") else { return nil }
      value = decimal.number.double()
    } else {
      guard let quantity = quantity(kind) else { return nil }
      value = quantity.measured
      guard value >= 0 else {
        negative("\(kind.noun) of at least 0")
        return nil
      }
      guard kind != .duration || value < 9.2e9 else {
        outOfRange(tree.text ?? "", "a duration within 292 years")
        return nil
      }
    }
    guard !mustBePositive || value > 0 else {
      outOfRange(tree.text ?? "", "\(kind.noun) above 0")
      return nil
    }
    return value
  }

  /// A finite number above 0 without a unit.
  func positiveNumber() -> Double? {
    guard let decimal = decimal(of: .number, within: "above 0") else { return nil }
    let value = decimal.number.double()
    guard value > 0 else {
      outOfRange(decimal.text, "a number above 0")
      return nil
    }
    return value
  }
}
