// How far a distance of codes can be from the true one.

import CDistance

/// Bounds of true distances, from those of int8 codes.
///
/// A code is off by at most half a step, so a vector of d components is off by at most e = √d / 2
/// steps in length. The inner product of unit vectors then is off by at most e(q) + (1 + e(q))
/// e(x), by the Cauchy-Schwarz inequality, and the distance of two vectors by at most e(q) + e(x),
/// by the triangle inequality. Some slack covers the rounding of all sums.
struct CodeBounds {
  private let isSquare: Bool
  private let halfRoot: Float
  private let queryError: Float
  private let queryAddend: Float

  /// The bounds for the query of a request; `nil` for inner products, whose error has no bound that
  /// is known without the vectors' lengths.
  init?(_ rows: VectorRows, _ request: cdistance_query) {
    guard rows.layout.storage == .int8, rows.metric != .innerProduct else { return nil }
    isSquare = rows.metric == .squaredEuclidean
    halfRoot = Float(rows.layout.dimensions).squareRoot() / 2 * (1 + 1e-4)
    queryError = halfRoot * abs(request.factor) * (isSquare ? 0.5 : 1)
    queryAddend = request.addend
  }

  /// The least and the greatest distance that a row can have whose codes have this one.
  @inline(__always)
  func bounds(_ distance: Float, _ term: VectorRows.Term) -> (lower: Float, upper: Float) {
    let error = halfRoot * term.step
    guard isSquare else {
      let reach = queryError + (1 + queryError) * error + 1e-5
      return (distance - reach, distance + reach)
    }
    let rounding = 4e-6 * (queryAddend + term.addend)
    let reach = queryError + error
    let nearest = max(max(distance - rounding, 0).squareRoot() - reach, 0)
    let farthest = max(distance + rounding, 0).squareRoot() + reach
    return (nearest * nearest * (1 - 1e-4), farthest * farthest * (1 + 1e-4))
  }
}
