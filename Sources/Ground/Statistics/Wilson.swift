/// The score interval for a proportion, which behaves at 0 and at 1 and for few trials.
///
/// > Source: Wilson, *Probable Inference, the Law of Succession, and Statistical Inference*,
/// > Journal of the American Statistical Association 22(158), 1927; without continuity correction.
public enum Wilson {
  /// The interval for the chance of success.
  ///
  /// - Throws: ``StatisticsError/tooFewValues(count:needed:)`` without trials,
  ///   ``StatisticsError/outOfRange(argument:value:expected:)`` when there are fewer successes than
  ///   0 or more than trials, or for the confidence.
  public static func interval(
    successes: Int, trials: Int, confidence: Double = 0.95
  ) throws(StatisticsError) -> ConfidenceInterval {
    guard trials > 0 else { throw .tooFewValues(count: trials, needed: 1) }
    guard successes >= 0, successes <= trials else {
      throw .outOfRange(
        argument: "successes", value: Double(successes), expected: "a count from 0 to \(trials)")
    }
    try requireConfidence(confidence)
    let z = try GSL.normalQuantile(0.5 + confidence / 2)
    let count = Double(trials)
    let share = Double(successes) / count
    let scale = 1 + z * z / count
    let centre = (share + z * z / (2 * count)) / scale
    let variance = share * (1 - share) / count + z * z / (4 * count * count)
    let reach = z * variance.squareRoot() / scale
    return ConfidenceInterval(
      estimate: share,
      low: successes == 0 ? 0 : max(0, centre - reach),
      high: successes == trials ? 1 : min(1, centre + reach), confidence: confidence)
  }
}
