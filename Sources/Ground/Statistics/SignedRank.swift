/// The interval for the centre of symmetric values by the Wilcoxon signed-rank test, around the
/// estimate of Hodges and Lehmann.
///
/// The estimate is the median of the means of all pairs of values, each value with itself included
/// (the Walsh averages). For normal values it needs 5 % more of them than the mean, where the plain
/// median needs 57 % more, and a few wild values move it as little as they move the median. The
/// interval keeps the centres that the test does not reject; its chance to miss the centre of
/// independent symmetric values is at most one minus the confidence, whatever their law.
/// > Source: Hodges and Lehmann, *Estimates of Location Based on Rank Tests*, Annals of
/// > Mathematical Statistics 34(2), 1963; Hollander and Wolfe, *Nonparametric Statistical Methods*,
/// > 1999, sections 3.2 and 3.3.
public enum SignedRank {
  /// The largest sample whose law is counted exactly; beyond it the normal law stands in.
  public static let exactLimit = 50
  /// The largest sample.
  public static let countLimit = 5_000

  /// The interval for the centre.
  ///
  /// - Throws: ``StatisticsError/tooFewValues(count:needed:)`` when even the whole range of so few
  ///   values would miss the centre too often, ``StatisticsError/tooManyValues(count:limit:)``,
  ///   ``StatisticsError/notFinite(index:value:)``,
  ///   ``StatisticsError/outOfRange(argument:value:expected:)`` for the confidence.
  /// - Complexity: O(n² log n) for n values.
  public static func interval(
    _ sample: [Double], confidence: Double = 0.95
  ) throws(StatisticsError) -> ConfidenceInterval {
    try requireConfidence(confidence)
    try sample.requireFinite(atLeast: fewest(confidence: confidence))
    guard sample.count <= countLimit else {
      throw .tooManyValues(count: sample.count, limit: countLimit)
    }
    let averages = walshAverages(sample)
    let rank = try criticalRank(count: sample.count, tail: (1 - confidence) / 2)
    return ConfidenceInterval(
      estimate: SortedSample(finite: averages).median, low: averages[rank - 1],
      high: averages[averages.count - rank], confidence: confidence)
  }

  /// The fewest values that have an interval of a confidence: the range of n values misses their
  /// centre with chance 2^(1−n).
  public static func fewest(confidence: Double) -> Int {
    var count = 1
    var chance = 1.0
    while chance > 1 - confidence, count < 64 {
      count += 1
      chance /= 2
    }
    return count
  }

  /// The means of all pairs of values, each with itself too, in ascending order.
  private static func walshAverages(_ sample: [Double]) -> [Double] {
    var averages: [Double] = []
    averages.reserveCapacity(sample.count * (sample.count + 1) / 2)
    for (index, value) in sample.enumerated() {
      for other in sample[index...] { averages.append((value + other) / 2) }
    }
    averages.sort()
    return averages
  }

  /// Which average, counted from 1 at either end, ends the interval: the largest rank r for which
  /// the statistic is below r with at most the chance of one tail.
  private static func criticalRank(count: Int, tail: Double) throws(StatisticsError) -> Int {
    guard count > exactLimit else {
      var sum = 0.0
      var rank = 0
      for chance in probabilities(count) {
        sum += chance
        guard sum <= tail else { break }
        rank += 1
      }
      return max(rank, 1)
    }
    let size = Double(count)
    let mean = size * (size + 1) / 4
    let deviation = (size * (size + 1) * (2 * size + 1) / 24).squareRoot()
    let quantile = try GSL.normalQuantile(tail)
    return max(1, Int((mean + quantile * deviation - 0.5).rounded(.down)) + 1)
  }

  /// The chance of every value of the statistic from 0 to n (n + 1) / 2, the sum of the ranks whose
  /// sign is positive: each rank joins the sum with chance one half.
  static func probabilities(_ count: Int) -> [Double] {
    var law = [1.0]
    for rank in 1...max(count, 1) {
      var next = [Double](repeating: 0, count: law.count + rank)
      for (sum, chance) in law.enumerated() {
        next[sum] += chance / 2
        next[sum + rank] += chance / 2
      }
      law = next
    }
    return law
  }
}
