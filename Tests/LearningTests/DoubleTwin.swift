// The plain twin of a graph: the same operations in double precision, forwards only.
import Glibc
import LinearAlgebra

@testable import Learning

/// Computes a graph anew in double precision, from its inputs and parameters, by the definitions of
/// its operations; differences of what it gives are the gradients that others are held to.
final class DoubleTwin {
  private let graph: Graph
  private var numbers: [ObjectIdentifier: [Double]] = [:]

  init(_ graph: Graph) { self.graph = graph }

  /// The only number of a tensor, where one number of a leaf is moved.
  func number(
    of tensor: Tensor, moving leaf: AnyObject? = nil, at index: Int = 0, by step: Double = 0
  ) throws -> Double {
    numbers = [:]
    if let leaf { numbers[ObjectIdentifier(leaf)] = moved(leaf, index, step) }
    for operation in graph.operations {
      numbers[ObjectIdentifier(operation.result)] = try result(of: operation)
    }
    return values(of: tensor)[0]
  }

  private func moved(_ leaf: AnyObject, _ index: Int, _ step: Double) -> [Double] {
    var plain =
      (leaf as? Tensor)?.elements.map(Double.init) ?? (leaf as? Parameter)?.elements.map(
        Double.init)
      ?? []
    plain[index] += step
    return plain
  }

  private func values(of tensor: Tensor) -> [Double] {
    numbers[ObjectIdentifier(tensor)] ?? tensor.elements.map(Double.init)
  }

  private func values(of parameter: Parameter) -> [Double] {
    numbers[ObjectIdentifier(parameter)] ?? parameter.elements.map(Double.init)
  }

  private func rows(of tensor: Tensor) -> [[Double]] {
    let all = values(of: tensor)
    return (0..<tensor.rows).map {
      Array(all[($0 * tensor.columns)..<(($0 + 1) * tensor.columns)])
    }
  }

  private func result(of operation: any Operation) throws -> [Double] {
    switch operation {
    case let linear as LinearOperation: return self.linear(linear)
    case let map as MapOperation: return values(of: map.input).map { Self.map(map.function, $0) }
    case let scale as ScaleOperation:
      return values(of: scale.input).map { Double(scale.scale) * $0 + Double(scale.shift) }
    case let clamp as ClampOperation:
      let bounds = clamp.limits.bounds
      let (low, high) = (Double(bounds.lowerBound), Double(bounds.upperBound))
      return values(of: clamp.input).map { min(max($0, low), high) }
    case let pair as PairOperation:
      return zip(values(of: pair.left), values(of: pair.right)).map { Self.pair(pair.kind, $0, $1) }
    case let sums as RowSumOperation: return rows(of: sums.input).map { $0.reduce(0, +) }
    case let total as TotalOperation:
      return [self.total(total)]
    case let normalisation as NormalisationOperation: return normalised(normalisation)
    case let attention as AttentionOperation: return attended(attention)
    case let wrong as WrongOperation: return values(of: wrong.input)
    default: return try moved(operation)
    }
  }

  /// The operations that only choose and move numbers.
  private func moved(_ operation: any Operation) throws -> [Double] {
    switch operation {
    case let softmax as LogSoftmaxOperation:
      return rows(of: softmax.input).flatMap { row in
        let sum = log(row.reduce(0) { $0 + exp($1) })
        return row.map { $0 - sum }
      }
    case let pick as PickOperation:
      return zip(rows(of: pick.input), pick.choices.indices).map { row, index in row[Int(index)] }
    case let lookup as LookupOperation:
      let table = values(of: lookup.table)
      let width = lookup.table.columns
      return lookup.choices.indices.flatMap { index in
        let first = Int(index) * width
        return table[first..<(first + width)]
      }
    case let join as JoinOperation:
      let parts = join.parts.map { rows(of: $0) }
      return (0..<join.result.rows).flatMap { row in parts.flatMap { part in part[row] } }
    case let columns as ColumnsOperation:
      return rows(of: columns.input).flatMap { Array($0[columns.range]) }
    case let interleave as InterleaveOperation:
      let parts = interleave.parts.map { rows(of: $0) }
      return parts[0].indices.flatMap { row in parts.flatMap { part in part[row] } }
    case let every as EveryRowOperation:
      let all = rows(of: every.input)
      return stride(from: every.first, to: all.count, by: every.step).flatMap { all[$0] }
    case let repetition as RepeatOperation:
      return (0..<repetition.result.rows).flatMap { _ in values(of: repetition.row) }
    case let detach as DetachOperation: return detach.input.elements.map(Double.init)
    default: throw UnknownOperation(name: "\(type(of: operation))")
    }
  }

