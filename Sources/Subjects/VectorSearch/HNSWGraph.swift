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

  /// Makes room for more rows at the end.
  func reserve(_ more: Int) throws(VectorError) {
    guard count + more <= VectorLimits.rows else { throw .full(rows: count) }
    guard count + more > rows.capacity else { return }
    try rows.reserve(count + more)
    marks = try marks.grown(to: rows.capacity)
    upperPlaces = try upperPlaces.grown(to: rows.capacity * 4)
    let limit = configuration.lowestLinkLimit
    linkLengths = try linkLengths?.grown(to: rows.capacity * limit * 4)
  }

  /// Gives a vector a row, a vacant one or the next.
  ///
  /// It has no links yet, and none lead to it.
  /// - Parameter number: Which vector this is, of all that ever came; it decides the level.
  func add(_ query: QueryBuffer, number: Int) throws(VectorError) -> UInt32 {
    let level = drawLevel(number: number)
    let place = try reserveUpperLists(level)
    if vacant.isEmpty { try reserve(1) }
    let row = vacant.popLast().map(Int.init) ?? count
    if row == count { count += 1 }
    rows.write(query, to: row)
    marks.base.storeBytes(of: UInt8(level), toByteOffset: row, as: UInt8.self)
    upperPlaces.base.assumingMemoryBound(to: UInt32.self)[row] = place
    for level in 0...level { links(row, level: level).update(repeating: Self.noRow) }
    return UInt32(row)
  }

  private func reserveUpperLists(_ lists: Int) throws(VectorError) -> UInt32 {
    guard lists > 0 else { return Self.noRow }
    let bytes = (upperListCount + lists) * configuration.connectivity * 4
    if bytes > upperLinks.byteCount {
      upperLinks = try upperLinks.grown(to: max(bytes, 2 * upperLinks.byteCount))
    }
    defer { upperListCount += lists }
    return UInt32(upperListCount)
  }

  /// Marks a row as removed; searches still walk over it.
  func markRemoved(_ row: Int) {
    setStatus(.removed, of: row)
    removedCount += 1
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
    for row in origins { try copy.append(row, of: self, numbers) }
    copy.entry = entry.map { numbers[Int($0)] }
    return (copy, origins)
  }

  /// Copies a row of another graph to the end, with its links renumbered.
  private func append(
    _ row: Int, of other: HNSWGraph, _ numbers: [UInt32]
  ) throws(VectorError) {
    let level = other.level(row)
    let place = try reserveUpperLists(level)
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
