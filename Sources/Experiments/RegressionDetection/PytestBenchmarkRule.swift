// The rule of pytest-benchmark.
import LabCore

/// Calls the head slower when its quickest run takes more than 5 % longer than that of the base.
///
/// > Source: pytest-benchmark 5, option `--benchmark-compare-fail=min:5%`, the example of its
/// > documentation; the percentage is compared as `current / compared · 100 − 100`; stated anew.
struct PytestBenchmarkRule: DetectionRule {
  private static let percentage = 0.05

  func score(_ sample: TimingSample, _ random: inout RandomStream) -> Double {
    guard let head = sample.head.min(), let base = sample.base.min() else { return -.infinity }
    return head / base - 1
  }

  func alerts(_ sample: TimingSample, score: Double) -> Bool { score > Self.percentage }
}
