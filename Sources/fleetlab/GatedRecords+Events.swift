// Replays of fingerprinted trials: their events are kept with a baseline and compared by the gate.
import LabGate
import LabManifest
import LabRecord
import LabRunner

extension GatedRecords {
  /// Names the first event that differs in outcomes whose fingerprint does.
  ///
  /// Repetition 0 of each trial of virtual time is replayed. A trial of which no events are kept,
  /// or whose run had settings of its own, says so in place of an event.
  func nameFirstDifferences(in outcomes: inout [GateOutcome]) throws {
    var known: [GateKey: String] = [:]
    for index in outcomes.indices {
      let outcome = outcomes[index]
      guard outcome.verdict == .regressed, outcome.unit == "hash",
        let entry = entries.first(where: { $0.plan.manifest.id == outcome.experiment }),
        let cell = entry.plan.cells.first(where: { $0.id == outcome.key.cell }),
        !inline.runsInRealTime(cell, of: entry.plan)
      else { continue }
      let trial = GateKey(cell: cell.id, arm: outcome.key.arm, metric: outcome.experiment)
      if known[trial] == nil { known[trial] = try firstDifference(trial, entry) }
      outcomes[index].firstDifference = known[trial]
    }
  }

  private func firstDifference(_ trial: GateKey, _ entry: Entry) throws -> String {
    guard let record = entry.record else { return "there is no record to replay" }
    guard let plan = try replayablePlan(entry, record) else {
      return "the run had settings of its own, so its events cannot be replayed"
    }
    let folder = entry.folder.events(size: plan.manifest.size, exactness: record.run.exactness)
    let path = EventBaseline.path(in: folder, cell: trial.cell, arm: trial.arm)
    guard FolderProbe.exists(path) else { return "the baseline keeps no events of this trial" }
    do {
      let kept = try EventBaseline.load(path: path)
      guard let lines = try lines(of: trial, plan) else { return "the trial lists no events" }
      return kept.firstDifference(to: lines)
        ?? "the events of repetition 0 agree; another repetition, or what is no event, differs"
    } catch let error as BaselineError {
      throw Failure(.failed, "\(error)")
    }
  }

  /// Keeps the events of repetition 0 of each trial of virtual time that has a fingerprint.
  ///
  /// - Parameter only: The metrics that are updated; all when empty.
  func writeEvents(of entry: Entry, only: [String]) throws {
    guard let record = entry.record, let plan = try replayablePlan(entry, record) else { return }
    let gate = plan.manifest.gate
    let fingerprints = plan.manifest.measures.filter { metric in
      metric.unit == "hash" && metric.metricClass == .exact && gate.gates(metric.name)
        && (only.isEmpty || only.contains(metric.name))
    }
    guard !fingerprints.isEmpty else { return }
    let folder = entry.folder.events(size: plan.manifest.size, exactness: record.run.exactness)
    for cell in plan.cells where cell.control == nil && !inline.runsInRealTime(cell, of: plan) {
      for arm in cell.arms {
        let trial = GateKey(cell: cell.id, arm: arm, metric: plan.manifest.id)
        guard let lines = try lines(of: trial, plan) else { return }
        do throws(BaselineError) {
          try EventBaseline(lines: lines).write(in: folder, cell: cell.id, arm: arm)
        } catch { throw Failure(.failed, "\(error)") }
      }
    }
  }

  private var inline: InlineRunner { InlineRunner(experiments: laboratory) }

  private func lines(of trial: GateKey, _ plan: Plan) throws -> [String]? {
    do throws(RunError) {
      let index = try InlineRunner.trial(
        in: plan, cell: trial.cell, arm: trial.arm, repetition: 0)
      return try inline.events(of: index, of: plan)
    } catch { throw RunCommand.failure(error) }
  }

  /// The plan by which the record's trials can be run again; `nil` when the run had settings that
  /// the manifest does not have.
  private func replayablePlan(_ entry: Entry, _ record: RunRecord) throws -> Plan? {
    let plan = try folders.plan(
      entry.plan.manifest.path, record.run.size, seed: record.run.seed)
    return plan.digest == record.run.manifest.digest ? plan : nil
  }
}
