// Twin delayed deterministic policy gradients: DDPG that trusts its critics less.

public import LabCore
public import LinearAlgebra

/// TD3, for actions in a box.
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
public struct TD3<World: Environment>: ~Copyable where World.Action == [Float] {
  /// Gives the action for what is seen.
  public let actor: DeterministicActor
  /// How it learns.
  public let settings: TD3Settings
  /// How many steps it has taken.
  public private(set) var steps = 0
  private let critics: [MultilayerPerceptron]
  private let quick, slow: [Parameter]
  private let box: ActionBox
  private var collector: ExperienceCollector<World>
  private var random: RandomStream
  private let acting: DeterministicActing
  private let minibatch: Minibatch
  private let valuing, judging, improving: Graph
  private let nextNoise, nextValues, targets, criticLoss, observations, actorLoss: Tensor
  private var criticOptimiser, actorOptimiser: Optimiser

  /// Begins to learn in an environment.
  ///
  /// - Throws: ``LearningError/badSetting(name:value:expected:)``, also for an environment whose
  ///   actions are no bounded box.
  public init(
    _ world: World, _ settings: TD3Settings, seed: Seed, _ blas: OpenBLAS
  ) throws(LearningError) {
    try settings.check()
    let box = try ActionBox(world.actionSpace)
    self.settings = settings
    self.box = box
    let (width, count) = (world.observationSpace.width, settings.common.minibatch)
    let hidden = settings.common.hidden
    var start = seed.child("networks").stream()
    func newActor() -> DeterministicActor {
      DeterministicActor(
        observationWidth: width, hidden: hidden, actionWidth: box.width, &start)
    }
    func newCritic() -> MultilayerPerceptron {
      MultilayerPerceptron(
        widths: [width + box.width] + hidden + [1], activation: .rectifier, &start)
    }
    let (slowActor, slowCritics) = (newActor(), [newCritic(), newCritic()])
    (actor, critics) = (newActor(), [newCritic(), newCritic()])
    quick = actor.parameters + critics.flatMap(\.parameters)
    slow = slowActor.parameters + slowCritics.flatMap(\.parameters)
    slow.copy(from: quick)

    valuing = Graph(blas)
    let next = valuing.input(rows: count, columns: width)
    nextNoise = valuing.input(rows: count, columns: box.width)
    let nextActions = (slowActor(next, isTrained: false) + nextNoise).clamped(to: -1...1)
    let nextPair = Tensor.joined(next, nextActions)
    nextValues = Tensor.minimum(
      slowCritics[0](nextPair, isTrained: false), slowCritics[1](nextPair, isTrained: false))

    judging = Graph(blas)
    let seen = judging.input(rows: count, columns: width)
    let done = judging.input(rows: count, columns: box.width)
    targets = judging.input(rows: count, columns: 1)
    let pair = Tensor.joined(seen, done)
    criticLoss =
      (critics[0](pair) - targets).squared.mean + (critics[1](pair) - targets).squared.mean

    improving = Graph(blas)
    observations = improving.input(rows: count, columns: width)
    actorLoss =
      -critics[0](Tensor.joined(observations, actor(observations)), isTrained: false).mean

    minibatch = Minibatch(observations: seen, actions: done, nextObservations: next)
    let rate = settings.common.learningRate
    criticOptimiser = Optimiser(critics.flatMap(\.parameters), .adam(), rate: rate)
    actorOptimiser = Optimiser(actor.parameters, .adam(), rate: rate)
    acting = DeterministicActing(actor, blas)
    collector = ExperienceCollector(
      world, box, capacity: min(settings.common.memory, settings.common.steps), seed: seed)
    random = seed.child("choices").stream()
  }

  /// Takes so many further steps, and learns from remembered ones after each.
  ///
  /// - Returns: The returns of the episodes that ended.
  /// - Throws: ``LearningError/diverged(what:step:)``.
  @discardableResult
  public mutating func train(steps count: Int) throws(LearningError) -> [Double] {
    let common = settings.common
    let end = steps + min(count, common.steps - steps)
    while steps < end {
      collector.take(
        steps < common.randomSteps
          ? box.random(&random)
          : acting.explore(collector.observation, deviation: common.exploration, &random))
      steps += 1
      if steps >= common.randomSteps { try learn() }
    }
    return collector.takeReturns()
  }

  /// Learns from a minibatch of remembered steps.
  private mutating func learn() throws(LearningError) {
    collector.replay.draw(into: minibatch, &random)
    nextNoise.fillNormally(
      deviation: Float(settings.targetNoise), limit: Float(settings.targetNoiseLimit), &random)
    valuing.forward()
    minibatch.writeTargets(
      into: targets, expecting: nextValues, discount: Float(settings.common.discount))
    judging.forward()
    judging.backward(from: criticLoss)
    criticOptimiser.step()
    guard criticLoss.number.isFinite else { throw .diverged(what: "the loss", step: steps) }

    guard criticOptimiser.steps % settings.delay == 0 else { return }
    observations.copy(from: minibatch.observations)
    improving.forward()
    improving.backward(from: actorLoss)
    actorOptimiser.step()
    slow.approach(quick, by: Float(settings.common.followShare))
  }

  /// What the first critic expects of an action that lies between -1 and 1.
  ///
  /// - Precondition: Both have the widths of their spaces.
  public func worth(
    of action: [Float], seeing observation: [Float], _ blas: OpenBLAS
  ) -> Float {
    critics[0].number(for: observation + action, blas)
  }

  /// What the actor earns without noise, in episodes from starts that a seed fixes.
  ///
  /// - Returns: The return of each episode.
  public func greedyReturns(episodes count: Int, seed: Seed, _ blas: OpenBLAS) -> [Double] {
    let acting = DeterministicActing(actor, blas)
    return collector.returns(episodes: count, seed: seed) { acting.best($0) }
  }
}

/// Settings of TD3; the standard ones are those of rl-baselines3-zoo for Pendulum-v1.
public struct TD3Settings: Hashable, Sendable {
  /// What it shares with DDPG.
  public var common = DDPGSettings()
  /// The deviation of the noise on the actions that are expected.
  public var targetNoise = 0.2
  /// Where that noise is cut off, on both sides.
  public var targetNoiseLimit = 0.5
  /// After how many steps of the critics the actor takes one.
  public var delay = 2

  /// The standard settings.
  public init() {}

  /// Checks every setting.
  ///
  /// - Throws: ``LearningError/badSetting(name:value:expected:)``.
  func check() throws(LearningError) {
    try common.check()
    try LearningError.demandPositive([("the actor's delay", delay)])
    try LearningError.demand(
      [("the targets' noise", targetNoise), ("its limit", targetNoiseLimit)], "0 or more"
    ) { $0 >= 0 && $0 < .infinity }
  }
}
