// Reading a condition of a sweep.

/// Reads one expression of `where`.
struct SweepConditionReader {
  private let reader: StrictReader
  private let sweep: Sweep
  /// The texts of the parameters that do not vary.
  private let parameters: [String: String]
  private let experiment: ExperimentDescription
  private var tokens: [Token] = []
  private var position = 0

  private struct Token {
    let text: String
    let isQuoted: Bool
    let column: Int
  }

  /// A stop after a problem was reported.
  private struct Stop: Error {}

  init(
    _ reader: StrictReader, sweep: Sweep, parameters: [String: String],
    experiment: ExperimentDescription
  ) {
    self.reader = reader
    self.sweep = sweep
    self.parameters = parameters
    self.experiment = experiment
  }

  /// The condition; what is wrong is reported at its place in the expression.
  mutating func condition() -> SweepCondition? {
    guard let text = reader.text() else { return nil }
    guard text.utf8.count <= 4096 else {
      reader.report(
        "manifest.condition",
        "the condition is longer than 4096 bytes; a shorter one was expected; "
          + "write several")
      return nil
    }
    do throws(Stop) {
      try split(text)
      let condition = try disjunction(depth: 0)
      if let rest = peek { try fail(rest, "'\(rest.text)' stands behind the condition", "its end") }
      return condition
    } catch { return nil }
  }

  // MARK: Grammar

  private mutating func disjunction(depth: Int) throws(Stop) -> SweepCondition {
    var condition = try conjunction(depth: depth)
    while take("or") { condition = .or(condition, try conjunction(depth: depth)) }
    return condition
  }

  private mutating func conjunction(depth: Int) throws(Stop) -> SweepCondition {
    var condition = try negation(depth: depth)
    while take("and") { condition = .and(condition, try negation(depth: depth)) }
    return condition
  }

  private mutating func negation(depth: Int) throws(Stop) -> SweepCondition {
    guard depth < 64 else {
      try fail(peek, "the condition nests more than 64 deep", "a flatter one")
    }
    if take("not") { return .not(try negation(depth: depth + 1)) }
    if take("(") {
      let condition = try disjunction(depth: depth + 1)
      guard take(")") else { try fail(peek, "a parenthesis is not closed", "')'") }
      return condition
    }
    return try comparison()
  }

  private mutating func comparison() throws(Stop) -> SweepCondition {
    guard let left = next() else { try fail(nil, "the condition ends too early", "a setting") }
    let (name, key) = try setting(left)
    guard let sign = next(), let comparison = SweepCondition.Comparison(rawValue: sign.text) else {
      try fail(
        tokens.indices.contains(position - 1) ? tokens[position - 1] : nil,
        "no comparison follows '\(left.text)'", "one of ==, !=, <, <=, > and >=")
    }
    guard let right = next(), right.isQuoted || !Self.words.contains(right.text) else {
      try fail(peek, "no value follows '\(sign.text)'", "a value such as 10kB or a setting")
    }
    let other = try operand(right, comparedWith: name)
    if comparison != .equal, comparison != .unequal {
      try requireOrder(key, other, left: left, right: right)
    }
    return .comparison(key, comparison, other)
  }

  private static let words: Set<String> = ["and", "or", "not", "(", ")"]

  // MARK: Operands

  private func setting(_ token: Token) throws(Stop) -> (String, SweepCondition.Operand) {
    let bare = token.text.hasPrefix("parameters.") ? String(token.text.dropFirst(11)) : token.text
    if let found = known(bare), !token.isQuoted { return (bare, found) }
    let swept = sweep.keys.map(\.name)
    let names = swept + parameters.keys.filter { !swept.contains($0) }.sorted()
    try fail(
      token, "'\(shortened(token.text))' is neither swept nor a parameter",
      "a setting", suggestion(for: token.text, among: names))
  }

  private func known(_ name: String) -> SweepCondition.Operand? {
    if let slot = sweep.keys.firstIndex(where: { $0.name == name }) { return .swept(slot) }
    return parameters[name].map { .fixed(SweepCondition.Comparable($0)) }
  }

