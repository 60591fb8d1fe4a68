// A record that is small enough to be read.

import LabGate
import LabRecord
import Statistics

@testable import LabManifest

/// A manifest with two arms, two sizes and two loss rates, and a record of it.
struct SmallRecord {
  static let metrics = [
    MetricDescription(
      "delivered_share", .sampled, unit: "1", .higher, "Handled over sent events."),
    MetricDescription("sent_bytes", .exact, unit: "B", .lower, "Bytes on the wire."),
    MetricDescription(
      "latency", .sampled, unit: "histogram", .lower, "From the intended send time."),
    MetricDescription("fingerprint", .exact, unit: "hash", .neutral, "Of the trajectory."),
  ]

  var id = "literal-transport"
  var repetitions = 3
  var sizes = ["64B", "1kB", "70kB"]
  var losses = ["0%", "5%"]
  var arms = ["literal", "corrected"]
  var criteria = [
    Criterion(
      id: "delivers", text: "every event reaches a handler", metric: "delivered_share",
      arm: "literal", selection: [], statistic: .mean, scope: .every, bar: .atLeast(0.9),
      control: .init(text: "the corrected transport", arm: "corrected", settings: [:])),
    Criterion(
      id: "corrected-delivers", text: "the corrected transport delivers | without loss",
      metric: "delivered_share", arm: "corrected",
      selection: [.init(key: "network.link.loss", values: ["0%"])], statistic: .mean,
      scope: .every, bar: .atLeast(0.9),
      control: .init(text: "the literal transport", arm: "literal", settings: [:])),
    Criterion(
      id: "is-small", text: "few bytes are sent", metric: "sent_bytes", arm: "literal",
      selection: [], statistic: .maximum, scope: .pooled, bar: .atMost(20_000_000),
      control: .init(text: "the corrected transport", arm: "corrected", settings: [:])),
  ]
  var figures = [
    FigureRequest(
      id: "delivered", title: "Share of events that reach a handler", mark: .line,
      x: "event-size", metrics: ["delivered_share"], panels: ["network.link.loss"],
      logarithmic: [.x]),
    FigureRequest(
      id: "bytes", title: "Bytes on the wire", mark: .bar, x: "event-size",
      metrics: ["sent_bytes"], panels: [], logarithmic: []),
    FigureRequest(
      id: "latency", title: "Latency", mark: .distribution, x: "", metrics: ["latency"],
      panels: [], logarithmic: [.x]),
  ]
  /// What replaces a value: by cell, arm, repetition and metric.
  var failing: Set<String> = []

  var manifest: Manifest {
    Manifest(
      path: "Experiments/transport/\(id).yaml", id: id, title: "The transport as written",
      question: "Do events of the document's own transport reach a handler?",
      experiment: ExperimentDescription(
        name: "transport", summary: "Sends events.", version: 2,
        arms: arms.map { ArmDescription($0, "An arm.") }, parameters: [], metrics: Self.metrics),
      tags: [], size: .standard, seed: 42, repetitions: repetitions, arms: arms,
      measures: Self.metrics, criteria: criteria, figures: figures, limits: .init(), data: [])
  }

  var record: RunRecord {
    var cells: [RecordedCell] = []
    var rows: [Measurement] = []
    var timings: [TrialTiming] = []
    for loss in losses {
      for size in sizes {
        let cell = RecordedCell(
          id: "cell-\(loss)-\(size)",
          coordinates: [
            .init(key: "network.link.loss", value: loss), .init(key: "event-size", value: size),
            .init(key: "nodes", value: "3"),
          ])
        cells.append(cell)
        for arm in arms {
          for repetition in 0..<repetitions {
            let failed = failing.contains("\(cell.id) \(arm) \(repetition)")
            rows += Self.metrics.map { metric in
              row(metric, cell, arm, repetition, loss: loss, failed: failed)
            }
            timings.append(timing(cell, arm, repetition, failed: failed))
          }
        }
      }
    }
    var run = RunDescription(
      run: "20260102T030405Z-7f3a", experiment: .init(manifest),
      manifest: .init(path: manifest.path, digest: "d1"), data: [], size: .standard, seed: 42,
      code: .init(commit: "0123456789abcdef0123", toolchain: "Swift 6.3.1"),
      host: .init(
        cpuModel: "Example CPU", cores: 2, memoryBytes: 8 << 30, kernel: "Linux 6.1",
        loadBefore: 0.5, loadAfter: 0.7),
      exactness: [:], start: "2026-01-02T03:04:05Z", end: "2026-01-02T03:05:06Z", trials: [:])
    run.trials = Dictionary(grouping: timings, by: \.status.rawValue).mapValues(\.count)
    return RunRecord(
      run: run, cells: cells, measurements: rows, observations: [], timings: timings)
  }

  /// Twenty delays of one digit, which keeps the histogram small.
  private static func latency(step: Int64) -> String {
    guard var histogram = try? LatencyHistogram(significantDigits: 1) else { return "" }
    for place in 1...20 as ClosedRange<Int64> { try? histogram.record(place * step) }
    return histogram.text
  }
  private static let slowLatency = latency(step: 400_000)
  private static let fastLatency = latency(step: 100_000)

  private func row(
    _ metric: MetricDescription, _ cell: RecordedCell, _ arm: String, _ repetition: Int,
    loss: String, failed: Bool
  ) -> Measurement {
    let size = ["64B": 64, "1kB": 1_000, "70kB": 70_000][cell["event-size"] ?? ""] ?? 1
    let isLiteral = arm == "literal"
    let value: MeasuredValue
    switch metric.name {
    case "delivered_share":
      let share = isLiteral ? 0 : (loss == "0%" ? 0.98 : 0.9) + Double(repetition) / 100
      value = .number(share)
    case "sent_bytes": value = .integer(size * (isLiteral ? 200 : 300))
    case "latency":
      value = .histogram(isLiteral ? Self.slowLatency : Self.fastLatency)
    default: value = .hash(UInt64(repetition))
    }
    return Measurement(
      experiment: id, cell: cell.id, arm: arm, repetition: repetition, seed: "000000000000002a",
      metric: metric, step: nil, value: failed ? nil : value, status: failed ? .timeout : .ok)
  }

  private func timing(
    _ cell: RecordedCell, _ arm: String, _ repetition: Int, failed: Bool
  ) -> TrialTiming {
    TrialTiming(
      cell: cell.id, arm: arm, repetition: repetition, cpuSeconds: 0.1, wallSeconds: 0.2,
      peakBytes: 1_000, status: failed ? .timeout : .ok,
      error: failed
        ? "the trial ran longer than 120s\n"
          + "replay: fleetlab replay \(manifest.path) --cell \(cell.id)"
        : nil)
  }
}
