// The index that computes every distance.

import CDistance

/// Finds the nearest vectors by comparing the query with all of them, which is exact and, for some
/// thousands of vectors, also the fastest.
///
/// With ``VectorStorage/int8`` the scan goes over codes, and only the nearest of them are ranked by
/// their given components: fast, and no longer exact.
///
/// It has no file of its own, since it is nothing but its vectors: keep these where they came from.
/// For a file whose pages are checked and mapped save an ``HNSWIndex``; with
/// ``SearchOptions/isExact`` a search in it compares every row, as this index does, and finds the
/// same.
/// - Complexity: A search computes one distance for each vector and reads their memory once.
public final class ExactIndex: VectorIndex, @unchecked Sendable {  // `lock` guards what changes.
  public let dimensions: Int
  public let metric: VectorMetric
  public let storage: VectorStorage
  private let lock = ReadWriteLock()
  private let rows: VectorRows
  private var keys = KeyTable()
  private let kernels: DistanceKernels
  private let scratches: ScratchStore

  /// Makes an index without vectors.
  ///
  /// - Throws: ``VectorError/badDimensions(_:)``, or ``VectorError/outOfMemory(bytes:)``.
  public convenience init(
    dimensions: Int, metric: VectorMetric, storage: VectorStorage = .float32
  ) throws(VectorError) {
    try self.init(
      dimensions: dimensions, metric: metric, storage: storage, kernels: DistanceKernels.best)
  }

  init(
    dimensions: Int, metric: VectorMetric, storage: VectorStorage, kernels: DistanceKernels
  ) throws(VectorError) {
    guard (1...VectorLimits.dimensions).contains(dimensions) else {
      throw .badDimensions(dimensions)
    }
    self.dimensions = dimensions
    self.metric = metric
    self.storage = storage
    self.kernels = kernels
    let layout = RowLayout(dimensions: dimensions, storage: storage, linkLimit: 0)
    rows = try VectorRows(layout: layout, metric: metric, capacity: 64)
    scratches = ScratchStore(layout: layout, metric: metric)
  }

  public var count: Int { lock.reading { keys.count } }

  public func insert(_ vector: [Float], key: UInt64) throws(VectorError) {
    try change(vector) { (scratch) throws(VectorError) in
      guard keys.row(of: key) == nil else { throw .duplicateKey(key) }
      guard keys.count < VectorLimits.rows else { throw .full(rows: keys.count) }
      try rows.reserve(keys.count + 1)
      rows.write(scratch.query, to: keys.count)
      keys.set(key, of: keys.count)
    }
  }

  public func update(_ vector: [Float], key: UInt64) throws(VectorError) {
    try change(vector) { (scratch) throws(VectorError) in
      guard let row = keys.row(of: key) else { throw .unknownKey(key) }
      rows.write(scratch.query, to: row)
    }
  }

  public func remove(key: UInt64) throws(VectorError) {
    try lock.writing { () throws(VectorError) in
      guard let row = keys.row(of: key) else { throw .unknownKey(key) }
      keys.remove(key)
      let last = keys.count - 1
      if row != last {
        rows.copy(last, of: rows, to: row)
        keys.set(keys.key(of: last), of: row)
      }
      keys.removeLastRow()
    }
  }

  public func search(
    _ query: [Float], neighbours: Int, options: SearchOptions
  ) throws -> SearchResult {
    guard neighbours >= 1 else { throw VectorError.badCount(neighbours) }
    let scratch = scratches.take()
    defer { scratches.give(scratch) }
    try scratch.query.load(query)
    return try lock.reading { () throws(IndexFileError) in
      let scan = RowScan(rows: rows, keys: keys, kernels: kernels)
      return try scan.search(
        scratch, neighbours: min(neighbours, max(keys.count, 1)), options: options)
    }
  }

  private func change(
    _ vector: [Float], _ body: (SearchScratch) throws(VectorError) -> Void
  ) throws(VectorError) {
    let scratch = scratches.take()
    defer { scratches.give(scratch) }
    try scratch.query.load(vector)
    try scratch.query.checkRange()
    try lock.writing { () throws(VectorError) in try body(scratch) }
  }
}