  private func operand(
    _ token: Token, comparedWith name: String
  ) throws(Stop) -> SweepCondition.Operand {
    if !token.isQuoted, let found = known(token.text) { return found }
    let parameter = experiment.parameters.first { $0.name == name }
    if case .text(let choices) = parameter?.kind, !choices.isEmpty, !choices.contains(token.text) {
      try fail(
        token, "'\(name)' is never '\(shortened(token.text))'", "one of \(quoted(choices))",
        nearestName(to: token.text, among: choices).map { "did you mean '\($0)'?" } ?? "choose one")
    }
    let text = Quantity(token.text)?.canonicalText ?? token.text
    return .fixed(SweepCondition.Comparable(text))
  }

  /// Makes sure that all values that may meet have an order.
  private func requireOrder(
    _ left: SweepCondition.Operand, _ right: SweepCondition.Operand, left leftToken: Token,
    right rightToken: Token
  ) throws(Stop) {
    var first: (text: String, kind: QuantityKind)?
    for (operand, token) in [(left, leftToken), (right, rightToken)] {
      for text in texts(of: operand) {
        guard let kind = Quantity(text)?.kind else {
          try fail(
            token, "'\(shortened(text))' has no order", "a number with its unit",
            "compare by == or !=")
        }
        if let first, first.kind != kind {
          try fail(
            token, "'\(text)' and '\(first.text)' have no order between them", "\(first.kind.noun)",
            "write the same unit")
        }
        first = (text, kind)
      }
    }
  }

  private func texts(of operand: SweepCondition.Operand) -> Set<String> {
    switch operand {
    case .fixed(let value): [value.text]
    case .swept(let slot): sweep.texts(of: sweep.keys[slot])
    }
  }

  // MARK: Tokens

  private var peek: Token? { tokens.indices.contains(position) ? tokens[position] : nil }

  private mutating func next() -> Token? {
    defer { position += 1 }
    return peek
  }

  private mutating func take(_ text: String) -> Bool {
    guard let token = peek, !token.isQuoted, token.text == text else { return false }
    position += 1
    return true
  }

  private mutating func split(_ text: String) throws(Stop) {
    let scalars = Array(text.unicodeScalars)
    var index = 0
    while index < scalars.count {
      let start = index
      let scalar = scalars[index]
      if scalar == " " || scalar == "\n" || scalar == "\t" {
        index += 1
      } else if scalar == "(" || scalar == ")" {
        index += 1
        append(scalars[start..<index], at: start)
      } else if scalar == "'" {
        guard let end = scalars[(index + 1)...].firstIndex(of: "'") else {
          try fail(
            Token(text: "'", isQuoted: false, column: start), "a quotation mark is not closed",
            "\"'\"")
        }
        append(scalars[(start + 1)..<end], at: start, isQuoted: true)
        index = end + 1
      } else if Self.isSign(scalar) {
        while index < scalars.count, Self.isSign(scalars[index]) { index += 1 }
        append(scalars[start..<index], at: start)
      } else {
        while index < scalars.count, !Self.isSign(scalars[index]),
          !" \n\t()'".unicodeScalars.contains(scalars[index])
        { index += 1 }
        append(scalars[start..<index], at: start)
      }
    }
  }

  private mutating func append(
    _ scalars: ArraySlice<Unicode.Scalar>, at column: Int, isQuoted: Bool = false
  ) {
    let text = String(String.UnicodeScalarView(scalars))
    tokens.append(Token(text: text, isQuoted: isQuoted, column: column))
  }

  private static func isSign(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "<" || scalar == ">" || scalar == "=" || scalar == "!"
  }

  private func fail(
    _ token: Token?, _ problem: String, _ expected: String,
    _ advice: String = "correct the condition"
  ) throws(Stop) -> Never {
    var place = reader.place
    // Scalars of several lines are folded, so only the first line's columns are those of the file.
    if let token, case .scalar(_, let isPlain) = reader.tree.content {
      place.column += token.column + (isPlain ? 0 : 1)
    }
    reader.log.report(
      "manifest.condition", at: place, "\(problem); \(expected) was expected; \(advice)")
    throw Stop()
  }
}
