// The rule of asv, airspeed velocity.
import LabCore
import Statistics

/// Calls the head slower when the Mann-Whitney test rejects at p < 0.002 and its median is more
/// than 1.1 times that of the base.
///
/// The threshold that is calibrated is that of p, with a factor of 1: with the factor of 1.1 the
/// rule could not see a shift below 10 % whatever p is.
/// > Source: asv 0.6, `asv compare` and `asv continuous`, options `--factor` (1.1 by default) and
/// > the function `is_different` with its `p_threshold` of 0.002, in asv_runner; stated anew.
struct AsvRule: DetectionRule {
  private static let significance = 0.002
  private static let factor = 1.1

  func score(_ sample: TimingSample, _ random: inout RandomStream) throws -> Double {
    guard try medianRatio(sample) > 1 else { return -.infinity }
    return -(try MannWhitney(sample.head, sample.base).pValue)
  }

  func alerts(_ sample: TimingSample, score: Double) throws -> Bool {
    guard -score < Self.significance else { return false }
    return try medianRatio(sample) > Self.factor
  }

  private func medianRatio(_ sample: TimingSample) throws -> Double {
    try SortedSample(sample.head).median / SortedSample(sample.base).median
  }
}
