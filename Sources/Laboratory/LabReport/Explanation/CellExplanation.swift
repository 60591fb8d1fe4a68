// What a cell is, and what was measured in it.

import LabGate
public import LabManifest
import LabRecord

/// A cell of a record in words.
public struct CellExplanation: Sendable {
  /// The explanation, with line ends between its parts.
  public let text: String

  /// The most seeds that are written out.
  private static let shownSeeds = 8

  /// Explains a cell.
  ///
  /// - Parameters:
  ///   - report: The record with its manifest.
  ///   - planned: The cell as the manifest plans it now; `nil` when it does not any more.
  ///   - replay: The command that runs repetition 0 of an arm again.
  /// - Returns: `nil` when the record has no such cell.
  /// - Throws: ``ReportError/noMeasurement(manifest:reason:)``.
  public init?(
    _ id: String, of report: RunReport, planned: Cell?, replay: (_ arm: String) -> String
  ) throws(ReportError) {
    guard let cell = report.record.cells.first(where: { $0.id == id }) else { return nil }
    var lines = ["\(id), a cell of \(report.record.run.experiment.id)"]
    if let control = cell.control {
      lines.append(
        "  control   it runs the planted break of the criterion \(control)"
          + (cell.controls.map { ", in place of cell \($0)" } ?? ""))
    }
    let place = cell.coordinates.map { "\($0.key)=\($0.value)" }
    lines.append("  place     \(place.isEmpty ? "the only cell" : place.joined(separator: " "))")
    if let planned {
      let settings = planned.settings.parameters.sorted { $0.key < $1.key }
        .map { "\($0.key)=\($0.value)" }
      lines.append("  settings  \(settings.joined(separator: " "))")
    } else {
      lines.append("  settings  the manifest does not plan this cell any more")
    }
    do {
      for arm in report.record.run.experiment.arms {
        lines += try Self.lines(of: arm, in: id, report, replay)
      }
    } catch {
      throw .noMeasurement(manifest: report.manifest.path, reason: "\(error)")
    }
    text = lines.joined(separator: "\n")
  }

  private static func lines(
    of arm: String, in cell: String, _ report: RunReport, _ replay: (String) -> String
  ) throws -> [String] {
    let timings = report.record.timings.filter { $0.cell == cell && $0.arm == arm }
    guard !timings.isEmpty else { return [] }
    let ends = Dictionary(grouping: timings, by: \.status.rawValue).mapValues(\.count)
    let counts = ends.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
    let seconds = timings.compactMap(\.cpuSeconds).reduce(0, +)
    var lines = [
      "", "  arm \(arm)",
      "    trials  \(counts.joined(separator: ", ")), "
        + "\(FigureText.quantity(seconds, unit: "s")) of processor time",
    ]
    var seeds: [String] = []
    for metric in report.record.metrics {
      let trials = report.index.trials(cell: cell, arm: arm, metric: metric.name)
      if seeds.isEmpty { seeds = trials.map(\.seed) }
      guard !trials.isEmpty else { continue }
      let figure = try MetricSummary(trials, of: metric)?.text ?? "no value"
      lines.append("    \(metric.name)  \(figure)")
    }
    let more = seeds.count - shownSeeds
    lines.append(
      "    seeds   \(seeds.prefix(shownSeeds).joined(separator: " "))"
        + (more > 0 ? " and \(more) more" : ""))
    return lines + ["    replay  \(replay(arm))"]
  }
}
