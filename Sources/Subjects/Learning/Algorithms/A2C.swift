// Advantage actor-critic: several episodes side by side, one step of the optimiser per rollout.

public import LabCore
public import LinearAlgebra

/// A2C, the synchronous form of asynchronous advantage actor-critic, for a few actions.
public typealias A2C<World: Environment> = RolloutLearner<World, AdvantageUpdate>
where World.Action == Int

/// How A2C learns from a rollout.
///
/// Again and again: act for a few steps in several episodes side by side, judge each step by what
/// followed and by what the critic expects behind the last one, and take one step of RMSprop. With
/// log-chances ln π of what was done, advantages A, worth V and targets R, the loss is
///
///     − mean ln π · A + c₁ mean (V − R)² − c₂ mean entropy
///
/// A step that the limit cut off expects what the critic expects behind it; one that terminated
/// expects nothing. It differs from ``PPO`` in that each step is learnt from once, without a ratio.
/// - Determinism: Environment, settings, seed and kernels fix every number.
/// > Reference: Mnih et al., *Asynchronous Methods for Deep Reinforcement Learning*, 2016,
/// > algorithm S3, with episodes that wait for one another; weights begin orthogonal, as in most
/// > implementations.
public struct AdvantageUpdate: RolloutAlgorithm {
  public static let name = "a2c"
  public let networks: DiscreteActorCritic
  private var optimiser: Optimiser
  private let graph: Graph
  private let observations, advantages, targets, loss: Tensor
  private let actions: Choices

  /// Sets out to train networks that are there.
  public init(
    _ networks: DiscreteActorCritic, _ settings: A2CSettings, seed: Seed, _ blas: OpenBLAS
  ) {
    self.networks = networks
    optimiser = Optimiser(
      networks.parameters, .rootMeanSquare(epsilon: 1e-5), rate: settings.learningRate,
      gradientNormLimit: settings.gradientNormLimit)

    let count = settings.stepsOfRollout * settings.episodes
    graph = Graph(blas)
    observations = graph.input(rows: count, columns: networks.observationWidth)
    actions = Choices(count: count)
    advantages = graph.input(rows: count, columns: 1)
    targets = graph.input(rows: count, columns: 1)
    let logProbabilities = networks.actor(observations).logSoftmax
    let gain = (logProbabilities.picked(by: actions) * advantages).mean
    let surprise = (networks.critic(observations) - targets).squared.mean
    let spread = logProbabilities.entropies.mean
    loss =
      Float(settings.valueWeight) * surprise - gain - Float(settings.entropyWeight) * spread
  }

  public mutating func improve(from rollout: borrowing Rollout, left: Double) -> Bool {
    rollout.copy(
      observations: observations, actions: actions, advantages: advantages, targets: targets)
    graph.forward()
    guard loss.number.isFinite else { return false }
    graph.backward(from: loss)
    return optimiser.step()
  }

  public func keep(in checkpoint: inout Checkpoint) { checkpoint.keep("optimiser", optimiser) }

  public mutating func restore(from checkpoint: Checkpoint) throws(LearningError) {
    try checkpoint.restore("optimiser", to: &optimiser)
  }
}

/// Settings of A2C; the standard ones are those of rl-baselines3-zoo for CartPole-v1.
public struct A2CSettings: RolloutSettings {
  /// How many steps it takes in all.
  public var steps = 500_000
  /// How many episodes stand side by side.
  public var episodes = 8
  /// How many steps each of them takes between two improvements.
  public var stepsOfRollout = 5
  /// The step size of RMSprop.
  public var learningRate = 7e-4
  /// How much of a reward is left a step later (γ).
  public var discount = 0.99
  /// How far advantages look beyond the next step (λ); with 1, to the end of the rollout.
  public var advantageDecay = 1.0
  /// The weight of the critic's loss (c₁).
  public var valueWeight = 0.5
  /// The weight of the entropy (c₂).
  public var entropyWeight = 0.0
  /// The longest gradient that counts.
  public var gradientNormLimit = 0.5
  /// The widths of the hidden layers, of both networks.
  public var hidden = [64, 64]

  /// The standard settings.
  public init() {}

  /// Checks every setting.
  ///
  /// - Throws: ``LearningError/badSetting(name:value:expected:)``.
  public func check() throws(LearningError) {
    try LearningError.demandPositive([
      ("the number of steps", steps), ("the number of episodes", episodes),
      ("the steps of a rollout", stepsOfRollout),
    ])
    try LearningError.demandHidden(hidden)
    _ = try LearningError.product("the steps of all episodes", episodes, stepsOfRollout)
    try LearningError.demand(
      [("the discount", discount), ("the decay of advantages", advantageDecay)], "0 to 1"
    ) { $0 >= 0 && $0 <= 1 }
    try LearningError.demand(
      [("the learning rate", learningRate), ("the limit of gradients", gradientNormLimit)],
      "a positive number"
    ) { $0 > 0 && $0 < .infinity }
    try LearningError.demand(
      [("the critic's weight", valueWeight), ("the entropy's weight", entropyWeight)], "0 or more"
    ) { $0 >= 0 && $0 < .infinity }
  }
}
