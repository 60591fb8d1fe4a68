// Deep deterministic policy gradients: a critic for every action, and an actor that climbs it.

public import LabCore
public import LinearAlgebra

/// DDPG, in an environment whose actions are a box.
public typealias DDPG<World: Environment> = MemoryLearner<World, DeterministicGradient>
where World.Action == [Float]

/// How DDPG learns from remembered steps.
///
/// It acts with normal noise and, after each step, draws a minibatch of remembered ones and takes
/// one step of Adam on each of:
///
/// - critic: mean (Q(s, a) − y)² with y = r + γ Q̄(s′, μ̄(s′)), where Q̄ and μ̄ are slow copies. A
///   step that terminated has y = r; one that the limit cut off expects as much as ever.
/// - actor: − mean Q(s, μ(s)); its gradient passes through the action into a critic that is not
///   trained by it.
///
/// - Determinism: Environment, settings, seed and kernels fix every number.
/// > Reference: Lillicrap et al., *Continuous Control with Deep Reinforcement Learning*, 2016,
/// > algorithm 1. Departure: the noise is independent from step to step, as in later work.
public struct DeterministicGradient: MemoryAlgorithm {
  public static let name = "ddpg"
  public let minibatch: Minibatch
  private let settings: DDPGSettings
  private let actor: DeterministicActor
  private let critic: MultilayerPerceptron
  private let slow: [Parameter]
  private let acting: DeterministicActing
  private let valuing, judging, improving: Graph
  private let nextValues, targets, criticLoss, observations, actorLoss: Tensor
  private var criticOptimiser, actorOptimiser: Optimiser

  public init(
    _ settings: DDPGSettings, widths: (observation: Int, action: Int), seed: Seed, _ blas: OpenBLAS
  ) {
    self.settings = settings
    let count = settings.minibatch
    var start = seed.child("networks").stream()
    func newActor() -> DeterministicActor {
      DeterministicActor(
        observationWidth: widths.observation, hidden: settings.hidden, actionWidth: widths.action,
        &start)
    }
    func newCritic() -> MultilayerPerceptron {
      MultilayerPerceptron(
        widths: [widths.observation + widths.action] + settings.hidden + [1],
        activation: .rectifier, &start)
    }
    let (slowActor, slowCritic) = (newActor(), newCritic())
    (actor, critic) = (newActor(), newCritic())
    slow = slowActor.parameters + slowCritic.parameters
    slow.copy(from: actor.parameters + critic.parameters)

    valuing = Graph(blas)
    let next = valuing.input(rows: count, columns: widths.observation)
    nextValues = slowCritic(
      Tensor.joined(next, slowActor(next, isTrained: false)), isTrained: false)

    judging = Graph(blas)
    let seen = judging.input(rows: count, columns: widths.observation)
    let done = judging.input(rows: count, columns: widths.action)
    targets = judging.input(rows: count, columns: 1)
    criticLoss = (critic(Tensor.joined(seen, done)) - targets).squared.mean

    improving = Graph(blas)
    observations = improving.input(rows: count, columns: widths.observation)
    actorLoss =
      -critic(Tensor.joined(observations, actor(observations)), isTrained: false).mean

    minibatch = Minibatch(observations: seen, actions: done, nextObservations: next)
    criticOptimiser = Optimiser(critic.parameters, .adam(), rate: settings.learningRate)
    actorOptimiser = Optimiser(actor.parameters, .adam(), rate: settings.learningRate)
    acting = DeterministicActing(actor, blas)
  }

  public mutating func learn(_ random: inout RandomStream) -> Bool {
    valuing.forward()
    minibatch.writeTargets(
      into: targets, expecting: nextValues, discount: Float(settings.discount))
    judging.forward()
    judging.backward(from: criticLoss)
    guard criticOptimiser.step(), criticLoss.number.isFinite else { return false }

    observations.copy(from: minibatch.observations)
    improving.forward()
    improving.backward(from: actorLoss)
    guard actorOptimiser.step(), actorLoss.number.isFinite else { return false }
    slow.approach(actor.parameters + critic.parameters, by: Float(settings.followShare))
    return true
  }

  public var policy: Policy.Network { .squashed(actor.network) }
  public var parameters: [Parameter] { actor.parameters + critic.parameters + slow }

  public func explore(_ seen: [Float], _ random: inout RandomStream) -> [Float] {
    acting.explore(seen, deviation: settings.exploration, &random)
  }

  public func best(_ seen: [Float]) -> [Float] { acting.best(seen) }

  public func worth(
    of action: [Float], seeing observation: [Float], _ blas: OpenBLAS
  ) -> Float {
    critic.number(for: observation + action, blas)
  }

  public func keep(in checkpoint: inout Checkpoint) {
    checkpoint.keep("critic", critic.parameters)
    checkpoint.keep("slow copies", slow)
    checkpoint.keep("critic's optimiser", criticOptimiser)
    checkpoint.keep("actor's optimiser", actorOptimiser)
  }

  public mutating func restore(from checkpoint: Checkpoint) throws(LearningError) {
    try checkpoint.restore("critic", to: critic.parameters)
    try checkpoint.restore("slow copies", to: slow)
    try checkpoint.restore("critic's optimiser", to: &criticOptimiser)
    try checkpoint.restore("actor's optimiser", to: &actorOptimiser)
  }
}

/// Settings of DDPG; the standard ones are those of rl-baselines3-zoo for Pendulum-v1.
public struct DDPGSettings: MemorySettings {
  /// How many steps it takes in all.
  public var steps = 20_000
  /// How many steps it takes at random before it learns.
  public var randomSteps = 10_000
  /// How many steps it remembers.
  public var memory = 200_000
  /// How many steps one gradient comes from.
  public var minibatch = 256
  /// The step size of Adam, of actor and critic.
  public var learningRate = 1e-3
  /// How much of a reward is left a step later (γ).
  public var discount = 0.98
  /// How far slow copies follow in a step (τ).
  public var followShare = 0.005
  /// The deviation of the noise on actions between -1 and 1.
  public var exploration = 0.1
  /// The widths of the hidden layers, of all networks.
  public var hidden = [400, 300]

  /// The standard settings.
  public init() {}

  /// Checks every setting.
  ///
  /// - Throws: ``LearningError/badSetting(name:value:expected:)``.
  public func check() throws(LearningError) {
    try LearningError.demandPositive([
      ("the number of steps", steps), ("the random steps", randomSteps), ("the memory", memory),
      ("the minibatch", minibatch),
    ])
    try LearningError.demandHidden(hidden)
    try demandStepsToLearnFrom()
    try LearningError.demand([("the discount", discount)], "0 to 1") { $0 >= 0 && $0 <= 1 }
    try LearningError.demand([("the share of following", followShare)], "above 0 and at most 1") {
      $0 > 0 && $0 <= 1
    }
    try LearningError.demand([("the learning rate", learningRate)], "a positive number") {
      $0 > 0 && $0 < .infinity
    }
    try LearningError.demand([("the exploration", exploration)], "0 or more") {
      $0 >= 0 && $0 < .infinity
    }
  }
}
