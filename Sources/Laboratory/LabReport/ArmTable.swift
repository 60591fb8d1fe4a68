// The figures of a record by cell and arm, as tables.

import LabGate
import LabManifest
import LabRecord
import Statistics

/// Means with half their intervals, one row for each cell of the sweep and each arm.
struct ArmTable {
  /// The tables with their heading; empty when there is nothing to show.
  let markdown: String

  /// The most rows of a table.
  private static let rowLimit = 60
  /// The most metrics side by side.
  private static let metricLimit = 6

  private struct Row {
    var cell: RecordedCell
    var arm: String
  }

  init(record: RunRecord, index: MeasurementIndex) throws {
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
    guard !rows.isEmpty, !metrics.isEmpty else {
      markdown = ""
      return
    }
    let (keys, fixed) = Self.keys(of: cells)
    var text = "## Figures by cell and arm\n\nMean over repetitions ± half the 95 % interval by "
    text += "Student's t; of a latency distribution the median and the 99 % quantile.\n"
    if !fixed.isEmpty {
      text += "\nIn all cells: "
      text +=
        fixed.map { MarkdownText.code("\($0.key)=\($0.value)", inTable: false) }
        .joined(separator: ", ") + ".\n"
    }
    var start = 0
    while start < metrics.count {
      let some = Array(metrics[start..<min(start + Self.metricLimit, metrics.count)])
      text += "\n" + (try Self.table(rows, keys: keys, metrics: some, index: index))
      start += Self.metricLimit
    }
    if rows.count > Self.rowLimit {
      text += "\n\(rows.count - Self.rowLimit) more rows stand in "
      text += "[measurements.csv](measurements.csv) and [observations.csv](observations.csv).\n"
    }
    markdown = text
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

  private static func table(
    _ rows: [Row], keys: [String], metrics: [MetricDescription], index: MeasurementIndex
  ) throws -> String {
    let columns = keys + ["arm"] + metrics.map(\.name)
    var table = MarkdownTable(
      columns: columns.map { MarkdownText.plain($0) },
      numeric: Set((keys.count + 1)..<columns.count))
    for row in rows.prefix(rowLimit) {
      let figures = try metrics.map { metric in
        try figure(of: metric, index.trials(cell: row.cell.id, arm: row.arm, metric: metric.name))
      }
      table.append(
        keys.map { MarkdownText.plain(row.cell[$0] ?? "") } + [MarkdownText.plain(row.arm)]
          + figures.map { MarkdownText.plain($0) })
    }
    return table.markdown
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
