// The network of almost every algorithm here.

public import LabCore
public import LinearAlgebra

/// Linear layers with an activation between them.
public struct MultilayerPerceptron {
  /// The layers, from the input on.
  public let layers: [Linear]
  /// What stands between two layers.
  public let activation: ElementFunction

  /// How the weights of a network begin.
  public enum Start: Hashable, Sendable {
    /// Evenly, by the width of each layer.
    case uniform
    /// Orthogonal, with gain √2 before activations and a gain of its own for the last layer; biases
    /// 0.
    case orthogonal(lastGain: Float)
  }

  /// Makes a network.
  ///
  /// - Parameter widths: Of the input, of each hidden layer and of the output.
  /// - Precondition: There are two widths at least.
  public init(
    widths: [Int], activation: ElementFunction, start: Start = .uniform,
    _ random: inout RandomStream
  ) {
    precondition(widths.count >= 2, "a width of the input and one of the output")
    self.activation = activation
    layers = (1..<widths.count).map { index in
      let isLast = index == widths.count - 1
      let initialisation: Initialisation =
        switch start {
        case .uniform: .uniformByWidth
        case .orthogonal(let lastGain): .orthogonal(gain: isLast ? lastGain : Float(2).squareRoot())
        }
      return Linear(
        inputs: widths[index - 1], outputs: widths[index], start: initialisation, &random)
    }
  }

  init(layers: [Linear], activation: ElementFunction) {
    self.layers = layers
    self.activation = activation
  }

  /// What is trained, from the input on.
  public var parameters: [Parameter] { layers.flatMap(\.parameters) }

  /// Records the network for an input; the last layer has no activation.
  ///
  /// - Parameter isTrained: Whether gradients are gathered for the network; the input gets its own
  ///   either way.
  public func callAsFunction(_ input: Tensor, isTrained: Bool = true) -> Tensor {
    var state = input
    for (index, layer) in layers.enumerated() {
      if index > 0 { state = state.mapped(activation) }
      state = layer(state, isTrained: isTrained)
    }
    return state
  }

  /// The only output for one input.
  ///
  /// - Precondition: The input has the network's width, and there is one output.
  func number(for input: [Float], _ blas: OpenBLAS) -> Float {
    let graph = Graph(blas)
    let tensor = graph.input(rows: 1, columns: input.count)
    tensor.set(input)
    let output = self(tensor, isTrained: false)
    graph.forward()
    return output.number
  }
}
