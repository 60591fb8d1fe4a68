// How many of the true neighbours were found.

/// The share of true neighbours among those that were found.
public enum Recall {
  /// Compares what was found for each query with the truth, of which the first `neighbours` count.
  ///
  /// - Returns: A number from 0 to 1; `nil` when there is no query, or the truth of one has fewer
  ///   than `neighbours` rows.
  public static func share(
    of found: [[UInt64]], among truth: [[UInt64]], neighbours: Int
  ) -> Double? {
    guard neighbours >= 1, !found.isEmpty, found.count <= truth.count,
      truth.allSatisfy({ $0.count >= neighbours })
    else { return nil }
    let hits = zip(found, truth).reduce(0) { sum, pair in
      sum + Set(pair.0.prefix(neighbours)).intersection(pair.1.prefix(neighbours)).count
    }
    return Double(hits) / Double(found.count * neighbours)
  }
}
