// What a caller asks of the runner.

public import LabManifest
public import LabRecord

/// One run of one plan.
public struct RunRequest: Sendable {
  /// What runs.
  public var plan: Plan
  /// The text of the resolved manifest, from which workers and later resumptions make the plan.
  public var frozenManifest: String
  /// The results folder, in which `<id>` and `.work` lie.
  public var results: String
  /// How workers are started.
  public var worker: WorkerCommand
  /// How many workers run trials of virtual time at once; at least 1.
  public var jobs: Int
  /// How many finished trials may wait for their sync to the disk, at least 1.
  ///
  /// They wait a tenth of a second at the most.
  public var batch: Int
  /// Whether an unfinished run of the same plan is to be continued.
  public var resume: Bool
  /// What of the record in the results folder is taken over instead of run again; a run that is
  /// resumed keeps what it took over at its beginning.
  public var rerun: Rerun
  /// The part of the plan that is run; `nil` for all of it.
  public var shard: Shard?
  /// Whether the first failed trial stops the run.
  public var failFast: Bool
  /// What the user changed on the command line, for replay commands: `["--set", "loss=1%"]`.
  public var overrides: [String]
  /// The code that runs, from ``CodeProbe``, which is asked once for many runs.
  public var code: RunDescription.Code
  /// Exactness keys that only the caller knows, beside those of the experiment.
  public var exactness: [String: String]

  /// Describes a run.
  public init(
    plan: Plan, frozenManifest: String, results: String, worker: WorkerCommand = .thisProgram,
    jobs: Int = 2, batch: Int = 64, resume: Bool = false,
    rerun: Rerun = .all, shard: Shard? = nil, failFast: Bool = false, overrides: [String] = [],
    code: RunDescription.Code = .init(), exactness: [String: String] = [:]
  ) {
    self.plan = plan
    self.frozenManifest = frozenManifest
    self.results = results
    self.worker = worker
    self.jobs = jobs
    self.batch = batch
    self.resume = resume
    self.rerun = rerun
    self.shard = shard
    self.failFast = failFast
    self.overrides = overrides
    self.code = code
    self.exactness = exactness
  }

  /// The folder in which the record will stand.
  var place: String {
    let id = plan.manifest.id
    return shard.map { "\(ShardFolder.path(of: id, in: results))/\($0.folder)" }
      ?? "\(results)/\(id)"
  }

  /// The file that keeps other runs away from the record.
  var lock: String {
    let part = shard.map { ".\($0.folder)" } ?? ""
    return "\(WorkFolder.root(of: results))/\(plan.manifest.id)\(part).lock"
  }
}
