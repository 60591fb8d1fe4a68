// How a search with a filter is done.

import CDistance

/// Chooses between the ways to find the nearest of some rows of a graph, and does those that need
/// no walk.
struct FilteredSearch {
  let graph: HNSWGraph
  let keys: KeyTable
  let pages: PageChecks?

  /// Rows on which a predicate is tried to learn which share it accepts.
  private static let sample = 256
  /// What a distance costs on a walk and of a listed row, where one of a scan costs 1: memory is
  /// read in an order that cannot be foreseen.
  private static let walkCost = 1.6
  private static let listedCost = 1.3
  /// New rows that a hop brings on the way, as a share of the links on the lowest level.
  private static let newShare = 0.35

  /// The way that should cost least.
  ///
  /// - Parameter breadth: How many accepted rows a walk would collect.
  func plan(_ options: SearchOptions, breadth: Int) -> FilterPlan {
    if options.isExact { return .exactScan }
    guard let filter = options.filter else { return .inGraph }
    if let asked = options.filterPlan {
      return asked == .matchingRows && filter.listed == nil ? .exactScan : asked
    }
    let rows = Double(keys.count)
    // Rows that are no longer in the graph are scanned over, but not walked over.
    let walked = Double(graph.liveCount + graph.removedCount)
    let hops = Double(breadth) * walked / max(accepted(by: filter), 1)
    let met = hops * Double(graph.configuration.lowestLinkLimit) * Self.newShare
    let walk = Self.walkCost * min(met, walked)
    let listed = filter.listed.map { Self.listedCost * Double($0.count) } ?? .infinity
    if listed <= walk, listed <= rows { return .matchingRows }
    return walk <= rows ? .inGraph : .exactScan
  }

  /// About how many of the rows that can be found a filter accepts.
  private func accepted(by filter: KeyFilter) -> Double {
    if let listed = filter.listed { return Double(min(listed.count, graph.liveCount)) }
    let rows = keys.count
    let tried = min(rows, Self.sample)
    let hits = (0..<tried).reduce(0) { hits, number in
      // Spread without a period, which keys may have too: Fibonacci hashing.
      let spread = UInt64(number) &* 0x9e37_79b9_7f4a_7c15
      let row = tried < rows ? Int(spread.multipliedFullWidth(by: UInt64(rows)).high) : number
      let isHit = graph.status(row) == .live && filter.accepts(keys.key(of: row))
      return hits + (isHit ? 1 : 0)
    }
    return Double(hits) * Double(rows) / Double(max(tried, 1))
  }

  /// Fills the pool of the scratch with the nearest rows that can be found, by a walk.
  func walk(
    _ scratch: SearchScratch, from entry: UInt32, neighbours wanted: Int, breadth: Int,
    _ filter: KeyFilter?
  ) throws(IndexFileError) {
    let walk = GraphWalk(graph, pages: pages)
    let nearest = try walk.descend(scratch, from: entry, level: graph.topLevel, to: 0)
    scratch.visited.reset(rows: graph.count)
    if filter == nil {
      // Where few rows are removed, room for some of them costs less than a list of its own for
      // what is walked over.
      let share = Double(graph.removedCount) / Double(max(graph.liveCount, 1))
      let room = min(graph.removedCount, Int((1.25 * Double(breadth) * share).rounded(.up)))
      scratch.pool.reset(capacity: breadth + room)
      try walk.explore(scratch, from: nearest, and: entry, level: 0)
      guard graph.removedCount > 0 else { return }
      let isFull = scratch.pool.isFull
      scratch.pool.keep { graph.status(Int($0)) == .live }
      // With a pool that was not full, all that can be reached was.
      if !isFull || scratch.pool.count >= max(wanted, breadth - breadth / 8) {
        return scratch.pool.shorten(to: breadth)
      }
      scratch.visited.reset(rows: graph.count)
    }
    scratch.pool.reset(capacity: breadth)
    try walk.explore(scratch, from: nearest, and: entry) { row in
      graph.status(Int(row)) == .live && filter?.accepts(keys.key(of: Int(row))) != false
    }
  }

  /// Searches by a scan, of all rows or of the listed ones.
  func scan(
    _ scratch: SearchScratch, neighbours: Int, options: SearchOptions
  ) throws(IndexFileError) -> SearchResult {
    let scan = RowScan(
      rows: graph.rows, keys: keys, kernels: .best, isLive: { graph.status($0) == .live },
      pages: pages)
    return try scan.search(scratch, neighbours: neighbours, options: options)
  }
}
