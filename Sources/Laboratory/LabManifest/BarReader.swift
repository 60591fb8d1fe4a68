// Reading the bar of a criterion.

/// Reads `>= 0.99`, `<= 20ms`, `== 0`, `within 5%`, `>= 2 times other-arm`,
/// `== 1 times other-arm`, `within 10% of other-arm`, `>= other-arm - 5`, `<= other-arm + 20ms` and
/// `matches other_metric within 3 standard errors`.
///
/// A bare number is in the metric's own unit; one with a unit is turned into it.
struct BarReader {
  private let criterion: CriterionReader
  private let metric: MetricDescription

  init(_ criterion: CriterionReader, _ metric: MetricDescription) {
    self.criterion = criterion
    self.metric = metric
  }

  /// The bar; `nil` after a report.
  func bar(_ reader: StrictReader, _ arm: String?) -> Criterion.Bar? {
    guard let text = reader.text() else { return nil }
    var words = text.split(separator: " ").map(String.init)
    // The sign may touch its number.
    if let first = words.first, first.count > 2,
      let sign = [">=", "<=", "=="].first(where: first.hasPrefix)
    {
      words.replaceSubrange(0...0, with: [sign, String(first.dropFirst(2))])
    }
    switch (words.first, words.count) {
    case ("matches", _): return matches(words, reader)
    case (">="?, 2), ("<="?, 2), ("=="?, 2):
      guard let number = amount(words[1], reader) else { return nil }
      return words[0] == ">="
        ? .atLeast(number) : words[0] == "<=" ? .atMost(number) : .equals(number)
    case ("within"?, 2): return within(words[1], reader)
    case ("within"?, 4) where words[2] == "of": return withinTimes(words, reader, arm)
    case (">="?, 4) where words[2] == "times", ("<="?, 4) where words[2] == "times",
      ("=="?, 4) where words[2] == "times":
      return times(words, reader, arm)
    case (">="?, 4) where words[2] == "+" || words[2] == "-",
      ("<="?, 4) where words[2] == "+" || words[2] == "-":
      return plus(words, reader, arm)
    default: return reportForm(text, reader)
    }
  }

  private func times(_ words: [String], _ reader: StrictReader, _ arm: String?) -> Criterion.Bar? {
    guard let factor = number(words[1]), factor > 0 else {
      return reportForm(words.joined(separator: " "), reader)
    }
    guard let other = other(words[3], reader, arm) else { return nil }
    switch words[0] {
    case ">=": return .atLeastTimes(factor, arm: other)
    case "<=": return .atMostTimes(factor, arm: other)
    default: return .equalsTimes(factor, arm: other)
    }
  }

  private func plus(_ words: [String], _ reader: StrictReader, _ arm: String?) -> Criterion.Bar? {
    guard let other = other(words[1], reader, arm), let size = amount(words[3], reader) else {
      return nil
    }
    let offset = words[2] == "+" ? size : -size
    return words[0] == ">="
      ? .atLeastPlus(offset, arm: other) : .atMostPlus(offset, arm: other)
  }

  private func within(_ text: String, _ reader: StrictReader) -> Criterion.Bar? {
    guard let distance = amount(text, reader) else { return nil }
    guard distance > 0 else { return reportForm("within \(text)", reader) }
    return .within(distance)
  }

  private func withinTimes(
    _ words: [String], _ reader: StrictReader, _ arm: String?
  ) -> Criterion.Bar? {
    guard let share = Quantity(words[1]), [.number, .ratio].contains(share.kind),
      share.measured > 0, share.measured < 1
    else { return reportForm(words.joined(separator: " "), reader) }
    return other(words[3], reader, arm).map { .withinTimes(share.measured, arm: $0) }
  }

  /// The arm of a name, which is not the judged one; `nil` after a report.
  private func other(_ name: String, _ reader: StrictReader, _ arm: String?) -> String? {
    let name = YAMLTree.scalar(name, at: reader.place)
    guard let other = criterion.runningArm(StrictReader(name, log: criterion.log)) else {
      return nil
    }
    guard other != arm else {
      reader.report(
        "manifest.bar",
        "the bar compares the arm '\(other)' with itself; another arm was expected; name it")
      return nil
    }
    return other
  }

  private func matches(_ words: [String], _ reader: StrictReader) -> Criterion.Bar? {
    guard words.count == 6, words[2] == "within", words[4] == "standard",
      words[5] == "errors" || words[5] == "error", let count = number(words[3]), count > 0
    else { return reportForm(words.joined(separator: " "), reader) }
    let name = YAMLTree.scalar(words[1], at: reader.place)
    guard let other = criterion.metric(StrictReader(name, log: criterion.log)) else { return nil }
    guard other.name != metric.name else {
      reader.report(
        "manifest.bar",
        "the bar compares the metric '\(other.name)' with itself; another was expected; name it")
      return nil
    }
    guard other.unit == metric.unit, !["hash", "histogram"].contains(other.unit) else {
      reader.report(
        "manifest.bar",
        "'\(other.name)' is in '\(other.unit)' and '\(metric.name)' in '\(metric.unit)'; numbers "
          + "in one unit were expected; compare another metric")
      return nil
    }
    return .matches(metric: other.name, standardErrors: count)
  }

  private func number(_ text: String) -> Double? {
    guard let (number, rest) = DecimalNumber.prefix(of: text), rest.isEmpty else { return nil }
    return number.double()
  }

  /// A number in the metric's unit.
  private func amount(_ text: String, _ reader: StrictReader) -> Double? {
    guard let quantity = Quantity(text) else {
      reader.report(
        "manifest.bar",
        "'\(shortened(text))' is not a finite number with a known unit; one was expected behind "
          + "the sign; write it like '>= 0.99' or '<= 20ms'")
      return nil
    }
    let fits: Bool =
      switch quantity.kind {
      case .number: true
      case .ratio: metric.unit == "1"
      case .duration: metric.unit == "s" || metric.unit == "histogram"
      case .size: metric.unit == "B"
      case .rate: metric.unit == "bit/s"
      }
    guard fits else {
      reader.report(
        "manifest.bar",
        "'\(text)' is \(quantity.kind.noun), but '\(metric.name)' is in '\(metric.unit)'; a number "
          + "in that unit was expected; change it")
      return nil
    }
    return quantity.measured
  }

  private func reportForm(_ text: String, _ reader: StrictReader) -> Criterion.Bar? {
    reader.report(
      "manifest.bar",
      "'\(shortened(text))' is no bar; '>=', '<=' or '==' and a number, 'within 5%', "
        + "'>= 2 times other-arm', 'within 10% of other-arm', '>= other-arm - 5' or "
        + "'matches other_metric within 3 standard errors' was expected; write one of them")
    return nil
  }
}
