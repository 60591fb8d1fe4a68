// What a transformer does to each row between two products.

import CLinearAlgebra

/// Functions of rows, in place, in single precision.
///
/// Each row is computed alone, in an order that does not depend on the other rows.
/// - Determinism: The same bits at both higher ``InstructionLevel``s.
public enum RowFunctions {
  /// Adds a bias to each row.
  ///
  /// - Precondition: The bias is one row of the same width; no gap lies between the rows.
  public static func addBias(
    _ bias: UnsafeMatrixView, to values: UnsafeMatrixView, level: InstructionLevel = .best
  ) {
    check(level, values, row: bias)
    fleetlab_add_bias(level.rawValue, values.base, bias.base, values.rows, values.columns)
  }

  /// Adds a bias to each row and applies x · Φ(x), with Φ the standard normal distribution.
  ///
  /// The error function has an absolute error below 4 · 10⁻⁷.
  /// - Precondition: The bias is one row of the same width; no gap lies between the rows.
  /// > Reference: Hendrycks and Gimpel, *Gaussian Error Linear Units*, 2016, section 2.
  public static func addBiasAndApplyGELU(
    _ bias: UnsafeMatrixView, to values: UnsafeMatrixView, level: InstructionLevel = .best
  ) {
    check(level, values, row: bias)
    fleetlab_add_bias_gelu(level.rawValue, values.base, bias.base, values.rows, values.columns)
  }

  /// Makes each row the exponentials of its numbers times the scale, divided by their sum.
  ///
  /// The exponential has a relative error below 2 · 10⁻⁷; what lies more than 87 below the row's
  /// maximum counts as 87 below.
  public static func softmax(
    _ values: UnsafeMatrixView, scale: Float, level: InstructionLevel = .best
  ) {
    precondition(level <= .best, "instructions that this processor has")
    fleetlab_softmax(
      level.rawValue, values.base, values.rows, values.columns, values.stride, scale)
  }

  /// The scale and the shift that a layer norm ends with, one of each for a column.
  public struct Normalisation {
    /// What a normalised number is multiplied by.
    public let gain: UnsafeMatrixView
    /// What is added then.
    public let shift: UnsafeMatrixView
    /// What is added to the variance.
    public let epsilon: Float

    /// Names the three.
    public init(gain: UnsafeMatrixView, shift: UnsafeMatrixView, epsilon: Float) {
      self.gain = gain
      self.shift = shift
      self.epsilon = epsilon
    }
  }

  /// Adds a bias and the residual to each row, then normalises it to mean 0 and variance 1 and
  /// applies gain and shift.
  ///
  /// - Precondition: Bias, gain and shift are one row of the same width each, and the residual has
  ///   the shape of the values; no gap lies between rows.
  /// > Reference: Ba, Kiros and Hinton, *Layer Normalization*, 2016, equation 4.
  public static func normalise(
    _ values: UnsafeMatrixView, adding bias: UnsafeMatrixView, and residual: UnsafeMatrixView,
    by norm: Normalisation, level: InstructionLevel = .best
  ) {
    check(level, values, row: bias)
    check(level, values, row: norm.gain)
    check(level, values, row: norm.shift)
    precondition(
      residual.isContiguous && residual.rows == values.rows && residual.columns == values.columns,
      "a residual of the shape of the values")
    fleetlab_layer_norm(
      level.rawValue,
      fleetlab_layer_norm(
        values: values.base, bias: bias.base, residual: residual.base, gain: norm.gain.base,
        shift: norm.shift.base, rows: values.rows, columns: values.columns, epsilon: norm.epsilon))
  }

  /// The mean of each column.
  ///
  /// - Precondition: There is a row, the result is one row of the same width, and no gap lies
  ///   between the rows.
  public static func columnMeans(
    of values: UnsafeMatrixView, into means: UnsafeMatrixView, level: InstructionLevel = .best
  ) {
    check(level, values, row: means)
    precondition(values.rows > 0, "a row to take the mean of")
    fleetlab_column_means(
      level.rawValue, values.base, values.rows, values.columns, means.base)
  }

  private static func check(
    _ level: InstructionLevel, _ values: UnsafeMatrixView, row: UnsafeMatrixView
  ) {
    precondition(level <= .best, "instructions that this processor has")
    precondition(
      values.isContiguous && row.rows == 1 && row.columns == values.columns,
      "rows without gaps, and one row of the same width")
  }
}
