// The search that compares the query with every row.

import CDistance

/// Scans the rows of an index.
struct RowScan {
  let rows: VectorRows
  let keys: KeyTable
  let kernels: DistanceKernels
  /// Whether a row can be found; `nil` when all can.
  var isLive: ((Int) -> Bool)?
  /// The checks of a mapped file; `nil` for rows in memory.
  var pages: PageChecks?

  /// Rows that are compared between two looks at the list of the nearest.
  private static let block = 256

  /// What is compared: the rows as they are stored, or the given components beside them.
  private struct Source {
    let kernel: cdistance_kernel
    let table: cdistance_table
    let request: UnsafeMutablePointer<cdistance_query>
    let isGiven: Bool

    init(_ scan: RowScan, _ scratch: SearchScratch, isExact: Bool) {
      let storage = scan.rows.layout.storage
      isGiven = isExact && storage == .int8
      kernel = scan.kernels.kernel(scan.rows.metric, isGiven ? .float32 : storage)
      table = isGiven ? scan.rows.givenTable : scan.rows.table
      request = isGiven ? scratch.query.givenRequest : scratch.query.request
    }
  }

  /// Searches for the vector that the scratch holds.
  func search(
    _ scratch: SearchScratch, neighbours: Int, options: SearchOptions
  ) throws(IndexFileError) -> SearchResult {
    scratch.counters = SearchCounters()
    let source = Source(self, scratch, isExact: options.isExact)
    let ranking = Reranking(rows: rows, kernels: kernels, pages: pages)
    let wanted =
      source.isGiven
      ? neighbours : ranking.breadth(neighbours, options, rows: max(keys.count, neighbours))
    scratch.pool.reset(capacity: wanted)
    if let listed = options.filter?.listed, options.filterPlan != .exactScan {
      try scan(listed: listed, scratch, source)
    } else if source.isGiven, let bounds = CodeBounds(rows, scratch.query.request.pointee) {
      try scan(bounded: scratch, source, bounds, options.filter)
    } else {
      try scan(all: scratch, source, options.filter)
    }
    if source.isGiven { return ranking.published(scratch, scratch.pool, neighbours, keys) }
    return try ranking.result(scratch, &scratch.pool, neighbours: neighbours, keys)
  }

  /// Whether a row can be found.
  @inline(__always)
  private func isWanted(_ row: Int, _ filter: KeyFilter?) -> Bool {
    if let isLive, !isLive(row) { return false }
    return filter?.accepts(keys.key(of: row)) != false
  }

  /// Finds the nearest by given components, but reads those only of rows whose codes do not rule
  /// them out: a quarter of the memory, and the same result.
  private func scan(
    bounded scratch: SearchScratch, _ source: Source, _ bounds: CodeBounds, _ filter: KeyFilter?
  ) throws(IndexFileError) {
    let codes = Source(self, scratch, isExact: false)
    var distances = [Float](repeating: 0, count: keys.count)
    for first in stride(from: 0, to: keys.count, by: Self.block) {
      let count = min(Self.block, keys.count - first)
      if pages != nil { for row in first..<first + count { try touch(UInt32(row), codes) } }
      var table = codes.table
      table.vectors = codes.table.vectors + first * table.stride
      table.terms = codes.table.terms.map { $0 + 2 * first }
      distances.withUnsafeMutableBufferPointer { distances in
        codes.kernel(codes.request, &table, nil, count, distances.baseAddress.map { $0 + first })
      }
      for row in first..<first + count {
        let upper = bounds.bounds(distances[row], rows.term(row)).upper
        if upper < scratch.pool.bound, isWanted(row, filter) {
          scratch.pool.insert(CandidatePool.word(UInt32(truncatingIfNeeded: row), upper))
        }
      }
    }
    scratch.counters.distanceEvaluations += keys.count
    // So many rows are this near for certain.
    let bound = scratch.pool.bound
    scratch.pool.reset(capacity: scratch.pool.capacity)
    let open = distances.indices.lazy.filter { row in
      bounds.bounds(distances[row], rows.term(row)).lower <= bound && isWanted(row, filter)
    }
    try scan(rows: open, scratch, source)
  }

  private func touch(_ row: UInt32, _ source: Source) throws(IndexFileError) {
    guard let pages else { return }
    if source.isGiven { try pages.touchGiven(row) } else { try pages.touch(row) }
  }

