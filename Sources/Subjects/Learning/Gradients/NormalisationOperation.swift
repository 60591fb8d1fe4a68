// Layer norm.

import LinearAlgebra

/// result = (input - mean) / √(variance + ε) · gains + shifts, row by row.
///
/// > Reference: Ba, Kiros and Hinton, *Layer Normalization*, 2016, equation 4.
struct NormalisationOperation: Operation {
  let input: Tensor
  let gains, shifts: Parameter
  let isTrained: Bool
  let epsilon: Float
  let result: Tensor
  /// The rows before gain and shift, and what each was multiplied by.
  private let standard, factors: Tensor
  /// The gradients of the rows before gain and shift.
  private let scratch: Tensor

  init(
    _ input: Tensor, gains: Parameter, shifts: Parameter, epsilon: Float, isTrained: Bool
  ) {
    precondition(
      gains.rows == 1 && shifts.rows == 1 && gains.columns == input.columns
        && shifts.columns == input.columns, "a gain and a shift for each column")
    self.input = input
    self.gains = gains
    self.shifts = shifts
    self.isTrained = isTrained
    self.epsilon = epsilon
    let graph = input.graph
    result = graph.tensor(
      rows: input.rows, columns: input.columns, needsGradient: isTrained || input.needsGradient)
    standard = graph.tensor(rows: input.rows, columns: input.columns, needsGradient: false)
    scratch = graph.tensor(rows: input.rows, columns: input.columns, needsGradient: false)
    factors = graph.tensor(rows: input.rows, columns: 1, needsGradient: false)
  }

  private var standardised: RowFunctions.Standardised {
    .init(results: standard.values, factors: factors.values, epsilon: epsilon)
  }

  func forward() {
    RowFunctions.standardise(input.values, into: standardised)
    let width = input.columns
    let (gain, shift) = (gains.values.base, shifts.values.base)
    for row in 0..<input.rows {
      let (from, to) = (standard.values.base + row * width, result.values.base + row * width)
      for column in 0..<width { to[column] = from[column] * gain[column] + shift[column] }
    }
  }

  func backward() {
    let width = input.columns
    let gain = gains.values.base
    if isTrained {
      RowFunctions.addColumnSums(of: result.gradients, to: shifts.gradients)
      let to = gains.gradients.base
      for row in 0..<input.rows {
        let given = result.gradients.base + row * width
        let from = standard.values.base + row * width
        for column in 0..<width { to[column] += given[column] * from[column] }
      }
    }
    guard input.needsGradient else { return }
    for row in 0..<input.rows {
      let given = result.gradients.base + row * width
      let to = scratch.values.base + row * width
      for column in 0..<width { to[column] = given[column] * gain[column] }
    }
    RowFunctions.addStandardisedGradients(of: standardised, scratch.values, to: input.gradients)
  }
}
