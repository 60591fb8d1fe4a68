// What tells one gate of an experiment from another.

/// One gate of an experiment: a metric of an arm in a cell, and of a histogram one quantile.
public struct GateKey: Hashable, Sendable, Comparable {
  /// The cell's identity.
  public var cell: String
  /// What is compared.
  public var arm: String
  /// The metric's name.
  public var metric: String
  /// The quantile of a latency histogram; `nil` for a number or a fingerprint.
  public var statistic: Quantile?

  /// A quantile of a latency histogram that is gated by itself.
  public enum Quantile: String, Hashable, Sendable, CaseIterable {
    /// The median.
    case p50
    /// What one value in a hundred exceeds.
    case p99

    /// The share of values that do not exceed it.
    var share: Double {
      switch self {
      case .p50: 0.5
      case .p99: 0.99
      }
    }
  }

  /// Names a gate.
  public init(cell: String, arm: String, metric: String, statistic: Quantile? = nil) {
    self.cell = cell
    self.arm = arm
    self.metric = metric
    self.statistic = statistic
  }

  public static func < (left: GateKey, right: GateKey) -> Bool {
    (left.cell, left.arm, left.metric, left.statistic?.rawValue ?? "")
      < (right.cell, right.arm, right.metric, right.statistic?.rawValue ?? "")
  }

  /// The metric with its quantile, as people read it.
  public var metricText: String { statistic.map { "\(metric) \($0.rawValue)" } ?? metric }
}
