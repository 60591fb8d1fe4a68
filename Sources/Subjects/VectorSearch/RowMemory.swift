// Memory that rows live in.

import Glibc

/// A run of zeroed pages from the system, given back when the last owner goes.
///
/// It is asked to use huge pages, since a search touches rows all over it. Bytes that were never
/// written take no memory.
final class RowMemory {
  let base: UnsafeMutableRawPointer
  let byteCount: Int
  private let mapping: UnsafeMutableRawPointer
  /// What is to be given back; 0 for memory that belongs to another owner.
  private let mappedBytes: Int
  private let owner: AnyObject?

  private static let hugePage = 1 << 21

  init(byteCount: Int) throws(VectorError) {
    self.byteCount = byteCount
    owner = nil
    let isLarge = byteCount >= Self.hugePage
    let whole = max(byteCount, 1).addingReportingOverflow(isLarge ? Self.hugePage : 0)
    guard !whole.overflow,
      let mapping = mmap(
        nil, whole.partialValue, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      mapping != MAP_FAILED
    else { throw .outOfMemory(bytes: byteCount) }
    self.mapping = mapping
    mappedBytes = whole.partialValue
    guard isLarge else {
      base = mapping
      return
    }
    let misplaced = Int(bitPattern: mapping) & (Self.hugePage - 1)
    base = mapping + (misplaced == 0 ? 0 : Self.hugePage - misplaced)
    // A refusal costs speed and nothing else.
    _ = madvise(base, byteCount, MADV_HUGEPAGE)
  }

  /// Shows a part of a file that the owner has mapped; nobody may write to it.
  init(base: UnsafeMutableRawPointer, byteCount: Int, owner: AnyObject) {
    self.base = base
    self.byteCount = byteCount
    mapping = base
    mappedBytes = 0
    self.owner = owner
  }

  deinit { if mappedBytes > 0 { munmap(mapping, mappedBytes) } }

  /// As much memory as wanted, beginning with the bytes of this one.
  func grown(to byteCount: Int) throws(VectorError) -> RowMemory {
    let larger = try RowMemory(byteCount: byteCount)
    larger.base.copyMemory(from: base, byteCount: min(self.byteCount, byteCount))
    return larger
  }
}
