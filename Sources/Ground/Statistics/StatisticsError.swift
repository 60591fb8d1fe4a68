/// Why a figure cannot be computed from what was given.
///
/// Every case is a mistake in the data or the request, so the caller reports it; trying again with
/// the same input fails in the same way.
public enum StatisticsError: Error, Hashable, Sendable {
  /// A sample has fewer values than the method needs.
  case tooFewValues(count: Int, needed: Int)
  /// A sample has more values, or a text more parts, than the bound that protects the machine.
  case tooManyValues(count: Int, limit: Int)
  /// The value at an index (from 0) of a sample is NaN or infinite.
  case notFinite(index: Int, value: Double)
  /// An argument lies outside its range.
  case outOfRange(argument: String, value: Double, expected: String)
  /// Two samples that belong together pair by pair have different lengths.
  case unequalLengths(Int, Int)
  /// The data carry no information of the kind that is asked for.
  case degenerate(reason: String)
  /// A run never leaves its warm-up.
  case noSteadyState(observations: Int)
  /// A law has no density because it puts weight on single points.
  case noDensity
  /// The parameters of a law are impossible.
  case invalidLaw(problems: [String])
  /// The GNU Scientific Library gave no number.
  case gsl(GSLFailure)
}

extension StatisticsError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .tooFewValues(let count, let needed):
      "the sample has \(count) values; at least \(needed) are needed; collect more"
    case .tooManyValues(let count, let limit):
      "the input has \(count) values; at most \(limit) are allowed; thin it out"
    case .notFinite(let index, let value):
      "value \(index) of the sample is \(value); a finite number was expected; remove or mend it"
    case .outOfRange(let argument, let value, let expected):
      "\(argument) is \(value); \(expected) was expected; change it"
    case .unequalLengths(let left, let right):
      "the samples have \(left) and \(right) values; pairs need equal counts; drop what has no "
        + "partner"
    case .degenerate(let reason):
      "\(reason); values that differ were expected; look at the data"
    case .noSteadyState(let observations):
      "\(observations) observations do not settle; a warm-up in the first half was expected; "
        + "run longer"
    case .noDensity:
      "a law with weight on single points has no density; a continuous law was expected; "
        + "ask for the cumulative probability"
    case .invalidLaw(let problems): problems.joined(separator: "\n")
    case .gsl(let failure): failure.description
    }
  }
}

/// A call of the GNU Scientific Library that gave no number.
public struct GSLFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// The function that was called.
  public let function: String

  public var description: String {
    "\(function) of the GNU Scientific Library gave no number; a number was expected; "
      + "check that the arguments lie in its domain"
  }
}

extension Collection where Element == Double, Index == Int {
  /// Refuses a sample that is too small or holds NaN or an infinity.
  ///
  /// - Complexity: One pass.
  func requireFinite(atLeast needed: Int) throws(StatisticsError) {
    guard count >= needed else { throw .tooFewValues(count: count, needed: needed) }
    for (index, value) in zip(indices, self) where !value.isFinite {
      throw .notFinite(index: index - startIndex, value: value)
    }
  }
}

/// Refuses a probability outside the open interval from 0 to 1.
func requireConfidence(_ confidence: Double) throws(StatisticsError) {
  guard confidence > 0, confidence < 1 else {
    throw .outOfRange(
      argument: "confidence", value: confidence, expected: "a number above 0 and below 1")
  }
}

/// Refuses a probability outside the closed interval from 0 to 1.
func requireProbability(_ value: Double) throws(StatisticsError) {
  guard value >= 0, value <= 1 else {
    throw .outOfRange(argument: "probability", value: value, expected: "a number from 0 to 1")
  }
}
