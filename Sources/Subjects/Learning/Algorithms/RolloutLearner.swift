// The loop that learners on their own policy share: act for a rollout, then learn from it.

public import LabCore
public import LinearAlgebra

/// An algorithm that learns from rollouts of its own policy over a few actions.
///
/// It knows no environment; ``RolloutLearner`` acts for it in one, and ``FleetLearner`` hands it
/// what a fleet's agents lived through.
public protocol RolloutAlgorithm {
  /// What may be set of it.
  associatedtype Settings: RolloutSettings
  /// The name in checkpoints and on the command line.
  static var name: String { get }
  /// The actor, which acts, and the critic, which judges.
  var networks: DiscreteActorCritic { get }
  /// Makes what learns for networks that have just begun.
  ///
  /// - Precondition: The settings hold.
  init(_ networks: DiscreteActorCritic, _ settings: Settings, seed: Seed, _ blas: OpenBLAS)
  /// Learns from a rollout that has been judged.
  ///
  /// - Parameters:
  ///   - rollout: Of the shape that the settings say.
  ///   - left: Which share of the settings' steps was still to come when it began.
  /// - Returns: Whether every loss and the length of every gradient was a finite number.
  mutating func improve(from rollout: borrowing Rollout, left: Double) -> Bool
  /// Keeps everything that improving changes, but for the networks.
  func keep(in checkpoint: inout Checkpoint)
  /// Takes up what was kept.
  ///
  /// - Throws: ``LearningError/otherContent(part:found:expected:)``.
  mutating func restore(from checkpoint: Checkpoint) throws(LearningError)
}

/// What the loop wants to know of an algorithm's settings.
public protocol RolloutSettings: Hashable, Sendable {
  /// How many steps it takes in all.
  var steps: Int { get }
  /// How many episodes stand side by side.
  var episodes: Int { get }
  /// How many steps each of them takes between two improvements.
  var stepsOfRollout: Int { get }
  /// How much of a reward is left a step later (γ).
  var discount: Double { get }
  /// How far advantages look beyond the next step (λ).
  var advantageDecay: Double { get }
  /// The widths of the hidden layers, of both networks.
  var hidden: [Int] { get }
  /// Checks every setting.
  ///
  /// - Throws: ``LearningError/badSetting(name:value:expected:)``.
  func check() throws(LearningError)
}

/// A learner on its own policy: ``PPO``, ``A2C`` or ``ActorCritic``.
///
/// - Determinism: Environment, settings, seed and kernels fix every number.
public struct RolloutLearner<World: Environment, Algorithm: RolloutAlgorithm>: ~Copyable
where World.Action == Int {
  /// How it learns.
  public let settings: Algorithm.Settings
  /// How many steps it has taken, in all episodes together.
  public private(set) var steps = 0
  /// Where its chances began; of one that goes on from a checkpoint, where those of the other did.
  public private(set) var seed: Seed
  private var algorithm: Algorithm
  private var collector: RolloutCollector<World>
  private let world: String

  /// Begins to learn in copies of an environment.
  ///
  /// - Throws: ``LearningError/badSetting(name:value:expected:)``.
  public init(
    _ world: World, _ settings: Algorithm.Settings, seed: Seed, _ blas: OpenBLAS
  ) throws(LearningError) {
    try settings.check()
    self.settings = settings
    self.seed = seed
    self.world = world.identity
    var start = seed.child("networks").stream()
    let networks = DiscreteActorCritic(
      observationWidth: world.observationSpace.width, actionCount: world.actionSpace.width,
      hidden: settings.hidden, &start)
    algorithm = Algorithm(networks, settings, seed: seed, blas)
    collector = RolloutCollector(
      world, networks, shape: (settings.stepsOfRollout, settings.episodes), seed: seed, blas)
  }

  /// The two networks.
  public var networks: DiscreteActorCritic { algorithm.networks }

  /// A hash of every bit that it has learnt: two runs that agree in it learnt the same.
  public var fingerprint: UInt64 { networks.parameters.fingerprint }

  /// Takes at least so many further steps, in whole rollouts, and learns from them.
  ///
  /// - Returns: The returns of the episodes that ended.
  /// - Throws: ``LearningError/diverged(what:step:seed:)``.
  @discardableResult
  public mutating func train(steps count: Int) throws(LearningError) -> [Double] {
    let end = steps + min(count, settings.steps - steps)
    while steps < end {
      let left = 1 - Double(steps) / Double(settings.steps)
      do throws(StrayNumber) {
        try collector.collect(discount: settings.discount, decay: settings.advantageDecay)
      } catch {
        throw .diverged(what: error.what, step: steps + error.step, seed: seed.value)
      }
      steps += collector.rollout.count
      guard algorithm.improve(from: collector.rollout, left: left) else {
        throw .diverged(what: "the loss or its gradient", step: steps, seed: seed.value)
      }
    }
    return collector.takeReturns()
  }
}

extension RolloutLearner where World.State: KeptState {
  /// What it needs to go on as if it had never stopped.
  public var checkpoint: Checkpoint {
    var checkpoint = Checkpoint(algorithm: Algorithm.name)
    checkpoint.keepIdentity(world: world, settings: settings, seed: seed)
    checkpoint.keep("counts", words: [UInt64(steps)])
    checkpoint.keepPolicy(.chances(networks.actor))
    checkpoint.keep("critic", networks.critic.parameters)
    algorithm.keep(in: &checkpoint)
    collector.keep(in: &checkpoint)
    return checkpoint
  }

  /// Goes on where a checkpoint was made, in the same environment with the same settings.
  ///
  /// - Throws: ``LearningError/otherContent(part:found:expected:)``; when environment or settings
  ///   are others, nothing is changed.
  public mutating func restore(_ checkpoint: Checkpoint) throws(LearningError) {
    try checkpoint.demandIdentity(Algorithm.name, world: world, settings: settings)
    seed = try checkpoint.seed()
    steps = try checkpoint.count("counts")
    try checkpoint.restore("policy", to: networks.actor.parameters)
    try checkpoint.restore("critic", to: networks.critic.parameters)
    try algorithm.restore(from: checkpoint)
    try collector.restore(from: checkpoint)
  }
}
