// What became of one gate.

public import LabManifest

/// The verdict of one gate with what it rests on.
public struct GateOutcome: Hashable, Sendable {
  /// The manifest's id.
  public var experiment: String
  /// Which gate.
  public var key: GateKey
  /// The cell's coordinates, or its identity where it has none.
  public var place: String
  /// How the metric is compared.
  public var metricClass: MetricClass
  /// The unit of the means.
  public var unit: String
  /// What the gate says.
  public var verdict: GateVerdict
  /// Why, in one sentence without a full stop.
  public var reason: String
  /// The mean of the baseline; `nil` for fingerprints and where there is none.
  public var baseline: Double?
  /// The mean of the run; `nil` for fingerprints and where there is none.
  public var current: Double?
  /// How many repetitions the run has.
  public var count: Int
  /// The first event that differs, of a fingerprint whose trial was replayed.
  public var firstDifference: String?

  /// Describes an outcome.
  public init(
    experiment: String, key: GateKey, place: String, metric: (class: MetricClass, unit: String),
    verdict: GateVerdict, reason: String
  ) {
    self.experiment = experiment
    self.key = key
    self.place = place
    metricClass = metric.class
    unit = metric.unit == "histogram" ? "s" : metric.unit
    self.verdict = verdict
    self.reason = reason
    count = 0
  }

  /// The reason with the first differing event behind it.
  public var fullReason: String {
    firstDifference.map { "\(reason); \($0)" } ?? reason
  }
}

/// One record beside its baseline.
public struct GateComparison: Sendable {
  /// The manifest's id.
  public var experiment: String
  /// Which metrics are gated, by which margins.
  public var policy: GatePolicy
  /// The baseline; `nil` when there is none of the size.
  public var baseline: Baseline?
  /// What the record holds; empty when there is no record.
  public var series: [GateSeries]
  /// The exactness keys of the record.
  public var exactness: [String: String]
  /// The coordinates of the record's cells, by identity.
  public var cells: [String: String]

  /// Puts a record beside its baseline.
  public init(
    experiment: String, policy: GatePolicy, baseline: Baseline?, series: [GateSeries],
    exactness: [String: String], cells: [String: String]
  ) {
    self.experiment = experiment
    self.policy = policy
    self.baseline = baseline
    self.series = series
    self.exactness = exactness
    self.cells = cells
  }
}
