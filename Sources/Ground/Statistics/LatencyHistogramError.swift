/// What a histogram refuses.
public enum LatencyHistogramError: Error, Hashable, Sendable {
  /// The precision is not 1 to 5 digits.
  case unsupportedDigits(Int)
  /// A value is below zero.
  case negativeValue(Int64)
  /// A number of repetitions is below zero.
  case negativeCount(Int64)
  /// The number of values leaves 63 bits.
  case countOverflow
  /// Two histograms of different precision do not merge.
  case unequalDigits(Int, Int)
  /// A quantile outside 0 to 1 is asked for.
  case badProbability(Double)
  /// Nothing is recorded.
  case empty
  /// A text is no histogram; the reason names the part.
  case malformedText(reason: String)
}

extension LatencyHistogramError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unsupportedDigits(let digits):
      "the precision is \(digits) digits; 1 to 5 were expected; choose another"
    case .negativeValue(let value):
      "the value \(value) is negative; 0 or more was expected; check which clock it comes from"
    case .negativeCount(let count):
      "the count \(count) is negative; 0 or more was expected; correct it"
    case .countOverflow:
      "the histogram holds 2^63 values or more; fewer were expected; split the record"
    case .unequalDigits(let left, let right):
      "histograms of \(left) and \(right) digits do not merge; equal precision was expected; "
        + "record both alike"
    case .badProbability(let probability):
      "the probability is \(probability); a number from 0 to 1 was expected; change it"
    case .empty: "the histogram is empty; at least one value was expected; record first"
    case .malformedText(let reason):
      "the text is no histogram (\(reason)); the form of version 1 was expected; "
        + "take it from a record unchanged"
    }
  }
}
