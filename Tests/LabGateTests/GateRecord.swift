// A record and its baselines for tests of the gate.

import FoundationEssentials
import LabCore
import LabRecord
import Statistics

@testable import LabGate
@testable import LabManifest

/// A record of one experiment with two cells, one arm, and metrics of every class.
struct GateRecord {
  static let metrics = [
    MetricDescription("waiting", .sampled, unit: "s", .lower, "A wait."),
    MetricDescription("share", .sampled, unit: "1", .higher, "A share."),
    MetricDescription("drift", .sampled, unit: "1", .neutral, "A fact."),
    MetricDescription("latency", .sampled, unit: "histogram", .lower, "Delays."),
    MetricDescription("events", .exact, unit: "1", .lower, "A count."),
    MetricDescription("trajectory", .exact, unit: "hash", .neutral, "A fingerprint."),
    MetricDescription("instructions", .counted, unit: "1", .lower, "Work."),
    MetricDescription("cpu", .timed, unit: "s", .lower, "Time."),
    MetricDescription("memory", .ceiling, unit: "B", .lower, "Space."),
  ]
  static let keys = ["architecture": "x86_64", "toolchain": "Swift 6.3"]

  var repetitions = 20
  var firstSeed = 0
  var exactness = keys
  /// The root of the values' chance.
  var chance = 1
  /// What a sampled metric's values are multiplied by, by metric.
  var factors: [String: Double] = [:]
  /// What replaces a value, by cell, metric and repetition.
  var values: [String: MeasuredValue] = [:]
  /// Trials that failed, by cell and repetition.
  var failed: Set<String> = []
  /// Metrics that the run does not have.
  var without: Set<String> = []
  var end = "2026-01-02T03:05:06Z"
  var run = "run-1"

  var record: RunRecord {
    let cells = [
      RecordedCell(id: "aa", coordinates: [.init(key: "size", value: "64B")]),
      RecordedCell(id: "bb", coordinates: [.init(key: "size", value: "1kB")]),
      RecordedCell(id: "cc", control: "x", controls: "aa", coordinates: []),
    ]
    let rows = cells.flatMap { cell in
      Self.metrics.filter { !without.contains($0.name) }.flatMap { metric in
        (0..<repetitions).map { row(metric, cell.id, $0) }
      }
    }
    var description = RunDescription(
      run: run, experiment: .init(manifest), manifest: .init(path: "trial.yaml", digest: "d1"),
      data: [], size: .smoke, seed: 1, code: .init(commit: "0123456789abcdef"),
      host: .init(
        cpuModel: "Example CPU", cores: 2, memoryBytes: 8 << 30, kernel: "Linux 6.1",
        loadBefore: 0, loadAfter: 0),
      exactness: exactness, start: "2026-01-02T03:04:05Z", end: end, trials: [:])
    description.trials = ["ok": repetitions]
    return RunRecord(
      run: description, cells: cells, measurements: rows, observations: [], timings: [])
  }

  private var manifest: Manifest {
    Manifest(
      path: "trial.yaml", id: "trial", title: "A trial", question: "Is it so?",
      experiment: ExperimentDescription(
        name: "trial", summary: "Tries.", version: 1, arms: [ArmDescription("only", "It.")],
        parameters: [], metrics: Self.metrics),
      tags: [], size: .smoke, seed: 1, repetitions: repetitions, arms: ["only"],
      measures: Self.metrics, criteria: [], figures: [], limits: .init(), data: [])
  }

  private func row(_ metric: MetricDescription, _ cell: String, _ repetition: Int) -> Measurement {
    let isFailed = failed.contains("\(cell) \(repetition)")
    return Measurement(
      experiment: "trial", cell: cell, arm: "only", repetition: repetition,
      seed: "seed-\(firstSeed + repetition)", metric: metric, step: nil,
      value: isFailed ? nil : value(metric, cell, repetition), status: isFailed ? .timeout : .ok)
  }

  private func value(
    _ metric: MetricDescription, _ cell: String, _ repetition: Int
  ) -> MeasuredValue {
    if let value = values["\(cell) \(metric.name) \(repetition)"] ?? values[metric.name] {
      return value
    }
    var random = Seed(UInt64(chance)).child(cell).child(metric.name)
      .child(firstSeed + repetition).stream()
    let factor = factors[metric.name] ?? 1
    switch metric.name {
    case "latency":
      var histogram = LatencyHistogram()
      for _ in 0..<20 {
        let delay = 1e3 * factor * (1 + 0.01 * random.standardNormal())
        _ = try? histogram.record(Int64(delay))
      }
      return .histogram(histogram.text)
    case "events": return .integer(Int((100 * factor).rounded()))
    case "instructions": return .integer(Int((1e6 * factor).rounded()))
    case "trajectory": return .hash(UInt64(repetition) + UInt64(factor == 1 ? 0 : 1))
    default: return .number(factor * (1 + 0.01 * random.standardNormal()))
    }
  }

  /// The baseline that the record makes.
  func baseline(reason: String? = nil) throws -> Baseline {
    try BaselineUpdate(
      old: nil, record: record, policy: GatePolicy(), only: nil, reason: reason
    ).baseline
  }

  /// What the gate says of the record against a baseline, by cell, metric and quantile.
  func outcomes(
    against baseline: Baseline?, policy: GatePolicy = GatePolicy()
  ) throws -> [String: GateOutcome] {
    let outcomes = try GateJudge().outcomes(of: [comparison(with: baseline, policy: policy)])
    return Dictionary(
      outcomes.map { ("\($0.key.cell) \($0.key.metricText)", $0) }, uniquingKeysWith: { $1 })
  }

  func comparison(
    with baseline: Baseline?, policy: GatePolicy = GatePolicy()
  ) -> GateComparison {
    let record = record
    return GateComparison(
      experiment: "trial", policy: policy, baseline: baseline,
      series: GateReading(record, policy: policy).series, exactness: exactness,
      cells: Dictionary(uniqueKeysWithValues: record.cells.map { ($0.id, $0.placeText) }))
  }
}

/// A folder that goes when the test is over.
final class BaselineScratch {
  let path: String

  init() throws {
    path =
      FileManager.default.temporaryDirectory.path + "/fleetlab-baselines-"
      + String(UInt64.random(in: 0...UInt64.max), radix: 36)
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
