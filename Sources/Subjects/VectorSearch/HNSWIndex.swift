// The approximate index.

import CDistance
import Synchronization

/// Finds nearly all of the nearest vectors by walking over a graph of neighbours, and looks at a
/// small part of the vectors only.
///
/// - Complexity: The distance evaluations of a search grow with its breadth, and with a small power
///   of the number of vectors where these have structure; among vectors without any, it finds
///   little.
/// > Reference: Malkov and Yashunin, *Efficient and Robust Approximate Nearest Neighbor Search
/// > Using Hierarchical Navigable Small World Graphs*, IEEE TPAMI 42(4), 2020. Departures: vectors
/// > are linked in small batches, see ``HNSWIndex/build(_:keys:threads:)``.
public final class HNSWIndex: VectorIndex, @unchecked Sendable {  // `lock` guards what changes.
  public let dimensions: Int
  public let metric: VectorMetric
  public let storage: VectorStorage
  /// How the graph is built and searched.
  public let configuration: HNSWConfiguration
  let lock = ReadWriteLock()
  /// One change at a time; a change reads beside searches, and asks for `lock` only to write.
  let changes = Mutex(())
  var graph: HNSWGraph
  var keys = KeyTable()
  /// How many vectors ever came; it decides the level of the next.
  var arrivals = 0
  /// How many vectors came one by one since every row was last seen to be reachable.
  var unconnected = 0
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

  /// Takes the content of a file.
  ///
  /// - Parameter checks: What searches have to check; `nil` for content that was checked.
  init(
    _ pages: PageChecks, _ parts: RowParts, checks: PageChecks?
  ) throws(IndexFileError) {
    let header = pages.header
    let layout = pages.layout.rowLayout
    guard let graph = HNSWGraph(header, layout: layout, parts: parts) else {
      throw IndexFileError(path: pages.file.path, problem: .notAnIndex)
    }
    dimensions = header.dimensions
    metric = header.metric
    storage = header.storage
    configuration = header.configuration
    self.graph = graph
    keys = try Self.keys(of: pages)
    arrivals = header.arrivals
    scratches = ScratchStore(layout: layout, metric: header.metric)
    self.pages = checks
  }

  public var count: Int { lock.reading { graph.liveCount } }

  /// Bytes of memory that the vectors with their links take.
  public var byteCount: Int { lock.reading { graph.byteCount } }

  public func search(
    _ query: [Float], neighbours: Int, options: SearchOptions
  ) throws -> SearchResult {
    guard neighbours >= 1 else { throw VectorError.badCount(neighbours) }
    let breadth = options.breadth ?? configuration.searchBreadth
    try HNSWConfiguration.check("search breadth", breadth, 1...VectorLimits.breadth)
    let scratch = scratches.take()
    defer { scratches.give(scratch) }
    try scratch.query.load(query)
    return try lock.reading { () throws(IndexFileError) in
      try found(scratch, neighbours: neighbours, breadth: breadth, options)
    }
  }

  private func found(
    _ scratch: SearchScratch, neighbours: Int, breadth: Int, _ options: SearchOptions
  ) throws(IndexFileError) -> SearchResult {
    scratch.counters = SearchCounters()
    try pages?.touchTables()
    guard let entry = graph.entry, graph.liveCount > 0 else {
      return SearchResult(neighbours: [], counters: scratch.counters)
    }
    let wanted = min(neighbours, graph.liveCount)
    let ranking = Reranking(rows: graph.rows, kernels: .best, pages: pages)
    let filtered = FilteredSearch(graph: graph, keys: keys, pages: pages)
    let kept = min(max(breadth, wanted), graph.liveCount)
    switch filtered.plan(options, breadth: kept) {
    case .exactScan, .matchingRows:
      return try filtered.scan(scratch, neighbours: wanted, options: options)
    case .inGraph:
      try filtered.walk(
        scratch, from: entry, neighbours: wanted, breadth: kept, options.filter)
      scratch.pool.shorten(to: ranking.breadth(wanted, options, rows: kept))
      return try ranking.result(scratch, &scratch.pool, neighbours: wanted, keys)
    }
  }
}
