// Which keys a search may find, and in which way that is done.

/// The keys that a search may find.
public struct KeyFilter: Sendable {
  /// Says of any key whether it may be found; it is called from the searching thread, any number of
  /// times, while the index is kept from changing.
  let accepts: @Sendable (UInt64) -> Bool
  /// The accepted keys, where they are known one by one.
  let listed: [UInt64]?

  /// Accepts the keys of a list, and says so by a set of them.
  ///
  /// - Complexity: One pass over the keys; make it once and use it for many searches.
  public init(keys: some Sequence<UInt64>) {
    let set = Set(keys)
    listed = set.sorted()
    accepts = { set.contains($0) }
  }

  /// Accepts the keys for which a predicate holds; how many these are is not known beforehand.
  ///
  /// - Parameter accepts: Must not use the index that is searched: a change that waits for the
  ///   search would wait for ever.
  public init(where accepts: @escaping @Sendable (UInt64) -> Bool) {
    self.accepts = accepts
    listed = nil
  }
}

/// A way to find the nearest of the vectors that a filter accepts.
public enum FilterPlan: String, Hashable, Sendable, CaseIterable {
  /// Compute every distance, and keep the nearest accepted rows.
  case exactScan = "exact-scan"
  /// Walk the graph over all rows, and collect only accepted ones.
  case inGraph = "in-graph"
  /// Compute the distances of the accepted rows alone; needs a filter of listed keys.
  case matchingRows = "matching-rows"
}
