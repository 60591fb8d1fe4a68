// What a record holds of one gate.

public import LabManifest
public import LabRecord
import Statistics

/// The values of one gate in one run.
public struct GateSeries: Hashable, Sendable {
  /// Which gate.
  public var key: GateKey
  /// The metric with its class, unit and direction.
  public var metric: MetricDescription
  /// One number a repetition in the order of repetitions, in the metric's unit, seconds for
  /// histograms; empty for fingerprints.
  public var values: [Double]
  /// The seeds of the repetitions, as the record writes them.
  public var seeds: [String]
  /// Of an exact metric, SHA-256 over the values by repetition and step.
  public var digest: String?
  /// Why some repetitions have no value: how often, by reason; empty when all have one.
  public var absent: [String: Int]

  /// Describes a series.
  public init(
    key: GateKey, metric: MetricDescription, values: [Double], seeds: [String],
    digest: String? = nil, absent: [String: Int] = [:]
  ) {
    self.key = key
    self.metric = metric
    self.values = values
    self.seeds = seeds
    self.digest = digest
    self.absent = absent
  }

  /// The mean of the values; `nil` when there are none.
  public var mean: Double? { values.isEmpty ? nil : RunningMoments(of: values).mean }

  /// The unit in which ``values`` are read.
  public var valueUnit: String { metric.unit == "histogram" ? "s" : metric.unit }

  /// What is not there, in words.
  var absence: String {
    let parts = absent.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
    return "\(absent.values.reduce(0, +)) of \(seeds.count) repetitions have no value "
      + "(\(parts.joined(separator: ", ")))"
  }
}

/// Everything that a record offers to gates.
public struct GateReading: Sendable {
  /// The gates with their values, in the order of the record.
  public private(set) var series: [GateSeries] = []
  /// How many timed metrics and ceilings, by cell and arm, are left to paired comparison and
  /// criteria, with the sampled ones of trials in real time.
  public private(set) var left = 0

  /// Reads the gates of a record.
  ///
  /// Cells of negative controls are not gated. Of trials in real time only exact metrics are: what
  /// a busy machine does to a sampled one is no property of the code. A repetition whose latency
  /// histogram is empty is left out of that metric's gates.
  public init(_ record: RunRecord, policy: GatePolicy) {
    let cells = Set(record.cells.filter { $0.control == nil }.map(\.id))
    for (rows, isRealTime) in [(record.measurements, false), (record.observations, true)] {
      for group in Self.groups(rows.filter { cells.contains($0.cell) }) {
        guard let metric = group.first?.metric, policy.gates(metric.name) else { continue }
        switch metric.metricClass {
        case .timed, .ceiling: left += 1
        case .counted where isRealTime, .sampled where isRealTime: left += 1
        case .exact, .counted, .sampled: series += Self.series(of: group, metric)
        }
      }
    }
  }

  /// The rows of each cell, arm and metric, in the order in which they first appear.
  private static func groups(_ rows: [Measurement]) -> [[Measurement]] {
    var places: [GateKey: Int] = [:]
    var groups: [[Measurement]] = []
    for row in rows {
      let key = GateKey(cell: row.cell, arm: row.arm, metric: row.metric.name)
      if let place = places[key] {
        groups[place].append(row)
      } else {
        places[key] = groups.count
        groups.append([row])
      }
    }
    return groups
  }

  private static func series(
    of rows: [Measurement], _ metric: MetricDescription
  ) -> [GateSeries] {
    // A metric that an arm leaves out in every repetition is none of that arm's.
    guard rows.contains(where: { $0.status != .missing }) else { return [] }
    let first = rows[0]
    let isHistogram = metric.unit == "histogram" && metric.metricClass != .exact
    let statistics: [GateKey.Quantile?] = isHistogram ? GateKey.Quantile.allCases : [nil]
    return statistics.compactMap { statistic in
      let key = GateKey(
        cell: first.cell, arm: first.arm, metric: metric.name, statistic: statistic)
      var series = GateSeries(key: key, metric: metric, values: [], seeds: [])
      var digest = ContentDigest()
      for trial in trials(of: rows) {
        series.seeds.append(trial[0].seed)
        if let failed = trial.first(where: { $0.value == nil }) {
          series.absent[failed.status.rawValue, default: 0] += 1
          continue
        }
        for row in trial {
          let step = row.step.map { "\($0)" } ?? "-"
          digest.update(Array("\(row.repetition) \(step) \(row.value?.text ?? "")\n".utf8))
        }
        append(trial, statistic, to: &series)
      }
      if metric.metricClass == .exact { series.digest = digest.hexadecimal }
      return series.seeds.isEmpty ? nil : series
    }
  }

  private static func trials(of rows: [Measurement]) -> [[Measurement]] {
    var trials: [[Measurement]] = []
    for row in rows.sorted(by: { ($0.repetition, $0.step ?? -1) < ($1.repetition, $1.step ?? -1) })
    {
      if trials.last?[0].repetition == row.repetition {
        trials[trials.count - 1].append(row)
      } else {
        trials.append([row])
      }
    }
    return trials
  }

  /// Adds the one number of a trial, the mean over its steps.
  private static func append(
    _ trial: [Measurement], _ statistic: GateKey.Quantile?, to series: inout GateSeries
  ) {
    var numbers: [Double] = []
    for row in trial {
      switch row.value {
      case .integer(let whole): numbers.append(Double(whole))
      case .number(let number): numbers.append(number)
      case .histogram(let text):
        guard let statistic else { continue }
        do {
          let histogram = try LatencyHistogram(text: text)
          // Nothing arrived, so there is no latency to compare; shares tell that nothing did.
          guard histogram.count > 0 else {
            series.seeds.removeLast()
            return
          }
          numbers.append(Double(try histogram.quantile(statistic.share)) / 1e9)
        } catch {
          series.absent["unreadable", default: 0] += 1
          return
        }
      case .hash, nil: continue
      }
    }
    if !numbers.isEmpty { series.values.append(RunningMoments(of: numbers).mean) }
  }
}
