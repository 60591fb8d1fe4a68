// Student's t law and the interval for a mean that rests on it.
import CGSL

/// Student's t law: how far a mean of normal values strays from the truth, in standard errors.
///
/// > Source: Student, *The Probable Error of a Mean*, Biometrika 6(1), 1908; values by GSL.
public struct StudentT: Hashable, Sendable {
  /// How many independent deviations the standard error rests on; positive, whole or not.
  public let degreesOfFreedom: Double

  /// Chooses the law of the family.
  ///
  /// - Throws: ``StatisticsError/outOfRange(argument:value:expected:)``.
  public init(degreesOfFreedom: Double) throws(StatisticsError) {
    guard degreesOfFreedom > 0, degreesOfFreedom.isFinite else {
      throw .outOfRange(
        argument: "degrees of freedom", value: degreesOfFreedom,
        expected: "a finite number above 0")
    }
    self.degreesOfFreedom = degreesOfFreedom
  }

  /// The chance of a value of at most `t`.
  public func cumulative(_ t: Double) throws(StatisticsError) -> Double {
    guard !t.isNaN else { throw .outOfRange(argument: "t", value: t, expected: "a number") }
    guard t.isFinite else { return t < 0 ? 0 : 1 }
    return try GSL.value("gsl_cdf_tdist_P") { gsl_cdf_tdist_P(t, degreesOfFreedom) }
  }

  /// The value that is not exceeded with a given chance; infinite at 0 and 1.
  public func quantile(_ probability: Double) throws(StatisticsError) -> Double {
    try requireProbability(probability)
    return try GSL.value("gsl_cdf_tdist_Pinv") { gsl_cdf_tdist_Pinv(probability, degreesOfFreedom) }
  }

  /// The interval around an estimate with this many degrees of freedom.
  func interval(
    _ estimate: Double, standardError: Double, confidence: Double
  ) throws(StatisticsError) -> ConfidenceInterval {
    try requireConfidence(confidence)
    let reach = try quantile(0.5 + confidence / 2) * standardError
    return ConfidenceInterval(
      estimate: estimate, low: estimate - reach, high: estimate + reach, confidence: confidence)
  }

  /// The interval for the mean of the law that a sample of independent values comes from.
  ///
  /// It is exact for normal values and good for the mean of many values of any law of finite
  /// variance.
  /// - Throws: ``StatisticsError/tooFewValues(count:needed:)`` below two values,
  ///   ``StatisticsError/notFinite(index:value:)``,
  ///   ``StatisticsError/outOfRange(argument:value:expected:)`` for the confidence.
  public static func meanInterval(
    _ sample: [Double], confidence: Double = 0.95
  ) throws(StatisticsError) -> ConfidenceInterval {
    try sample.requireFinite(atLeast: 2)
    let moments = RunningMoments(of: sample)
    let count = Double(moments.count)
    let standardError = (moments.squaredDistances / (count - 1) / count).squareRoot()
    return try StudentT(degreesOfFreedom: count - 1)
      .interval(moments.mean, standardError: standardError, confidence: confidence)
  }
}
