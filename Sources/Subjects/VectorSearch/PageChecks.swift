// Which pages of a mapped file were checked.

import Journal
import Synchronization

/// Checks each page of a mapped file when a search first touches it: its checksum, and that nothing
/// in it leads outside the file.
///
/// What was found right is not checked again: the file's content must not change while it is
/// mapped.
final class PageChecks: @unchecked Sendable {  // Pages are marked by atomic bytes.
  let file: MappedFile
  let header: IndexFileHeader
  let layout: IndexFileLayout
  /// One for each page that was found right.
  private let isRight: UnsafeMutablePointer<Atomic<UInt8>>
  /// One when the parts besides the rows were found right.
  private let areTablesRight = Atomic<UInt8>(0)
  private let firstRowPage: Int
  private let firstGivenPage: Int
  private let rowShift: Int

  /// Checks header and directory of a file.
  init(_ file: MappedFile) throws(IndexFileError) {
    self.file = file
    header = try IndexFileHeader(file)
    layout = IndexFileLayout(header)
    // Before anything is as large as the header says.
    guard file.byteCount == layout.fileBytes else {
      let problem = IndexFileError.Problem.wrongSize(
        found: file.byteCount, expected: layout.fileBytes)
      throw IndexFileError(path: file.path, problem: problem)
    }
    isRight = .allocate(capacity: max(layout.pageCount, 1))
    for page in 0..<layout.pageCount { (isRight + page).initialize(to: Atomic(0)) }
    firstRowPage = layout[.rows].firstPage
    firstGivenPage = layout[.given].firstPage
    rowShift = layout.rowShift
    let directory = file.bytes(IndexFileHeader.size..<layout.directoryEnd)
    guard Self.checksum(directory) == header.directoryChecksum else {
      throw problem(.damaged(part: "directory"))
    }
  }

  deinit { isRight.deallocate() }

  /// Checks the page of a row if nobody has yet.
  @inline(__always)
  func touch(_ row: UInt32) throws(IndexFileError) {
    let page = firstRowPage &+ Int(row) &>> rowShift
    if isRight[page].load(ordering: .acquiring) == 0 { try check(page) }
  }

  /// Checks the pages of listed rows.
  @inline(__always)
  func touch(_ rows: UnsafePointer<UInt32>, _ count: Int) throws(IndexFileError) {
    for place in 0..<count { try touch(rows[place]) }
  }

  /// Checks the page of a row's given components.
  func touchGiven(_ row: UInt32) throws(IndexFileError) {
    let page = firstGivenPage &+ Int(row) &>> rowShift
    if isRight[page].load(ordering: .acquiring) == 0 { try check(page) }
  }

  /// Checks everything besides rows and given components.
  func touchTables() throws(IndexFileError) {
    if areTablesRight.load(ordering: .acquiring) == 1 { return }
    for page in 0..<firstRowPage { try check(page) }
    try checkLevels()
    areTablesRight.store(1, ordering: .releasing)
  }

  /// Checks the whole file.
  func checkAll() throws(IndexFileError) {
    try touchTables()
    for page in firstRowPage..<layout.pageCount { try check(page) }
  }

  private func check(_ page: Int) throws(IndexFileError) {
    let (part, range) = layout.range(ofPage: page)
    let bytes = file.bytes(range)
    let place = IndexFileHeader.size + 4 * page
    let expected = file.bytes(place..<place + 4).load(as: UInt32.self)
    guard Self.checksum(bytes) == expected, part != .rows || areLinksRight(bytes) else {
      throw problem(.damaged(part: part.name))
    }
    isRight[page].store(1, ordering: .releasing)
  }

  /// Whether the links of a page of rows lead to rows.
  private func areLinksRight(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let stride = layout.rowLayout.stride
    return Swift.stride(from: 0, to: bytes.count, by: stride).allSatisfy { row in
      (0..<layout.rowLayout.linkLimit).allSatisfy { place in
        let link = bytes.load(fromByteOffset: row + 4 * place, as: UInt32.self)
        return link < header.rows || link == HNSWGraph.noRow
      }
    }
  }

  /// Checks that every row's lists exist and lead to rows that stand on the same level.
  private func checkLevels() throws(IndexFileError) {
    guard header.rows > 0 else { return }
    let marks = file.bytes(range(.marks))
    let places = file.bytes(range(.upperPlaces)).assumingMemoryBound(to: UInt32.self)
    let links = file.bytes(range(.upperLinks)).assumingMemoryBound(to: UInt32.self)
    let limit = header.configuration.connectivity
    let damaged = problem(.damaged(part: IndexFileLayout.Part.marks.name))
    for row in 0..<header.rows {
      // A mark with a status in its upper bits is too large as well: files hold live rows alone.
      let level = Int(marks[row])
      guard level <= Int(marks[Int(header.entry)]), level <= HNSWGraph.highestLevel else {
        throw damaged
      }
      if level == 0 { continue }
      let first = Int(places[row])
      guard first + level <= header.upperLists else { throw damaged }
      for above in 1...level {
        for link in links[(first + above - 1) * limit..<(first + above) * limit] {
          guard link == HNSWGraph.noRow || (link < header.rows && Int(marks[Int(link)]) >= above)
          else { throw damaged }
        }
      }
    }
  }

  private func range(_ part: IndexFileLayout.Part) -> Range<Int> {
    let place = layout[part]
    return place.offset..<place.offset + place.byteCount
  }

  private func problem(_ problem: IndexFileError.Problem) -> IndexFileError {
    IndexFileError(path: file.path, problem: problem)
  }

  static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var check = CRC32C()
    check.update(bytes)
    return check.checksum
  }
}
