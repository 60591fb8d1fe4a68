// What `run.json` holds.

public import LabManifest

/// Where the rows of a record come from: the question, the code, the machine and the time.
///
/// Its JSON has the same keys in snake case, sorted.
public struct RunDescription: Codable, Hashable, Sendable {
  /// The version of the record's form.
  public var format = Self.currentFormat
  /// The run's name, unique in its results folder.
  public var run: String
  /// What ran.
  public var experiment: Experiment
  /// The question, with the digest of its resolved text.
  public var manifest: PinnedFile
  /// The files that the experiment read.
  public var data: [PinnedFile]
  /// For how long a run it was asked.
  @ByName public var size: RunSize
  /// The root of all random streams.
  public var seed: UInt64
  /// The code that ran.
  public var code: Code
  /// The machine that it ran on.
  public var host: Host
  /// What must agree before exact values of two runs are compared: the architecture, the level of
  /// the processor's features, the toolchain, the C library, and what the caller adds.
  public var exactness: [String: String]
  /// When the run began, in UTC as RFC 3339 writes it; of a resumed run the first beginning.
  public var start: String
  /// When it ended, in the same form.
  public var end: String
  /// How many trials ended with each status.
  public var trials: [String: Int]
  /// The programs from outside that ran as arms, as they named themselves; `nil` when none did, as
  /// in every record that is older than such programs.
  public var subjects: [Subject]?
  /// SHA-256 of each table, by file name.
  public var files: [String: String] = [:]
  /// The version of the program that wrote the record; `nil` in records of before 0.1.
  public var program: String? = ProgramVersion.current
  /// What an earlier record gave; `nil` when every trial ran.
  public var takenOver: TakenOver?
  /// The part of the plan that ran; `nil` for all of it.
  public var shard: Shard?
  /// The parts from which the record was merged; `nil` for a record of one run.
  public var merged: [MergedShard]?
  /// When cells stopped repeating; `nil` when all ran equally often.
  public var stopping: Stopping?

  /// The version of the form that this code reads and writes.
  public static let currentFormat = 1

  /// Describes a run; the digests of its tables are filled in when the record is written.
  public init(
    run: String, experiment: Experiment, manifest: PinnedFile, data: [PinnedFile], size: RunSize,
    seed: UInt64, code: Code, host: Host, exactness: [String: String], start: String, end: String,
    trials: [String: Int], subjects: [Subject]? = nil
  ) {
    self.run = run
    self.experiment = experiment
    self.manifest = manifest
    self.data = data
    self.size = size
    self.seed = seed
    self.code = code
    self.host = host
    self.exactness = exactness
    self.start = start
    self.end = end
    self.trials = trials
    self.subjects = subjects
  }

  /// A program from outside that ran as an arm.
  public struct Subject: Codable, Hashable, Sendable {
    /// What the manifest calls it.
    public var arm: String
    /// What the program calls itself.
    public var name: String
    /// The version that it says it has.
    public var version: String
    /// SHA-256 over the words of the command, each ended by a zero byte.
    public var commandDigest: String

    /// Describes a program.
    public init(arm: String, name: String, version: String, commandDigest: String) {
      self.arm = arm
      self.name = name
      self.version = version
      self.commandDigest = commandDigest
    }

    /// Each of several programs once, by arm, name and version; `nil` when there is none.
    public static func listed(_ subjects: some Sequence<Subject>) -> [Subject]? {
      let distinct = Set(subjects)
      return distinct.isEmpty
        ? nil
        : distinct.sorted { ($0.arm, $0.name, $0.version) < ($1.arm, $1.name, $1.version) }
    }
  }

  /// A file pinned by its content.
  public struct PinnedFile: Codable, Hashable, Sendable {
    /// The path as the manifest or the command line gives it.
    public var path: String
    /// SHA-256 in hexadecimal; of a manifest, over its resolved canonical text.
    public var digest: String

    /// Describes a file.
    public init(path: String, digest: String) {
      self.path = path
      self.digest = digest
    }
  }
}

extension RunDescription {
  /// The experiment as it was when it ran.
  public struct Experiment: Codable, Hashable, Sendable {
    /// The manifest's id.
    public var id: String
    /// The manifest's title.
    public var title: String
    /// The experiment's name in the program.
    public var name: String
    /// The version of the experiment.
    public var version: Int
    /// How often each arm ran in each cell.
    public var repetitions: Int
    /// The arms that ran.
    public var arms: [String]
    /// The metrics that were kept.
    public var metrics: [Metric]

    /// Describes what a manifest runs.
    public init(_ manifest: LabManifest.Manifest) {
      id = manifest.id
      title = manifest.title
      name = manifest.experiment.name
      version = manifest.experiment.version
      repetitions = manifest.repetitions
      arms = manifest.arms
      metrics = manifest.measures.map(Metric.init)
    }
  }

  /// A metric as it was when it was measured.
  public struct Metric: Codable, Hashable, Sendable {
    /// What the column `metric` says.
    public var name: String
    /// How its values are compared between runs.
    @ByName public var `class`: MetricClass
    /// What its values count; `1` for plain numbers.
    public var unit: String
    /// Which way is better.
    @ByName public var direction: MetricDirection
    /// How it was obtained.
    public var summary: String

    /// Describes a metric.
    public init(_ metric: MetricDescription) {
      name = metric.name
      self.class = metric.metricClass
      unit = metric.unit
      direction = metric.direction
      summary = metric.summary
    }

    /// The metric as the laboratory speaks of it.
    public var description: MetricDescription {
      MetricDescription(name, self.class, unit: unit, direction, summary)
    }
  }

  /// The code that ran.
  public struct Code: Codable, Hashable, Sendable {
    /// The commit of the checkout; `nil` outside one.
    public var commit: String?
    /// SHA-256 over what differs from the commit, results apart; `nil` when nothing differs.
    public var dirtyDigest: String?
    /// The compiler as it names itself; `nil` when it is not installed.
    public var toolchain: String?
    /// The packages with their versions, sorted by name.
    public var packages: [Package]

    /// Describes code.
    public init(
      commit: String? = nil, dirtyDigest: String? = nil, toolchain: String? = nil,
      packages: [Package] = []
    ) {
      self.commit = commit
      self.dirtyDigest = dirtyDigest
      self.toolchain = toolchain
      self.packages = packages
    }
  }

  /// A package that the program is built with.
  public struct Package: Codable, Hashable, Sendable {
    /// The identity that the package manager gives it.
    public var name: String
    /// The version, or the revision where there is none.
    public var version: String

    /// Describes a package.
    public init(name: String, version: String) {
      self.name = name
      self.version = version
    }
  }

  /// The machine.
  public struct Host: Codable, Hashable, Sendable {
    /// The name of the processor.
    public var cpuModel: String
    /// How many processors are on line.
    public var cores: Int
    /// How much memory there is, in bytes.
    public var memoryBytes: Int
    /// The kernel's name and release.
    public var kernel: String
    /// The load average over one minute before the first trial.
    public var loadBefore: Double
    /// The load average over one minute after the last trial.
    public var loadAfter: Double

    /// Describes a machine.
    public init(
      cpuModel: String, cores: Int, memoryBytes: Int, kernel: String, loadBefore: Double,
      loadAfter: Double
    ) {
      self.cpuModel = cpuModel
      self.cores = cores
      self.memoryBytes = memoryBytes
      self.kernel = kernel
      self.loadBefore = loadBefore
      self.loadAfter = loadAfter
    }
  }
}
