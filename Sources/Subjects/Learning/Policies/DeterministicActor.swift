// A policy that always does the same, as DDPG and TD3 train it.

public import LabCore
import LinearAlgebra

/// A network whose output, squashed by tanh, is the action between -1 and 1.
public struct DeterministicActor {
  /// The network before squashing.
  public let network: MultilayerPerceptron

  /// Makes a network with ReLU between its layers.
  public init(
    observationWidth: Int, hidden: [Int], actionWidth: Int, _ random: inout RandomStream
  ) {
    network = MultilayerPerceptron(
      widths: [observationWidth] + hidden + [actionWidth], activation: .rectifier, &random)
  }

  /// What is trained.
  public var parameters: [Parameter] { network.parameters }

  /// Records the actor for what is seen.
  public func callAsFunction(_ observations: Tensor, isTrained: Bool = true) -> Tensor {
    network(observations, isTrained: isTrained).mapped(.hyperbolicTangent)
  }
}

/// The actor recorded for one observation.
struct DeterministicActing {
  private let graph: Graph
  private let observation, action: Tensor

  init(_ actor: DeterministicActor, _ blas: OpenBLAS) {
    graph = Graph(blas)
    observation = graph.input(rows: 1, columns: actor.network.layers[0].weights.columns)
    action = actor(observation, isTrained: false)
  }

  /// The action, between -1 and 1.
  func best(_ seen: [Float]) -> [Float] {
    observation.set(seen)
    graph.forward()
    return action.elements
  }

  /// The action with normal noise, cut off at -1 and 1.
  func explore(_ seen: [Float], deviation: Double, _ random: inout RandomStream) -> [Float] {
    best(seen).map { min(max($0 + Float(deviation * random.standardNormal()), -1), 1) }
  }
}
