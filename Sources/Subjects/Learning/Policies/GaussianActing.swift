// A policy that draws from a normal law, as SAC trains it.

import LabCore
import LinearAlgebra

extension MultilayerPerceptron {
  /// Means and logarithms of deviations for what is seen.
  func gaussian(
    _ observations: Tensor, isTrained: Bool
  ) -> (means: Tensor, logDeviations: Tensor) {
    let both = self(observations, isTrained: isTrained)
    let width = both.columns / 2
    // Beyond these bounds a deviation is no use, and its exponential no number.
    return (both.columns(0..<width), both.columns(width..<(2 * width)).clamped(to: -20...2))
  }
}

/// The squashed normal law recorded for one observation.
struct GaussianActing {
  private let graph: Graph
  private let observations, noise: Tensor
  private let middles, draws: Tensor

  init(_ actor: MultilayerPerceptron, _ blas: OpenBLAS) {
    graph = Graph(blas)
    observations = graph.input(rows: 1, columns: actor.layers[0].weights.columns)
    let (means, logDeviations) = actor.gaussian(observations, isTrained: false)
    noise = graph.input(rows: 1, columns: means.columns)
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
