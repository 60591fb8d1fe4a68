// From outcomes of trials to the rows of a record.

import LabCore
import LabManifest
import LabRecord

/// Puts the rows of a record in the one order that they have, whatever order the trials ran in.
struct RecordAssembly {
  let plan: Plan
  let experiment: any Experiment.Type
  let replay: ReplayCommand

  init(plan: Plan, experiment: any Experiment.Type, overrides: [String]) {
    self.plan = plan
    self.experiment = experiment
    replay = ReplayCommand(manifest: plan.manifest, overrides: overrides)
  }

  /// The record of trials.
  ///
  /// - Parameter outcomes: What became of the trials that the record keeps, by trial.
  func record(of outcomes: [Int: TrialOutcome], run: RunDescription) -> RunRecord {
    var record = RunRecord(
      run: run, cells: plan.cells.map(RecordedCell.init), measurements: [], observations: [],
      timings: [])
    for index in tableOrder(of: outcomes.keys) {
      guard let outcome = outcomes[index] else { continue }
      record.timings.append(timing(of: outcome))
      let rows = rows(of: outcome)
      if isRealTime(index) { record.observations += rows } else { record.measurements += rows }
    }
    return record
  }

  /// What a caller hears of a trial that did not end well; `nil` for one that did.
  func failure(_ outcome: TrialOutcome) -> TrialFailure? {
    guard outcome.status != .ok else { return nil }
    let trial = plan.trials[outcome.trial]
    return TrialFailure(
      trial: trial, status: outcome.status, error: outcome.error ?? "no reason is known",
      log: outcome.log, replay: replay.line(trial))
  }

  /// A seed as tables hold it.
  static func text(of seed: Seed) -> String { MeasuredValue.hash(seed.value).text }

  /// Whether a trial runs in real time.
  func isRealTime(_ index: Int) -> Bool {
    experiment.runsInRealTime(plan.trials[index].cell.settings)
  }

  /// The place of each cell in the plan.
  var cellPlaces: [String: Int] {
    Dictionary(plan.cells.enumerated().map { ($1.id, $0) }) { first, _ in first }
  }

  /// The trials by cell, arm and repetition.
  private func tableOrder(of trials: some Sequence<Int>) -> [Int] {
    let cells = cellPlaces
    let arms = Dictionary(plan.manifest.arms.enumerated().map { ($1, $0) }) { first, _ in first }
    let keyed = trials.map { index in
      let trial = plan.trials[index]
      let place = (cells[trial.cell.id, default: .max], arms[trial.arm, default: .max])
      return (key: (place.0, place.1, trial.arm, trial.repetition), index: index)
    }
    return keyed.sorted { $0.key < $1.key }.map(\.index)
  }

  /// The place of a trial in its block.
  func order(of trial: Trial) -> Int {
    let arms = trial.cell.arms
    let place = arms.firstIndex(of: trial.arm) ?? 0
    return trial.repetition.isMultiple(of: 2) ? place : arms.count - 1 - place
  }

  private func timing(of outcome: TrialOutcome) -> TrialTiming {
    let trial = plan.trials[outcome.trial]
    let error = failure(outcome).map { failure in
      [failure.error, failure.log.map(Self.printable), "replay: \(failure.replay)"]
        .compactMap(\.self).joined(separator: "\n")
    }
    return TrialTiming(
      cell: trial.cell.id, arm: trial.arm, repetition: trial.repetition,
      cpuSeconds: outcome.cpuSeconds, wallSeconds: outcome.wallSeconds,
      peakBytes: outcome.peakBytes, status: outcome.status, error: error)
  }

  /// A log without the control characters that would turn a table into something else.
  private static func printable(_ log: String) -> String {
    let scalars = log.unicodeScalars.filter { scalar in
      scalar == "\n" || scalar.properties.generalCategory != .control
    }
    return String(String.UnicodeScalarView(scalars))
  }

  private func rows(of outcome: TrialOutcome) -> [Measurement] {
    let trial = plan.trials[outcome.trial]
    let seed = Self.text(of: trial.seed)
    let isRealTime = isRealTime(outcome.trial)
    var recorded: [String: [Recorder.Entry]] = [:]
    for entry in outcome.entries { recorded[entry.metric, default: []].append(entry) }
    return plan.manifest.measures.flatMap { metric in
      let isTimed = isRealTime && metric.metricClass == .timed
      func row(_ entry: Recorder.Entry?) -> Measurement {
        Measurement(
          experiment: plan.manifest.id, cell: trial.cell.id, arm: trial.arm,
          repetition: trial.repetition, block: isTimed ? trial.repetition : nil,
          order: isTimed ? order(of: trial) : nil, seed: seed, metric: metric, step: entry?.step,
          value: entry?.value,
          status: entry == nil && outcome.status == .ok ? .missing : outcome.status)
      }
      guard let entries = recorded[metric.name] else { return [row(nil)] }
      return entries.sorted { ($0.step ?? -1) < ($1.step ?? -1) }.map(row)
    }
  }
}
