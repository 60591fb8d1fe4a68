// Soft actor-critic: earn much, and stay as undecided as that allows.

import Glibc
public import LabCore
public import LinearAlgebra

/// SAC, in an environment whose actions are a box.
public typealias SAC<World: Environment> = MemoryLearner<World, SoftActorCritic>
where World.Action == [Float]

/// How SAC learns from remembered steps, with twin critics and a temperature that adjusts itself.
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
public struct SoftActorCritic: MemoryAlgorithm {
  public static let name = "sac"
  public let minibatch: Minibatch
  let actor: MultilayerPerceptron
  private let settings: SACSettings
  private let acting: GaussianActing
  private let logTemperature = Parameter(rows: 1, columns: 1)
  private let twins: [MultilayerPerceptron]
  private let critics, targets: [Parameter]
  private let valuing, judging, improving: Graph
  private let nextNoise, nextValues: Tensor
  private let criticTargets, criticLoss: Tensor
  private let observations, noise, actorLoss: Tensor
  private var criticOptimiser, actorOptimiser, temperatureOptimiser: Optimiser

  public init(
    _ settings: SACSettings, widths: (observation: Int, action: Int), seed: Seed, _ blas: OpenBLAS
  ) {
    self.settings = settings
    let count = settings.minibatch
    var start = seed.child("networks").stream()
    actor = MultilayerPerceptron(
      widths: [widths.observation] + settings.hidden + [2 * widths.action],
      activation: .rectifier, &start)
    acting = GaussianActing(actor, blas)
    func critic() -> MultilayerPerceptron {
      MultilayerPerceptron(
        widths: [widths.observation + widths.action] + settings.hidden + [1],
        activation: .rectifier, &start)
    }
    let (first, second, firstTarget, secondTarget) = (critic(), critic(), critic(), critic())
    twins = [first, second]
    critics = first.parameters + second.parameters
    targets = firstTarget.parameters + secondTarget.parameters
    targets.copy(from: critics)

    // What is expected after each step, from the slow copies and an action drawn anew.
    valuing = Graph(blas)
    let next = valuing.input(rows: count, columns: widths.observation)
    nextNoise = valuing.input(rows: count, columns: widths.action)
    let later = actor.gaussian(next, isTrained: false)
    let nextPolicy = SquashedGaussian(
      means: later.means, logDeviations: later.logDeviations, noise: nextNoise)
    let nextPair = Tensor.joined(next, nextPolicy.actions)
    let nextTemperature =
      valuing.repeated(logTemperature, rows: count, isTrained: false).exponential
    nextValues =
      Tensor.minimum(
        firstTarget(nextPair, isTrained: false), secondTarget(nextPair, isTrained: false))
      - nextTemperature * nextPolicy.logProbabilities

    // How far the critics are from that.
    judging = Graph(blas)
    let seen = judging.input(rows: count, columns: widths.observation)
    let done = judging.input(rows: count, columns: widths.action)
    criticTargets = judging.input(rows: count, columns: 1)
    let pair = Tensor.joined(seen, done)
    criticLoss =
      0.5
      * ((first(pair) - criticTargets).squared.mean + (second(pair) - criticTargets).squared.mean)

    // What the actor would rather do, and how undecided it should be.
    improving = Graph(blas)
    observations = improving.input(rows: count, columns: widths.observation)
    noise = improving.input(rows: count, columns: widths.action)
    let now = actor.gaussian(observations, isTrained: true)
    let policy = SquashedGaussian(
      means: now.means, logDeviations: now.logDeviations, noise: noise)
    let chosen = Tensor.joined(observations, policy.actions)
    let worth = Tensor.minimum(first(chosen, isTrained: false), second(chosen, isTrained: false))
    let temperature =
      improving.repeated(logTemperature, rows: count, isTrained: false).exponential
    let entropy = Float(settings.entropy ?? -Double(widths.action))
    let lack = policy.logProbabilities.detached + entropy
    let logarithms = improving.repeated(logTemperature, rows: count)
    actorLoss =
      (temperature * policy.logProbabilities - worth).mean - (logarithms * lack).mean

    minibatch = Minibatch(observations: seen, actions: done, nextObservations: next)
    criticOptimiser = Optimiser(critics, .adam(), rate: settings.learningRate)
    actorOptimiser = Optimiser(actor.parameters, .adam(), rate: settings.learningRate)
    temperatureOptimiser = Optimiser([logTemperature], .adam(), rate: settings.learningRate)
  }

