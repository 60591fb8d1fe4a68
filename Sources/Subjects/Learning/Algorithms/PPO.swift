// Proximal policy optimisation: large steps on the own policy, held back by a clipped ratio.

public import LabCore
public import LinearAlgebra

/// PPO with a clipped surrogate, in an environment with a few actions.
public typealias PPO<World: Environment> = RolloutLearner<World, ClippedSurrogate>
where World.Action == Int

/// How PPO learns from a rollout.
///
/// Again and again: act for some steps in several episodes side by side, judge each step by
/// generalised advantage estimation, and improve actor and critic on the same steps for several
/// epochs of minibatches. Of a batch with ratio ρ of new to old chances, advantages A (brought to
/// mean 0 and deviation 1), worth V and targets R, the loss is
///
///     − mean min(ρ A, clip(ρ, 1 − ε, 1 + ε) A) + c₁ mean (V − R)² − c₂ mean entropy
///
/// A step that the limit cut off expects what the critic expects behind it; one that terminated
/// expects nothing.
/// - Determinism: Environment, settings, seed and kernels fix every number.
/// > Reference: Schulman et al., *Proximal Policy Optimization Algorithms*, 2017, algorithm 1.
/// > Departures, which most implementations share: advantages are standardised in each minibatch,
/// > gradients are shortened, weights begin orthogonal, and rate and ε may fade to 0.
public struct ClippedSurrogate: RolloutAlgorithm {
  public static let name = "ppo"
  public let networks: DiscreteActorCritic
  private let settings: PPOSettings
  private var random: RandomStream
  private var optimiser: Optimiser
  private let graph: Graph
  private let observations, chancesBefore, advantages, targets, loss: Tensor
  private let actions: Choices
  private let range = Limits(1...1)

  /// Sets out to train networks that are there.
  public init(
    _ networks: DiscreteActorCritic, _ settings: PPOSettings, seed: Seed, _ blas: OpenBLAS
  ) {
    self.networks = networks
    self.settings = settings
    random = seed.child("order").stream()
    optimiser = Optimiser(
      networks.parameters, .adam(epsilon: 1e-5), rate: settings.learningRate,
      gradientNormLimit: settings.gradientNormLimit)

    let count = settings.minibatch
    graph = Graph(blas)
    observations = graph.input(rows: count, columns: networks.observationWidth)
    actions = Choices(count: count)
    chancesBefore = graph.input(rows: count, columns: 1)
    advantages = graph.input(rows: count, columns: 1)
    targets = graph.input(rows: count, columns: 1)
    let logProbabilities = networks.actor(observations).logSoftmax
    let ratio = (logProbabilities.picked(by: actions) - chancesBefore).exponential
    let gain = Tensor.minimum(ratio * advantages, ratio.clamped(to: range) * advantages)
    let surprise = (networks.critic(observations) - targets).squared
    let fit = Float(settings.valueWeight) * surprise.mean
    let spread = Float(settings.entropyWeight) * logProbabilities.entropies.mean
    loss = fit - gain.mean - spread
  }

  public mutating func improve(from rollout: borrowing Rollout, left: Double) -> Bool {
    let share = settings.fades ? left : 1
    let clipping = settings.clipping * share
    optimiser.rate = settings.learningRate * share
    range.bounds = Float(1 - clipping)...Float(1 + clipping)
    var order = Array(0..<rollout.count)
    for _ in 0..<settings.epochs {
      random.shuffle(&order)
      for first in stride(from: 0, to: order.count, by: settings.minibatch) {
        load(rollout, order[first..<(first + settings.minibatch)])
        graph.forward()
        guard loss.number.isFinite else { return false }
        graph.backward(from: loss)
        guard optimiser.step() else { return false }
      }
    }
    return true
  }

  public func keep(in checkpoint: inout Checkpoint) {
    checkpoint.keep("optimiser", optimiser)
    checkpoint.keep("order", random)
  }

  public mutating func restore(from checkpoint: Checkpoint) throws(LearningError) {
    try checkpoint.restore("optimiser", to: &optimiser)
    random = try checkpoint.random("order")
  }

  /// Takes rows of a rollout, with their advantages brought to mean 0 and deviation 1.
  private func load(_ rollout: borrowing Rollout, _ rows: ArraySlice<Int>) {
    let width = observations.columns
    for (place, row) in rows.enumerated() {
      (observations.values.base + place * width)
        .update(from: rollout.observations.view.base + row * width, count: width)
      actions.indices[place] = rollout.actions[row]
      chancesBefore.values.base[place] = rollout.logProbabilities[row]
      advantages.values.base[place] = rollout.advantages[row]
      targets.values.base[place] = rollout.targets[row]
    }
    standardise(advantages.values)
  }

  /// Subtracts the mean and divides by the deviation (with n − 1), in double precision.
  private func standardise(_ view: UnsafeMatrixView) {
    let count = view.count
    guard count > 1 else { return }
    var (sum, squares) = (0.0, 0.0)
    for index in 0..<count { sum += Double(view.base[index]) }
    let mean = sum / Double(count)
    for index in 0..<count {
      let distance = Double(view.base[index]) - mean
      squares += distance * distance
    }
    let deviation = (squares / Double(count - 1)).squareRoot() + 1e-8
    for index in 0..<count {
      view.base[index] = Float((Double(view.base[index]) - mean) / deviation)
    }
  }
}

/// Settings of PPO; the standard ones are those of rl-baselines3-zoo for CartPole-v1.
public struct PPOSettings: RolloutSettings {
  /// How many steps it takes in all.
  public var steps = 100_000
  /// How many episodes stand side by side.
  public var episodes = 8
  /// How many steps each of them takes between two improvements.
  public var stepsOfRollout = 32
  /// How many steps one gradient comes from; a divisor of those of a rollout.
  public var minibatch = 256
  /// How often each step is learnt from.
  public var epochs = 20
  /// The step size of Adam at the beginning.
  public var learningRate = 1e-3
  /// How far a chance may move before its gain no longer counts (ε), at the beginning.
  public var clipping = 0.2
  /// Whether step size and clipping fade evenly to 0.
  public var fades = true
  /// How much of a reward is left a step later (γ).
  public var discount = 0.98
  /// How far advantages look beyond the next step (λ).
  public var advantageDecay = 0.8
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
      ("the steps of a rollout", stepsOfRollout), ("the minibatch", minibatch),
      ("the number of epochs", epochs),
    ])
    try LearningError.demandHidden(hidden)
    let count = try LearningError.product("the steps of all episodes", episodes, stepsOfRollout)
    guard count % minibatch == 0 else {
      throw .badSetting(
        name: "the minibatch", value: "\(minibatch)",
        expected: "a divisor of the rollout's \(count) steps")
    }
    try LearningError.demand(
      [("the discount", discount), ("the decay of advantages", advantageDecay)], "0 to 1"
    ) { $0 >= 0 && $0 <= 1 }
    try LearningError.demand(
      [
        ("the learning rate", learningRate), ("the clipping", clipping),
        ("the limit of gradients", gradientNormLimit),
      ], "a positive number"
    ) { $0 > 0 && $0 < .infinity }
    try LearningError.demand(
      [("the critic's weight", valueWeight), ("the entropy's weight", entropyWeight)], "0 or more"
    ) { $0 >= 0 && $0 < .infinity }
  }
}
