// What an agent may observe or choose.

/// A set of observations or of actions.
public enum Space: Hashable, Sendable {
  /// The whole numbers 0 ..< `count`.
  case discrete(count: Int)
  /// Vectors whose components lie between bounds, which may be infinite.
  case box(low: [Float], high: [Float])

  /// A box with the same bounds in every dimension.
  public static func box(_ bounds: ClosedRange<Float>, dimensions: Int) -> Space {
    .box(
      low: Array(repeating: bounds.lowerBound, count: dimensions),
      high: Array(repeating: bounds.upperBound, count: dimensions))
  }

  /// How many numbers a network takes or gives for an element: one for each value of a discrete
  /// space, as in a one-hot vector, and one for each dimension of a box.
  public var width: Int {
    switch self {
    case .discrete(let count): count
    case .box(let low, _): low.count
    }
  }
}
