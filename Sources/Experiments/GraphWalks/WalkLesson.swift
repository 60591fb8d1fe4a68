// Walks in a graph, and what a learner makes of them.

import LabCore
import LabManifest
import LabRunner
import Learning
import LinearAlgebra

/// The graph and the walks of one trial, and how they are learnt.
struct WalkLesson {
  /// Where the walks are.
  let graph: ShortestPathGraph
  /// What is shown.
  let walks: [[Int]]
  private let settings: DecisionTransformerSettings
  private let idleness, handicap: Double
  private let seed: Seed

  /// The parameters of the graph, the walks and the network.
  static let parameters =
    [
      ParameterDescription(
        "nodes", .integer(5...200), default: .integer(20), "How many nodes the graph has."),
      ParameterDescription(
        "edge-probability", .number(0...1), default: .number(0.1),
        "The chance of each directed edge."),
      ParameterDescription(
        "walks", .integer(1...100_000), default: .integer(1_000), "How many walks are shown."),
      ParameterDescription(
        "walk-length", .integer(3...1_000), default: .integer(10),
        "After how many steps a walk ends that has not reached the goal."),
    ] + DecisionTransformerSettings.parameters

  /// Reads what a trial asks for, and draws the graph and then the walks from its seed.
  ///
  /// - Throws: `UndescribedSetting`, and `LearningError.badSetting` where no graph is found.
  init(_ trial: Trial) throws {
    var settings = try DecisionTransformerSettings(trial)
    settings.isReturnBlind = trial.arm == "cloning"
    self.settings = settings
    idleness = try trial.number("planted-idleness")
    handicap = try trial.number("handicap")
    seed = trial.seed
    var random = trial.seed.stream()
    for _ in 0..<(try trial.integer("planted-draws")) { _ = random.next() }
    graph = try ShortestPathGraph(
      nodes: trial.integer("nodes"), edgeProbability: trial.number("edge-probability"),
      stepLimit: trial.integer("walk-length"), &random)
    walks = graph.walks(try trial.integer("walks"), &random)
  }

  /// The nodes of all walks, folded into 48 bits.
  var checksum: Int {
    walks.joined().reduce(0) { ($0 * 31 + $1) & 0xffff_ffff_ffff }
  }

  /// The mean number of steps of the shortest ways.
  var shortestLength: Double {
    Double(graph.starts.map(distance).reduce(0, +)) / Double(graph.starts.count)
  }

  /// Learns, and walks from every start.
  ///
  /// - Throws: `LearningError.diverged`.
  func learn() throws -> WalkOutcome {
    let blas = try OpenBLAS.open()
    let trajectories = try graph.trajectories(of: walks)
    var learner = try learner(settings, seed: seed.child("learner"), blas)
    // What is made in vain learns from other chances, and is thrown away.
    var idle = settings
    idle.updates = max(Int(Double(settings.updates) * handicap), 1)
    var vain = try self.learner(idle, seed: seed.child("vain"), blas)
    let watch = ProcessorWatch()
    try learner.train(on: trajectories, updates: settings.updates(without: idleness))
    if handicap > 0 { try vain.train(on: trajectories, updates: idle.updates) }
    var outcome = WalkOutcome(time: watch.elapsed, fingerprint: learner.fingerprint)
    for start in graph.starts {
      // A return-blind network does the same whatever it is told.
      let promises = settings.isReturnBlind ? [1] : Array(1...graph.stepLimit)
      let distance = distance(of: start)
      let lengths = promises.map { graph.steps(from: start, promised: $0, by: learner) }
      let told = settings.isReturnBlind ? lengths[0] : lengths[distance - 1]
      outcome.lengths.append(Double(told ?? graph.stepLimit + 1))
      if told == distance { outcome.solved.insert(start) }
      if lengths.contains(distance) { outcome.tried.insert(start) }
    }
    return outcome
  }

  private func learner(
    _ settings: DecisionTransformerSettings, seed: Seed, _ blas: OpenBLAS
  ) throws -> DecisionTransformer {
    let nodes = graph.neighbours.count
    return try DecisionTransformer(
      observationWidth: nodes, actionCount: nodes, settings, seed: seed, blas)
  }

  private func distance(of start: Int) -> Int { graph.distances[start] ?? 0 }
}

/// What a learner has made of walks.
struct WalkOutcome {
  /// Processor time of learning.
  let time: Duration
  /// Every bit that has been learnt.
  let fingerprint: UInt64
  /// The starts from which it goes a shortest way, told how long that is.
  var solved: Set<Int> = []
  /// The starts from which it goes a shortest way, told one length after the other.
  var tried: Set<Int> = []
  /// For each start, how many steps it takes to the goal, told how many are needed.
  var lengths: [Double] = []

  /// The share of some starts from which it goes a shortest way.
  ///
  /// - Precondition: There are some.
  func solvedShare(of starts: [Int]) -> Double {
    Double(starts.count(where: solved.contains)) / Double(starts.count)
  }

  /// The share of all starts from which it does when one length after the other is tried.
  var triedShare: Double { Double(tried.count) / Double(lengths.count) }

  /// The mean number of steps.
  var meanLength: Double { lengths.reduce(0, +) / Double(lengths.count) }
}
