// The search along links: the loop in which an approximate search spends its time.

import CDistance

/// Walks over one level of a graph.
///
/// It holds plain pointers, taken once, so that the loop neither counts references nor checks
/// exclusive access. Its user keeps the graph alive and unchanged.
struct GraphWalk {
  private let kernel: cdistance_kernel
  private let table: cdistance_table
  private let rowBase: UnsafeMutableRawPointer
  private let stride: Int
  private let lowestLimit: Int
  private let upperLimit: Int
  private let upperPlaces: UnsafeMutablePointer<UInt32>
  private let upperLinks: UnsafeMutablePointer<UInt32>
  private let pages: PageChecks?
  let rowCount: Int

  init(_ graph: HNSWGraph, kernels: DistanceKernels = .best, pages: PageChecks? = nil) {
    kernel = kernels.kernel(graph.rows.metric, graph.rows.layout.storage)
    table = graph.rows.table
    rowBase = graph.rows.memory.base
    stride = graph.rows.layout.stride
    lowestLimit = graph.configuration.lowestLinkLimit
    upperLimit = graph.configuration.connectivity
    upperPlaces = graph.upperPlaces.base.assumingMemoryBound(to: UInt32.self)
    upperLinks = graph.upperLinks.base.assumingMemoryBound(to: UInt32.self)
    self.pages = pages
    rowCount = graph.count
  }

  /// Computes the distances of listed rows.
  @inline(__always)
  func distances(
    _ query: QueryBuffer, _ rows: UnsafePointer<UInt32>, _ count: Int,
    _ distances: UnsafeMutablePointer<Float>
  ) {
    withUnsafePointer(to: table) { kernel(query.request, $0, rows, count, distances) }
  }

  @inline(__always)
  private func lowestLinks(_ row: UInt32) -> UnsafeMutablePointer<UInt32> {
    (rowBase + Int(row) &* stride).assumingMemoryBound(to: UInt32.self)
  }

  @inline(__always)
  private func upperLinks(_ row: UInt32, _ level: Int) -> UnsafeMutablePointer<UInt32> {
    upperLinks + (Int(upperPlaces[Int(row)]) &+ level &- 1) &* upperLimit
  }

  /// The row on a level that is nearest to the query, as far as going from neighbour to nearer
  /// neighbour leads.
  func descend(
    _ scratch: SearchScratch, from entry: UInt32, level top: Int, to bottom: Int
  ) throws(IndexFileError) -> UInt32 {
    try pages?.touch(entry)
    scratch.list[0] = entry
    distances(scratch.query, scratch.list, 1, scratch.distances)
    scratch.counters.distanceEvaluations += 1
    var nearest = CandidatePool.word(entry, scratch.distances[0])
    var level = top
    while level > bottom {
      var isNearer = true
      while isNearer {
        isNearer = false
        let links = upperLinks(CandidatePool.row(nearest), level)
        var count = 0
        while count < upperLimit, links[count] != HNSWGraph.noRow { count &+= 1 }
        if let pages { try pages.touch(links, count) }
        distances(scratch.query, links, count, scratch.distances)
        scratch.counters.distanceEvaluations &+= count
        scratch.counters.hops &+= 1
        for place in 0..<count {
          let word = CandidatePool.word(links[place], scratch.distances[place])
          if word < nearest {
            nearest = word
            isNearer = true
          }
        }
      }
      level &-= 1
    }
    return CandidatePool.row(nearest)
  }

  /// Fills the pool of the scratch with the rows of a level that are nearest to the query, as far
  /// as following the links of everything in the pool leads.
  ///
  /// The pool has been emptied and the marks reset; the entries stand on the level.
  /// - Parameter other: A second row to begin with. From the entry of the graph every row can be
  ///   reached, from the one that the levels above led to perhaps not.
  func explore(
    _ scratch: SearchScratch, from entry: UInt32, and other: UInt32? = nil, level: Int
  ) throws(IndexFileError) {
    var pool = scratch.pool
    let visited = scratch.visited
    let (list, found) = (scratch.list, scratch.distances)
    let query = scratch.query
    let limit = level == 0 ? lowestLimit : upperLimit
    var evaluations = 0
    var hops = 0
    defer {
      scratch.pool = pool
      scratch.counters.distanceEvaluations &+= evaluations
      scratch.counters.hops &+= hops
    }
    for row in [entry, other ?? entry] where visited.visit(row) {
      try pages?.touch(row)
      list[0] = row
      distances(query, list, 1, found)
      evaluations &+= 1
      pool.insert(CandidatePool.word(row, found[0]))
    }
    while let row = pool.follow() {
      let links = level == 0 ? lowestLinks(row) : upperLinks(row, level)
      if let next = pool.upcoming { cdistance_prefetch(lowestLinks(next)) }
      var count = 0
      for place in 0..<limit {
        let link = links[place]
        if link == HNSWGraph.noRow { break }
        list[count] = link
        count &+= visited.visit(link) ? 1 : 0
      }
      if let pages { try pages.touch(list, count) }
      distances(query, list, count, found)
      evaluations &+= count
      hops &+= 1
      var bound = pool.bound
      for place in 0..<count where found[place] < bound {
        pool.insert(CandidatePool.word(list[place], found[place]))
        bound = pool.bound
      }
    }
  }

  /// The same on level 0, but collects only rows that are accepted, and walks over all.
  ///
  /// - Complexity: The fewer rows are accepted, the more are walked over; at worst all.
  func explore(
    _ scratch: SearchScratch, from entry: UInt32, and other: UInt32,
    accepting accepts: (UInt32) -> Bool
  ) throws(IndexFileError) {
    let visited = scratch.visited
    var frontier = scratch.frontier
    frontier.removeAll()
    defer { scratch.frontier = frontier }
    func meet(_ row: UInt32, _ distance: Float) {
      let word = CandidatePool.word(row, distance)
      frontier.push(word)
      if accepts(row) { scratch.pool.insert(word) }
    }
    for row in [entry, other] where visited.visit(row) {
      try pages?.touch(row)
      scratch.list[0] = row
      distances(scratch.query, scratch.list, 1, scratch.distances)
      scratch.counters.distanceEvaluations += 1
      meet(row, scratch.distances[0])
    }
    while let word = frontier.pop() {
      if CandidatePool.distance(word) > scratch.pool.bound { break }
      let links = lowestLinks(CandidatePool.row(word))
      var count = 0
      for place in 0..<lowestLimit {
        let link = links[place]
        if link == HNSWGraph.noRow { break }
        scratch.list[count] = link
        count &+= visited.visit(link) ? 1 : 0
      }
      if let pages { try pages.touch(scratch.list, count) }
      distances(scratch.query, scratch.list, count, scratch.distances)
      scratch.counters.distanceEvaluations &+= count
      scratch.counters.hops &+= 1
      for place in 0..<count where scratch.distances[place] < scratch.pool.bound {
        meet(scratch.list[place], scratch.distances[place])
      }
    }
  }
}
