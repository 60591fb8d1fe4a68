// One-step actor-critic: learn from each step at once, and from nothing else.

public import LabCore
public import LinearAlgebra

/// One-step actor-critic, in an environment with a few actions.
public typealias ActorCritic<World: Environment> = RolloutLearner<World, OneStepUpdate>
where World.Action == Int

/// How one-step actor-critic learns from a rollout, which is a single step.
///
/// After each step, with the surprise δ = r + γ V(s′) − V(s), where V(s′) counts as 0 when the step
/// terminated and stays when the limit cut off:
///
/// - critic: V(s) moves towards r + γ V(s′), by the gradient of δ² / 2 with the target held fixed;
/// - actor: the gradient of δ · ln π(a | s) makes surprising actions likelier.
///
/// Nothing is remembered and nothing is averaged, which is what sets it apart from ``A2C``: one
/// step, one gradient.
/// - Determinism: Environment, settings, seed and kernels fix every number.
/// > Reference: Sutton and Barto, 2018, section 13.5, one-step actor-critic. Departures: both
/// > networks are moved by Adam, at rates that fade to 0, the actor's far slower than the critic's;
/// > the factor γᵗ is left out, as in most implementations; the entropy may count a little.
public struct OneStepUpdate: RolloutAlgorithm {
  public static let name = "actor-critic"
  public let networks: DiscreteActorCritic
  private let settings: ActorCriticSettings
  private let graph: Graph
  private let observations, surprises, targets, loss: Tensor
  private let actions = Choices(count: 1)
  private var actorOptimiser, criticOptimiser: Optimiser

  /// Sets out to train networks that are there.
  public init(
    _ networks: DiscreteActorCritic, _ settings: ActorCriticSettings, seed: Seed, _ blas: OpenBLAS
  ) {
    self.networks = networks
    self.settings = settings
    actorOptimiser = Optimiser(
      networks.actor.parameters, .adam(epsilon: 1e-5), rate: settings.actorRate,
      gradientNormLimit: settings.gradientNormLimit)
    criticOptimiser = Optimiser(
      networks.critic.parameters, .adam(epsilon: 1e-5), rate: settings.criticRate)

    graph = Graph(blas)
    observations = graph.input(rows: 1, columns: networks.observationWidth)
    surprises = graph.input(rows: 1, columns: 1)
    targets = graph.input(rows: 1, columns: 1)
    let logProbabilities = networks.actor(observations).logSoftmax
    let gain = surprises * logProbabilities.picked(by: actions)
    let fit = 0.5 * (networks.critic(observations) - targets).squared
    loss = (fit - gain - Float(settings.entropyWeight) * logProbabilities.entropies).mean
  }

  public mutating func improve(from rollout: borrowing Rollout, left: Double) -> Bool {
    rollout.copy(
      observations: observations, actions: actions, advantages: surprises, targets: targets)
    graph.forward()
    guard loss.number.isFinite else { return false }
    graph.backward(from: loss)
    actorOptimiser.rate = settings.actorRate * left
    criticOptimiser.rate = settings.criticRate * left
    let isActorSound = actorOptimiser.step()
    return criticOptimiser.step() && isActorSound
  }

  public func keep(in checkpoint: inout Checkpoint) {
    checkpoint.keep("actor's optimiser", actorOptimiser)
    checkpoint.keep("critic's optimiser", criticOptimiser)
  }

  public mutating func restore(from checkpoint: Checkpoint) throws(LearningError) {
    try checkpoint.restore("actor's optimiser", to: &actorOptimiser)
    try checkpoint.restore("critic's optimiser", to: &criticOptimiser)
  }
}

/// Settings of one-step actor-critic; the standard ones are for CartPole-v1.
public struct ActorCriticSettings: RolloutSettings {
  /// How many steps it takes in all.
  public var steps = 500_000
  /// The actor's step size at the beginning; it fades evenly to 0.
  public var actorRate = 3e-5
  /// The critic's step size at the beginning; it fades evenly to 0.
  public var criticRate = 1e-3
  /// How much of a reward is left a step later (γ).
  public var discount = 0.99
  /// How much the policy's entropy counts beside what is earned.
  public var entropyWeight = 0.01
  /// The longest gradient that counts.
  public var gradientNormLimit = 0.5
  /// The widths of the hidden layers, of both networks.
  public var hidden = [64, 64]

  /// One episode.
  public var episodes: Int { 1 }
  /// One step.
  public var stepsOfRollout: Int { 1 }
  /// No further than the next step.
  public var advantageDecay: Double { 0 }

  /// The standard settings.
  public init() {}

  /// Checks every setting.
  ///
  /// - Throws: ``LearningError/badSetting(name:value:expected:)``.
  public func check() throws(LearningError) {
    try LearningError.demandPositive([("the number of steps", steps)])
    try LearningError.demandHidden(hidden)
    try LearningError.demand([("the discount", discount)], "0 to 1") { $0 >= 0 && $0 <= 1 }
    try LearningError.demand(
      [
        ("the actor's rate", actorRate), ("the critic's rate", criticRate),
        ("the limit of gradients", gradientNormLimit),
      ],
      "a positive number"
    ) { $0 > 0 && $0 < .infinity }
    try LearningError.demand([("the entropy's weight", entropyWeight)], "0 or more") {
      $0 >= 0 && $0 < .infinity
    }
  }
}
