// From a plan to a record.

import Glibc
import LabCore
import LabManifest
import LabRecord

/// Runs plans in worker processes, and publishes their records.
///
/// Whatever happens to a trial is an outcome; whatever happens to the runner itself leaves the old
/// record as it was and the trials that are over in the journal, from which the run is resumed.
/// - Determinism: The plan fixes the rows of `measurements.csv`, however many workers there are and
///   however often the run was killed and resumed.
public struct Runner {
  private let experiments: ExperimentRegistry
  private let control: RunControl
  private let observe: (RunEvent) -> Void

  /// Makes a runner.
  ///
  /// - Parameters:
  ///   - control: The switch by which the run is stopped from outside.
  ///   - observe: Called for everything that happens, on the thread of ``run(_:)``.
  public init(
    experiments: ExperimentRegistry, control: RunControl = RunControl(),
    observe: @escaping (RunEvent) -> Void = { _ in }
  ) {
    self.experiments = experiments
    self.control = control
    self.observe = observe
  }

  /// Runs a plan, or what an earlier run left of it.
  ///
  /// - Throws: ``RunError``. The old record is intact; the trials that are over can be resumed,
  ///   except after an error that came before the first of them.
  public func run(_ request: RunRequest) throws(RunError) -> RunOutcome {
    let name = request.plan.manifest.experiment.name
    guard let experiment = experiments[name] else { throw .unknownExperiment(name) }
    let root = WorkFolder.root(of: request.results)
    try FolderTree.make(root)
    try FolderTree.make(request.place)
    let lock = try FolderLock(request.lock)
    defer { withExtendedLifetime(lock) {} }
    try recording { () throws(RecordError) in
      try RunRecord.checkReplaceable(folder: request.place, by: request.plan.manifest.size)
    }
    let assembly = RecordAssembly(
      plan: request.plan, experiment: experiment, overrides: request.overrides)
    let schedule = try TrialSchedule(assembly, shard: request.shard, jobs: request.jobs)
    let folder = try folder(for: request, assembly, trials: schedule.all)
    let log = try TrialLog(
      folder: folder.path, trials: request.plan.trials.count, batch: request.batch)
    let life = RunLife(
      request: request, folder: folder, log: log, control: control, observe: observe,
      assembly: assembly, schedule: schedule)
    return try life.run()
  }

  /// The work folder of the run that goes on or begins.
  private func folder(
    for request: RunRequest, _ assembly: RecordAssembly, trials: [Int]
  ) throws(RunError) -> WorkFolder {
    var start = start(of: request, assembly.experiment)
    if request.resume { return try WorkFolder.find(like: start, in: request.results) }
    var prior: [TrialOutcome] = []
    var published: String?
    if access(RecordFile.run.path(in: request.place), F_OK) == 0 {
      published = try recording { () throws(RecordError) in
        try RunDescription.load(folder: request.place).run
      }
    }
    if request.rerun != .all, published != nil {
      let record = try recording { () throws(RecordError) in
        try RunRecord.load(folder: request.place)
      }
      let takeover = try Takeover(
        request.rerun, of: record, for: request.plan, trials: trials, start: start
      ) { assembly.experiment.runsInRealTime($0.cell.settings) }
      prior = takeover.outcomes
      if !prior.isEmpty { start.takenOver = takeover.report.takenOver }
      observe(.tookOver(takeover.report))
    }
    return try WorkFolder.make(
      start, after: published, frozenManifest: request.frozenManifest, prior: prior,
      in: request.results)
  }

  /// What this run would be called and must agree in with one that it resumes.
  private func start(of request: RunRequest, _ experiment: any Experiment.Type) -> RunStart {
    let manifest = request.plan.manifest
    let date = Stopwatch.date()
    var exactness = HostProbe().exactness
    exactness["toolchain"] = request.code.toolchain ?? "unknown"
    exactness.merge(experiment.exactness) { _, own in own }
    exactness.merge(request.exactness) { _, caller in caller }
    return RunStart(
      run: RunStart.name(
        of: manifest.id, digest: request.plan.digest, date: date, shard: request.shard),
      experiment: manifest.id,
      digest: request.plan.digest, size: manifest.size, seed: manifest.seed,
      trials: request.plan.trials.count, program: Self.identity(of: request.worker.executable),
      exactness: exactness, code: request.code, start: date, loadBefore: HostProbe.load,
      shard: request.shard)
  }

  /// The size and the date of a program, which change when it is built anew.
  private static func identity(of program: String) -> String {
    var status = stat()
    guard stat(program, &status) == 0 else { return "unknown" }
    return "\(status.st_size) B of \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
  }
}

/// Turns the errors of a record into those of a run.
func recording<Result>(_ body: () throws(RecordError) -> Result) throws(RunError) -> Result {
  do throws(RecordError) { return try body() } catch { throw .record(error) }
}
