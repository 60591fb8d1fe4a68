// Builds rows and criteria for tests of the judge.

import LabGate
import LabManifest
import LabRecord

/// Rows of a record, built cell by cell.
struct Trials {
  var cells: [RecordedCell] = []
  var rows: [Measurement] = []
  var repetitions: Int?

  /// Adds a cell with one swept key `size`.
  mutating func cell(_ id: String, size: String = "1kB", controls: String? = nil, of: String? = nil)
  {
    cells.append(
      RecordedCell(
        id: id, control: of, controls: controls, coordinates: [.init(key: "size", value: size)]))
  }

  /// Adds one value for each repetition; `nil` is a trial that failed.
  mutating func measure(
    _ metric: String, arm: String = "literal", cell: String = "a",
    _ values: [Double?], metricClass: MetricClass = .sampled, unit: String = "1",
    status: TrialStatus = .timeout
  ) {
    for (repetition, value) in values.enumerated() {
      rows.append(
        Self.row(
          metric, arm, cell, repetition, value.map { .number($0) }, metricClass, unit,
          value == nil ? status : .ok))
    }
  }

  /// Adds one value of the metric `share` for each repetition.
  mutating func measure(
    arm: String = "literal", cell: String = "a", _ values: [Double?],
    metricClass: MetricClass = .sampled
  ) {
    measure("share", arm: arm, cell: cell, values, metricClass: metricClass)
  }

  static func row(
    _ metric: String, _ arm: String, _ cell: String, _ repetition: Int, _ value: MeasuredValue?,
    _ metricClass: MetricClass, _ unit: String, _ status: TrialStatus, step: Int? = nil
  ) -> Measurement {
    Measurement(
      experiment: "transport", cell: cell, arm: arm, repetition: repetition, seed: "00",
      metric: MetricDescription(metric, metricClass, unit: unit, .higher, "A share."), step: step,
      value: value, status: status)
  }

  /// The outcome of one criterion.
  func judge(_ criterion: Criterion) -> CriterionOutcome {
    Judge(
      experiment: "transport", cells: cells, index: MeasurementIndex(rows),
      repetitions: repetitions
    ).outcome(of: criterion)
  }
}

extension Criterion {
  /// A criterion on the literal arm whose control is the corrected arm.
  static func sample(
    _ bar: Bar, statistic: Statistic = .mean, scope: Scope = .every, selection: [Selection] = [],
    control: Control = Control(text: "the corrected transport", arm: "corrected", settings: [:])
  ) -> Criterion {
    Criterion(
      id: "delivers", text: "events arrive", metric: "share", arm: "literal",
      selection: selection, statistic: statistic, scope: scope, bar: bar, control: control)
  }
}
