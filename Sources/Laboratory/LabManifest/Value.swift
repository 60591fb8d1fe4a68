public import LabCore
public import Statistics

/// A typed value that a manifest gives to a parameter.
public enum Value: Hashable, Sendable {
  /// A whole number without a unit.
  case integer(Int)
  /// A number without a unit.
  case number(Double)
  /// A share of a whole.
  case ratio(Ratio)
  /// A length of time.
  case duration(Duration)
  /// A number of bytes.
  case size(ByteCount)
  /// A word.
  case text(String)
  /// Yes or no.
  case flag(Bool)
  /// A probability law.
  case law(Law)
}

/// What values a parameter takes.
public enum ValueKind: Hashable, Sendable {
  /// A whole number within a range.
  case integer(ClosedRange<Int>)
  /// A finite number within a range.
  case number(ClosedRange<Double>)
  /// A percentage from 0 to 100.
  case ratio
  /// A length of time that is not negative, with its unit.
  case duration
  /// A size with its unit.
  case size
  /// One of several words; any word when the list is empty.
  case text(choices: [String])
  /// `true` or `false`.
  case flag
  /// A probability law over numbers in the named unit.
  case law(unit: LawUnit)
}

/// The unit of what a law draws, which decides how its parameters are written.
public enum LawUnit: String, Hashable, Sendable {
  /// Plain numbers.
  case number
  /// Lengths of time, written with their unit and drawn in seconds.
  case seconds
  /// Sizes, written with their unit and drawn in bytes.
  case bytes
}
