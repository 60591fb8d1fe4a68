// The product with weights, which is where the time goes.

import LinearAlgebra

/// result = input · weightsᵀ + biases.
struct LinearOperation: Operation {
  let input: Tensor
  /// A row for each output.
  let weights: Parameter
  /// One row.
  let biases: Parameter
  /// Whether gradients are gathered for weights and biases.
  let isTrained: Bool
  let result: Tensor

  init(_ input: Tensor, _ weights: Parameter, _ biases: Parameter, isTrained: Bool) {
    precondition(
      weights.columns == input.columns && biases.rows == 1 && biases.columns == weights.rows,
      "weights as wide as the input, and a bias for each output")
    self.input = input
    self.weights = weights
    self.biases = biases
    self.isTrained = isTrained
    result = input.graph.tensor(
      rows: input.rows, columns: weights.rows, needsGradient: isTrained || input.needsGradient)
  }

  func forward() {
    input.graph.blas.product(
      .plain(input.values), .transposed(weights.values), into: result.values)
    RowFunctions.addBias(biases.values, to: result.values)
  }

  func backward() {
    let blas = input.graph.blas
    if isTrained {
      blas.product(
        .transposed(result.gradients), .plain(input.values), into: weights.gradients, keeping: 1)
      RowFunctions.addColumnSums(of: result.gradients, to: biases.gradients)
    }
    if input.needsGradient {
      blas.product(
        .plain(result.gradients), .plain(weights.values), into: input.gradients, keeping: 1)
    }
  }
}
