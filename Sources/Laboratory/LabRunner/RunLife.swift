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
  private var hasFailed = false

  init(
    request: RunRequest, folder: WorkFolder, log: TrialLog, control: RunControl,
    observe: @escaping (RunEvent) -> Void, assembly: RecordAssembly
  ) {
    self.request = request
    self.folder = folder
    self.log = log
    self.control = control
    self.observe = observe
    self.assembly = assembly
  }

  /// Runs to the end or until it is stopped.
  func run() throws(RunError) -> RunOutcome {
    let plan = request.plan
    observe(.began(run: folder.start.run, trials: plan.trials.count, done: log.outcomes.count))
    try runTrials()
    try log.sync()
    observe(.synced(done: log.outcomes.count))
    guard log.outcomes.count == plan.trials.count else {
      return outcome(control.current == .run ? .stoppedAtFailure : .interrupted)
    }
    try publish()
    return outcome(.completed)
  }

  private func runTrials() throws(RunError) {
    let manifest = request.plan.manifest
    let pool = WorkerPool(
      request.worker,
      greeting: WorkerGreeting(
        manifest: folder.manifest, source: manifest.path, digest: request.plan.digest,
        size: manifest.size, seed: manifest.seed),
      plan: request.plan, logFolder: folder.logs, control: control)
    try run(assembly.virtualTrials, on: pool, jobs: request.jobs)
    try run(assembly.realTimeTrials, on: pool, jobs: 1)
  }

  private func run(_ trials: [Int], on pool: WorkerPool, jobs: Int) throws(RunError) {
    let open = trials.filter { log.outcomes[$0] == nil }
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
      return !(hasFailed && request.failFast)
    }
  }

  private func publish() throws(RunError) {
    let record = assembly.record(of: log.outcomes, run: description())
    let place = "\(request.results)/\(request.plan.manifest.id)"
    try FolderTree.make(folder.staged)
    try recording { () throws(RecordError) in try record.stage(in: folder.staged) }
    observe(.staged)
    try recording { () throws(RecordError) in
      try RunRecord.publish(staged: folder.staged, to: place)
    }
    observe(.published)
    folder.finish(in: request.results)
  }

  private func description() -> RunDescription {
    let (start, manifest) = (folder.start, request.plan.manifest)
    let counts = counts.map { ($0.rawValue, $1) }
    return RunDescription(
      run: start.run, experiment: RunDescription.Experiment(manifest),
      manifest: .init(path: manifest.path, digest: request.plan.digest),
      data: manifest.data.map { .init(path: $0.path, digest: $0.digest) }, size: manifest.size,
      seed: manifest.seed, code: start.code, host: HostProbe().host(loadBefore: start.loadBefore),
      exactness: start.exactness, start: start.start, end: Stopwatch.date(),
      trials: Dictionary(counts) { first, _ in first }, subjects: subjects)
  }

  /// The programs from outside by arm, each as often as it named itself differently; `nil` when no
  /// trial met one.
  private var subjects: [RunDescription.Subject]? {
    let found = Set(log.outcomes.values.compactMap(\.subject))
    return found.isEmpty
      ? nil : found.sorted { ($0.arm, $0.name, $0.version) < ($1.arm, $1.name, $1.version) }
  }

  private var counts: [TrialStatus: Int] {
    log.outcomes.values.reduce(into: [:]) { $0[$1.status, default: 0] += 1 }
  }

  private func outcome(_ ending: RunOutcome.Ending) -> RunOutcome {
    let failures = log.outcomes.keys.sorted().compactMap { index in
      log.outcomes[index].flatMap(assembly.failure)
    }
    return RunOutcome(
      run: folder.start.run, ending: ending, trials: request.plan.trials.count, counts: counts,
      failures: failures, folder: "\(request.results)/\(request.plan.manifest.id)")
  }
}