  private func total(_ operation: TotalOperation) -> Double {
    let numbers = values(of: operation.input)
    let weights = operation.weights.map { values(of: $0) }
    let sum = numbers.indices.reduce(0.0) { sum, index in
      sum + numbers[index] * (weights?[index] ?? 1)
    }
    return sum * Double(operation.scale)
  }

  private func linear(_ operation: LinearOperation) -> [Double] {
    let (weights, biases) = (values(of: operation.weights), values(of: operation.biases))
    let width = operation.input.columns
    return rows(of: operation.input).flatMap { row in
      biases.indices.map { output in
        row.indices.reduce(biases[output]) { $0 + row[$1] * weights[output * width + $1] }
      }
    }
  }

  private func normalised(_ operation: NormalisationOperation) -> [Double] {
    let (gains, shifts) = (values(of: operation.gains), values(of: operation.shifts))
    return rows(of: operation.input).flatMap { row in
      let mean = row.reduce(0, +) / Double(row.count)
      let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(row.count)
      let factor = 1 / (variance + Double(operation.epsilon)).squareRoot()
      return row.indices.map { (row[$0] - mean) * factor * gains[$0] + shifts[$0] }
    }
  }

  private func attended(_ operation: AttentionOperation) -> [Double] {
    let (whole, length) = (operation.result.columns, operation.length)
    let width = whole / operation.heads
    let tokens = rows(of: operation.input)
    return tokens.indices.flatMap { token in
      let first = token / length * length
      return (0..<operation.heads).flatMap { head in
        func part(_ kind: Int, _ row: Int) -> ArraySlice<Double> {
          tokens[row][(kind * whole + head * width)..<(kind * whole + (head + 1) * width)]
        }
        let powers = (first...token).map { other -> Double in
          let likeness = zip(part(0, token), part(1, other)).reduce(0.0) { $0 + $1.0 * $1.1 }
          return exp(likeness / Double(width).squareRoot())
        }
        let sum = powers.reduce(0, +)
        return (0..<width).map { column -> Double in
          powers.indices.reduce(0.0) { total, index in
            let values = part(2, first + index)
            return total + powers[index] / sum * values[values.startIndex + column]
          }
        }
      }
    }
  }

  private static func map(_ function: ElementFunction, _ x: Double) -> Double {
    switch function {
    case .hyperbolicTangent: tanh(x)
    case .rectifier: max(x, 0)
    case .gaussianErrorUnit: 0.5 * x * erfc(-x / 2.0.squareRoot())
    case .exponential: exp(x)
    case .softplus: max(x, 0) + log1p(exp(-abs(x)))
    case .square: x * x
    }
  }

  private static func pair(_ kind: PairOperation.Kind, _ x: Double, _ y: Double) -> Double {
    switch kind {
    case .sum: x + y
    case .difference: x - y
    case .product: x * y
    case .minimum: min(x, y)
    }
  }
}

/// An operation that the twin does not know.
struct UnknownOperation: Error {
  let name: String
}

/// Hands numbers on, but gives a thousandth too much of their gradient: the planted fault.
struct WrongOperation: Operation {
  let input: Tensor
  let result: Tensor

  init(_ input: Tensor) {
    self.input = input
    result = input.alike()
  }

  func forward() { result.values.base.update(from: input.values.base, count: input.values.count) }

  func backward() {
    for index in 0..<input.values.count {
      input.gradients.base[index] += 1.001 * result.gradients.base[index]
    }
  }
}
