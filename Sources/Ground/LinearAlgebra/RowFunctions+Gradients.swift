// Functions of rows with their gradients, for training.

import CLinearAlgebra

extension RowFunctions {
  /// Makes each row its numbers less the logarithm of the sum of their exponentials.
  ///
  /// - Precondition: Both have the same shape and no gaps.
  public static func logSoftmax(
    _ values: UnsafeMatrixView, into results: UnsafeMatrixView, level: InstructionLevel = .best
  ) {
    requireAlike(values, results, level)
    fleetlab_log_softmax(
      level.rawValue, values.base, results.base, values.rows, values.columns)
  }

  /// Adds to the gradients of the values of a logarithmic softmax what those of its results mean.
  ///
  /// - Precondition: All have the same shape and no gaps.
  public static func addLogSoftmaxGradients(
    of results: (values: UnsafeMatrixView, gradients: UnsafeMatrixView),
    to gradients: UnsafeMatrixView, level: InstructionLevel = .best
  ) {
    requireAlike(results.values, results.gradients, level)
    requireAlike(results.values, gradients, level)
    fleetlab_log_softmax_gradient(
      level.rawValue, results.values.base, results.gradients.base, gradients.base, gradients.rows,
      gradients.columns)
  }

  /// Turns the gradients of the results of a softmax with a scale into those of its values.
  ///
  /// - Precondition: Both have the same shape and no gaps.
  public static func softmaxGradients(
    of results: UnsafeMatrixView, inPlace gradients: UnsafeMatrixView, scale: Float,
    level: InstructionLevel = .best
  ) {
    requireAlike(results, gradients, level)
    fleetlab_softmax_gradient(
      level.rawValue, results.base, gradients.base, results.rows, results.columns, scale)
  }

  /// Rows that have been brought to mean 0 and variance 1.
  public struct Standardised {
    /// The rows.
    public let results: UnsafeMatrixView
    /// What each row was multiplied by, one number for a row.
    public let factors: UnsafeMatrixView
    /// What is added to the variance.
    public let epsilon: Float

    /// Names the places.
    ///
    /// - Precondition: There is one factor for each row, and no gaps.
    public init(results: UnsafeMatrixView, factors: UnsafeMatrixView, epsilon: Float) {
      precondition(
        factors.rows == results.rows && factors.columns == 1 && factors.isContiguous,
        "one factor for each row")
      self.results = results
      self.factors = factors
      self.epsilon = epsilon
    }

    fileprivate func kernel(of values: UnsafeMatrixView) -> fleetlab_standardisation {
      fleetlab_standardisation(
        values: values.base, results: results.base, factors: factors.base, rows: values.rows,
        columns: values.columns, epsilon: epsilon)
    }
  }

  /// Brings each row to mean 0 and variance 1.
  ///
  /// - Precondition: Values and results have the same shape and no gaps.
  public static func standardise(
    _ values: UnsafeMatrixView, into standardised: Standardised, level: InstructionLevel = .best
  ) {
    requireAlike(values, standardised.results, level)
    fleetlab_standardise(level.rawValue, standardised.kernel(of: values))
  }

  /// Adds to the gradients of values what those of their standardised rows mean for them.
  ///
  /// - Precondition: All have the same shape and no gaps.
  public static func addStandardisedGradients(
    of standardised: Standardised, _ resultGradients: UnsafeMatrixView,
    to gradients: UnsafeMatrixView, level: InstructionLevel = .best
  ) {
    requireAlike(standardised.results, resultGradients, level)
    requireAlike(resultGradients, gradients, level)
    fleetlab_standardise_gradient(
      level.rawValue, standardised.kernel(of: standardised.results), resultGradients.base,
      gradients.base)
  }

  /// Adds the sum of each column, row after row.
  ///
  /// - Precondition: The sums are one row of the same width; no gap lies between the rows.
  public static func addColumnSums(
    of values: UnsafeMatrixView, to sums: UnsafeMatrixView, level: InstructionLevel = .best
  ) {
    precondition(
      level <= .best && values.isContiguous && sums.rows == 1 && sums.columns == values.columns,
      "rows without gaps, and one row of the same width")
    fleetlab_add_column_sums(
      level.rawValue, values.base, values.rows, values.columns, sums.base)
  }

  /// The sum of the squares of all numbers.
  ///
  /// - Precondition: No gap lies between the rows.
  public static func sumOfSquares(
    _ values: UnsafeMatrixView, level: InstructionLevel = .best
  ) -> Float {
    precondition(level <= .best && values.isContiguous, "rows without gaps")
    return fleetlab_sum_of_squares(level.rawValue, values.base, values.count)
  }

  /// Moves each number by a share of its distance towards an aim.
  ///
  /// - Precondition: Both have the same shape and no gaps.
  public static func approach(
    _ values: UnsafeMatrixView, towards aims: UnsafeMatrixView, by share: Float,
    level: InstructionLevel = .best
  ) {
    requireAlike(values, aims, level)
    fleetlab_approach(level.rawValue, values.base, aims.base, values.count, share)
  }
}
