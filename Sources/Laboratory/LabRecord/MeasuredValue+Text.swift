// How measured values stand in the cells of tables.

import Statistics

extension MeasuredValue {
  /// The value as a table holds it: numbers in the fewest digits that read back as the same, with a
  /// point or exponent unless they are whole numbers by type; fingerprints in sixteen digits.
  public var text: String {
    switch self {
    case .integer(let number): "\(number)"
    case .number(let number): number.description
    case .hash(let word):
      String(repeating: "0", count: word.leadingZeroBitCount / 4 - (word == 0 ? 1 : 0))
        + String(word, radix: 16)
    case .histogram(let text): text
    }
  }

  /// Reads what ``text`` wrote for a metric with a unit.
  ///
  /// - Returns: `nil` unless the text is exactly what ``text`` writes for some value of that unit.
  public init?(text: String, unit: String) {
    switch unit {
    case "hash":
      guard let word = Self.fingerprint(text) else { return nil }
      self = .hash(word)
    case "histogram":
      guard (try? LatencyHistogram.check(text: text)) != nil else { return nil }
      self = .histogram(text)
    default:
      guard let number = Self.number(text) else { return nil }
      self = number
    }
  }

  /// Whether the value is of the kind that a unit stands for.
  public func fits(unit: String) -> Bool {
    switch self {
    case .integer, .number: unit != "hash" && unit != "histogram"
    case .hash: unit == "hash"
    case .histogram: unit == "histogram"
    }
  }

  private static func fingerprint(_ text: String) -> UInt64? {
    let digits = text.utf8
    guard digits.count == 16, digits.allSatisfy({ isDigit($0) || (0x61...0x66).contains($0) })
    else { return nil }
    return UInt64(text, radix: 16)
  }

  private static func number(_ text: String) -> MeasuredValue? {
    // The longest double takes 24 characters, the longest integer 20.
    guard text.utf8.count <= 24 else { return nil }
    if let integer = Int(text) { return "\(integer)" == text ? .integer(integer) : nil }
    guard let number = Double(text), number.isFinite, number.description == text else { return nil }
    return .number(number)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
