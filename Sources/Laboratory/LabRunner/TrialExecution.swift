// Running one trial in this process.

import LabCore
import LabManifest
import LabRecord

/// Runs trials of one plan, in this process or in a program from outside, and turns them into
/// outcomes.
struct TrialExecution {
  /// The longest description of an error that is kept, in characters.
  static let errorLimit = 4_000

  let plan: Plan
  let experiment: any Experiment.Type
  /// The programs that are arms.
  let programs: OutsidePrograms
  private let described: [String: MetricDescription]
  private let kept: Set<String>

  init(plan: Plan, experiment: any Experiment.Type, programs: OutsidePrograms) {
    self.plan = plan
    self.experiment = experiment
    self.programs = programs
    described = Dictionary(experiment.description.metrics.map { ($0.name, $0) }) { first, _ in
      first
    }
    kept = Set(plan.manifest.measures.map(\.name))
  }

  /// Runs the trial at an index of the plan and measures its cost.
  func run(_ index: Int, traceFolder: String? = nil) -> TrialOutcome {
    var outcome =
      programs.serve(plan.trials[index].arm)
      ? programs.run(index) : runHere(index, traceFolder: traceFolder)
    if outcome.status == .ok, let defect = defect(of: outcome.entries) {
      outcome.status = .failed
      outcome.error = defect
    }
    outcome.error = outcome.error.map { String($0.prefix(Self.errorLimit)) }
    guard outcome.status == .ok else {
      outcome.entries = []
      return outcome
    }
    outcome.entries = (outcome.entries + runnerEntries(outcome)).filter { kept.contains($0.metric) }
    return outcome
  }

  /// Runs a trial of an arm that is the experiment's own.
  private func runHere(_ index: Int, traceFolder: String?) -> TrialOutcome {
    var recorder = Recorder(traceFolder: traceFolder)
    var problem: String?
    ProcessMemory.resetPeak()
    let (wall, processor) = (Stopwatch.monotonic(), Stopwatch.processor())
    do {
      try experiment.run(plan.trials[index], into: &recorder)
    } catch {
      problem = "\(error)"
    }
    let cpuSeconds = (Stopwatch.processor() - processor).seconds
    let wallSeconds = (Stopwatch.monotonic() - wall).seconds
    return TrialOutcome(
      trial: index, status: problem == nil ? .ok : .failed, cpuSeconds: cpuSeconds,
      wallSeconds: wallSeconds, peakBytes: ProcessMemory.peak(), entries: recorder.entries,
      error: problem)
  }

  /// What the runner itself measures of a trial.
  private func runnerEntries(_ outcome: TrialOutcome) -> [Recorder.Entry] {
    RunnerMetric.allCases.compactMap { metric in
      let value: MeasuredValue? =
        switch metric {
        case .cpuSeconds: outcome.cpuSeconds.map { .number($0) }
        case .peakBytes: outcome.peakBytes.map { .integer($0) }
        }
      return value.map { Recorder.Entry(metric: metric.rawValue, step: nil, value: $0) }
    }
  }

  /// What is wrong with recorded values, or `nil` when they are what the experiment describes.
  private func defect(of entries: [Recorder.Entry]) -> String? {
    struct Place: Hashable {
      var metric: String
      var step: Int?
    }
    var places: Set<Place> = []
    for entry in entries {
      guard RunnerMetric(rawValue: entry.metric) == nil else {
        return
          "the experiment recorded '\(entry.metric)', which the runner measures itself; another "
          + "metric was expected; remove it"
      }
      guard let metric = described[entry.metric] else {
        return "the experiment recorded '\(entry.metric)'; a metric that it describes was "
          + "expected; add it to its description"
      }
      guard entry.value.fits(unit: metric.unit) else {
        return "'\(entry.metric)' was recorded as \(entry.value); a value in the unit "
          + "'\(metric.unit)' was expected; correct the experiment"
      }
      guard entry.step.map({ $0 >= 0 }) ?? true,
        places.insert(Place(metric: entry.metric, step: entry.step)).inserted
      else {
        return "'\(entry.metric)' was recorded twice at one step, or at a negative one; "
          + "one value a step was expected; correct the experiment"
      }
    }
    return nil
  }
}
