// The figures of a record by cell and arm, as tables.

import LabGate
import LabManifest
import LabRecord
import Statistics

/// Means with half their intervals, one row for each cell of the sweep and each arm.
struct ArmTable {
  /// Some metrics side by side, as texts.
  struct Part {
    /// The swept keys, `arm`, and the metrics.
    var columns: [String]
    /// The first column that holds figures.
    var firstFigure: Int
    /// The rows, as wide as the columns.
    var rows: [[String]]
  }

  /// The tables; none when there is nothing to show.
  private(set) var parts: [Part] = []
  /// What is the same in all cells.
  private(set) var fixed: [Cell.Coordinate] = []
  /// How many rows are left out of each part.
  private(set) var hidden = 0

  /// What the figures are.
  static let method =
    "Mean over repetitions ± half the 95 % interval by Student's t; of a latency distribution the "
    + "median and the 99 % quantile."

  /// The most rows of a table in Markdown.
  private static let rowLimit = 60
  /// The most metrics side by side.
  private static let metricLimit = 6

  private struct Row {
    var cell: RecordedCell
    var arm: String
  }

  init(record: RunRecord, index: MeasurementIndex, rowLimit: Int = Self.rowLimit) throws {
    let cells = record.cells.filter { $0.control == nil }
    let rows = cells.flatMap { cell in
      record.run.experiment.arms.compactMap { arm -> Row? in
        let hasRows = record.metrics.contains {
          !index.trials(cell: cell.id, arm: arm, metric: $0.name).isEmpty
        }
        return hasRows ? Row(cell: cell, arm: arm) : nil
      }
    }
    let metrics = record.metrics.filter { metric in
      metric.unit != "hash"
        && rows.contains { row in
          index.trials(cell: row.cell.id, arm: row.arm, metric: metric.name)
            .contains { $0.values.contains { $0 != nil } }
        }
    }
    guard !rows.isEmpty, !metrics.isEmpty else { return }
    let keys: [String]
    (keys, fixed) = Self.keys(of: cells)
    hidden = max(0, rows.count - rowLimit)
    let shown = Array(rows.prefix(rowLimit))
    var start = 0
    while start < metrics.count {
      let some = Array(metrics[start..<min(start + Self.metricLimit, metrics.count)])
      parts.append(try Self.part(shown, keys: keys, metrics: some, index: index))
      start += Self.metricLimit
    }
  }

  /// The tables in Markdown with their heading; empty when there is nothing to show.
  var markdown: String {
    guard !parts.isEmpty else { return "" }
    var text = "## Figures by cell and arm\n\n\(Self.method)\n"
    if !fixed.isEmpty {
      text += "\nIn all cells: "
      text +=
        fixed.map { MarkdownText.code("\($0.key)=\($0.value)", inTable: false) }
        .joined(separator: ", ") + ".\n"
    }
    for part in parts {
      var table = MarkdownTable(
        columns: part.columns.map { MarkdownText.plain($0) },
        numeric: Set(part.firstFigure..<part.columns.count))
      for row in part.rows { table.append(row.map { MarkdownText.plain($0) }) }
      text += "\n\(table.markdown)"
    }
    if hidden > 0 {
      text += "\n\(hidden) more rows stand in "
      text += "[measurements.csv](measurements.csv) and [observations.csv](observations.csv).\n"
    }
    return text
  }

  /// The swept keys whose values differ, and the others with their value.
  private static func keys(of cells: [RecordedCell]) -> ([String], [Cell.Coordinate]) {
    var values: [String: Set<String>] = [:]
    var order: [String] = []
    for coordinate in cells.flatMap(\.coordinates) {
      if values[coordinate.key] == nil { order.append(coordinate.key) }
      values[coordinate.key, default: []].insert(coordinate.value)
    }
    let swept = order.filter { (values[$0]?.count ?? 0) > 1 }
    let fixed = order.compactMap { key -> Cell.Coordinate? in
      guard let only = values[key], only.count == 1, let value = only.first else { return nil }
      return Cell.Coordinate(key: key, value: value)
    }
    return (swept, fixed)
  }

  private static func part(
    _ rows: [Row], keys: [String], metrics: [MetricDescription], index: MeasurementIndex
  ) throws -> Part {
    var part = Part(
      columns: keys + ["arm"] + metrics.map(\.name), firstFigure: keys.count + 1, rows: [])
    for row in rows {
      let figures = try metrics.map { metric in
        try figure(of: metric, index.trials(cell: row.cell.id, arm: row.arm, metric: metric.name))
      }
      part.rows.append(keys.map { row.cell[$0] ?? "" } + [row.arm] + figures)
    }
    return part
  }

  private static func figure(
    of metric: MetricDescription, _ trials: [MeasurementIndex.TrialValues]
  ) throws -> String {
    let missing = trials.count { !$0.isComplete }
    var text = "–"
    if metric.unit == "histogram" {
      if let pooled = try pooled(trials), pooled.count > 0 {
        let (median, tail) = (try pooled.quantile(0.5), try pooled.quantile(0.99))
        text = FigureText.quantity(Double(median) / 1e9, unit: "s")
        text += ", \(FigureText.quantity(Double(tail) / 1e9, unit: "s"))"
      }
    } else {
      let values = trials.compactMap { TrialMean.of($0) }
      if !values.isEmpty {
        let summary = try MeanInterval(values)
        let half = summary.interval.map { ($0.upperBound - $0.lowerBound) / 2 }
        text = FigureText.plusMinus(summary.mean, half: half, unit: metric.unit)
      }
    }
    guard missing > 0, missing < trials.count else { return text }
    return "\(text) (\(missing) of \(trials.count) missing)"
  }

  private static func pooled(
    _ trials: [MeasurementIndex.TrialValues]
  ) throws -> LatencyHistogram? {
    var pooled: LatencyHistogram?
    for case .histogram(let text) in trials.filter(\.isComplete).flatMap(\.values) {
      try LatencyHistogram.pool(text, into: &pooled)
    }
    return pooled
  }
}
