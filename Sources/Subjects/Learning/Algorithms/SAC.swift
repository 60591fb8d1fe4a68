// Soft actor-critic: earn much, and stay as undecided as that allows.

import Glibc
public import LabCore
public import LinearAlgebra

/// SAC with twin critics and a temperature that adjusts itself, for actions in a box.
///
/// After each step it draws a minibatch of remembered ones and takes one step of Adam on each of:
///
/// - critics: mean (Qᵢ(s, a) − y)² with y = r + γ (minᵢ Q̄ᵢ(s′, a′) − α ln π(a′ | s′)), where a′ is
///   drawn anew from the policy and Q̄ are slow copies. A step that terminated has y = r; one that
///   the limit cut off expects as much as ever.
/// - actor: mean α ln π(a | s) − minᵢ Qᵢ(s, a), with a drawn anew; its gradient passes through the
///   action into critics that are not trained by it.
/// - temperature: −ln α · mean (ln π(a | s) + H), which holds the entropy near H.
///
/// - Determinism: Environment, settings, seed and kernels fix every number.
/// > Reference: Haarnoja et al., *Soft Actor-Critic Algorithms and Applications*, 2018, algorithm 1
/// > with section 5's temperature.
public struct SAC<World: Environment>: ~Copyable where World.Action == [Float] {
  /// Gives for what is seen the means of actions before squashing and the logarithms of their
  /// deviations, side by side.
  public let actor: MultilayerPerceptron
  /// How it learns.
  public let settings: SACSettings
  /// How many steps it has taken.
  public private(set) var steps = 0
  private let box: ActionBox
  private var collector: ExperienceCollector<World>
  private var random: RandomStream
  private let acting: SACActing
  private var update: SACUpdate

  /// Begins to learn in an environment.
  ///
  /// - Throws: ``LearningError/badSetting(name:value:expected:)``, also for an environment whose
  ///   actions are no bounded box.
  public init(
    _ world: World, _ settings: SACSettings, seed: Seed, _ blas: OpenBLAS
  ) throws(LearningError) {
    try settings.check()
    let box = try ActionBox(world.actionSpace)
    self.settings = settings
    self.box = box
    let width = world.observationSpace.width
    var start = seed.child("networks").stream()
    actor = MultilayerPerceptron(
      widths: [width] + settings.hidden + [2 * box.width], activation: .rectifier, &start)
    acting = SACActing(actor, rows: 1, blas)
    update = SACUpdate(actor, settings, (width, box.width), &start, blas)
    collector = ExperienceCollector(
      world, box, capacity: min(settings.memory, settings.steps), seed: seed)
    random = seed.child("choices").stream()
  }

  /// How undecided it wants to be: the temperature (α).
  public var temperature: Float { Float(exp(Double(update.logTemperature.elements[0]))) }

  /// What the less hopeful critic expects of an action that lies between -1 and 1.
  ///
  /// - Precondition: Both have the widths of their spaces.
  public func worth(
    of action: [Float], seeing observation: [Float], _ blas: OpenBLAS
  ) -> Float {
    update.worth(of: action, seeing: observation, blas)
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
          ? box.random(&random) : acting.draw(collector.observation, &random))
      steps += 1
      guard steps >= settings.randomSteps else { continue }
      collector.replay.draw(into: update.minibatch, &random)
      guard update.run(settings, &random) else {
        throw .diverged(what: "the loss", step: steps)
      }
    }
    return collector.takeReturns()
  }

  /// What the middle of the policy earns, in episodes from starts that a seed fixes.
  ///
  /// - Returns: The return of each episode.
  public func greedyReturns(
    episodes count: Int, seed: Seed, _ blas: OpenBLAS
  ) -> [Double] {
    let acting = SACActing(actor, rows: 1, blas)
    return collector.returns(episodes: count, seed: seed) { acting.middle($0) }
  }
}

/// Settings of SAC; the standard ones are those of rl-baselines3-zoo for Pendulum-v1.
public struct SACSettings: Hashable, Sendable {
  /// How many steps it takes in all.
  public var steps = 20_000
  /// How many steps it takes at random before it learns.
  public var randomSteps = 100
  /// How many steps it remembers.
  public var memory = 1_000_000
  /// How many steps one gradient comes from.
  public var minibatch = 256
  /// The step size of Adam, of actor, critics and temperature.
  public var learningRate = 1e-3
  /// How much of a reward is left a step later (γ).
  public var discount = 0.99
  /// How far slow copies follow in a step (τ).
  public var followShare = 0.005
  /// The entropy that the temperature aims at (H); nothing for minus the number of dimensions.
  public var entropy: Double?
  /// The widths of the hidden layers, of all networks.
  public var hidden = [256, 256]

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
    try LearningError.demand([("the entropy", entropy ?? 0)], "a finite number") { $0.isFinite }
  }
}
