public import LabCore

/// Intervals for any statistic by drawing the sample again and again from itself.
///
/// - Determinism: The seed fixes every resample; on one machine the interval is the same bit for
///   bit.
/// - Complexity: `replicates` evaluations of the statistic; ``Kind/biasCorrected`` adds one for
///   each value.
/// > Source: Efron and Tibshirani, *An Introduction to the Bootstrap*, 1993, chapters 13 and 14.
public struct Bootstrap: Hashable, Sendable {
  /// Which interval is read from the replicates.
  public enum Kind: Hashable, Sendable {
    /// The plain quantiles of the replicates.
    case percentile
    /// Quantiles moved for bias and skewness (BCa), right to second order.
    case biasCorrected
  }

  /// The interval that is read.
  public var kind: Kind
  /// How often the sample is drawn again; 100 or more, usually thousands.
  public var replicates: Int
  /// How often the interval covers the truth: above 0 and below 1.
  public var confidence: Double
  /// The root of all draws.
  public var seed: Seed

  /// Chooses the interval, the number of replicates and the seed.
  public init(
    _ kind: Kind = .biasCorrected, replicates: Int = 10_000, confidence: Double = 0.95, seed: Seed
  ) {
    self.kind = kind
    self.replicates = replicates
    self.confidence = confidence
    self.seed = seed
  }

  /// The interval for a statistic of one sample of independent values.
  ///
  /// - Parameter statistic: A function of the values that does not depend on their order.
  /// - Throws: ``StatisticsError/tooFewValues(count:needed:)`` below two values,
  ///   ``StatisticsError/notFinite(index:value:)`` also for what the statistic returns (by number
  ///   of the replicate), ``StatisticsError/outOfRange(argument:value:expected:)``,
  ///   ``StatisticsError/degenerate(reason:)`` when every replicate lies on one side of the
  ///   estimate.
  public func interval(
    _ sample: [Double], of statistic: ([Double]) -> Double
  ) throws(StatisticsError) -> ConfidenceInterval {
    try stratifiedInterval([sample]) { statistic($0[0]) }
  }

  /// The interval for a statistic of pairs that are drawn together.
  ///
  /// - Parameter statistic: A function of the left and the right values, partners at equal indices.
  /// - Throws: As ``interval(_:of:)``, and ``StatisticsError/unequalLengths(_:_:)``.
  public func pairedInterval(
    _ left: [Double], _ right: [Double], of statistic: ([Double], [Double]) -> Double
  ) throws(StatisticsError) -> ConfidenceInterval {
    guard left.count == right.count else { throw .unequalLengths(left.count, right.count) }
    try left.requireFinite(atLeast: 2)
    try right.requireFinite(atLeast: 2)
    let statisticOfIndices = { (strata: [[Int]]) in
      statistic(strata[0].map { left[$0] }, strata[0].map { right[$0] })
    }
    return try interval(sizes: [left.count], statisticOfIndices)
  }

  /// The interval for a statistic of several samples, each drawn from itself alone.
  ///
  /// - Parameter statistic: A function of the strata, in the order given.
  /// - Throws: As ``interval(_:of:)``, for every stratum.
  public func stratifiedInterval(
    _ strata: [[Double]], of statistic: ([[Double]]) -> Double
  ) throws(StatisticsError) -> ConfidenceInterval {
    guard !strata.isEmpty else { throw .tooFewValues(count: 0, needed: 1) }
    for stratum in strata { try stratum.requireFinite(atLeast: 2) }
    return try interval(sizes: strata.map(\.count)) { indices in
      statistic(zip(strata, indices).map { stratum, chosen in chosen.map { stratum[$0] } })
    }
  }

