// fleetlab history
import ArgumentParser
import Foundation
import LabGate
import LabManifest
import LabRecord
import LabReport
import LabRunner
import Statistics

/// Follows a metric over the runs that git keeps.
struct HistoryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "Follow a metric over kept runs, with the steps in it.",
    discussion: """
      The kept runs are the versions of Results/<id> in the history of the checkout, and the \
      record as it is now. A run of another version or size than the newest is marked. Steps \
      are found by optimal partitioning; noisy series need six runs.

      EXAMPLES
        fleetlab history delivered_fraction --experiment literal-transport
        fleetlab history latency --experiment literal-transport --arm corrected \
      --cell "workload.size=64B network.link.loss=0%" --figure build/latency.svg
        fleetlab history delivered_fraction --format csv
      """)

  @OptionGroup var folders: FolderOptions

  @Argument(help: "The metric.")
  var metric: String

  @Option(help: "The id of the experiment; all that measure the metric by default.")
  var experiment: String?

  @Option(help: "Only this arm.")
  var arm: String?

  @Option(help: "Only this cell: its id, or some of its coordinates as key=value.")
  var cell: String?

  @Option(help: "The most commits that are read of each experiment.")
  var limit = 50

  @Option(help: "Draw the history into this SVG file; the specification goes beside it.")
  var figure: String?

  @Option(help: "The form of the list.")
  var format: ListingFormat = .text

  func validate() throws {
    guard (1...1_000).contains(limit) else {
      throw ValidationError("--limit is \(limit); a number from 1 to 1000 was expected")
    }
  }

  func run() throws {
    var histories: [(id: String, history: MetricHistory)] = []
    for id in try experiments() {
      do throws(ReportError) {
        let history = try MetricHistory(metric: metric, runs: runs(of: id), arm: arm, cell: cell)
        if !history.series.isEmpty { histories.append((id, history)) }
      } catch { throw Failure(.failed, "\(error)") }
    }
    guard let first = histories.first else {
      throw Failure(
        .failed,
        "no kept run measured '\(metric)' there; a metric of a record in \(folders.results) was "
          + "expected; 'fleetlab explain records' names them")
    }
    Console.print(format == .text ? overview(histories) : points(histories))
    if let figure { try draw(first.history, of: histories.count, to: figure) }
  }

  private func experiments() throws -> [String] {
    if let experiment { return [experiment] }
    return try folders.manifests([]).map { try folders.plan($0, .standard).manifest.id }
      .filter { FolderProbe.exists("\(folders.results)/\($0)/run.json") }
  }

  /// The runs that are kept, the oldest first; what cannot be read is said and left out.
  private func runs(of id: String) -> [MetricHistory.Run] {
    let kept = RecordHistory(checkout: folders.results)
    var runs: [MetricHistory.Run] = []
    for version in kept.versions(of: id, limit: limit).reversed() {
      do {
        let record = try kept.record(at: version.commit, folder: id)
        let label = String(version.commit.prefix(10))
        runs.append(.init(label: label, time: record.run.end, record: record))
      } catch { Console.say("warning: \(version.commit.prefix(10)) is left out: \(error)") }
    }
    do {
      let record = try RunRecord.load(folder: "\(folders.results)/\(id)")
      if record.run != runs.last?.record.run {
        runs.append(.init(label: "working tree", time: record.run.end, record: record))
      }
    } catch { Console.say("warning: the record as it is now is left out: \(error)") }
    return runs
  }

  private func overview(_ histories: [(id: String, history: MetricHistory)]) -> String {
    var table = Listing(columns: [
      "experiment", "arm", "cell", "runs", "first", "last", "history", "steps", "marks",
    ])
    for (id, history) in histories {
      for series in history.series {
        func text(_ point: MetricHistory.Point?) -> String {
          FigureText.figure(point?.figure, interval: point?.interval, unit: series.unit)
        }
        let steps = series.changes.places.map { place in
          let point = series.points[place]
          let before = FigureText.quantity(series.points[place - 1].figure, unit: series.unit)
          let after = FigureText.quantity(point.figure, unit: series.unit)
          return "\(point.time) \(point.label): \(before) to \(after)"
        }
        let marks = series.points.filter { !$0.mark.isEmpty }.map { "\($0.label): \($0.mark)" }
        table.append([
          id, series.arm, series.place, "\(series.points.count)", text(series.points.first),
          text(series.points.last), series.sparkline,
          steps.isEmpty ? "none" : steps.joined(separator: "; "), marks.joined(separator: "; "),
        ])
      }
    }
    return table.text(as: .text)
  }

  private func points(_ histories: [(id: String, history: MetricHistory)]) -> String {
    var table = Listing(columns: [
      "experiment", "metric", "arm", "cell", "time", "commit", "figure", "low", "high", "unit", "n",
      "step", "mark",
    ])
    for (id, history) in histories {
      for series in history.series {
        for (place, point) in series.points.enumerated() {
          table.append([
            id, metric, series.arm, series.place, point.time, point.label, "\(point.figure)",
            point.interval.map { "\($0.lowerBound)" } ?? "",
            point.interval.map { "\($0.upperBound)" } ?? "", series.unit, "\(point.count)",
            series.changes.places.contains(place) ? "yes" : "no", point.mark,
          ])
        }
      }
    }
    return table.text(as: format)
  }

  private func draw(_ history: MetricHistory, of count: Int, to path: String) throws {
    guard count == 1 else {
      throw Failure(
        .failed, "\(count) experiments measure '\(metric)'; one was expected; name it")
    }
    let renderer = FigureRenderer.installed(
      root: ".", environment: ProcessInfo.processInfo.environment)
    do throws(ReportError) {
      guard let renderer else { throw .noLibrary(reason: "it is not installed") }
      try renderer.draw(history.specification, to: path)
    } catch { throw Failure(.failed, "\(error)") }
    Console.say("wrote \(path)")
  }
}
