// Twin delayed deterministic policy gradients: DDPG that trusts its critics less.

public import LabCore
public import LinearAlgebra

/// TD3, in an environment whose actions are a box.
public typealias TD3<World: Environment> = MemoryLearner<World, TwinDelayedGradient>
where World.Action == [Float]

/// How TD3 learns from remembered steps.
///
/// It acts with normal noise and, after each step, draws a minibatch of remembered ones. It differs
/// from ``DDPG`` in three points:
///
/// - two critics learn, and both from the smaller expectation of their slow copies;
/// - what is expected is that of an action near the slow actor's: μ̄(s′) with normal noise that is
///   cut off, so that a narrow peak of a critic is worth nothing;
/// - actor and slow copies move only after every second step of the critics.
///
/// A step that terminated is worth its reward; one that the limit cut off expects as much as ever.
/// - Determinism: Environment, settings, seed and kernels fix every number.
/// > Reference: Fujimoto, van Hoof and Meger, *Addressing Function Approximation Error in
/// > Actor-Critic Methods*, 2018, algorithm 1.
public struct TwinDelayedGradient: MemoryAlgorithm {
  public static let name = "td3"
  public let minibatch: Minibatch
  let actor: DeterministicActor
  private let settings: TD3Settings
  private let critics: [MultilayerPerceptron]
  private let quick, slow: [Parameter]
  private let acting: DeterministicActing
  private let valuing, judging, improving: Graph
  private let nextNoise, nextValues, targets, criticLoss, observations, actorLoss: Tensor
  private var criticOptimiser, actorOptimiser: Optimiser

  public init(
    _ settings: TD3Settings, widths: (observation: Int, action: Int), seed: Seed, _ blas: OpenBLAS
  ) {
    self.settings = settings
    let count = settings.common.minibatch
    let hidden = settings.common.hidden
    var start = seed.child("networks").stream()
    func newActor() -> DeterministicActor {
      DeterministicActor(
        observationWidth: widths.observation, hidden: hidden, actionWidth: widths.action, &start)
    }
    func newCritic() -> MultilayerPerceptron {
      MultilayerPerceptron(
        widths: [widths.observation + widths.action] + hidden + [1], activation: .rectifier,
        &start)
    }
    let (slowActor, slowCritics) = (newActor(), [newCritic(), newCritic()])
    (actor, critics) = (newActor(), [newCritic(), newCritic()])
    quick = actor.parameters + critics.flatMap(\.parameters)
    slow = slowActor.parameters + slowCritics.flatMap(\.parameters)
    slow.copy(from: quick)

    valuing = Graph(blas)
    let next = valuing.input(rows: count, columns: widths.observation)
    nextNoise = valuing.input(rows: count, columns: widths.action)
    let nextActions = (slowActor(next, isTrained: false) + nextNoise).clamped(to: -1...1)
    let nextPair = Tensor.joined(next, nextActions)
    nextValues = Tensor.minimum(
      slowCritics[0](nextPair, isTrained: false), slowCritics[1](nextPair, isTrained: false))

    judging = Graph(blas)
    let seen = judging.input(rows: count, columns: widths.observation)
    let done = judging.input(rows: count, columns: widths.action)
    targets = judging.input(rows: count, columns: 1)
    let pair = Tensor.joined(seen, done)
    criticLoss =
      (critics[0](pair) - targets).squared.mean + (critics[1](pair) - targets).squared.mean

    improving = Graph(blas)
    observations = improving.input(rows: count, columns: widths.observation)
    actorLoss =
      -critics[0](Tensor.joined(observations, actor(observations)), isTrained: false).mean

    minibatch = Minibatch(observations: seen, actions: done, nextObservations: next)
    let rate = settings.common.learningRate
    criticOptimiser = Optimiser(critics.flatMap(\.parameters), .adam(), rate: rate)
    actorOptimiser = Optimiser(actor.parameters, .adam(), rate: rate)
    acting = DeterministicActing(actor, blas)
  }

  public mutating func learn(_ random: inout RandomStream) -> Bool {
    nextNoise.fillNormally(
      deviation: Float(settings.targetNoise), limit: Float(settings.targetNoiseLimit), &random)
    valuing.forward()
    minibatch.writeTargets(
      into: targets, expecting: nextValues, discount: Float(settings.common.discount))
    judging.forward()
    judging.backward(from: criticLoss)
    guard criticOptimiser.step(), criticLoss.number.isFinite else { return false }

    guard criticOptimiser.steps % settings.delay == 0 else { return true }
    observations.copy(from: minibatch.observations)
    improving.forward()
    improving.backward(from: actorLoss)
    guard actorOptimiser.step(), actorLoss.number.isFinite else { return false }
    slow.approach(quick, by: Float(settings.common.followShare))
    return true
  }

  public var policy: Policy.Network { .squashed(actor.network) }
  public var parameters: [Parameter] { quick + slow }

  public func explore(_ seen: [Float], _ random: inout RandomStream) -> [Float] {
    acting.explore(seen, deviation: settings.common.exploration, &random)
  }

  public func best(_ seen: [Float]) -> [Float] { acting.best(seen) }

  public func worth(
    of action: [Float], seeing observation: [Float], _ blas: OpenBLAS
  ) -> Float {
    critics[0].number(for: observation + action, blas)
  }

  public func keep(in checkpoint: inout Checkpoint) {
    checkpoint.keep("critics", critics.flatMap(\.parameters))
    checkpoint.keep("slow copies", slow)
    checkpoint.keep("critics' optimiser", criticOptimiser)
    checkpoint.keep("actor's optimiser", actorOptimiser)
  }

  public mutating func restore(from checkpoint: Checkpoint) throws(LearningError) {
    try checkpoint.restore("critics", to: critics.flatMap(\.parameters))
    try checkpoint.restore("slow copies", to: slow)
    try checkpoint.restore("critics' optimiser", to: &criticOptimiser)
    try checkpoint.restore("actor's optimiser", to: &actorOptimiser)
  }
}

/// Settings of TD3; the standard ones are those of rl-baselines3-zoo for Pendulum-v1.
public struct TD3Settings: MemorySettings {
  /// What it shares with DDPG.
  public var common = DDPGSettings()
  /// The deviation of the noise on the actions that are expected.
  public var targetNoise = 0.2
  /// Where that noise is cut off, on both sides.
  public var targetNoiseLimit = 0.5
  /// After how many steps of the critics the actor takes one.
  public var delay = 2

  /// How many steps it takes in all.
  public var steps: Int { common.steps }
  /// How many steps it takes at random before it learns.
  public var randomSteps: Int { common.randomSteps }
  /// How many steps it remembers.
  public var memory: Int { common.memory }

  /// The standard settings.
  public init() {}

  /// Checks every setting.
  ///
  /// - Throws: ``LearningError/badSetting(name:value:expected:)``.
  public func check() throws(LearningError) {
    try common.check()
    try LearningError.demandPositive([("the actor's delay", delay)])
    try LearningError.demand(
      [("the targets' noise", targetNoise), ("its limit", targetNoiseLimit)], "0 or more"
    ) { $0 >= 0 && $0 < .infinity }
  }
}
