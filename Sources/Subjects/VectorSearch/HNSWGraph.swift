// The graph of an index: rows, their links and their levels.

import CDistance
import Glibc
import LabCore

/// A hierarchy of graphs over the rows of a table: all rows stand on level 0, ever fewer on the
/// levels above, and each has links to some near rows of its level.
///
/// Links on level 0 stand in the row, before its vector; a list ends at its limit or at
/// ``noRow``. Rows with higher levels have further lists in a memory of their own. It guards
/// nothing against use from several threads: ``HNSWIndex`` does.
final class HNSWGraph {
  /// What stands in a list of links after the last one.
  static let noRow = UInt32.max
  /// The highest level that a row can have.
  static let highestLevel = 24

  /// Whether a row can be found.
  enum Status: UInt8 {
    case live = 0
    /// Taken out, but other rows still have links to it.
    case removed = 0x40
    /// Nothing leads to it; a new vector may take its place.
    case vacant = 0x80
  }

  let configuration: HNSWConfiguration
  let rows: VectorRows
  /// The number of rows, with those that are removed or vacant.
  private(set) var count = 0
  /// Where searches begin; `nil` without live rows.
  var entry: UInt32?
  /// For each row its level, and in the upper two bits its status.
  private(set) var marks: RowMemory
  /// For each row the number of its first list above level 0, or ``noRow``.
  private(set) var upperPlaces: RowMemory
  /// The lists above level 0, each with room for ``HNSWConfiguration/connectivity`` links.
  private(set) var upperLinks: RowMemory
  private(set) var upperListCount = 0
  /// For each link on level 0 its length, as far as it is known, else NaN; only while the graph
  /// changes, since it saves computing them again.
  private(set) var linkLengths: RowMemory?
  private(set) var removedCount = 0
  private(set) var vacant: [UInt32] = []

  init(
    layout: RowLayout, metric: VectorMetric, configuration: HNSWConfiguration, capacity: Int = 64
  ) throws(VectorError) {
    self.configuration = configuration
    rows = try VectorRows(layout: layout, metric: metric, capacity: capacity)
    marks = try RowMemory(byteCount: capacity)
    upperPlaces = try RowMemory(byteCount: capacity * 4)
    upperLinks = try RowMemory(byteCount: 16 * configuration.connectivity * 4)
  }

  /// Takes the parts of a file, whose rows are all live.
  ///
  /// - Returns: `nil` when a part is missing.
  init?(_ header: IndexFileHeader, layout: RowLayout, parts: RowParts) {
    guard let marks = parts[.marks], let places = parts[.upperPlaces],
      let links = parts[.upperLinks], let memory = parts[.rows]
    else { return nil }
    configuration = header.configuration
    let isInt8 = header.storage == .int8
    rows = VectorRows(
      layout: layout, metric: header.metric, rows: header.rows, memory: memory,
      terms: isInt8 ? parts[.terms] : nil, given: isInt8 ? parts[.given] : nil)
    (self.marks, upperPlaces, upperLinks) = (marks, places, links)
    count = header.rows
    entry = header.entry == Self.noRow ? nil : header.entry
    upperListCount = header.upperLists
  }

  /// The number of rows that can be found.
  var liveCount: Int { count - removedCount - vacant.count }

  // MARK: levels and status

  func level(_ row: Int) -> Int { Int(marks.base.load(fromByteOffset: row, as: UInt8.self) & 0x3f) }

  func status(_ row: Int) -> Status {
    Status(rawValue: marks.base.load(fromByteOffset: row, as: UInt8.self) & 0xc0) ?? .vacant
  }

  /// The level on which a search begins.
  var topLevel: Int { entry.map { level(Int($0)) } ?? 0 }

  /// The level of the row with a number: each level has a share of one in
  /// ``HNSWConfiguration/connectivity`` of the one below.
  ///
  /// - Determinism: The seed and the number fix it.
  func drawLevel(number: Int) -> Int {
    var stream = Seed(configuration.seed).child(number).stream()
    let level = -log(stream.positiveUnit()) / log(Double(configuration.connectivity))
    return min(Int(level), Self.highestLevel)
  }

  // MARK: links

  /// A row's list of links on a level where it stands, and how long it can be.
  @inline(__always)
  func links(_ row: Int, level: Int) -> UnsafeMutableBufferPointer<UInt32> {
    if level == 0 {
      return UnsafeMutableBufferPointer(
        start: rows.links(row), count: configuration.lowestLinkLimit)
    }
    let place = upperPlaces.base.assumingMemoryBound(to: UInt32.self)[row]
    let limit = configuration.connectivity
    let list =
      upperLinks.base.assumingMemoryBound(to: UInt32.self)
      + (Int(place) + level - 1) * limit
    return UnsafeMutableBufferPointer(start: list, count: limit)
  }

  /// Whether a row that the given one has a link to on level 0 has one to it.
  func isLinkedBack(_ row: Int) -> Bool {
    links(row, level: 0).prefix { $0 != Self.noRow }.contains { target in
      links(Int(target), level: 0).contains(UInt32(row))
    }
  }

  /// The lengths of a row's links on level 0.
  @inline(__always)
  func lengths(_ row: Int) -> UnsafeMutablePointer<Float>? {
    linkLengths.map {
      $0.base.assumingMemoryBound(to: Float.self) + row * configuration.lowestLinkLimit
    }
  }

