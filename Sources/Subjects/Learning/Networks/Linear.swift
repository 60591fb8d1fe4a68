// The layers that networks are made of.

public import LabCore
import LinearAlgebra

/// A layer that multiplies by weights and adds biases.
public struct Linear {
  /// A row for each output.
  public let weights: Parameter
  /// One for each output.
  public let biases: Parameter

  /// Makes a layer.
  ///
  /// - Parameter start: How the weights begin; biases begin at 0, or as the weights do where those
  ///   are drawn evenly by width.
  public init(
    inputs: Int, outputs: Int, start: Initialisation = .uniformByWidth,
    _ random: inout RandomStream
  ) {
    weights = Parameter(rows: outputs, columns: inputs, start, &random)
    biases = Parameter(rows: 1, columns: outputs)
    guard start == .uniformByWidth else { return }
    let bound = 1 / Double(max(inputs, 1)).squareRoot()
    for index in 0..<outputs { biases.values.base[index] = Float(random.uniform(-bound, bound)) }
  }

  /// Makes a layer of zeros, whose numbers are to come from elsewhere.
  init(inputs: Int, outputs: Int) {
    weights = Parameter(rows: outputs, columns: inputs)
    biases = Parameter(rows: 1, columns: outputs)
  }

  /// What is trained.
  public var parameters: [Parameter] { [weights, biases] }

  /// Records the layer for an input.
  ///
  /// - Parameter isTrained: Whether gradients are gathered for the layer; the input gets its own
  ///   either way.
  public func callAsFunction(_ input: Tensor, isTrained: Bool = true) -> Tensor {
    input.graph.record(LinearOperation(input, weights, biases, isTrained: isTrained))
  }
}

/// A layer that brings each row to mean 0 and variance 1 and then scales and shifts it.
public struct LayerNorm {
  /// What the columns are multiplied by; at first 1.
  public let gains: Parameter
  /// What is added to the columns; at first 0.
  public let shifts: Parameter

  /// Makes a layer for rows of a width.
  public init(width: Int) {
    gains = Parameter(rows: 1, columns: width)
    gains.values.fill(1)
    shifts = Parameter(rows: 1, columns: width)
  }

  /// What is trained.
  public var parameters: [Parameter] { [gains, shifts] }

  /// Records the layer for an input.
  public func callAsFunction(_ input: Tensor, isTrained: Bool = true) -> Tensor {
    input.graph.record(
      NormalisationOperation(
        input, gains: gains, shifts: shifts, epsilon: 1e-5, isTrained: isTrained))
  }
}
