// What `run.json` says of rows that came from other runs, and of repetitions that were not needed.

extension RunDescription {
  /// Trials whose rows an earlier record gave.
  public struct TakenOver: Codable, Hashable, Sendable {
    /// The run whose record they stood in.
    public var run: String
    /// How many trials they are.
    public var trials: Int
    /// The commit of that run's code.
    public var commit: String?
    /// SHA-256 over what differed from it.
    public var dirtyDigest: String?
    /// The runs from which that run itself had taken trials over, the last one first.
    public var earlier: [String]

    /// Says that trials of a record are kept.
    public init(_ trials: Int, of run: RunDescription) {
      self.run = run.run
      self.trials = trials
      commit = run.code.commit
      dirtyDigest = run.code.dirtyDigest
      earlier = run.takenOver.map { [$0.run] + $0.earlier } ?? []
    }
  }

  /// One of the parts from which a record was merged.
  public struct MergedShard: Codable, Hashable, Sendable {
    /// Which part it was.
    public var shard: Shard
    /// The run that made it.
    public var run: String
    /// The machine that ran it.
    public var host: Host
    /// What it had taken over from a record of its own.
    public var takenOver: TakenOver?

    /// Says what a part was.
    public init(_ shard: Shard, of run: RunDescription) {
      self.shard = shard
      self.run = run.run
      host = run.host
      takenOver = run.takenOver
    }
  }

  /// The rule by which cells stopped repeating, and how far each of them got.
  public struct Stopping: Codable, Hashable, Sendable {
    /// The metric whose mean was to be known.
    public var metric: String
    /// The half-width of its interval that was small enough, as a share of the mean.
    public var relative: Double
    /// How often the interval covers the truth.
    public var confidence: Double
    /// What became of each cell that ran, by its identity.
    public var cells: [String: Cell]

    /// How far a cell got.
    public struct Cell: Codable, Hashable, Sendable {
      /// How many repetitions of each arm the record has.
      public var repetitions: Int
      /// Whether the precision was reached; otherwise the repetitions were at their end.
      public var isReached: Bool

      /// Describes how far a cell got.
      public init(repetitions: Int, isReached: Bool) {
        self.repetitions = repetitions
        self.isReached = isReached
      }
    }

    /// Describes a rule and its effect.
    public init(metric: String, relative: Double, confidence: Double, cells: [String: Cell]) {
      self.metric = metric
      self.relative = relative
      self.confidence = confidence
      self.cells = cells
    }
  }

  /// How often each arm ran in a cell: what the manifest says, unless the cell stopped earlier.
  public func repetitions(of cell: String) -> Int {
    stopping?.cells[cell]?.repetitions ?? experiment.repetitions
  }
}
