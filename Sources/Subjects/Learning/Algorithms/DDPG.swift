// Deep deterministic policy gradients: a critic for every action, and an actor that climbs it.

public import LabCore
public import LinearAlgebra

/// DDPG, for actions in a box.
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
public struct DDPG<World: Environment>: ~Copyable where World.Action == [Float] {
  /// Gives the action for what is seen.
  public let actor: DeterministicActor
  /// How it learns.
  public let settings: DDPGSettings
  /// How many steps it has taken.
  public private(set) var steps = 0
  private let critic: MultilayerPerceptron
  private let slow: [Parameter]
  private let box: ActionBox
  private var collector: ExperienceCollector<World>
  private var random: RandomStream
  private let acting: DeterministicActing
  private let minibatch: Minibatch
  private let valuing, judging, improving: Graph
  private let nextValues, targets, criticLoss, observations, actorLoss: Tensor
  private var criticOptimiser, actorOptimiser: Optimiser

  /// Begins to learn in an environment.
  ///
  /// - Throws: ``LearningError/badSetting(name:value:expected:)``, also for an environment whose
  ///   actions are no bounded box.
  public init(
    _ world: World, _ settings: DDPGSettings, seed: Seed, _ blas: OpenBLAS
  ) throws(LearningError) {
    try settings.check()
    let box = try ActionBox(world.actionSpace)
    self.settings = settings
    self.box = box
    let (width, count) = (world.observationSpace.width, settings.minibatch)
    var start = seed.child("networks").stream()
    func newActor() -> DeterministicActor {
      DeterministicActor(
        observationWidth: width, hidden: settings.hidden, actionWidth: box.width, &start)
    }
    func newCritic() -> MultilayerPerceptron {
      MultilayerPerceptron(
        widths: [width + box.width] + settings.hidden + [1], activation: .rectifier, &start)
    }
    let (slowActor, slowCritic) = (newActor(), newCritic())
    (actor, critic) = (newActor(), newCritic())
    slow = slowActor.parameters + slowCritic.parameters
    slow.copy(from: actor.parameters + critic.parameters)

    valuing = Graph(blas)
    let next = valuing.input(rows: count, columns: width)
    nextValues = slowCritic(
      Tensor.joined(next, slowActor(next, isTrained: false)), isTrained: false)

    judging = Graph(blas)
    let seen = judging.input(rows: count, columns: width)
    let done = judging.input(rows: count, columns: box.width)
    targets = judging.input(rows: count, columns: 1)
    criticLoss = (critic(Tensor.joined(seen, done)) - targets).squared.mean

    improving = Graph(blas)
    observations = improving.input(rows: count, columns: width)
    actorLoss =
      -critic(Tensor.joined(observations, actor(observations)), isTrained: false).mean

    minibatch = Minibatch(observations: seen, actions: done, nextObservations: next)
    criticOptimiser = Optimiser(critic.parameters, .adam(), rate: settings.learningRate)
    actorOptimiser = Optimiser(actor.parameters, .adam(), rate: settings.learningRate)
    acting = DeterministicActing(actor, blas)
    collector = ExperienceCollector(
      world, box, capacity: min(settings.memory, settings.steps), seed: seed)
    random = seed.child("choices").stream()
  }

  /// Takes so many further steps, and learns from remembered ones after each.
  ///
  /// - Returns: The returns of the episodes that ended.
  /// - Throws: ``LearningError/diverged(what:step:)``.
  @discardableResult
  public mutating func train(steps count: Int) throws(LearningError) -> [Double] {
    let end = steps + min(count, settings.steps - steps)
    while steps < end {
      collector.take(
        steps < settings.randomSteps
          ? box.random(&random)
          : acting.explore(collector.observation, deviation: settings.exploration, &random))
      steps += 1
      if steps >= settings.randomSteps { try learn() }
    }
    return collector.takeReturns()
  }

  /// Learns from a minibatch of remembered steps.
  private mutating func learn() throws(LearningError) {
    collector.replay.draw(into: minibatch, &random)
    valuing.forward()
    minibatch.writeTargets(
      into: targets, expecting: nextValues, discount: Float(settings.discount))
    judging.forward()
    judging.backward(from: criticLoss)
    criticOptimiser.step()

    observations.copy(from: minibatch.observations)
    improving.forward()
    improving.backward(from: actorLoss)
    actorOptimiser.step()
    slow.approach(actor.parameters + critic.parameters, by: Float(settings.followShare))
    guard criticLoss.number.isFinite, actorLoss.number.isFinite else {
      throw .diverged(what: "the loss", step: steps)
    }
  }

  /// What the critic expects of an action that lies between -1 and 1.
  ///
  /// - Precondition: Both have the widths of their spaces.
  public func worth(
    of action: [Float], seeing observation: [Float], _ blas: OpenBLAS
  ) -> Float {
    critic.number(for: observation + action, blas)
  }

  /// What the actor earns without noise, in episodes from starts that a seed fixes.
  ///
  /// - Returns: The return of each episode.
  public func greedyReturns(episodes count: Int, seed: Seed, _ blas: OpenBLAS) -> [Double] {
    let acting = DeterministicActing(actor, blas)
    return collector.returns(episodes: count, seed: seed) { acting.best($0) }
  }
}

/// Settings of DDPG; the standard ones are those of rl-baselines3-zoo for Pendulum-v1.
public struct DDPGSettings: Hashable, Sendable {
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
  func check() throws(LearningError) {
    try LearningError.demandPositive([
      ("the number of steps", steps), ("the random steps", randomSteps), ("the memory", memory),
      ("the minibatch", minibatch), ("a hidden width", hidden.min() ?? 1),
    ])
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
