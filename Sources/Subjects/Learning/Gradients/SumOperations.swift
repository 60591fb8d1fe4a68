// Operations that gather numbers.

import LinearAlgebra

/// result = the sum of each row.
struct RowSumOperation: Operation {
  let input: Tensor
  let result: Tensor

  init(_ input: Tensor) {
    self.input = input
    result = input.graph.tensor(rows: input.rows, columns: 1, needsGradient: input.needsGradient)
  }

  func forward() {
    for row in 0..<input.rows {
      let numbers = input.values.base + row * input.columns
      var sum: Float = 0
      for column in 0..<input.columns { sum += numbers[column] }
      result.values.base[row] = sum
    }
  }

  func backward() {
    for row in 0..<input.rows {
      let gradient = result.gradients.base[row]
      let to = input.gradients.base + row * input.columns
      for column in 0..<input.columns { to[column] += gradient }
    }
  }
}

/// result = scale · the sum of all numbers, each times its weight, summed in double precision.
struct TotalOperation: Operation {
  let input: Tensor
  /// Of the shape of the input; nothing where all weigh 1.
  let weights: Tensor?
  let scale: Float
  let result: Tensor

  init(_ input: Tensor, weights: Tensor?, scale: Float) {
    precondition(
      weights.map { $0.rows == input.rows && $0.columns == input.columns && !$0.needsGradient }
        ?? true, "fixed weights of the shape of what they weigh")
    self.input = input
    self.weights = weights
    self.scale = scale
    result = input.graph.tensor(rows: 1, columns: 1, needsGradient: input.needsGradient)
  }

  func forward() {
    let numbers = input.values.base
    var sum = 0.0
    if let weights = weights?.values.base {
      for index in 0..<input.values.count { sum += Double(numbers[index]) * Double(weights[index]) }
    } else {
      for index in 0..<input.values.count { sum += Double(numbers[index]) }
    }
    result.values.base[0] = Float(sum) * scale
  }

  func backward() {
    let gradient = result.gradients.base[0] * scale
    let to = input.gradients.base
    if let weights = weights?.values.base {
      for index in 0..<input.values.count { to[index] += gradient * weights[index] }
    } else {
      for index in 0..<input.values.count { to[index] += gradient }
    }
  }
}

extension Tensor {
  /// The sum of each row.
  public var rowSums: Tensor { graph.record(RowSumOperation(self)) }

  /// The mean of all numbers.
  public var mean: Tensor {
    graph.record(TotalOperation(self, weights: nil, scale: 1 / Float(rows * columns)))
  }

  /// The sum of all numbers.
  public var sum: Tensor { graph.record(TotalOperation(self, weights: nil, scale: 1)) }

  /// The sum of all numbers, each times a fixed weight: a mean over some, where the weights of
  /// the others are 0.
  ///
  /// - Precondition: The weights have the same shape, and nothing is trained behind them.
  public func sum(weightedBy weights: Tensor) -> Tensor {
    graph.record(TotalOperation(self, weights: weights, scale: 1))
  }
}
