/// The mean of a long run's steady state, with an interval, from one run.
///
/// The warm-up is found and cut off by MSER-5; the rest is divided into equal batches whose means
/// are nearly independent, and Student's t interval is taken over them.
///
/// > Source: White, Cobb and Spratt, *A Comparison of Five Steady-State Truncation Heuristics for
/// > Simulation*, Winter Simulation Conference 2000 (MSER-5); Schmeiser, *Batch Size Effects in the
/// > Analysis of Simulation Output*, Operations Research 30(3), 1982 (10 to 30 batches).
public struct BatchMeans: Hashable, Sendable {
  /// The mean of the steady state, with Student's t interval over the batches.
  public let mean: ConfidenceInterval
  /// How many observations at the start are left out: the warm-up, and fewer than `batchCount`
  /// more, so that the rest divides evenly.
  public let discarded: Int
  /// How many observations make up a batch.
  public let batchSize: Int
  /// The means of the batches, in order.
  public let batches: [Double]
  /// The correlation between neighbouring batch means.
  ///
  /// Well above 0 (as a rule above 2 / √batches) it says that the batches are too short to be
  /// independent and the interval is too narrow: run longer. It is 0 when all means are equal.
  public let neighbourCorrelation: Double

  /// Finds the steady state and its mean.
  ///
  /// - Parameters:
  ///   - observations: The run's output in order, at least ten for each batch.
  ///   - batchCount: How many batches to form; at least 2, usually 10 to 30.
  /// - Throws: ``StatisticsError/noSteadyState(observations:)`` when the best truncation lies in
  ///   the second half (the caller runs longer), ``StatisticsError/tooFewValues(count:needed:)``,
  ///   ``StatisticsError/notFinite(index:value:)``,
  ///   ``StatisticsError/outOfRange(argument:value:expected:)``.
  /// - Complexity: Linear.
  public init(
    _ observations: [Double], batchCount: Int = 20, confidence: Double = 0.95
  ) throws(StatisticsError) {
    guard batchCount >= 2, batchCount <= 1_000_000 else {
      throw .outOfRange(
        argument: "batch count", value: Double(batchCount), expected: "a count from 2 to 1000000")
    }
    try requireConfidence(confidence)
    try observations.requireFinite(atLeast: 10 * batchCount)
    let warmUp = try BatchMeans.warmUp(observations)
    let size = (observations.count - warmUp) / batchCount
    let start = observations.count - size * batchCount
    var means: [Double] = []
    for batch in 0..<batchCount {
      let first = start + batch * size
      means.append(RunningMoments(of: observations[first..<first + size]).mean)
    }
    discarded = start
    batchSize = size
    batches = means
    neighbourCorrelation = BatchMeans.neighbourCorrelation(means)
    mean = try StudentT.meanInterval(means, confidence: confidence)
  }

  /// How many observations the warm-up takes: a multiple of five.
  ///
  /// MSER-5 averages the run in fives and cuts where the squared standard error of the rest's mean
  /// is least. The last five averages are no candidates: so few can agree by accident.
  /// - Throws: ``StatisticsError/noSteadyState(observations:)`` when that is in the second half,
  ///   ``StatisticsError/tooFewValues(count:needed:)`` below 50 observations,
  ///   ``StatisticsError/notFinite(index:value:)``.
  /// - Complexity: Linear.
  public static func warmUp(_ observations: [Double]) throws(StatisticsError) -> Int {
    try observations.requireFinite(atLeast: 50)
    let fives = observations.count / 5
    var rest = RunningMoments()
    var best = (cut: 0, error: Double.infinity)
    for cut in stride(from: fives - 1, through: 0, by: -1) {
      rest.add(RunningMoments(of: observations[cut * 5..<cut * 5 + 5]).mean)
      guard rest.count >= 5 else { continue }
      let error = rest.squaredDistances / Double(rest.count) / Double(rest.count)
      // Of equal cuts the earliest wins: it keeps the most.
      if error <= best.error { best = (cut, error) }
    }
    guard best.cut * 2 <= fives else { throw .noSteadyState(observations: observations.count) }
    return best.cut * 5
  }

  private static func neighbourCorrelation(_ means: [Double]) -> Double {
    let moments = RunningMoments(of: means)
    guard moments.squaredDistances > 0 else { return 0 }
    var products = 0.0
    for (earlier, later) in zip(means, means.dropFirst()) {
      products += (earlier - moments.mean) * (later - moments.mean)
    }
    return products / moments.squaredDistances
  }
}