  public mutating func learn(_ random: inout RandomStream) -> Bool {
    nextNoise.fillNormally(&random)
    valuing.forward()
    minibatch.writeTargets(
      into: criticTargets, expecting: nextValues, discount: Float(settings.discount))
    judging.forward()
    judging.backward(from: criticLoss)
    guard criticOptimiser.step(), criticLoss.number.isFinite else { return false }

    observations.copy(from: minibatch.observations)
    noise.fillNormally(&random)
    improving.forward()
    improving.backward(from: actorLoss)
    let isActorSound = actorOptimiser.step() && actorLoss.number.isFinite
    guard temperatureOptimiser.step(), isActorSound else { return false }

    targets.approach(critics, by: Float(settings.followShare))
    return true
  }

  /// How undecided it wants to be: the temperature (α).
  var temperature: Float { Float(exp(Double(logTemperature.elements[0]))) }

  public var policy: Policy.Network { .gaussian(actor) }
  public var parameters: [Parameter] { actor.parameters + critics + targets + [logTemperature] }

  public func explore(_ seen: [Float], _ random: inout RandomStream) -> [Float] {
    acting.draw(seen, &random)
  }

  public func best(_ seen: [Float]) -> [Float] { acting.middle(seen) }

  public func worth(
    of action: [Float], seeing observation: [Float], _ blas: OpenBLAS
  ) -> Float {
    min(
      twins[0].number(for: observation + action, blas),
      twins[1].number(for: observation + action, blas))
  }

  public func keep(in checkpoint: inout Checkpoint) {
    checkpoint.keep("critics", critics)
    checkpoint.keep("slow copies", targets)
    checkpoint.keep("temperature", [logTemperature])
    checkpoint.keep("critics' optimiser", criticOptimiser)
    checkpoint.keep("actor's optimiser", actorOptimiser)
    checkpoint.keep("temperature's optimiser", temperatureOptimiser)
  }

  public mutating func restore(from checkpoint: Checkpoint) throws(LearningError) {
    try checkpoint.restore("critics", to: critics)
    try checkpoint.restore("slow copies", to: targets)
    try checkpoint.restore("temperature", to: [logTemperature])
    try checkpoint.restore("critics' optimiser", to: &criticOptimiser)
    try checkpoint.restore("actor's optimiser", to: &actorOptimiser)
    try checkpoint.restore("temperature's optimiser", to: &temperatureOptimiser)
  }
}

extension MemoryLearner where Algorithm == SoftActorCritic {
  /// Gives for what is seen the means of actions before squashing and the logarithms of their
  /// deviations, side by side.
  public var actor: MultilayerPerceptron { algorithm.actor }

  /// How undecided it wants to be: the temperature (α).
  public var temperature: Float { algorithm.temperature }
}

/// Settings of SAC; the standard ones are those of rl-baselines3-zoo for Pendulum-v1.
public struct SACSettings: MemorySettings {
  /// How many steps it takes in all.
  public var steps = 20_000
  /// How many steps it takes at random before it learns; with no more steps than these it learns
  /// nothing, which ``MemorySettings/demandStepsToLearnFrom()`` refuses.
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
  public func check() throws(LearningError) {
    try LearningError.demandPositive([
      ("the number of steps", steps), ("the random steps", randomSteps), ("the memory", memory),
      ("the minibatch", minibatch),
    ])
    try LearningError.demandHidden(hidden)
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
