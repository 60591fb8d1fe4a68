// The plain twin of the distance kernels.

/// Distances as the definitions say, one component after the other in double precision.
///
/// It is what the kernels are held to, and the naive arm of comparisons.
public enum PlainDistance {
  /// The distance of two vectors of equal length.
  public static func distance(_ one: [Float], _ other: [Float], _ metric: VectorMetric) -> Double {
    switch metric {
    case .cosine:
      1 - product(one, other) / (product(one, one) * product(other, other)).squareRoot()
    case .innerProduct: -product(one, other)
    case .squaredEuclidean:
      zip(one, other).reduce(0) { sum, pair in
        let difference = Double(pair.0) - Double(pair.1)
        return sum + difference * difference
      }
    }
  }

  private static func product(_ one: [Float], _ other: [Float]) -> Double {
    zip(one, other).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }

  /// The numbers of the nearest rows, nearest first, found by sorting all of them.
  ///
  /// - Complexity: Rows times components, and a sort of the rows.
  public static func nearest(
    _ count: Int, to query: [Float], in rows: [[Float]], _ metric: VectorMetric
  ) -> [Int] {
    let distances = rows.map { distance(query, $0, metric) }
    let order = rows.indices.sorted { (distances[$0], $0) < (distances[$1], $1) }
    return Array(order.prefix(count))
  }
}
