// Operations that only move numbers.

import LinearAlgebra

/// result = rows of several tensors side by side.
struct JoinOperation: Operation {
  let parts: [Tensor]
  let result: Tensor

  init(_ parts: [Tensor]) {
    precondition(
      !parts.isEmpty && parts.allSatisfy { $0.rows == parts[0].rows }, "parts with as many rows")
    self.parts = parts
    result = parts[0].graph.tensor(
      rows: parts[0].rows, columns: parts.reduce(0) { $0 + $1.columns },
      needsGradient: parts.contains(where: \.needsGradient))
  }

  func forward() {
    var first = 0
    for part in parts {
      for row in 0..<part.rows {
        (result.values.base + row * result.columns + first)
          .update(from: part.values.base + row * part.columns, count: part.columns)
      }
      first += part.columns
    }
  }

  func backward() {
    var first = 0
    for part in parts {
      if part.needsGradient {
        for row in 0..<part.rows {
          let from = result.gradients.base + row * result.columns + first
          let to = part.gradients.base + row * part.columns
          for column in 0..<part.columns { to[column] += from[column] }
        }
      }
      first += part.columns
    }
  }
}

/// result = some columns of a tensor.
struct ColumnsOperation: Operation {
  let input: Tensor
  let range: Range<Int>
  let result: Tensor

  init(_ input: Tensor, _ range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= input.columns, "columns that exist")
    self.input = input
    self.range = range
    result = input.graph.tensor(
      rows: input.rows, columns: range.count, needsGradient: input.needsGradient)
  }

  func forward() {
    for row in 0..<input.rows {
      (result.values.base + row * range.count)
        .update(
          from: input.values.base + row * input.columns + range.lowerBound, count: range.count)
    }
  }

  func backward() {
    for row in 0..<input.rows {
      let to = input.gradients.base + row * input.columns + range.lowerBound
      let from = result.gradients.base + row * range.count
      for column in 0..<range.count { to[column] += from[column] }
    }
  }
}

/// result = the first rows of all parts in turn, then the second rows of all, and so on.
struct InterleaveOperation: Operation {
  let parts: [Tensor]
  let result: Tensor

  init(_ parts: [Tensor]) {
    precondition(
      !parts.isEmpty
        && parts.allSatisfy { $0.rows == parts[0].rows && $0.columns == parts[0].columns },
      "parts of one shape")
    self.parts = parts
    result = parts[0].graph.tensor(
      rows: parts[0].rows * parts.count, columns: parts[0].columns,
      needsGradient: parts.contains(where: \.needsGradient))
  }

  func forward() {
    let width = result.columns
    for (offset, part) in parts.enumerated() {
      for row in 0..<part.rows {
        (result.values.base + (row * parts.count + offset) * width)
          .update(from: part.values.base + row * width, count: width)
      }
    }
  }

  func backward() {
    let width = result.columns
    for (offset, part) in parts.enumerated() where part.needsGradient {
      for row in 0..<part.rows {
        let from = result.gradients.base + (row * parts.count + offset) * width
        let to = part.gradients.base + row * width
        for column in 0..<width { to[column] += from[column] }
      }
    }
  }
}

/// result = every n-th row of a tensor.
struct EveryRowOperation: Operation {
  let input: Tensor
  let first, step: Int
  let result: Tensor

  init(_ input: Tensor, first: Int, step: Int) {
    precondition(first >= 0 && step > first && input.rows % step == 0, "rows in whole groups")
    self.input = input
    self.first = first
    self.step = step
    result = input.graph.tensor(
      rows: input.rows / step, columns: input.columns, needsGradient: input.needsGradient)
  }

  func forward() {
    let width = input.columns
    for row in 0..<result.rows {
      (result.values.base + row * width)
        .update(from: input.values.base + (row * step + first) * width, count: width)
    }
  }

  func backward() {
    let width = input.columns
    for row in 0..<result.rows {
      let to = input.gradients.base + (row * step + first) * width
      let from = result.gradients.base + row * width
      for column in 0..<width { to[column] += from[column] }
    }
  }
}

/// result = the row of a parameter, repeated.
struct RepeatOperation: Operation {
  let row: Parameter
  let isTrained: Bool
  let result: Tensor

  init(_ graph: Graph, _ row: Parameter, rows: Int, isTrained: Bool) {
    precondition(row.rows == 1, "one row to repeat")
    self.row = row
    self.isTrained = isTrained
    result = graph.tensor(rows: rows, columns: row.columns, needsGradient: isTrained)
  }

  func forward() {
    for index in 0..<result.rows {
      (result.values.base + index * row.columns).update(from: row.values.base, count: row.columns)
    }
  }

  func backward() { RowFunctions.addColumnSums(of: result.gradients, to: row.gradients) }
}

/// result = input, through which no gradient passes.
struct DetachOperation: Operation {
  let input: Tensor
  let result: Tensor

  init(_ input: Tensor) {
    self.input = input
    result = input.graph.tensor(rows: input.rows, columns: input.columns, needsGradient: false)
  }

  func forward() { result.values.base.update(from: input.values.base, count: input.values.count) }

  func backward() {}
}

extension Tensor {
  /// Rows of several tensors side by side.
  ///
  /// - Precondition: All have as many rows.
  public static func joined(_ parts: Tensor...) -> Tensor {
    parts[0].graph.record(JoinOperation(parts))
  }

  /// The rows of several tensors in turn: the first of each, then the second of each.
  ///
  /// - Precondition: All have one shape.
  public static func interleaved(_ parts: Tensor...) -> Tensor {
    parts[0].graph.record(InterleaveOperation(parts))
  }

  /// Some of its columns.
  ///
  /// - Precondition: They exist.
  public func columns(_ range: Range<Int>) -> Tensor {
    graph.record(ColumnsOperation(self, range))
  }

  /// One row of each group of rows.
  ///
  /// - Precondition: The rows are whole groups, and `first` lies in one.
  public func everyRow(from first: Int, step: Int) -> Tensor {
    graph.record(EveryRowOperation(self, first: first, step: step))
  }

  /// The same numbers, through which no gradient passes.
  public var detached: Tensor { graph.record(DetachOperation(self)) }
}

extension Graph {
  /// The row of a parameter, once for each example.
  ///
  /// - Precondition: The parameter has one row.
  public func repeated(_ row: Parameter, rows: Int, isTrained: Bool = true) -> Tensor {
    record(RepeatOperation(self, row, rows: rows, isTrained: isTrained))
  }
}
