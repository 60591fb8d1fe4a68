// What a baseline keeps of one gate.

public import LabManifest
public import LabRecord
import Statistics

/// The numbers that one gate is judged against, and where they come from.
public struct BaselineEntry: Codable, Hashable, Sendable {
  /// The cell's identity.
  public var cell: String
  /// What is compared.
  public var arm: String
  /// The metric's name.
  public var metric: String
  /// The quantile of a latency histogram; `nil` for any other metric.
  public var statistic: String?
  /// How the metric is compared.
  @ByName public var `class`: MetricClass
  /// The metric's unit.
  public var unit: String
  /// Which way is better.
  @ByName public var direction: MetricDirection
  /// How many repetitions there are.
  public var count: Int
  /// The mean of the values; `nil` for fingerprints.
  public var mean: Double?
  /// The standard deviation of the values; `nil` for fewer than two.
  public var spread: Double?
  /// The values by repetition, of sampled and counted metrics.
  public var values: [Double]?
  /// SHA-256 over the values by repetition and step, of exact metrics.
  public var digest: String?
  /// The name under which the baseline keeps the seeds of the repetitions.
  public var seeds: String
  /// The run that the values come from.
  public var run: String
  /// The commit that ran; `nil` outside a checkout.
  public var commit: String?
  /// When the run ended that last changed the entry, in UTC.
  public var changed: String
  /// Why it was changed, where somebody said so.
  public var reason: String?

  /// Takes an entry from a run.
  init(_ series: GateSeries, seeds: String, run: RunDescription, reason: String?) {
    (cell, arm, metric) = (series.key.cell, series.key.arm, series.key.metric)
    statistic = series.key.statistic?.rawValue
    self.class = series.metric.metricClass
    unit = series.metric.unit
    direction = series.metric.direction
    count = series.seeds.count
    let moments = RunningMoments(of: series.values)
    mean = series.values.isEmpty ? nil : moments.mean
    spread = moments.standardDeviation
    values = series.metric.metricClass == .exact ? nil : series.values
    digest = series.digest
    self.seeds = seeds
    self.run = run.run
    commit = run.code.commit
    changed = run.end
    self.reason = reason
  }

  /// Which gate the entry belongs to; `nil` when the file names a quantile that is not gated.
  var key: GateKey? {
    guard let statistic else { return GateKey(cell: cell, arm: arm, metric: metric) }
    guard let quantile = GateKey.Quantile(rawValue: statistic) else { return nil }
    return GateKey(cell: cell, arm: arm, metric: metric, statistic: quantile)
  }

  /// The metric with its quantile, as people read it.
  var metricText: String { statistic.map { "\(metric) \($0)" } ?? metric }

  /// What is wrong with the entry, which no program wrote so; `nil` when nothing is.
  var defect: String? {
    if key == nil { return "the statistic '\(statistic ?? "")' is not known" }
    if count < 1 { return "the count is \(count)" }
    switch self.class {
    case .exact: return digest?.utf8.count == 64 ? nil : "an exact entry has no digest"
    case .sampled, .counted:
      guard let values, values.count == count, mean != nil else {
        return "an entry of \(count) repetitions has \(values?.count ?? 0) values"
      }
      return nil
    case .timed, .ceiling: return "the class \(self.class.rawValue) is never gated"
    }
  }
}
