// Reading a YAML tree by what must be there. Every method reports what it finds wrong and goes on,
// so that one pass over a file names all problems.

public import LabCore

/// A part of a YAML tree together with the list of problems of the whole load.
///
/// A method that gives `nil` has reported a problem, and the caller need not.
public struct StrictReader {
  /// What is read.
  public let tree: YAMLTree
  let log: ProblemLog

  init(_ tree: YAMLTree, log: ProblemLog) {
    self.tree = tree
    self.log = log
  }

  /// Where it stands.
  public var place: SourcePlace { tree.place }

  /// Reports a problem of this part.
  ///
  /// - Parameters:
  ///   - code: A code that never changes, such as `figures.unknown-unit`.
  ///   - message: What is wrong; what was expected; what to do.
  public func report(_ code: String, _ message: String) {
    log.report(code, at: place, message)
  }

  // MARK: Structure

  /// The values of a mapping that may have the given keys and no others.
  ///
  /// - Parameters:
  ///   - known: All keys that may stand here.
  ///   - required: Those that must.
  public func fields(_ known: [String], required: [String] = []) -> StrictFields? {
    guard let entries = tree.entries else {
      report(
        "manifest.kind",
        "\(tree.kindName) stands here; a mapping was expected; "
          + "write one with the keys \(quoted(known))")
      return nil
    }
    for entry in entries where !known.contains(entry.key) {
      log.report(
        "manifest.unknown-key", at: entry.keyPlace,
        "unknown key '\(shortened(entry.key))'; \(suggestion(for: entry.key, among: known))")
    }
    for key in required where !entries.contains(where: { $0.key == key }) {
      report(
        "manifest.missing-key",
        "the key '\(key)' is missing; it is required here; add '\(key): …'")
    }
    return StrictFields(tree: tree, known: Set(known), log: log)
  }

  /// The entries of a mapping whose keys the file chooses.
  public func entries() -> [(key: String, place: SourcePlace, value: StrictReader)]? {
    guard let entries = tree.entries else {
      report(
        "manifest.kind", "\(tree.kindName) stands here; a mapping was expected; write 'key: value'")
      return nil
    }
    return entries.map { ($0.key, $0.keyPlace, StrictReader($0.value, log: log)) }
  }

  /// The items of a list.
  public func items() -> [StrictReader]? {
    guard let items = tree.items else {
      report(
        "manifest.kind",
        "\(tree.kindName) stands here; a list was expected; write it in brackets: [a, b]")
      return nil
    }
    return items.map { StrictReader($0, log: log) }
  }

  /// What a method makes of each item of a list; those that are wrong are reported and left out.
  public func list<Value>(_ read: (StrictReader) -> Value?) -> [Value]? {
    items().map { $0.compactMap(read) }
  }

  // MARK: Words

  /// The text of a scalar, with the words for what was expected.
  func scalar(expected: String, example: String) -> String? {
    if let text = tree.text, !tree.isBlank { return text }
    report(
      "manifest.kind",
      "\(tree.kindName) stands here; \(expected) was expected; write it as '\(example)'")
    return nil
  }

  /// A text that is not empty.
  public func text() -> String? {
    guard let text = scalar(expected: "a text", example: "…") else { return nil }
    guard text.contains(where: { !$0.isWhitespace }) else {
      report("manifest.empty-text", "the text is empty; some words were expected; write them")
      return nil
    }
    return text
  }

  /// A name in kebab case: lower-case letters, digits and single hyphens, a letter first.
  public func name() -> String? {
    guard let text = scalar(expected: "a name", example: "literal-transport") else { return nil }
    guard isKebabCase(text) else {
      report(
        "manifest.name",
        "'\(shortened(text))' is not a name in kebab case; up to 80 lower-case letters, digits and "
          + "hyphens were expected, a letter first; write it like 'literal-transport'")
      return nil
    }
    return text
  }

  /// One of several words.
  public func choice(_ words: [String]) -> String? {
    guard let text = scalar(expected: "one of \(quoted(words))", example: words.first ?? "")
    else { return nil }
    guard words.contains(text) else {
      report(
        "manifest.choice",
        "'\(shortened(text))' is not known here; one of \(quoted(words)) was expected; "
          + (nearestName(to: text, among: words).map { "did you mean '\($0)'?" }
            ?? "choose one of them"))
      return nil
    }
    return text
  }

  /// One of the cases of an enumeration, by its raw value.
  public func choice<Case: RawRepresentable & CaseIterable>(_ type: Case.Type) -> Case?
  where Case.RawValue == String {
    choice(type.allCases.map(\.rawValue)).flatMap(Case.init(rawValue:))
  }

  /// `true` or `false`.
  public func flag() -> Bool? {
    guard let text = scalar(expected: "true or false", example: "true") else { return nil }
    if text == "true" || text == "false" { return text == "true" }
    report(
      "manifest.flag",
      "'\(shortened(text))' is neither true nor false; one of the two was expected; write it so")
    return nil
  }

  // MARK: Numbers

