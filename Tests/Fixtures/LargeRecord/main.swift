// Makes a large record that no run has measured, to measure how fast records are read and judged.
//
// LargeRecord MANIFEST RESULTS plans the manifest at standard size and writes a valid record of it
// below the folder of results, with values drawn from the trials' own seeds.
import Experiments
import LabCore
import LabManifest
import LabRecord
import LabRunner
import Statistics

/// The values that a metric of some unit gets in a trial; arms after the first are a tenth better.
func value(of metric: MetricDescription, arm: Int, _ random: inout RandomStream) -> MeasuredValue {
  let shift = 1 - 0.1 * Double(arm)
  switch metric.unit {
  case "hash": return .hash(random.next())
  case "histogram":
    var histogram = LatencyHistogram()
    for _ in 0..<60 {
      let excess = Double(random.below(20_000_000)) * shift
      do { try histogram.record(5_000_000 + Int64(excess)) } catch { fatalError("\(error)") }
    }
    return .histogram(histogram.text)
  default:
    if metric.metricClass == .exact { return .integer(random.below(1_000)) }
    return .number(shift * Double(900 + random.below(100)) / 1_000)
  }
}

/// The record of a plan.
func record(of plan: Plan) -> RunRecord {
  let arms = plan.manifest.arms
  var rows: [Measurement] = []
  var timings: [TrialTiming] = []
  for trial in plan.trials {
    let digits = String(trial.seed.value, radix: 16)
    let seed = String(repeating: "0", count: 16 - digits.count) + digits
    let arm = arms.firstIndex(of: trial.arm) ?? 0
    var random = trial.seed.stream()
    for metric in plan.manifest.measures {
      rows.append(
        Measurement(
          experiment: plan.manifest.id, cell: trial.cell.id, arm: trial.arm,
          repetition: trial.repetition, seed: seed, metric: metric, step: nil,
          value: value(of: metric, arm: arm, &random), status: .ok))
    }
    timings.append(
      TrialTiming(
        cell: trial.cell.id, arm: trial.arm, repetition: trial.repetition, cpuSeconds: 0.001,
        wallSeconds: 0.001, peakBytes: 1 << 20, status: .ok, error: nil))
  }
  let run = RunDescription(
    run: "synthetic", experiment: .init(plan.manifest),
    manifest: .init(path: plan.manifest.path, digest: plan.digest), data: [],
    size: plan.manifest.size, seed: plan.manifest.seed, code: .init(),
    host: .init(
      cpuModel: "none", cores: 1, memoryBytes: 0, kernel: "none", loadBefore: 0, loadAfter: 0),
    exactness: [:], start: "2026-01-01T00:00:00Z", end: "2026-01-01T00:00:00Z",
    trials: ["ok": plan.trials.count])
  return RunRecord(
    run: run, cells: plan.cells.map(RecordedCell.init), measurements: rows, observations: [],
    timings: timings)
}

let arguments = CommandLine.arguments
guard arguments.count == 3 else {
  fatalError("\(arguments.count - 1) arguments; MANIFEST and RESULTS were expected")
}
let registry = ExperimentRegistry(AllExperiments.types)
let loader = ManifestLoader(experiments: registry.experiments.map { $0.description })
let plan = try loader.plan(path: arguments[1])
let folder = "\(arguments[2])/\(plan.manifest.id)"
try record(of: plan).stage(in: folder)
print("\(folder): \(plan.cells.count) cells, \(plan.trials.count) trials")
