// Operations of policies over a few choices.

import LinearAlgebra

/// result = the logarithms of the softmax of each row.
struct LogSoftmaxOperation: Operation {
  let input: Tensor
  let result: Tensor

  init(_ input: Tensor) {
    self.input = input
    result = input.alike()
  }

  func forward() { RowFunctions.logSoftmax(input.values, into: result.values) }

  func backward() {
    RowFunctions.addLogSoftmaxGradients(
      of: (result.values, result.gradients), to: input.gradients)
  }
}

/// Whole numbers that choose a place in each row, or a row of a table.
public final class Choices {
  /// The choices, one for each row.
  public var indices: [Int32]

  /// Chooses place 0 everywhere.
  public init(count: Int) { indices = Array(repeating: 0, count: count) }
}

/// result = the number of each row at its chosen place.
struct PickOperation: Operation {
  let input: Tensor
  let choices: Choices
  let result: Tensor

  init(_ input: Tensor, _ choices: Choices) {
    precondition(choices.indices.count == input.rows, "a choice for each row")
    self.input = input
    self.choices = choices
    result = input.graph.tensor(rows: input.rows, columns: 1, needsGradient: input.needsGradient)
  }

  func forward() {
    for row in 0..<input.rows {
      result.values.base[row] = input.values.base[place(row)]
    }
  }

  func backward() {
    for row in 0..<input.rows {
      input.gradients.base[place(row)] += result.gradients.base[row]
    }
  }

  private func place(_ row: Int) -> Int {
    let column = Int(choices.indices[row])
    precondition(column >= 0 && column < input.columns, "a choice among the columns")
    return row * input.columns + column
  }
}

/// result = for each choice, a row of a table.
struct LookupOperation: Operation {
  let table: Parameter
  let choices: Choices
  let isTrained: Bool
  let result: Tensor

  init(_ graph: Graph, _ table: Parameter, _ choices: Choices, isTrained: Bool) {
    self.table = table
    self.choices = choices
    self.isTrained = isTrained
    result = graph.tensor(
      rows: choices.indices.count, columns: table.columns, needsGradient: isTrained)
  }

  func forward() {
    let width = table.columns
    for row in 0..<result.rows {
      (result.values.base + row * width)
        .update(from: table.values.base + place(row), count: width)
    }
  }

  func backward() {
    let width = table.columns
    for row in 0..<result.rows {
      let (to, from) = (table.gradients.base + place(row), result.gradients.base + row * width)
      for column in 0..<width { to[column] += from[column] }
    }
  }

  private func place(_ row: Int) -> Int {
    let index = Int(choices.indices[row])
    precondition(index >= 0 && index < table.rows, "a choice among the rows of the table")
    return index * table.columns
  }
}

extension Tensor {
  /// The logarithms of the softmax of each row: of the chances of each choice.
  public var logSoftmax: Tensor { graph.record(LogSoftmaxOperation(self)) }

  /// The number of each row at its chosen place.
  ///
  /// - Precondition: There is a choice for each row; when it runs, each lies among the columns.
  public func picked(by choices: Choices) -> Tensor {
    graph.record(PickOperation(self, choices))
  }
}

extension Graph {
  /// For each choice, a row of a table that is trained: an embedding.
  ///
  /// - Precondition: When it runs, each choice lies among the rows of the table.
  public func lookup(
    _ choices: Choices, in table: Parameter, isTrained: Bool = true
  ) -> Tensor {
    record(LookupOperation(self, table, choices, isTrained: isTrained))
  }
}
