// The rule of Criterion.rs.
import LabCore
import Statistics

/// Calls the head slower when a bootstrapped t test rejects at 5 % and the whole 95 % interval of
/// the relative change of the mean lies above the noise threshold of 1 %.
///
/// The threshold that is calibrated is the noise threshold. The number of resamples is a setting;
/// Criterion's own default is 100,000.
/// > Source: Criterion.rs 0.5, book, “Analysis process: Comparison”, and src/analysis/compare.rs:
/// > t by resampling both samples pooled, two-sided; the change by resampling each by itself;
/// > percentiles. Stated anew.
struct CriterionRule: DetectionRule {
  let resamples: Int
  private static let significance = 0.05
  private static let noise = 0.01
  private static let tail = 0.025

  func score(_ sample: TimingSample, _ random: inout RandomStream) throws -> Double {
    var changes: [Double] = []
    changes.reserveCapacity(resamples)
    for _ in 0..<resamples {
      let head = Self.moments(sample.head, sample.head.count, &random).mean
      changes.append(head / Self.moments(sample.base, sample.base.count, &random).mean - 1)
    }
    let low = try SortedSample(changes).quantile(Self.tail)
    return pValue(sample, &random) < Self.significance ? low : -.infinity
  }

  func alerts(_ sample: TimingSample, score: Double) -> Bool { score > Self.noise }

  /// The chance of a t as far out when both samples are drawn from one pool.
  private func pValue(_ sample: TimingSample, _ random: inout RandomStream) -> Double {
    let found = Self.statistic(Self.moments(sample.head), Self.moments(sample.base))
    let pool = sample.head + sample.base
    var below = 0
    for _ in 0..<resamples {
      let head = Self.moments(pool, sample.head.count, &random)
      let base = Self.moments(pool, sample.base.count, &random)
      if Self.statistic(head, base) < found { below += 1 }
    }
    return 2 * Double(min(below, resamples - below)) / Double(resamples)
  }

  /// The sums of a sample from which its mean and its variance follow.
  private struct Moments {
    var count = 0.0
    var mean = 0.0
    /// The unbiased variance.
    var variance = 0.0
  }

  private static func moments(_ values: [Double]) -> Moments {
    moments(of: values.count) { values[$0] }
  }

  /// The moments of values drawn with replacement.
  private static func moments(
    _ values: [Double], _ count: Int, _ random: inout RandomStream
  ) -> Moments {
    moments(of: count) { _ in values[random.below(values.count)] }
  }

  private static func moments(of count: Int, _ value: (Int) -> Double) -> Moments {
    let origin = value(0)
    var (sum, squares) = (0.0, 0.0)
    for index in 1..<max(count, 1) {
      let distance = value(index) - origin
      sum += distance
      squares += distance * distance
    }
    let size = Double(count)
    let variance = count > 1 ? max(0, squares - sum * sum / size) / (size - 1) : 0
    return Moments(count: size, mean: origin + sum / size, variance: variance)
  }

  /// Welch's t.
  private static func statistic(_ left: Moments, _ right: Moments) -> Double {
    let error = (left.variance / left.count + right.variance / right.count).squareRoot()
    return error > 0 ? (left.mean - right.mean) / error : 0
  }
}
