/// When a mean is known well enough to stop measuring.
///
/// The rule looks after every value and stops at the first count of at least ``leastCount`` at
/// which the half-width of Student's interval is at most a share of the mean.
///
/// Looking again and again costs coverage: the rule tends to stop when the spread happens to look
/// small. As the share goes to nothing, the interval at the moment of stopping covers the truth as
/// often as its confidence says (Chow and Robbins); at a finite share it covers a little less.
/// For normal values whose standard deviation is a fifth of their mean, intervals of 95 % were
/// found to cover 94.8 % of the time at a share of 2 % (385 values on average), 94.3 % at 4 %
/// (97 values) and 92.2 % at 10 % (16 values): a rough precision is bought with a weaker interval.
/// Values that do not differ at all stop at the least count.
/// - Determinism: The values in their order fix the moment of stopping.
/// > Source: Chow and Robbins, *On the Asymptotic Theory of Fixed-Width Sequential Confidence
/// > Intervals for the Mean*, Annals of Mathematical Statistics 36(2), 1965; relative to the mean
/// > after Nádas, *An Extension of a Theorem of Chow and Robbins*, the same 40(2), 1969. With
/// > Student's quantile in place of the normal one, and a least count.
public struct RelativePrecision: Hashable, Sendable {
  /// The largest half-width, as a share of the mean.
  public let share: Double
  /// How often the interval is to cover the truth.
  public let confidence: Double

  /// The fewest values at which the rule stops.
  public static let leastCount = 5

  /// Describes a rule.
  ///
  /// - Throws: ``StatisticsError/outOfRange(argument:value:expected:)`` unless the share is a
  /// finite   number above 0 and the confidence lies between 0 and 1.
  public init(share: Double, confidence: Double = 0.95) throws(StatisticsError) {
    guard share > 0, share.isFinite else {
      throw .outOfRange(argument: "share", value: share, expected: "a finite number above 0")
    }
    try requireConfidence(confidence)
    self.share = share
    self.confidence = confidence
  }

  /// Whether the rule stops at these values.
  ///
  /// - Parameter moments: Those of the values so far.
  /// - Throws: ``StatisticsError/gsl(_:)``, which no count and no confidence brings about.
  public func isReached(by moments: RunningMoments) throws(StatisticsError) -> Bool {
    guard moments.count >= Self.leastCount, let deviation = moments.standardDeviation else {
      return false
    }
    let law = try StudentT(degreesOfFreedom: Double(moments.count - 1))
    let error = deviation / Double(moments.count).squareRoot()
    return try law.quantile(0.5 + confidence / 2) * error <= share * abs(moments.mean)
  }
}
