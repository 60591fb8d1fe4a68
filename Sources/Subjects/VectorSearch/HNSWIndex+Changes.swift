// Changes of an index: many vectors at once, one by one, and removal with repair.

import Synchronization

extension HNSWIndex {
  /// Removed rows are taken out of the graph when they are more than this share of the live ones.
  private static let repairShare = 10
  /// Rows that no path leads to are looked for when this share of the rows is new.
  private static let connectionShare = 32
  /// Rows that are mended in one go, while searches wait.
  private static let repairBatch = 64

  /// Adds many vectors at once, faster than one by one; searches go on beside it.
  ///
  /// - Parameters:
  ///   - vectors: Of ``dimensions`` components each.
  ///   - newKeys: One new key for each vector; `nil` for the numbers from ``count`` on, which suits
  ///     an index without vectors.
  ///   - threads: How many threads search for neighbours, 1 to 256; the result is the same for any.
  /// - Throws: ``VectorError`` for the first bad vector or key; nothing is added then.
  /// - Determinism: The vectors, their order and the settings fix the graph.
  public func build(
    _ vectors: [[Float]], keys newKeys: [UInt64]? = nil, threads: Int = 1
  ) throws(VectorError) {
    try HNSWConfiguration.check("threads", threads, 1...256)
    try changing { () throws(VectorError) in
      let newKeys = newKeys ?? vectors.indices.map { UInt64(graph.liveCount + $0) }
      guard newKeys.count == vectors.count else {
        let expected = "one for each of \(vectors.count) vectors"
        throw .badSetting(name: "number of keys", value: newKeys.count, expected: expected)
      }
      try validate(vectors, newKeys)
      try link(vectors, newKeys, threads: threads)
      connect()
      lock.writing { graph.forgetLengths() }
    }
  }

  public func insert(_ vector: [Float], key: UInt64) throws(VectorError) {
    try changing { () throws(VectorError) in
      try validate([vector], [key])
      connectIfDue(try link([vector], [key], threads: 1))
    }
  }

  /// Replaces the vector under a key; a search beside it finds the old vector or the new one.
  ///
  /// - Throws: ``VectorError/unknownKey(_:)`` or what is wrong with the vector; the old one stays.
  public func update(_ vector: [Float], key: UInt64) throws(VectorError) {
    try changing { () throws(VectorError) in
      guard let old = keys.row(of: key) else { throw .unknownKey(key) }
      try validate([vector], [])
      let rows = try replace(old, by: vector, key)
      repairIfDue()
      connectIfDue(rows)
    }
  }

  public func remove(key: UInt64) throws(VectorError) {
    try changing { () throws(VectorError) in
      guard let row = keys.row(of: key) else { throw .unknownKey(key) }
      lock.writing {
        keys.remove(key)
        graph.markRemoved(row)
      }
      repairIfDue()
    }
  }

  /// Takes removed vectors out of the graph now, and gives the memory of all that were ever removed
  /// back.
  ///
  /// - Throws: ``VectorError/outOfMemory(bytes:)``; for a moment it needs the memory twice.
  public func compact() throws(VectorError) {
    try changing { () throws(VectorError) in try compactNow() }
  }

  /// Does what ``compact()`` does while no other change can come.
  func compactNow() throws(VectorError) {
    if graph.removedCount > 0 { repair() } else { connect() }
    lock.writing { graph.forgetLengths() }
    guard graph.liveCount < graph.count || graph.hasUnusedLists else { return }
    let (smaller, origins) = try graph.compacted()
    let newKeys = origins.map { keys.key(of: $0) }
    lock.writing {
      graph = smaller
      // The keys were different before, so they still are.
      keys = KeyTable(keys: newKeys) { _ in true } ?? keys
    }
  }

  /// Runs a change while no other one runs.
  func changing<Result>(
    _ body: () throws(VectorError) -> Result
  ) throws(VectorError) -> Result {
    guard pages == nil else { throw .readOnly }
    return try changes.withLock { _ throws(VectorError) in try body() }
  }

  private func validate(_ vectors: [[Float]], _ newKeys: [UInt64]) throws(VectorError) {
    let scratch = scratches.take()
    defer { scratches.give(scratch) }
    var seen: Set<UInt64> = []
    for key in newKeys {
      guard keys.row(of: key) == nil, seen.insert(key).inserted else { throw .duplicateKey(key) }
    }
    for vector in vectors {
      try scratch.query.load(vector)
      try scratch.query.checkRange()
    }
  }

  /// Adds checked vectors under new keys, and says in which rows.
  @discardableResult
  private func link(
    _ vectors: [[Float]], _ newKeys: [UInt64], threads: Int
  ) throws(VectorError) -> [UInt32] {
    let rows = try lock.writing { () throws(VectorError) in
      try graph.rememberLengths()
      let rows = try addRows(vectors)
      for (row, key) in zip(rows, newKeys) { keys.set(key, of: Int(row)) }
      return rows
    }
    let builder = HNSWBuilder(graph, threads: threads)
    builder.link(rows) { body in lock.writing(body) }
    return rows
  }

  /// Links a checked vector in, hidden, and then lets it take over the key of an old row in the
  /// same moment in which links come to lead to it.
  private func replace(
    _ old: Int, by vector: [Float], _ key: UInt64
  ) throws(VectorError) -> [UInt32] {
    let rows = try lock.writing { () throws(VectorError) in
      try graph.rememberLengths()
      let rows = try addRows([vector])
      for row in rows { graph.markRemoved(Int(row)) }
      return rows
    }
    HNSWBuilder(graph, threads: 1).link(rows) { body in
      lock.writing {
        body()
        keys.remove(key)
        graph.markRemoved(old)
        for row in rows {
          graph.markLive(Int(row))
          keys.set(key, of: Int(row))
        }
      }
    }
    return rows
  }

  /// Writes checked vectors into rows that nothing leads to yet.
  private func addRows(_ vectors: [[Float]]) throws(VectorError) -> [UInt32] {
    let scratch = scratches.take()
    defer { scratches.give(scratch) }
    let levels = vectors.indices.map { graph.drawLevel(number: arrivals + $0) }
    try graph.reserve(vectors.count, upperLists: levels.reduce(0, +))
    arrivals += vectors.count
    return zip(vectors, levels).map { vector, level in
      do { try scratch.query.load(vector) } catch {
        preconditionFailure("the vectors were checked: \(error)")
      }
      return graph.add(scratch.query, level: level)
    }
  }

  private func repairIfDue() {
    if graph.removedCount * Self.repairShare > graph.liveCount { repair() }
  }

  /// Takes removed rows out of the graph, with searches in between.
  private func repair() {
    var repair = GraphRepair(graph)
    for first in stride(from: 0, to: graph.count, by: Self.repairBatch) {
      lock.writing {
        for row in first..<min(first + Self.repairBatch, graph.count) { repair.mend(row) }
      }
    }
    lock.writing {
      repair.moveEntry()
      graph.vacateRemoved()
    }
    connect()
  }

  /// Links in what vectors that came one by one have cut off; it pays to do that for many at once.
  ///
  /// A new row itself is linked in at once where nobody has linked back to it.
  private func connectIfDue(_ rows: [UInt32]) {
    unconnected += rows.count
    if unconnected * Self.connectionShare > graph.count { return connect() }
    for row in rows where !graph.isLinkedBack(Int(row)) {
      lock.writing { GraphConnection.connect(row, of: graph) }
    }
  }

  private func connect() {
    lock.writing { GraphConnection.connect(graph) }
    unconnected = 0
  }
}
