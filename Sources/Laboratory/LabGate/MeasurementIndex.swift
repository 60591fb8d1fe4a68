public import LabManifest
public import LabRecord

/// The rows of a record, found by cell, arm and metric.
///
/// - Complexity: Building takes one pass over the rows and one sort of each group.
public struct MeasurementIndex: Sendable {
  private struct Key: Hashable {
    var cell: String
    var arm: String
    var metric: String
  }

  /// What one repetition measured of one metric: one value, or a series.
  public struct TrialValues: Sendable {
    /// The repetition, counted from 0.
    public var repetition: Int
    /// The trial's seed, as its 64 bits in hexadecimal.
    public var seed: String
    /// The values in the order of their steps; `nil` where one is not there.
    public var values: [MeasuredValue?]
    /// How the trial ended.
    public var status: TrialStatus

    /// Whether every value is there.
    public var isComplete: Bool { status == .ok && !values.contains(nil) }
  }

  private let groups: [Key: [TrialValues]]
  /// The metrics of the record by name.
  public let metrics: [String: MetricDescription]

  /// Sorts rows into groups.
  public init(_ measurements: [Measurement]) {
    var places: [Key: [Int]] = [:]
    var metrics: [String: MetricDescription] = [:]
    for (place, row) in measurements.enumerated() {
      places[Key(cell: row.cell, arm: row.arm, metric: row.metric.name), default: []].append(place)
      if metrics[row.metric.name] == nil { metrics[row.metric.name] = row.metric }
    }
    self.metrics = metrics
    groups = places.mapValues { Self.trials(at: $0, of: measurements) }
  }

  /// The repetitions of an arm in a cell, in ascending order; empty when the record has none.
  public func trials(cell: String, arm: String, metric: String) -> [TrialValues] {
    groups[Key(cell: cell, arm: arm, metric: metric)] ?? []
  }

  private static func trials(at places: [Int], of rows: [Measurement]) -> [TrialValues] {
    let ordered = places.sorted { left, right in
      (rows[left].repetition, rows[left].step ?? -1)
        < (rows[right].repetition, rows[right].step ?? -1)
    }
    var trials: [TrialValues] = []
    for place in ordered {
      let row = rows[place]
      if let last = trials.indices.last, trials[last].repetition == row.repetition {
        trials[last].values.append(row.value)
        if row.status != .ok { trials[last].status = row.status }
      } else {
        trials.append(
          TrialValues(
            repetition: row.repetition, seed: row.seed, values: [row.value], status: row.status))
      }
    }
    return trials
  }
}