  /// The interval for a statistic of indices into strata of given sizes.
  private func interval(
    sizes: [Int], _ statistic: ([[Int]]) -> Double
  ) throws(StatisticsError) -> ConfidenceInterval {
    try requireConfidence(confidence)
    guard replicates >= 100, replicates <= 10_000_000 else {
      throw .outOfRange(
        argument: "replicates", value: Double(replicates), expected: "a count from 100 to 10000000")
    }
    let original = sizes.map { Array(0..<$0) }
    let estimate = statistic(original)
    guard estimate.isFinite else { throw .notFinite(index: 0, value: estimate) }
    var random = seed.stream()
    var indices = original
    var results: [Double] = []
    results.reserveCapacity(replicates)
    for _ in 0..<replicates {
      for (stratum, size) in sizes.enumerated() {
        for position in 0..<size { indices[stratum][position] = random.below(size) }
      }
      results.append(statistic(indices))
    }
    let sorted = try SortedSample(results)
    var tails = (low: (1 - confidence) / 2, high: (1 + confidence) / 2)
    if kind == .biasCorrected, sorted.min < sorted.max {
      let influences = try jackknife(sizes, statistic)
      tails = try correctedTails(tails, sorted, estimate, influences)
    }
    return ConfidenceInterval(
      estimate: estimate, low: try sorted.quantile(tails.low),
      high: try sorted.quantile(tails.high), confidence: confidence)
  }

  /// How far each value pulls the statistic, by leaving it out: one row a stratum.
  private func jackknife(
    _ sizes: [Int], _ statistic: ([[Int]]) -> Double
  ) throws(StatisticsError) -> [[Double]] {
    var influences: [[Double]] = []
    for (stratum, size) in sizes.enumerated() {
      var results: [Double] = []
      var indices = sizes.map { Array(0..<$0) }
      for left in 0..<size {
        indices[stratum] = Array(0..<left) + Array(left + 1..<size)
        results.append(statistic(indices))
      }
      try results.requireFinite(atLeast: 2)
      let centre = RunningMoments(of: results).mean
      let weight = Double(size - 1) / Double(size)
      influences.append(results.map { weight * (centre - $0) })
    }
    return influences
  }

  /// The probabilities at which BCa reads the replicates.
  ///
  /// > Source: Efron, *Better Bootstrap Confidence Intervals*, Journal of the American Statistical
  /// > Association 82(397), 1987; replicates equal to the estimate count one half.
  private func correctedTails(
    _ tails: (low: Double, high: Double), _ replicates: SortedSample, _ estimate: Double,
    _ influences: [[Double]]
  ) throws(StatisticsError) -> (low: Double, high: Double) {
    let atMost = replicates.fraction(atMost: estimate)
    let below = replicates.fraction(atMost: estimate.nextDown)
    let share = (atMost + below) / 2
    guard share > 0, share < 1 else {
      throw .degenerate(reason: "every replicate lies on one side of the estimate")
    }
    let bias = try GSL.normalQuantile(share)
    var (squares, cubes) = (0.0, 0.0)
    for influence in influences.joined() {
      squares += influence * influence
      cubes += influence * influence * influence
    }
    // No value moves the statistic alone: there is no skewness to correct for.
    let acceleration = squares > 0 ? cubes / (6 * squares * squares.squareRoot()) : 0
    return (
      try Bootstrap.corrected(tails.low, bias: bias, acceleration: acceleration),
      try Bootstrap.corrected(tails.high, bias: bias, acceleration: acceleration)
    )
  }

  /// The probability that takes the place of a plain one.
  ///
  /// - Parameters:
  ///   - bias: z₀ in the paper, in standard deviations.
  ///   - acceleration: a in the paper: how fast the standard error changes with the estimate.
  static func corrected(
    _ probability: Double, bias: Double, acceleration: Double
  ) throws(StatisticsError) -> Double {
    let shifted = bias + (try GSL.normalQuantile(probability))
    let stretch = 1 - acceleration * shifted
    guard stretch > 0 else {
      throw .degenerate(reason: "a few values decide the statistic, too skew to correct")
    }
    return try GSL.normalCumulative(bias + shifted / stretch)
  }
}
