// How near two vectors are to each other.

/// What a search ranks by; a smaller distance is nearer.
public enum VectorMetric: String, Hashable, Sendable, CaseIterable {
  /// One minus the cosine of the angle, from 0 to 2; the length of vectors does not count, and
  /// vectors of length zero are refused.
  case cosine
  /// Minus the inner product; for unit vectors the order is that of the cosine.
  case innerProduct = "inner-product"
  /// The square of the Euclidean distance.
  case squaredEuclidean = "l2"

  /// What turns a kernel's result into the distance that callers see.
  @inline(__always)
  func published(_ raw: Float) -> Float {
    switch self {
    case .cosine: 1 + raw
    case .innerProduct: raw
    case .squaredEuclidean: max(raw, 0)
    }
  }
}
