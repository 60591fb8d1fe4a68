// A learner in an environment, both chosen by name.

public import LabCore
public import Learning
public import LinearAlgebra

/// A learner that takes steps in an environment, and what it has come to.
///
/// - Determinism: Names, options, seed and kernels fix every number.
public final class TrainingRun {
  /// Who learns.
  public let algorithm: LearningAlgorithm
  /// Where.
  public let world: LearningWorld
  /// How many steps it takes in all, or of a table, how many episodes.
  public let budget: Int
  private let learner: any Trainee
  private let blas: OpenBLAS

  /// Begins to learn.
  ///
  /// - Throws: ``TrainingRunError`` for a learner that cannot act there, and
  ///   `LearningError.badSetting`.
  public init(
    _ algorithm: LearningAlgorithm, in world: LearningWorld, _ options: TrainingOptions,
    seed: Seed, _ blas: OpenBLAS
  ) throws {
    self.algorithm = algorithm
    self.world = world
    self.blas = blas
    learner = try world.accept(
      TraineeMaker(algorithm: algorithm, options: options, seed: seed, blas: blas))
    budget = learner.budget
  }

  /// How much of the budget is spent.
  public var spent: Int { learner.spent }
  /// How many steps it has taken in the environment.
  public var steps: Int { learner.steps }
  /// How many gradient steps it has made, or of a table, steps; 0 where they are not counted.
  public var updates: Int { learner.updates }
  /// What the budget counts.
  public var unit: String { learner.unit }
  /// Where its chances began; after ``restore(_:)``, those of the learner that it goes on for.
  public var seed: Seed { learner.seed }
  /// A hash of every bit that it has learnt.
  public var fingerprint: UInt64 { learner.fingerprint }
  /// What it needs to go on as if it had never stopped.
  public var checkpoint: Checkpoint { learner.checkpoint }

  /// Goes on where a checkpoint was made, in the same environment with the same settings.
  ///
  /// - Throws: `LearningError.otherContent`.
  public func restore(_ checkpoint: Checkpoint) throws { try learner.restore(checkpoint) }

  /// Spends at least so much more of the budget, as far as there is any.
  ///
  /// - Returns: The returns of the episodes that ended.
  /// - Throws: `LearningError.diverged`.
  @discardableResult
  public func train(_ count: Int) throws -> [Double] { try learner.train(count) }

  /// What it would do now, without exploring.
  public var policy: Policy { get throws { try Policy(checkpoint, blas) } }
}

/// Why a learner cannot be had.
public enum TrainingRunError: Error, Hashable, CustomStringConvertible {
  /// The learner's actions are not those of the environment.
  case misfit(LearningAlgorithm, LearningWorld, expected: String)

  public var description: String {
    switch self {
    case .misfit(let algorithm, let world, let expected):
      "\(algorithm.rawValue) cannot act in \(world.rawValue); \(expected) was expected; "
        + "choose another of the two"
    }
  }
}

/// Any learner that takes steps by itself.
private protocol Trainee: AnyObject {
  var budget: Int { get }
  var spent: Int { get }
  var steps: Int { get }
  var updates: Int { get }
  var unit: String { get }
  var seed: Seed { get }
  var fingerprint: UInt64 { get }
  var checkpoint: Checkpoint { get }
  func restore(_ checkpoint: Checkpoint) throws(LearningError)
  func train(_ count: Int) throws(LearningError) -> [Double]
}

extension Trainee {
  var updates: Int { 0 }
  var unit: String { "steps" }
}

private final class RolloutTrainee<World: Environment, Algorithm: RolloutAlgorithm>: Trainee
where World.Action == Int, World.State: KeptState {
  private var learner: RolloutLearner<World, Algorithm>

  init(_ learner: consuming RolloutLearner<World, Algorithm>) { self.learner = learner }

  var budget: Int { learner.settings.steps }
  var spent: Int { learner.steps }
  var steps: Int { learner.steps }
  var seed: Seed { learner.seed }
  var fingerprint: UInt64 { learner.fingerprint }
  var checkpoint: Checkpoint { learner.checkpoint }

  func restore(_ checkpoint: Checkpoint) throws(LearningError) { try learner.restore(checkpoint) }

  func train(_ count: Int) throws(LearningError) -> [Double] { try learner.train(steps: count) }
}

