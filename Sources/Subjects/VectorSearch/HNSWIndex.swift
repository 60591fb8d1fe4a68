// The approximate index.

import CDistance
import Synchronization

/// Finds nearly all of the nearest vectors by walking over a graph of neighbours, and looks at a
/// small part of the vectors only.
///
/// - Complexity: The distance evaluations of a search grow with its breadth, and with a small power
///   of the number of vectors where these have structure; among vectors without any, it finds little.
/// > Reference: Malkov and Yashunin, *Efficient and Robust Approximate Nearest Neighbor Search Using
/// > Hierarchical Navigable Small World Graphs*, IEEE TPAMI 42(4), 2020. Departures: vectors are
/// > linked in small batches, see ``HNSWIndex/build(_:keys:threads:)``.
public final class HNSWIndex: VectorIndex, @unchecked Sendable {  // `lock` guards what changes.
  public let dimensions: Int
  public let metric: VectorMetric
  public let storage: VectorStorage
  /// How the graph is built and searched.
  public let configuration: HNSWConfiguration
  let lock = ReadWriteLock()
  /// One change at a time; a change reads beside searches, and asks for `lock` only to write.
  let changes = Mutex(())
  let graph: HNSWGraph
  var keys = KeyTable()
  /// How many vectors ever came; it decides the level of the next.
  var arrivals = 0
  let scratches: ScratchStore
  let pages: PageChecks?

  /// Makes an index without vectors.
  ///
  /// - Throws: ``VectorError/badDimensions(_:)``, ``VectorError/badSetting(name:value:expected:)``
  ///   or ``VectorError/outOfMemory(bytes:)``.
  public init(
    dimensions: Int, metric: VectorMetric, storage: VectorStorage = .float32,
    configuration: HNSWConfiguration = HNSWConfiguration()
  ) throws(VectorError) {
    guard (1...VectorLimits.dimensions).contains(dimensions) else {
      throw .badDimensions(dimensions)
    }
    try configuration.validate()
    self.dimensions = dimensions
    self.metric = metric
    self.storage = storage
    self.configuration = configuration
    let layout = RowLayout(
      dimensions: dimensions, storage: storage, linkLimit: configuration.lowestLinkLimit)
    graph = try HNSWGraph(layout: layout, metric: metric, configuration: configuration)
    scratches = ScratchStore(layout: layout, metric: metric)
    pages = nil
  }

  public var count: Int { lock.reading { graph.liveCount } }

  /// Bytes of memory that the vectors with their links take.
  public var byteCount: Int { lock.reading { graph.byteCount } }

  /// Adds many vectors at once, faster than one by one.
  ///
  /// - Parameters:
  ///   - vectors: Of ``dimensions`` components each.
  ///   - keys: One new key for each vector; `nil` for the numbers from ``count`` on, which suits an
  ///     index without vectors.
  ///   - threads: How many threads search for neighbours; the result is the same for any.
  /// - Throws: ``VectorError`` for the first bad vector or key; nothing is added then.
  /// - Determinism: The vectors, their order and the settings fix the graph.
  public func build(
    _ vectors: [[Float]], keys: [UInt64]? = nil, threads: Int = 1
  ) throws(VectorError) {
    let newKeys = keys ?? vectors.indices.map { UInt64(count + $0) }
    guard newKeys.count == vectors.count else {
      throw .badSetting(name: "keys", value: newKeys.count, expected: "\(vectors.count)")
    }
    try HNSWConfiguration.check("threads", threads, 1...256)
    try changes.withLock { _ throws(VectorError) in
      try validate(vectors, newKeys)
      try lock.writing { () throws(VectorError) in
        let rows = try addRows(vectors, newKeys)
        try graph.rememberLengths()
        HNSWBuilder(graph, threads: threads).link(rows)
        GraphConnection.connect(graph)
        graph.forgetLengths()
      }
    }
  }

  public func insert(_ vector: [Float], key: UInt64) throws(VectorError) {
    try build([vector], keys: [key])
  }

  public func update(_ vector: [Float], key: UInt64) throws(VectorError) {
    throw .readOnly
  }

  public func remove(key: UInt64) throws(VectorError) {
    throw .readOnly
  }

  public func search(
    _ query: [Float], neighbours: Int, options: SearchOptions
  ) throws -> SearchResult {
    guard neighbours >= 1 else { throw VectorError.badCount(neighbours) }
    let breadth = options.breadth ?? configuration.searchBreadth
    try HNSWConfiguration.check("search breadth", breadth, 1...VectorLimits.breadth)
    let scratch = scratches.take()
    defer { scratches.give(scratch) }
    try query.withUnsafeBufferPointer { vector throws(VectorError) in
      try scratch.query.load(vector)
    }
    return try lock.reading { () throws(IndexFileError) in
      try found(scratch, neighbours: neighbours, breadth: breadth, options)
    }
  }

  private func found(
    _ scratch: SearchScratch, neighbours: Int, breadth: Int, _ options: SearchOptions
  ) throws(IndexFileError) -> SearchResult {
    scratch.counters = SearchCounters()
    let wanted = min(neighbours, max(graph.liveCount, 1))
    let ranking = Reranking(rows: graph.rows, kernels: .best)
    let candidates = ranking.breadth(wanted, options, rows: graph.liveCount)
    scratch.pool.reset(capacity: max(min(breadth, max(graph.liveCount, 1)), wanted))
    guard let entry = graph.entry else {
      return SearchResult(neighbours: [], counters: scratch.counters)
    }
    let walk = GraphWalk(graph, pages: pages)
    let nearest = try walk.descend(scratch, from: entry, level: graph.topLevel, to: 0)
    scratch.visited.reset(rows: graph.count)
    try walk.explore(scratch, from: nearest, and: entry, level: 0)
    scratch.pool.shorten(to: candidates)
    return ranking.result(scratch, &scratch.pool, neighbours: wanted, keys)
  }

  private func validate(_ vectors: [[Float]], _ newKeys: [UInt64]) throws(VectorError) {
    let scratch = scratches.take()
    defer { scratches.give(scratch) }
    var seen: Set<UInt64> = []
    for (vector, key) in zip(vectors, newKeys) {
      guard keys.row(of: key) == nil, seen.insert(key).inserted else { throw .duplicateKey(key) }
      try vector.withUnsafeBufferPointer { (vector) throws(VectorError) in
        try scratch.query.load(vector)
      }
    }
  }

  private func addRows(
    _ vectors: [[Float]], _ newKeys: [UInt64]
  ) throws(VectorError) -> [UInt32] {
    let scratch = scratches.take()
    defer { scratches.give(scratch) }
    try graph.reserve(vectors.count)
    var rows: [UInt32] = []
    rows.reserveCapacity(vectors.count)
    for (vector, key) in zip(vectors, newKeys) {
      try vector.withUnsafeBufferPointer { (vector) throws(VectorError) in
        try scratch.query.load(vector)
      }
      let row = try graph.add(scratch.query, number: arrivals)
      arrivals += 1
      keys.set(key, of: Int(row))
      rows.append(row)
    }
    return rows
  }
}
