// Matrices of random numbers, and the plain product that the others are held to.
import LabCore

@testable import LinearAlgebra

extension Matrix {
  /// Numbers spread evenly between -1 and 1.
  init(rows: Int, columns: Int, from stream: inout RandomStream) {
    let numbers = (0..<rows * columns).map { _ in Float.random(in: -1...1, using: &stream) }
    self.init(rows: rows, columns: columns, numbers)
  }

  /// The product with the transpose of another matrix, in double precision.
  func plainProduct(transposing right: borrowing Matrix) -> [Double] {
    var result: [Double] = []
    for row in 0..<rows {
      for column in 0..<right.rows {
        var sum = 0.0
        for k in 0..<columns { sum += Double(self[row, k]) * Double(right[column, k]) }
        result.append(sum)
      }
    }
    return result
  }
}

/// The largest distance between two lists of numbers, infinite when one has no number.
func distance(_ left: [Float], _ right: [Double]) -> Double {
  guard left.count == right.count else { return .infinity }
  let distances = zip(left, right).map { abs(Double($0) - $1) }
  return distances.contains { $0.isNaN } ? .infinity : distances.max() ?? 0
}
