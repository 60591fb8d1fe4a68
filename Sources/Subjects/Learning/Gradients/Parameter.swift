// The numbers that training changes.

import Glibc
public import LabCore
public import LinearAlgebra

/// A matrix that training changes, with the gradient that has been gathered for it.
///
/// It belongs to no graph: the graph that acts for one example and the one that trains on many
/// share it.
public final class Parameter {
  /// How many rows it has.
  public let rows: Int
  /// How many numbers a row has.
  public let columns: Int
  private let valueMemory: Matrix
  private let gradientMemory: Matrix

  /// Makes a parameter of zeros.
  public init(rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
    valueMemory = Matrix(rows: rows, columns: columns)
    gradientMemory = Matrix(rows: rows, columns: columns)
  }

  /// Makes a parameter whose numbers are drawn.
  public convenience init(
    rows: Int, columns: Int, _ start: Initialisation, _ random: inout RandomStream
  ) {
    self.init(rows: rows, columns: columns)
    start.fill(values, &random)
  }

  /// What training changes; valid as long as the parameter.
  public var values: UnsafeMatrixView { valueMemory.view }
  /// The sum of the gradients since the last step of an optimiser; valid as long as the parameter.
  public var gradients: UnsafeMatrixView { gradientMemory.view }
  /// Its numbers row by row, in an array of their own.
  public var elements: [Float] { valueMemory.elements }
  /// How many numbers it has.
  public var count: Int { rows * columns }
}

/// How the numbers of a weight begin.
public enum Initialisation: Hashable, Sendable {
  /// All the same.
  case constant(Float)
  /// Evenly between minus and plus one over the root of the width of a row: the usual start of a
  /// linear layer.
  case uniformByWidth
  /// Rows (or columns, where there are fewer) at right angles, each of a length: the gain.
  ///
  /// > Reference: Saxe, McClelland and Ganguli, *Exact solutions to the nonlinear dynamics of
  /// > learning in deep linear neural networks*, 2014.
  case orthogonal(gain: Float)
  /// From a normal law with mean 0.
  case normal(deviation: Float)

  func fill(_ view: UnsafeMatrixView, _ random: inout RandomStream) {
    switch self {
    case .constant(let number): view.fill(number)
    case .uniformByWidth:
      let bound = 1 / Double(max(view.columns, 1)).squareRoot()
      for index in 0..<view.count { view.base[index] = Float(random.uniform(-bound, bound)) }
    case .normal(let deviation):
      for index in 0..<view.count {
        view.base[index] = deviation * Float(random.standardNormal())
      }
    case .orthogonal(let gain): fillOrthogonal(view, gain, &random)
    }
  }

  /// Normal vectors, made orthogonal one after another (modified Gram-Schmidt, in double
  /// precision).
  private func fillOrthogonal(
    _ view: UnsafeMatrixView, _ gain: Float, _ random: inout RandomStream
  ) {
    let isWide = view.columns >= view.rows
    let (count, length) = isWide ? (view.rows, view.columns) : (view.columns, view.rows)
    var vectors: [[Double]] = []
    while vectors.count < count {
      var vector = (0..<length).map { _ in random.standardNormal() }
      for other in vectors {
        let overlap = zip(vector, other).reduce(0) { $0 + $1.0 * $1.1 }
        for index in vector.indices { vector[index] -= overlap * other[index] }
      }
      let size = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
      vectors.append(vector.map { $0 / size })
    }
    for row in 0..<view.rows {
      for column in 0..<view.columns {
        let number = isWide ? vectors[row][column] : vectors[column][row]
        view.base[row * view.stride + column] = gain * Float(number)
      }
    }
  }
}

extension [Parameter] {
  /// Takes over the numbers of as many parameters of the same shapes.
  ///
  /// - Precondition: The shapes agree one by one.
  public func copy(from others: [Parameter]) { approach(others, by: 1) }

  /// Moves towards the numbers of other parameters by a share of the distance: the slow copy that
  /// target networks are.
  ///
  /// - Precondition: The shapes agree one by one; the share lies from 0 to 1.
  public func approach(_ others: [Parameter], by share: Float) {
    precondition(count == others.count, "as many parameters on both sides")
    for (own, other) in zip(self, others) {
      precondition(own.rows == other.rows && own.columns == other.columns, "the same shapes")
      if share == 1 {
        own.values.base.update(from: other.values.base, count: own.count)
      } else {
        RowFunctions.approach(own.values, towards: other.values, by: share)
      }
    }
  }

  /// Forgets the gradients that have been gathered.
  public func clearGradients() { for parameter in self { parameter.gradients.fill(0) } }

  /// The Euclidean length of all gradients together.
  public var gradientNorm: Double {
    reduce(0) { $0 + Double(RowFunctions.sumOfSquares($1.gradients)) }.squareRoot()
  }

  /// A hash of every bit of every number: two runs that agree in it learned the same.
  public var fingerprint: UInt64 {
    var hasher = StableHasher()
    for parameter in self {
      hasher.combine(
        bytes: UnsafeRawBufferPointer(
          start: parameter.values.base, count: parameter.count * MemoryLayout<Float>.stride))
    }
    return hasher.finalize()
  }
}
