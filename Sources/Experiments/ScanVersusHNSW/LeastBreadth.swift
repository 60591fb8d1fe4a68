// The least breadth of a search that is good enough.

/// Finds the least number of candidates with which a search reaches a recall.
///
/// Recall grows with the breadth, but for small dips; among breadths that a dip divides, bisection
/// finds one whose neighbour below misses the recall.
struct LeastBreadth {
  /// The largest breadth that is tried.
  static let limit = 4_096

  /// The smallest breadth that makes sense: the neighbours that are wanted.
  let lowest: Int

  /// Begins at a breadth.
  init(from lowest: Int) { self.lowest = max(1, lowest) }

  /// The least breadth whose recall is at least the target.
  ///
  /// - Throws: What `recall` throws, and ``SearchProblem/recallOutOfReach(_:breadth:)``.
  /// - Complexity: Two searches of all queries for each doubling of the breadth.
  func reaching(_ target: Double, recall: (Int) throws -> Double) throws -> Int {
    var (low, high) = (lowest, lowest)
    while try recall(high) < target {
      guard high < Self.limit else {
        throw SearchProblem.recallOutOfReach(target, breadth: high)
      }
      (low, high) = (high + 1, min(2 * high, Self.limit))
    }
    while low < high {
      let middle = (low + high) / 2
      if try recall(middle) >= target { high = middle } else { low = middle + 1 }
    }
    return high
  }
}
