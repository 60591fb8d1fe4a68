// Which pages of a mapped file were checked.

/// Checks each page of a mapped file when a search first touches it.
final class PageChecks: Sendable {
  init() {}

  /// Checks the page of a row if nobody has yet.
  @inline(__always)
  func touch(_ row: UInt32) throws(IndexFileError) {
  }

  func touchTables() throws(IndexFileError) {}
  func touchGiven(_ row: UInt32) throws(IndexFileError) {}
  /// Checks the pages of listed rows.
  @inline(__always)
  func touch(_ rows: UnsafePointer<UInt32>, _ count: Int) throws(IndexFileError) {
    for place in 0..<count { try touch(rows[place]) }
  }
}
enum IndexFileHeader { static let version: UInt32 = 1 }
