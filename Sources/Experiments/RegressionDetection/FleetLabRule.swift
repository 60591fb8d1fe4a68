// The rule of this laboratory, as `fleetlab compare` applies it to a fixed number of blocks.
import LabCore
import LabGate

/// The judge of paired comparisons, with one look at all blocks; the margin is its threshold.
struct FleetLabRule: DetectionRule {
  /// The share of the blocks that it sees; the first ones.
  var share = 1.0
  /// The margin that `fleetlab compare` has by default.
  static let margin = 0.025

  func score(_ sample: TimingSample, _ random: inout RandomStream) throws -> Double {
    let seen = Array(sample.blocks.prefix(count(of: sample)))
    guard let head = try ShiftEstimate.ofHead(seen, confidence: 1 - ComparisonJudge.error),
      head.ratio > 1, !head.holdsOne
    else { return -.infinity }
    return head.ratio - 1
  }

  func alerts(_ sample: TimingSample, score: Double) throws -> Bool {
    // The verdict needs the ratio above the margin; the rest is asked only then.
    guard score > Self.margin else { return false }
    let schedule = LookSchedule(onceAt: count(of: sample), error: ComparisonJudge.error)
    return try ComparisonJudge(margin: Self.margin, schedule: schedule)
      .judge(sample.blocks)?.verdict == .regressed
  }

  private func count(of sample: TimingSample) -> Int {
    max(1, Int((Double(sample.blocks.count) * share).rounded()))
  }
}
