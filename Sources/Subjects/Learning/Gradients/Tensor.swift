// A matrix that a graph computes, with the gradient that flows back to it.

import LabCore
public import LinearAlgebra

/// A matrix of single-precision numbers in a ``Graph``: an input, or what an operation makes.
///
/// Rows are examples (or tokens of examples), columns are what belongs to one. It owns its memory,
/// which it gets once, when it is recorded; what it holds changes with every
/// ``Graph/forward()``.
public final class Tensor {
  /// How many examples it holds.
  public let rows: Int
  /// How many numbers belong to an example.
  public let columns: Int
  /// Whether something that is trained, or a watched input, lies behind it.
  let needsGradient: Bool
  /// The graph that it is recorded in, which outlives it.
  unowned let graph: Graph
  private let valueMemory: Matrix
  private let gradientMemory: Matrix

  init(_ graph: Graph, rows: Int, columns: Int, needsGradient: Bool) {
    self.graph = graph
    self.rows = rows
    self.columns = columns
    self.needsGradient = needsGradient
    valueMemory = Matrix(rows: rows, columns: columns)
    gradientMemory =
      needsGradient ? Matrix(rows: rows, columns: columns) : Matrix(rows: 0, columns: 0)
  }

  /// What it holds: to be written for an input, to be read for a result.
  ///
  /// Valid as long as the tensor.
  public var values: UnsafeMatrixView { valueMemory.view }

  /// The derivative of the loss by each number, after ``Graph/backward(from:)``.
  ///
  /// - Precondition: A trained parameter or a watched input lies behind it.
  public var gradients: UnsafeMatrixView {
    precondition(needsGradient, "a tensor behind which something is trained or watched")
    return gradientMemory.view
  }

  /// Its numbers row by row, in an array of their own.
  public var elements: [Float] { valueMemory.elements }

  /// The only number.
  ///
  /// - Precondition: It holds exactly one.
  public var number: Float {
    precondition(rows == 1 && columns == 1, "a tensor of one number")
    return valueMemory[0, 0]
  }

  /// Writes all its numbers, row by row.
  ///
  /// - Precondition: There are as many as it holds.
  public func set(_ numbers: [Float]) {
    precondition(numbers.count == rows * columns, "as many numbers as the tensor holds")
    numbers.withUnsafeBufferPointer { source in
      if let first = source.baseAddress { values.base.update(from: first, count: source.count) }
    }
  }
}

extension Tensor {
  /// Takes over the numbers of a tensor of the same shape, in this graph or another.
  ///
  /// - Precondition: The shapes agree.
  func copy(from other: Tensor) {
    precondition(rows == other.rows && columns == other.columns, "two tensors of one shape")
    values.base.update(from: other.values.base, count: values.count)
  }

  /// Writes normal draws everywhere, cut off where they lie further from 0 than the limit.
  func fillNormally(
    deviation: Float = 1, limit: Float = .infinity, _ random: inout RandomStream
  ) {
    for index in 0..<values.count {
      let draw = deviation * Float(random.standardNormal())
      values.base[index] = min(max(draw, -limit), limit)
    }
  }
}
