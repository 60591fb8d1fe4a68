// The networks of soft actor-critic, recorded for acting and for learning.

import LabCore
import LinearAlgebra

/// Means and logarithms of deviations for what is seen.
private func gaussian(
  _ actor: MultilayerPerceptron, _ observations: Tensor, isTrained: Bool
) -> (means: Tensor, logDeviations: Tensor) {
  let both = actor(observations, isTrained: isTrained)
  let width = both.columns / 2
  // Beyond these bounds a deviation is no use, and its exponential no number.
  return (both.columns(0..<width), both.columns(width..<(2 * width)).clamped(to: -20...2))
}

/// The policy for acting.
struct SACActing {
  private let graph: Graph
  private let observations, noise: Tensor
  private let middles, draws: Tensor

  init(_ actor: MultilayerPerceptron, rows: Int, _ blas: OpenBLAS) {
    graph = Graph(blas)
    observations = graph.input(rows: rows, columns: actor.layers[0].weights.columns)
    let (means, logDeviations) = gaussian(actor, observations, isTrained: false)
    noise = graph.input(rows: rows, columns: means.columns)
    middles = means.mapped(.hyperbolicTangent)
    draws =
      SquashedGaussian(means: means, logDeviations: logDeviations, noise: noise).actions
  }

  /// The action in the middle, between -1 and 1.
  func middle(_ observation: [Float]) -> [Float] {
    observations.set(observation)
    graph.forward()
    return middles.elements
  }

  /// An action that is drawn, between -1 and 1.
  func draw(_ observation: [Float], _ random: inout RandomStream) -> [Float] {
    observations.set(observation)
    noise.fillNormally(&random)
    graph.forward()
    return draws.elements
  }
}

/// One step of learning from a minibatch.
struct SACUpdate {
  let minibatch: Minibatch
  let logTemperature = Parameter(rows: 1, columns: 1)
  private let twins: [MultilayerPerceptron]
  private let critics, targets: [Parameter]
  private let valuing, judging, improving: Graph
  private let nextNoise, nextValues: Tensor
  private let criticTargets, criticLoss: Tensor
  private let observations, noise, actorLoss: Tensor
  private var criticOptimiser, actorOptimiser, temperatureOptimiser: Optimiser

  init(
    _ actor: MultilayerPerceptron, _ settings: SACSettings,
    _ widths: (observation: Int, action: Int), _ start: inout RandomStream, _ blas: OpenBLAS
  ) {
    let count = settings.minibatch
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
    let later = gaussian(actor, next, isTrained: false)
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
    let now = gaussian(actor, observations, isTrained: true)
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

  /// What the less hopeful critic expects of an action between -1 and 1.
  func worth(of action: [Float], seeing observation: [Float], _ blas: OpenBLAS) -> Float {
    twins.map { $0.number(for: observation + action, blas) }.min() ?? 0
  }

  /// Learns from the minibatch.
  ///
  /// - Returns: Whether both losses are finite numbers.
  mutating func run(_ settings: SACSettings, _ random: inout RandomStream) -> Bool {
    nextNoise.fillNormally(&random)
    valuing.forward()
    minibatch.writeTargets(
      into: criticTargets, expecting: nextValues, discount: Float(settings.discount))
    judging.forward()
    judging.backward(from: criticLoss)
    criticOptimiser.step()

    observations.copy(from: minibatch.observations)
    noise.fillNormally(&random)
    improving.forward()
    improving.backward(from: actorLoss)
    actorOptimiser.step()
    temperatureOptimiser.step()

    targets.approach(critics, by: Float(settings.followShare))
    return criticLoss.number.isFinite && actorLoss.number.isFinite
  }
}
