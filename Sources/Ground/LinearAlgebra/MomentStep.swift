// One step of an optimiser that divides by moments of the gradient.

import CLinearAlgebra

/// The step of Adam, AdamW or RMSprop over all numbers of a parameter, without an opinion on rates.
///
/// | here | Adam (Kingma and Ba) |
/// |---|---|
/// | `means`, `squares` | m, v |
/// | `meanDecay`, `squareDecay` | β₁, β₂ |
/// | `squareCorrection` | 1 / √(1 − β₂ᵗ) |
/// | `step` | α / (1 − β₁ᵗ) |
public struct MomentStep {
  /// How much of the running mean of gradients stays, from 0 to 1.
  public var meanDecay = 0.0
  /// How much of the running mean of their squares stays, from 0 to 1.
  public var squareDecay: Double
  /// What the root of the running mean of squares is multiplied by.
  public var squareCorrection = 1.0
  /// What the numbers themselves are multiplied by first: below 1 is weight decay.
  public var valueDecay = 1.0
  /// What gradients are multiplied by first: below 1 where they are clipped.
  public var gradientScale = 1.0
  /// How far the numbers go.
  public var step: Double
  /// What is added to the divisor.
  public var epsilon: Double

  /// Sets what has no standard.
  public init(squareDecay: Double, step: Double, epsilon: Double) {
    self.squareDecay = squareDecay
    self.step = step
    self.epsilon = epsilon
  }

  /// Moves against the mean of the gradients: Adam, and AdamW where the values decay.
  ///
  /// - Precondition: All have the same shape and no gaps.
  public func adam(
    _ values: UnsafeMatrixView, gradients: UnsafeMatrixView, means: UnsafeMatrixView,
    squares: UnsafeMatrixView, level: InstructionLevel = .best
  ) {
    requireAlike(values, gradients, level)
    requireAlike(values, means, level)
    requireAlike(values, squares, level)
    fleetlab_adam(level.rawValue, kernel(values, gradients, means.base, squares))
  }

  /// Moves against the gradients themselves: RMSprop.
  ///
  /// - Precondition: All have the same shape and no gaps.
  public func rootMeanSquare(
    _ values: UnsafeMatrixView, gradients: UnsafeMatrixView, squares: UnsafeMatrixView,
    level: InstructionLevel = .best
  ) {
    requireAlike(values, gradients, level)
    requireAlike(values, squares, level)
    fleetlab_root_mean_square_propagation(
      level.rawValue, kernel(values, gradients, nil, squares))
  }

  private func kernel(
    _ values: UnsafeMatrixView, _ gradients: UnsafeMatrixView,
    _ means: UnsafeMutablePointer<Float>?, _ squares: UnsafeMatrixView
  ) -> fleetlab_moment_step {
    fleetlab_moment_step(
      values: values.base, gradients: gradients.base, means: means, squares: squares.base,
      count: values.count, gradient_scale: Float(gradientScale), mean_decay: Float(meanDecay),
      mean_gain: Float(1 - meanDecay), square_decay: Float(squareDecay),
      square_gain: Float(1 - squareDecay), square_correction: Float(squareCorrection),
      value_decay: Float(valueDecay), step: Float(step), epsilon: Float(epsilon))
  }
}
