// The rule of rustc-perf.
import LabCore
import Statistics

/// Calls the head slower when its change is an outlier among earlier changes of nothing.
///
/// A change is that of the smallest timing, relative to the base; it is significant above the third
/// quartile of the absolute earlier changes plus 3 times their interquartile range. The threshold
/// that is calibrated is the 3. The rule alone gets a history: timings that no other rule sees.
/// > Source: rustc-perf, docs/comparison-analysis.md, “What makes a test result significant?”; the
/// > code has the same factor of 3 where the text also says 1.5; stated anew. Its own statistic is
/// > a count of instructions; here it gets the timings that all rules get.
struct RustcPerfRule: DetectionRule {
  private static let factor = 3.0
  private let thirdQuartile: Double
  private let range: Double

  /// Learns from samples in which nothing has changed.
  init(history: [TimingSample]) throws(StatisticsError) {
    let changes = try SortedSample(history.map { abs(Self.change(of: $0)) })
    thirdQuartile = try changes.quantile(0.75)
    range = thirdQuartile - (try changes.quantile(0.25))
  }

  func score(_ sample: TimingSample, _ random: inout RandomStream) -> Double {
    let change = Self.change(of: sample)
    guard change > 0, range > 0 else { return -.infinity }
    return (change - thirdQuartile) / range
  }

  func alerts(_ sample: TimingSample, score: Double) -> Bool { score >= Self.factor }

  private static func change(of sample: TimingSample) -> Double {
    guard let head = sample.head.min(), let base = sample.base.min() else { return 0 }
    return head / base - 1
  }
}
