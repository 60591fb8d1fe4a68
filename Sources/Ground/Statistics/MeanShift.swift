// How far a mean lies from zero, or from another mean, with p-values that small samples can earn.

/// An estimate of a shift of means with its error, from pairs or from two independent samples.
///
/// The p-values are Student's and are never smaller than what a permutation of the same data could
/// give: 2^−n for n differences that are not zero, 1 / C(2n, n) for two samples of n values. A
/// handful of small equal differences is therefore no proof, however small their spread.
///
/// Two independent samples are cut to the same count, the first values of the longer one: the skew
/// of two means cancels only where they rest on equally many values. With 10 values against 60 of a
/// skewed law, Welch's test at 0.005 % errs more than ten times as often as it says.
/// - Determinism: The values fix the result, up to the last bits of GSL's laws.
/// > Source: Student, *The Probable Error of a Mean*, 1908; Welch, *The Generalization of
/// > Student's Problem when Several Different Population Variances Are Involved*, Biometrika
/// > 34(1–2), 1947; the floor after Fisher, *The Design of Experiments*, 1935, section 21. No test
/// > of a mean holds its level for every law (Bahadur and Savage, Annals of Mathematical Statistics
/// > 27(4), 1956): this one relies on differences that are about symmetric when nothing but chance
/// > moved the values, as differences of two draws from one law are.
public struct MeanShift: Hashable, Sendable {
  /// The mean difference.
  public let estimate: Double
  /// The standard error of the mean difference; 0 for differences that are all the same.
  public let standardError: Double
  /// How many independent deviations the standard error rests on.
  public let degreesOfFreedom: Double
  /// The smallest p-value that a permutation of these data can give.
  public let floor: Double

  /// The mean of paired differences against 0.
  ///
  /// - Throws: ``StatisticsError/tooFewValues(count:needed:)`` below two differences,
  ///   ``StatisticsError/notFinite(index:value:)``.
  public init(differences: [Double]) throws(StatisticsError) {
    try differences.requireFinite(atLeast: 2)
    let moments = RunningMoments(of: differences)
    let count = Double(moments.count)
    estimate = moments.mean
    standardError = (moments.squaredDistances / (count - 1) / count).squareRoot()
    degreesOfFreedom = count - 1
    floor = MeanShift.signFlipFloor(count: differences.count { $0 != 0 })
  }

  /// The mean of one sample less that of another.
  ///
  /// - Throws: ``StatisticsError/tooFewValues(count:needed:)`` below two values in either,
  ///   ``StatisticsError/notFinite(index:value:)``.
  public init(_ first: [Double], less second: [Double]) throws(StatisticsError) {
    try first.requireFinite(atLeast: 2)
    try second.requireFinite(atLeast: 2)
    let size = min(first.count, second.count)
    let left = RunningMoments(of: first.prefix(size))
    let right = RunningMoments(of: second.prefix(size))
    let count = Double(size)
    let (above, below) = (
      left.squaredDistances / (count - 1) / count, right.squaredDistances / (count - 1) / count
    )
    estimate = left.mean - right.mean
    standardError = (above + below).squareRoot()
    let total = above + below
    let welch = total * total * (count - 1) / (above * above + below * below)
    degreesOfFreedom = welch.isFinite ? welch : count - 1
    floor = MeanShift.rankFloor(count: size)
  }

  /// The chance, were the true shift 0, of an estimate at least this far out.
  ///
  /// - Parameter alternative: ``Alternative/greater`` asks whether the true shift is above 0.
  public func pValue(_ alternative: Alternative) throws(StatisticsError) -> Double {
    let outward =
      switch alternative {
      case .greater: estimate
      case .less: -estimate
      case .twoSided: abs(estimate)
      }
    let tail =
      standardError > 0
      ? try StudentT(degreesOfFreedom: degreesOfFreedom).cumulative(-outward / standardError)
      : outward > 0 ? 0 : 1
    guard alternative == .twoSided else { return max(tail, floor) }
    return min(1, 2 * max(tail, floor))
  }

  /// The smallest p-value of an exact test that flips the signs of differences.
  public static func signFlipFloor(count: Int) -> Double {
    count > 1_000 ? 0 : (0..<count).reduce(1.0) { floor, _ in floor / 2 }
  }

  /// The smallest p-value of an exact test that reorders two samples of a count each.
  private static func rankFloor(count: Int) -> Double {
    guard count <= 500 else { return 0 }
    return (0..<count).reduce(1.0) { floor, place in
      floor * Double(count - place) / Double(2 * count - place)
    }
  }
}

/// Whether one sample is spread more widely than another.
///
/// > Source: Fisher's ratio of variances; exact for normal values, so it is used where a wrong
/// > answer costs a question and no more.
public enum SpreadRatio {
  /// The chance, were the true variances equal, of a ratio at least as large.
  ///
  /// - Returns: 1 when neither sample varies, 0 when only the first one does.
  /// - Throws: ``StatisticsError/tooFewValues(count:needed:)`` below two values in either.
  public static func pValue(
    _ first: [Double], against second: [Double]
  ) throws(StatisticsError) -> Double {
    try first.requireFinite(atLeast: 2)
    try second.requireFinite(atLeast: 2)
    let (left, right) = (RunningMoments(of: first), RunningMoments(of: second))
    guard let above = left.variance, let below = right.variance, above > 0 else { return 1 }
    guard below > 0 else { return 0 }
    return try GSL.varianceRatioExceedance(
      above / below,
      degreesOfFreedom: (Double(first.count - 1), Double(second.count - 1)))
  }
}