  /// A whole number within a range.
  public func whole(in range: ClosedRange<Int> = 0...Int.max) -> Int? {
    guard let number = decimal(of: .number, within: describe(range)) else { return nil }
    guard let whole = number.number.whole(times: 1) else {
      report(
        "manifest.whole",
        "'\(number.text)' is not a whole number; one \(describe(range)) was expected; round it")
      return nil
    }
    guard range.contains(whole) else {
      outOfRange(number.text, "a whole number \(describe(range))")
      return nil
    }
    return whole
  }

  /// A finite number within a range.
  public func number(
    in range: ClosedRange<Double> = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
  ) -> Double? {
    guard let decimal = decimal(of: .number, within: describe(range)) else { return nil }
    let value = decimal.number.double()
    guard range.contains(value) else {
      outOfRange(decimal.text, "a number \(describe(range))")
      return nil
    }
    return value
  }

  /// A whole number of 64 bits without a sign.
  public func seed() -> UInt64? {
    guard let text = scalar(expected: "a whole number", example: "1") else { return nil }
    guard let seed = UInt64(text), text.first != "+" else {
      report(
        "manifest.seed",
        "'\(shortened(text))' is no seed; a whole number from 0 to \(UInt64.max) was expected; "
          + "write one")
      return nil
    }
    return seed
  }

  /// A percentage from 0 to 100.
  public func ratio() -> Ratio? {
    guard let quantity = quantity(.ratio) else { return nil }
    guard let ratio = Ratio(quantity.measured) else {
      outOfRange(tree.text ?? "", QuantityKind.ratio.noun)
      return nil
    }
    return ratio
  }

  /// A length of time in whole nanoseconds, at least 0 unless it may be negative.
  public func duration(mayBeNegative: Bool = false) -> Duration? {
    guard let quantity = quantity(.duration) else { return nil }
    guard mayBeNegative || quantity.number.digits >= 0 else {
      negative("a duration of at least 0s")
      return nil
    }
    guard let nanoseconds = quantity.whole else {
      outOfRange(tree.text ?? "", "a whole number of nanoseconds within 292 years")
      return nil
    }
    return Duration(nanoseconds: Int64(nanoseconds))
  }

  /// A size in whole bytes.
  public func size() -> ByteCount? {
    guard let quantity = quantity(.size) else { return nil }
    guard quantity.number.digits >= 0 else {
      negative("a size of at least 0B")
      return nil
    }
    guard let bytes = quantity.whole else {
      outOfRange(tree.text ?? "", "a whole number of bytes")
      return nil
    }
    return ByteCount(bytes)
  }

  /// A positive rate in bits a second.
  func bitsPerSecond() -> Double? {
    guard let quantity = quantity(.rate) else { return nil }
    guard quantity.amount > 0 else {
      outOfRange(tree.text ?? "", "a rate above 0bit/s")
      return nil
    }
    return quantity.amount
  }

  func negative(_ expected: String) {
    report(
      "manifest.negative",
      "'\(shortened(tree.text ?? ""))' is negative; \(expected) was expected; remove the sign")
  }

  func outOfRange(_ text: String, _ expected: String) {
    report(
      "manifest.range",
      "'\(shortened(text))' is out of range; \(expected) was expected; change it")
  }
}

/// The values of a mapping, by key.
public struct StrictFields {
  let tree: YAMLTree
  let known: Set<String>
  let log: ProblemLog

  /// The value of a key, if the mapping has it.
  ///
  /// - Precondition: `key` is one of those that may stand here.
  public subscript(key: String) -> StrictReader? {
    precondition(known.contains(key), "'\(key)' is read but not among the known keys")
    return tree[key].map { StrictReader($0, log: log) }
  }

  /// Where the mapping begins.
  public var place: SourcePlace { tree.place }

  /// The keys that stand in the mapping.
  public var keys: [String] { tree.entries?.map(\.key) ?? [] }

  /// What a method makes of a key's value; the default when the key is absent.
  ///
  /// - Returns: `nil` after a problem was reported.
  public func read<Value>(
    _ key: String, default fallback: Value, _ read: (StrictReader) -> Value?
  ) -> Value? {
    guard let reader = self[key] else { return fallback }
    return read(reader)
  }

  /// What a method makes of a key's value; `nil` when it is absent or wrong.
  public func read<Value>(_ key: String, _ read: (StrictReader) -> Value?) -> Value? {
    self[key].flatMap(read)
  }
}

/// Names in quotes, with commas.
func quoted(_ names: [String]) -> String {
  names.map { "'\($0)'" }.joined(separator: ", ")
}

/// Whether a text is lower-case letters, digits and single hyphens, a letter first.
func isKebabCase(_ text: String) -> Bool {
  let bytes = Array(text.utf8)
  guard let first = bytes.first, let last = bytes.last, bytes.count <= 80 else { return false }
  let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
  let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
  let hyphen = UInt8(ascii: "-")
  return letters.contains(first) && last != hyphen
    && bytes.allSatisfy { letters.contains($0) || digits.contains($0) || $0 == hyphen }
    && !text.contains("--")
}