  /// Makes the memory of link lengths, of which none is known yet.
  func rememberLengths() throws(VectorError) {
    guard linkLengths == nil else { return }
    let room = rows.capacity * configuration.lowestLinkLimit
    let memory = try RowMemory(byteCount: room * 4)
    memory.base.assumingMemoryBound(to: Float.self).update(
      repeating: .nan, count: count * configuration.lowestLinkLimit)
    linkLengths = memory
  }

  /// Gives the memory of link lengths back.
  func forgetLengths() { linkLengths = nil }

  // MARK: rows

  /// Makes room for more rows at the end, and for more lists above level 0.
  ///
  /// - Throws: ``VectorError``; the graph is as it was.
  func reserve(_ more: Int, upperLists lists: Int) throws(VectorError) {
    guard more <= VectorLimits.rows - count else { throw .full(rows: count) }
    let listBytes = (upperListCount + lists) * configuration.connectivity * 4
    let isShort = listBytes > upperLinks.byteCount
    let longer = isShort ? try upperLinks.grown(to: max(listBytes, 2 * upperLinks.byteCount)) : nil
    if count + more > rows.capacity {
      let capacity = rows.capacity(for: count + more)
      let marks = try marks.grown(to: capacity)
      let places = try upperPlaces.grown(to: capacity * 4)
      let lengths = try linkLengths?.grown(to: capacity * configuration.lowestLinkLimit * 4)
      try rows.reserve(count + more)
      (self.marks, upperPlaces, linkLengths) = (marks, places, lengths)
    }
    if let longer { upperLinks = longer }
  }

  /// Gives a vector a row, a vacant one or the next; room for it was made before.
  ///
  /// It has no links yet, and none lead to it.
  func add(_ query: QueryBuffer, level: Int) -> UInt32 {
    let place = takeUpperLists(level)
    let row = vacant.popLast().map(Int.init) ?? count
    if row == count { count += 1 }
    rows.write(query, to: row)
    marks.base.storeBytes(of: UInt8(level), toByteOffset: row, as: UInt8.self)
    upperPlaces.base.assumingMemoryBound(to: UInt32.self)[row] = place
    for level in 0...level { links(row, level: level).update(repeating: Self.noRow) }
    return UInt32(row)
  }

  private func takeUpperLists(_ lists: Int) -> UInt32 {
    guard lists > 0 else { return Self.noRow }
    defer { upperListCount += lists }
    return UInt32(upperListCount)
  }

  /// The number of lists above level 0 that live rows have.
  private var usedListCount: Int {
    (0..<count).reduce(0) { $0 + (status($1) == .live ? level($1) : 0) }
  }

  /// Whether there are lists above level 0 of rows that are gone.
  var hasUnusedLists: Bool { usedListCount < upperListCount }

  /// Marks a row as removed; searches still walk over it.
  func markRemoved(_ row: Int) {
    setStatus(.removed, of: row)
    removedCount += 1
  }

  /// Lets a row be found that was marked as removed.
  func markLive(_ row: Int) {
    setStatus(.live, of: row)
    removedCount -= 1
  }

  /// Declares the removed rows vacant, after all links to them are gone.
  func vacateRemoved() {
    for row in 0..<count where status(row) == .removed {
      setStatus(.vacant, of: row)
      vacant.append(UInt32(row))
    }
    // The lowest numbers are taken first.
    vacant.sort(by: >)
    removedCount = 0
  }

  private func setStatus(_ status: Status, of row: Int) {
    let mark = UInt8(level(row)) | status.rawValue
    marks.base.storeBytes(of: mark, toByteOffset: row, as: UInt8.self)
  }

  /// A copy with the live rows alone, and for each of its rows the number that it had.
  ///
  /// No link may lead to a row that is not live.
  func compacted() throws(VectorError) -> (graph: HNSWGraph, origins: [Int]) {
    let origins = (0..<count).filter { status($0) == .live }
    var numbers = [UInt32](repeating: Self.noRow, count: count)
    for (number, row) in origins.enumerated() { numbers[row] = UInt32(number) }
    let copy = try HNSWGraph(
      layout: rows.layout, metric: rows.metric, configuration: configuration,
      capacity: max(origins.count, 1))
    try copy.reserve(origins.count, upperLists: usedListCount)
    for row in origins { copy.append(row, of: self, numbers) }
    copy.entry = entry.map { numbers[Int($0)] }
    return (copy, origins)
  }

  /// Copies a row of another graph to the end, with its links renumbered.
  private func append(_ row: Int, of other: HNSWGraph, _ numbers: [UInt32]) {
    let level = other.level(row)
    let place = takeUpperLists(level)
    let target = count
    count += 1
    rows.copy(row, of: other.rows, to: target)
    marks.base.storeBytes(of: UInt8(level), toByteOffset: target, as: UInt8.self)
    upperPlaces.base.assumingMemoryBound(to: UInt32.self)[target] = place
    for level in 0...level {
      let links = links(target, level: level)
      for (place, link) in other.links(row, level: level).enumerated() {
        links[place] = link == Self.noRow ? link : numbers[Int(link)]
      }
    }
  }

  /// Bytes of memory that the rows in use take, with links, levels and lists.
  var byteCount: Int {
    rows.byteCount(rows: count) + count * 5 + upperListCount * configuration.connectivity * 4
  }
}
