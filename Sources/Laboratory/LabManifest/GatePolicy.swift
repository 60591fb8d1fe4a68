/// Which metrics of a manifest are gated against a baseline, and by which margins.
public struct GatePolicy: Hashable, Sendable {
  /// The metrics that are gated; `nil` for all that are kept.
  public var metrics: [String]?
  /// How much worse a sampled metric may become.
  public var margin: Margin
  /// The margins of single metrics, in place of ``margin``.
  public var margins: [String: Margin]

  /// Describes a policy.
  public init(
    metrics: [String]? = nil, margin: Margin = .relative(0.025), margins: [String: Margin] = [:]
  ) {
    self.metrics = metrics
    self.margin = margin
    self.margins = margins
  }

  /// How much worse a mean may become before that is a regression.
  public enum Margin: Hashable, Sendable {
    /// A share of the baseline's mean; never negative.
    case relative(Double)
    /// An amount in the metric's unit, seconds for latency histograms; never negative.
    case absolute(Double)
  }

  /// Whether a metric is gated.
  public func gates(_ metric: String) -> Bool { metrics?.contains(metric) ?? true }

  /// The margin of a metric.
  public func margin(of metric: String) -> Margin { margins[metric] ?? margin }
}
