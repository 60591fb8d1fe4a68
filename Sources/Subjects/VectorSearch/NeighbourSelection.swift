// Which of the nearest rows a row is linked to.

import CDistance

/// Chooses links that lead in different directions.
///
/// A candidate is taken unless it is nearer to one that was taken before than to the row itself:
/// then that one leads to it.
/// > Reference: Malkov and Yashunin, *Efficient and Robust Approximate Nearest Neighbor Search
/// > Using Hierarchical Navigable Small World Graphs*, IEEE TPAMI 42(4), 2020, algorithm 4, without
/// > extension of the candidates; lists are filled up only where a removed row left one short.
struct NeighbourSelection {
  private let walk: GraphWalk
  private let rows: VectorRows
  private let query: QueryBuffer
  /// The rows that were taken, and their distances from the row, nearest first.
  private(set) var taken: [UInt32] = []
  private(set) var lengths: [Float] = []

  /// Candidates are compared with so many of the taken at once.
  private static let group = 4

  init(_ graph: HNSWGraph) {
    walk = GraphWalk(graph)
    rows = graph.rows
    query = QueryBuffer(layout: graph.rows.layout, metric: graph.rows.metric)
    taken.reserveCapacity(graph.configuration.lowestLinkLimit)
    lengths.reserveCapacity(graph.configuration.lowestLinkLimit)
  }

  /// Takes up to `limit` candidates, which come nearest first.
  ///
  /// - Parameter minimum: How many are taken in any case, as far as there are so many: then the
  ///   nearest of those that were turned down are taken too.
  mutating func select(_ candidates: some Sequence<UInt64>, limit: Int, minimum: Int = 0) {
    taken.removeAll(keepingCapacity: true)
    lengths.removeAll(keepingCapacity: true)
    var turnedDown: [UInt64] = []
    for word in candidates {
      if isReached(CandidatePool.row(word), CandidatePool.distance(word)) {
        if turnedDown.count < minimum { turnedDown.append(word) }
        continue
      }
      take(word)
      if taken.count == limit { break }
    }
    for word in turnedDown {
      guard taken.count < min(minimum, limit) else { break }
      take(word)
    }
  }

  private mutating func take(_ word: UInt64) {
    taken.append(CandidatePool.row(word))
    lengths.append(CandidatePool.distance(word))
  }

  /// Whether a taken row is nearer to the candidate than the row itself is.
  private func isReached(_ row: UInt32, _ length: Float) -> Bool {
    guard !taken.isEmpty else { return false }
    query.load(row: Int(row), of: rows)
    return taken.withUnsafeBufferPointer { taken in
      guard let base = taken.baseAddress else { return false }
      return withUnsafeTemporaryAllocation(of: Float.self, capacity: Self.group) { distances in
        guard let found = distances.baseAddress else { return false }
        var first = 0
        while first < taken.count {
          let count = min(Self.group, taken.count - first)
          walk.distances(query, base + first, count, found)
          for place in 0..<count where found[place] < length { return true }
          first += count
        }
        return false
      }
    }
  }
}