  private func scan(
    all scratch: SearchScratch, _ source: Source, _ filter: KeyFilter?
  ) throws(IndexFileError) {
    var table = source.table
    for first in stride(from: 0, to: keys.count, by: Self.block) {
      let count = min(Self.block, keys.count - first)
      if pages != nil { for row in first..<first + count { try touch(UInt32(row), source) } }
      table.vectors = source.table.vectors + first * table.stride
      table.terms = source.table.terms.map { $0 + 2 * first }
      source.kernel(source.request, &table, nil, count, scratch.distances)
      collect(scratch, count: count) { place in
        let row = first &+ place
        return isWanted(row, filter) ? UInt32(truncatingIfNeeded: row) : nil
      }
    }
    scratch.counters.distanceEvaluations += keys.count
  }

  private func scan(
    listed: [UInt64], _ scratch: SearchScratch, _ source: Source
  ) throws(IndexFileError) {
    let found = listed.lazy.compactMap { keys.row(of: $0) }.filter { isWanted($0, nil) }
    try scan(rows: found, scratch, source)
  }

  /// Compares listed rows.
  private func scan(
    rows listed: some Sequence<Int>, _ scratch: SearchScratch, _ source: Source
  ) throws(IndexFileError) {
    var table = source.table
    var filled = 0
    func compare() {
      guard filled > 0 else { return }
      source.kernel(source.request, &table, scratch.list, filled, scratch.distances)
      collect(scratch, count: filled) { scratch.list[$0] }
      scratch.counters.distanceEvaluations += filled
      filled = 0
    }
    for row in listed {
      try touch(UInt32(row), source)
      scratch.list[filled] = UInt32(row)
      filled += 1
      if filled == Self.block { compare() }
    }
    compare()
  }

  /// Puts the nearest of a block into the list.
  @inline(__always)
  private func collect(_ scratch: SearchScratch, count: Int, row: (Int) -> UInt32?) {
    var bound = scratch.pool.bound
    for place in 0..<count where scratch.distances[place] <= bound {
      guard let row = row(place) else { continue }
      scratch.pool.insert(CandidatePool.word(row, scratch.distances[place]))
      bound = scratch.pool.bound
    }
  }
}

/// The last step of a search: from candidates to neighbours, for int8 rows by their given
/// components.
struct Reranking {
  let rows: VectorRows
  let kernels: DistanceKernels
  /// The checks of a mapped file; `nil` for rows in memory.
  var pages: PageChecks?

  /// How many candidates the search must bring.
  func breadth(_ neighbours: Int, _ options: SearchOptions, rows count: Int) -> Int {
    guard rows.layout.storage == .int8 else { return neighbours }
    let wanted = options.rerankBreadth ?? max(4 * neighbours, 32)
    return min(max(wanted, neighbours), max(count, neighbours))
  }

  /// The neighbours among the candidates.
  func result(
    _ scratch: SearchScratch, _ pool: inout CandidatePool, neighbours: Int, _ keys: KeyTable
  ) throws(IndexFileError) -> SearchResult {
    if rows.layout.storage == .int8 { try rank(scratch, &pool) }
    return published(scratch, pool, neighbours, keys)
  }

  /// The nearest candidates of a pool whose distances are final.
  func published(
    _ scratch: SearchScratch, _ pool: CandidatePool, _ neighbours: Int, _ keys: KeyTable
  ) -> SearchResult {
    let found = (0..<min(neighbours, pool.count)).map { place in
      let word = pool[place]
      return Neighbour(
        key: keys.key(of: Int(CandidatePool.row(word))),
        distance: rows.metric.published(CandidatePool.distance(word)))
    }
    return SearchResult(neighbours: found, counters: scratch.counters)
  }

  private func rank(
    _ scratch: SearchScratch, _ pool: inout CandidatePool
  ) throws(IndexFileError) {
    let kernel = kernels.kernel(rows.metric, .float32)
    let candidates = (0..<pool.count).map { CandidatePool.row(pool[$0]) }
    if let pages { for row in candidates { try pages.touchGiven(row) } }
    var distances = [Float](repeating: 0, count: candidates.count)
    var table = rows.givenTable
    kernel(scratch.query.givenRequest, &table, candidates, candidates.count, &distances)
    scratch.counters.distanceEvaluations += candidates.count
    pool.reset(capacity: max(candidates.count, 1))
    for (row, distance) in zip(candidates, distances) {
      pool.insert(CandidatePool.word(row, distance))
    }
  }
}
