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

  /// The trials that run at any time beside others, in the order of the plan.
  var virtualTrials: [Int] { plan.trials.indices.filter { !isRealTime($0) } }

  /// The trials that run alone, in blocks: cell by cell, and in each repetition every arm once, in
  /// turn forwards and backwards, so that a drift of the machine hits all arms alike.
  var realTimeTrials: [Int] {
    let places = cellPlaces
    return plan.trials.indices.filter(isRealTime).sorted { left, right in
      key(left, places) < key(right, places)
    }
    func key(_ index: Int, _ places: [String: Int]) -> (Int, Int, Int) {
      let trial = plan.trials[index]
      return (places[trial.cell.id, default: 0], trial.repetition, order(of: trial))
    }
  }

  /// The record of finished trials.
  ///
  /// - Precondition: There is an outcome for each trial of the plan.
  func record(of outcomes: [Int: TrialOutcome], run: RunDescription) -> RunRecord {
    var record = RunRecord(
      run: run, cells: plan.cells.map(RecordedCell.init), measurements: [], observations: [],
      timings: [])
    for index in tableOrder {
      guard let outcome = outcomes[index] else {
        preconditionFailure("trial \(index) of \(plan.manifest.id) has no outcome")
      }
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

  private func isRealTime(_ index: Int) -> Bool {
    experiment.runsInRealTime(plan.trials[index].cell.settings)
  }

  private var cellPlaces: [String: Int] {
    Dictionary(plan.cells.enumerated().map { ($1.id, $0) }) { first, _ in first }
  }

  /// The trials by cell, arm and repetition.
  private var tableOrder: [Int] {
    let cells = cellPlaces
    let arms = Dictionary(plan.manifest.arms.enumerated().map { ($1, $0) }) { first, _ in first }
    let keys = plan.trials.map { trial in
      (
        cells[trial.cell.id, default: .max], arms[trial.arm, default: .max], trial.arm,
        trial.repetition
      )
    }
    return plan.trials.indices.sorted { keys[$0] < keys[$1] }
  }

  /// The place of a trial in its block.
  private func order(of trial: Trial) -> Int {
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
    let seed = MeasuredValue.hash(trial.seed.value).text
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
