// The exponent of a power law, by least squares on logarithms.
import Glibc

/// The straight line log y = intercept + slope × log x that fits a sample best.
///
/// The slope is the empirical order of growth: 1 for linear cost, 2 for quadratic. The interval
/// supposes that the logarithms scatter around the line independently with one normal law.
public struct LogLogSlope: Hashable, Sendable {
  /// The exponent, with Student's t interval.
  public let slope: ConfidenceInterval
  /// The natural logarithm of y at x = 1.
  public let intercept: Double
  /// The standard error of the slope.
  public let standardError: Double
  /// The share of the variance of log y that the line explains; 1 when log y does not vary.
  public let determination: Double

  /// Fits the line.
  ///
  /// - Parameters:
  ///   - x: Positive numbers, at least two of them different.
  ///   - y: As many positive numbers.
  /// - Throws: ``StatisticsError/unequalLengths(_:_:)``,
  ///   ``StatisticsError/tooFewValues(count:needed:)`` below three points,
  ///   ``StatisticsError/notFinite(index:value:)``,
  ///   ``StatisticsError/outOfRange(argument:value:expected:)`` for numbers of 0 or less and for
  ///   the confidence, ``StatisticsError/degenerate(reason:)`` when all x are equal.
  /// - Complexity: Linear.
  public init(x: [Double], y: [Double], confidence: Double = 0.95) throws(StatisticsError) {
    guard x.count == y.count else { throw .unequalLengths(x.count, y.count) }
    try requireConfidence(confidence)
    let across = try LogLogSlope.logarithms(x, "x")
    let up = try LogLogSlope.logarithms(y, "y")
    let acrossMoments = RunningMoments(of: across)
    let upMoments = RunningMoments(of: up)
    guard acrossMoments.squaredDistances > 0 else { throw .degenerate(reason: "all x are equal") }
    var products = 0.0
    for (horizontal, vertical) in zip(across, up) {
      products += (horizontal - acrossMoments.mean) * (vertical - upMoments.mean)
    }
    let steepness = products / acrossMoments.squaredDistances
    let start = upMoments.mean - steepness * acrossMoments.mean
    var residual = 0.0
    for (horizontal, vertical) in zip(across, up) {
      let distance =
        (vertical - upMoments.mean) - steepness * (horizontal - acrossMoments.mean)
      residual += distance * distance
    }
    let freedom = Double(x.count - 2)
    standardError = (residual / freedom / acrossMoments.squaredDistances).squareRoot()
    intercept = start
    determination =
      upMoments.squaredDistances > 0 ? max(0, 1 - residual / upMoments.squaredDistances) : 1
    slope = try StudentT(degreesOfFreedom: freedom)
      .interval(steepness, standardError: standardError, confidence: confidence)
  }

  private static func logarithms(
    _ numbers: [Double], _ name: String
  ) throws(StatisticsError) -> [Double] {
    try numbers.requireFinite(atLeast: 3)
    for number in numbers where number <= 0 {
      throw .outOfRange(argument: name, value: number, expected: "a number above 0")
    }
    return numbers.map { log($0) }
  }
}