private final class MemoryTrainee<World: Environment, Algorithm: MemoryAlgorithm>: Trainee
where World.Action == [Float], World.State: KeptState {
  private var learner: MemoryLearner<World, Algorithm>

  init(_ learner: consuming MemoryLearner<World, Algorithm>) { self.learner = learner }

  var budget: Int { learner.settings.steps }
  var spent: Int { learner.steps }
  var steps: Int { learner.steps }
  var updates: Int { learner.updates }
  var seed: Seed { learner.seed }
  var fingerprint: UInt64 { learner.fingerprint }
  var checkpoint: Checkpoint { learner.checkpoint }

  func restore(_ checkpoint: Checkpoint) throws(LearningError) { try learner.restore(checkpoint) }

  func train(_ count: Int) throws(LearningError) -> [Double] { try learner.train(steps: count) }
}

private final class TableTrainee<Learner: TableLearner>: Trainee {
  private var learner: Learner

  init(_ learner: Learner) { self.learner = learner }

  var budget: Int { learner.settings.episodes }
  var spent: Int { learner.episodesDone }
  var steps: Int { learner.steps }
  var updates: Int { learner.steps }
  var unit: String { "episodes" }
  var seed: Seed { learner.seed }
  var fingerprint: UInt64 { learner.fingerprint }
  var checkpoint: Checkpoint { learner.checkpoint }

  func restore(_ checkpoint: Checkpoint) throws(LearningError) { try learner.restore(checkpoint) }

  func train(_ count: Int) throws(LearningError) -> [Double] { try learner.train(episodes: count) }
}

/// Puts a learner into a world that it can act in.
private struct TraineeMaker: LearningWorld.Visitor {
  let algorithm: LearningAlgorithm
  let options: TrainingOptions
  let seed: Seed
  let blas: OpenBLAS

  func visit<World: Environment>(choosing world: World) throws -> any Trainee
  where World.Action == Int, World.State: KeptState {
    switch algorithm {
    case .qLearning: return TableTrainee(try QLearning(try table(world), options.table, seed: seed))
    case .sarsa: return TableTrainee(try SARSA(try table(world), options.table, seed: seed))
    case .actorCritic:
      return RolloutTrainee(
        try ActorCritic<World>(world, options.actorCritic, seed: seed, blas))
    case .a2c: return RolloutTrainee(try A2C<World>(world, options.a2c, seed: seed, blas))
    case .ppo: return RolloutTrainee(try PPO<World>(world, options.ppo, seed: seed, blas))
    case .ddpg, .td3, .sac, .decisionTransformer:
      throw misfit(world.name, "an algorithm that chooses among a few actions as it goes")
    }
  }

  func visit<World: Environment>(moving world: World) throws -> any Trainee
  where World.Action == [Float], World.State: KeptState {
    switch algorithm {
    case .ddpg: return MemoryTrainee(try DDPG<World>(world, options.ddpg, seed: seed, blas))
    case .td3: return MemoryTrainee(try TD3<World>(world, options.td3, seed: seed, blas))
    case .sac:
      try options.sac.demandStepsToLearnFrom()
      return MemoryTrainee(try SAC<World>(world, options.sac, seed: seed, blas))
    case .qLearning, .sarsa, .actorCritic, .a2c, .ppo, .decisionTransformer:
      throw misfit(world.name, "ddpg, td3 or sac")
    }
  }

  private func table(_ world: some Environment) throws -> TabularEnvironment {
    guard let table = world as? TabularEnvironment else {
      throw misfit(world.name, "an algorithm with a network, or an environment with a table")
    }
    return table
  }

  private func misfit(_ name: String, _ expected: String) -> any Error {
    guard let world = LearningWorld(rawValue: name) else {
      preconditionFailure("only worlds of the catalogue are visited")
    }
    return TrainingRunError.misfit(algorithm, world, expected: expected)
  }
}
