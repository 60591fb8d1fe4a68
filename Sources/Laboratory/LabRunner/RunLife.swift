// One life of a run: from its beginning or resumption to its end or interruption.

import LabCore
import LabManifest
import LabRecord

/// Runs what the journal does not hold yet, and publishes the record when nothing is left.
final class RunLife {
  private let request: RunRequest
  private let folder: WorkFolder
  private let log: TrialLog
  private let control: RunControl
  private let observe: (RunEvent) -> Void
  private let assembly: RecordAssembly
  private var schedule: TrialSchedule
  private var hasFailed = false

  init(
    request: RunRequest, folder: WorkFolder, log: TrialLog, control: RunControl,
    observe: @escaping (RunEvent) -> Void, assembly: RecordAssembly, schedule: TrialSchedule
  ) {
    self.request = request
    self.folder = folder
    self.log = log
    self.control = control
    self.observe = observe
    self.assembly = assembly
    self.schedule = schedule
  }

  /// Runs to the end or until it is stopped.
  func run() throws(RunError) -> RunOutcome {
    let trials = schedule.all.count
    observe(.began(run: folder.start.run, trials: trials, done: log.outcomes.count))
    try runTrials()
    try log.sync()
    observe(.synced(done: log.outcomes.count))
    guard schedule.isOver(log.outcomes) else {
      let ending = control.current == .run ? RunOutcome.Ending.stoppedAtFailure : .interrupted
      return outcome(ending, of: log.outcomes)
    }
    let kept = schedule.kept(of: log.outcomes)
    try publish(kept)
    return outcome(.completed, of: kept)
  }

  private func runTrials() throws(RunError) {
    let manifest = request.plan.manifest
    let pool = WorkerPool(
      request.worker,
      greeting: WorkerGreeting(
        manifest: folder.manifest, source: manifest.path, digest: request.plan.digest,
        size: manifest.size, seed: manifest.seed),
      plan: request.plan, logFolder: folder.logs, control: control)
    let virtual = try schedule.begin(inRealTime: false, after: log.outcomes)
    try run(virtual, on: pool, jobs: request.jobs)
    let real = try schedule.begin(inRealTime: true, after: log.outcomes)
    try run(real, on: pool, jobs: 1)
  }

  private func run(_ open: [Int], on pool: WorkerPool, jobs: Int) throws(RunError) {
    guard !open.isEmpty, control.current == .run, !(hasFailed && request.failFast) else { return }
    try pool.run(open, jobs: jobs) { [self] () throws(RunError) in
      if try log.syncIfDue() { observe(.synced(done: log.outcomes.count)) }
      observe(.waiting)
    } deliver: { [self] outcome throws(RunError) in
      let isSynced = try log.append(outcome)
      let failure = assembly.failure(outcome)
      hasFailed = hasFailed || failure != nil
      observe(.finished(outcome, done: log.outcomes.count, failure: failure))
      if isSynced { observe(.synced(done: log.outcomes.count)) }
      if hasFailed, request.failFast { return nil }
      return try schedule.trials(after: outcome, log.outcomes)
    }
  }

  private func publish(_ kept: [Int: TrialOutcome]) throws(RunError) {
    let record = assembly.record(of: kept, run: description(of: kept))
    let place = request.place
    try FolderTree.make(folder.staged)
    try recording { () throws(RecordError) in try record.stage(in: folder.staged) }
    observe(.staged)
    try recording { () throws(RecordError) in
      try RunRecord.publish(staged: folder.staged, to: place)
    }
    observe(.published)
    folder.finish(in: request.results)
  }

  private func description(of kept: [Int: TrialOutcome]) -> RunDescription {
    let (start, manifest) = (folder.start, request.plan.manifest)
    let counts = Self.counts(kept).map { ($0.rawValue, $1) }
    var description = RunDescription(
      run: start.run, experiment: RunDescription.Experiment(manifest),
      manifest: .init(path: manifest.path, digest: request.plan.digest),
      data: manifest.data.map { .init(path: $0.path, digest: $0.digest) }, size: manifest.size,
      seed: manifest.seed, code: start.code, host: HostProbe().host(loadBefore: start.loadBefore),
      exactness: start.exactness, start: start.start, end: Stopwatch.date(),
      trials: Dictionary(counts) { first, _ in first },
      subjects: RunDescription.Subject.listed(kept.values.compactMap(\.subject)))
    description.takenOver = start.takenOver
    description.shard = start.shard
    description.stopping = schedule.stopping
    return description
  }

  private static func counts(_ outcomes: [Int: TrialOutcome]) -> [TrialStatus: Int] {
    outcomes.values.reduce(into: [:]) { $0[$1.status, default: 0] += 1 }
  }

  private func outcome(
    _ ending: RunOutcome.Ending, of outcomes: [Int: TrialOutcome]
  ) -> RunOutcome {
    let failures = outcomes.keys.sorted().compactMap { index in
      outcomes[index].flatMap(assembly.failure)
    }
    return RunOutcome(
      run: folder.start.run, ending: ending, trials: schedule.all.count,
      counts: Self.counts(outcomes), failures: failures, folder: request.place)
  }
}
