// Functions of one number, over all numbers of a matrix, with their gradients.

import CLinearAlgebra

/// A function that networks apply to each of their numbers alone.
///
/// - Determinism: The same bits at both higher ``InstructionLevel``s.
public enum ElementFunction: Hashable, Sendable, CaseIterable {
  /// The hyperbolic tangent; relative error below 4 · 10⁻⁷.
  case hyperbolicTangent
  /// The number or zero, whichever is greater; its slope at zero is 0.
  case rectifier
  /// x · Φ(x) with Φ the standard normal distribution; absolute error below 4 · 10⁻⁷ · |x|.
  case gaussianErrorUnit
  /// e to the power of the number, which counts as -87 below that and as 88 above; relative error
  /// below 2 · 10⁻⁷.
  case exponential
  /// ln(1 + eˣ); relative error below 4 · 10⁻⁷ down to -80.
  case softplus
  /// The number times itself.
  case square

  private var code: CInt {
    switch self {
    case .hyperbolicTangent: CInt(FLEETLAB_TANH.rawValue)
    case .rectifier: CInt(FLEETLAB_RELU.rawValue)
    case .gaussianErrorUnit: CInt(FLEETLAB_GELU.rawValue)
    case .exponential: CInt(FLEETLAB_EXPONENTIAL.rawValue)
    case .softplus: CInt(FLEETLAB_SOFTPLUS.rawValue)
    case .square: CInt(FLEETLAB_SQUARE.rawValue)
    }
  }

  /// Computes the function of each number.
  ///
  /// - Precondition: Both have the same shape and no gaps; they may be the same memory. The level
  ///   is supported.
  public func apply(
    to values: UnsafeMatrixView, into results: UnsafeMatrixView, level: InstructionLevel = .best
  ) {
    requireAlike(values, results, level)
    fleetlab_map(level.rawValue, code, values.base, results.base, values.count)
  }

  /// Adds to the gradients of the values what the gradients of the results mean for them.
  ///
  /// - Precondition: All four have the same shape and no gaps; the results are those of the values.
  public func addGradients(
    of results: (values: UnsafeMatrixView, gradients: UnsafeMatrixView),
    to values: (values: UnsafeMatrixView, gradients: UnsafeMatrixView),
    level: InstructionLevel = .best
  ) {
    requireAlike(values.values, values.gradients, level)
    requireAlike(values.values, results.values, level)
    requireAlike(values.values, results.gradients, level)
    fleetlab_map_gradient(
      level.rawValue,
      fleetlab_map_gradient(
        function: code, values: values.values.base, results: results.values.base,
        result_gradients: results.gradients.base, gradients: values.gradients.base,
        count: values.values.count))
  }
}

/// Holds two matrices to one shape without gaps, and a level to what the processor has.
func requireAlike(
  _ left: UnsafeMatrixView, _ right: UnsafeMatrixView, _ level: InstructionLevel
) {
  precondition(level <= .best, "instructions that this processor has")
  precondition(
    left.isContiguous && right.isContiguous && left.rows == right.rows
      && left.columns == right.columns, "matrices of one shape, without gaps")
}
