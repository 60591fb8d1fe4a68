// Advantage actor-critic: several episodes side by side, one step of the optimiser per rollout.

public import LabCore
public import LinearAlgebra

/// A2C, the synchronous form of asynchronous advantage actor-critic, for a few actions.
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
public struct A2C<World: Environment>: ~Copyable where World.Action == Int {
  /// The two networks.
  public let networks: DiscreteActorCritic
  /// How it learns.
  public let settings: A2CSettings
  /// How many steps it has taken, in all episodes together.
  public private(set) var steps = 0
  private var collector: RolloutCollector<World>
  private var optimiser: Optimiser
  private let graph: Graph
  private let observations: Tensor
  private let actions: Choices
  private let advantages: Tensor
  private let targets: Tensor
  private let loss: Tensor

  /// Begins to learn in copies of an environment.
  ///
  /// - Throws: ``LearningError/badSetting(name:value:expected:)``.
  public init(
    _ world: World, _ settings: A2CSettings, seed: Seed, _ blas: OpenBLAS
  ) throws(LearningError) {
    try settings.check()
    self.settings = settings
    var start = seed.child("networks").stream()
    let width = world.observationSpace.width
    networks = DiscreteActorCritic(
      observationWidth: width, actionCount: world.actionSpace.width, hidden: settings.hidden,
      &start)
    collector = RolloutCollector(
      world, networks, shape: (settings.stepsOfRollout, settings.episodes), seed: seed, blas)
    optimiser = Optimiser(
      networks.parameters, .rootMeanSquare(epsilon: 1e-5), rate: settings.learningRate,
      gradientNormLimit: settings.gradientNormLimit)

    let count = settings.stepsOfRollout * settings.episodes
    graph = Graph(blas)
    observations = graph.input(rows: count, columns: width)
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

  /// Takes at least so many further steps, in whole rollouts, and learns from them.
  ///
  /// - Returns: The returns of the episodes that ended.
  /// - Throws: ``LearningError/diverged(what:step:)``.
  @discardableResult
  public mutating func train(steps count: Int) throws(LearningError) -> [Double] {
    let end = steps + min(count, settings.steps - steps)
    while steps < end {
      collector.collect(discount: settings.discount, decay: settings.advantageDecay)
      steps += observations.rows
      load()
      graph.forward()
      guard loss.number.isFinite else { throw .diverged(what: "the loss", step: steps) }
      graph.backward(from: loss)
      optimiser.step()
    }
    return collector.takeReturns()
  }

  /// Takes over the whole rollout.
  private func load() {
    let count = observations.rows
    observations.values.base.update(
      from: collector.rollout.observations.view.base, count: count * observations.columns)
    for row in 0..<count {
      actions.indices[row] = collector.rollout.actions[row]
      advantages.values.base[row] = collector.rollout.advantages[row]
      targets.values.base[row] = collector.rollout.targets[row]
    }
  }
}

/// Settings of A2C; the standard ones are those of rl-baselines3-zoo for CartPole-v1.
public struct A2CSettings: Hashable, Sendable {
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
  func check() throws(LearningError) {
    try LearningError.demandPositive([
      ("the number of steps", steps), ("the number of episodes", episodes),
      ("the steps of a rollout", stepsOfRollout), ("a hidden width", hidden.min() ?? 1),
    ])
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
