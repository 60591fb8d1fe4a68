public import LabCore

/// The pending events of a world: what is due when, ties first in, first out.
///
/// An event is a point in time and a 32-bit tag, 16 bytes in all; a world keeps the bodies of its
/// events elsewhere and finds them by tag. The queue is a binary heap in memory of its own whose
/// root may be a hole: a removal leaves the hole, and an insertion that follows, which is what an
/// event that causes another does, fills it and sifts once instead of twice.
///
/// - Complexity: Inserting and removing take O(log n) comparisons for n pending events.
/// - Determinism: The order depends on the times and on the order of insertion alone.
public struct EventQueue: ~Copyable {
  /// An event as one number: time, then order of insertion, then tag, most significant first.
  ///
  /// Comparing two such numbers compares two events, and no two are equal.
  @usableFromInline typealias Entry = UInt128

  @usableFromInline var entries: UnsafeMutablePointer<Entry>
  @usableFromInline var capacity: Int
  /// The entries in use, a hole at the root among them.
  @usableFromInline var used: Int
  @usableFromInline var holeAtRoot: Bool
  @usableFromInline var nextOrder: UInt32

  /// Makes an empty queue.
  ///
  /// - Parameter capacity: How many events fit before the memory grows; at least 1.
  public init(capacity: Int = 1024) {
    self.capacity = max(capacity, 1)
    entries = .allocate(capacity: self.capacity)
    used = 0
    holeAtRoot = false
    nextOrder = 0
  }

  @inlinable deinit { entries.deallocate() }

  /// How many events are pending.
  @inlinable public var count: Int { holeAtRoot ? used &- 1 : used }

  /// How many bytes of memory the queue holds.
  public var memory: ByteCount { ByteCount(capacity * MemoryLayout<Entry>.stride) }

  /// Adds an event.
  ///
  /// - Parameters:
  ///   - time: When it is due; not before the beginning of the world.
  ///   - tag: What it is, in the caller's own words.
  @inlinable @inline(__always)
  public mutating func insert(at time: Instant, tag: UInt32) {
    if nextOrder == .max { renumber() }
    let entry = Self.entry(time, nextOrder, tag)
    nextOrder &+= 1
    if holeAtRoot {
      holeAtRoot = false
      siftDown(entry)
    } else {
      if used == capacity { grow() }
      used &+= 1
      siftUp(entry, from: used &- 1)
    }
  }

  /// Removes the event that is due first.
  ///
  /// - Returns: Its time and tag, or `nil` when nothing is pending.
  @inlinable @inline(__always)
  public mutating func removeFirst() -> (time: Instant, tag: UInt32)? {
    fillHole()
    guard used > 0 else { return nil }
    holeAtRoot = true
    return (Self.time(of: entries[0]), UInt32(truncatingIfNeeded: entries[0]))
  }

  /// When the first event is due; `nil` when nothing is pending.
  @inlinable @inline(__always)
  public mutating func firstTime() -> Instant? {
    fillHole()
    return used > 0 ? Self.time(of: entries[0]) : nil
  }

  @inlinable @inline(__always)
  static func entry(_ time: Instant, _ order: UInt32, _ tag: UInt32) -> Entry {
    precondition(time.nanoseconds >= 0, "an event before the beginning of its world")
    return Entry(UInt64(bitPattern: time.nanoseconds)) << 64
      | Entry(UInt64(order) << 32 | UInt64(tag))
  }

  @inlinable @inline(__always)
  static func time(of entry: Entry) -> Instant {
    Instant(nanoseconds: Int64(truncatingIfNeeded: entry >> 64))
  }

  /// Puts the last entry in place of the hole.
  @inlinable @inline(__always)
  mutating func fillHole() {
    guard holeAtRoot else { return }
    holeAtRoot = false
    used &-= 1
    if used > 0 { siftDown(entries[used]) }
  }

  @inlinable @inline(__always)
  mutating func siftUp(_ entry: Entry, from last: Int) {
    var place = last
    while place > 0 {
      let parent = (place &- 1) >> 1
      if entries[parent] < entry { break }
      entries[place] = entries[parent]
      place = parent
    }
    entries[place] = entry
  }

  @inlinable @inline(__always)
  mutating func siftDown(_ entry: Entry) {
    var place = 0
    var child = 1
    while child &+ 1 < used {
      let right: Int = entries[child &+ 1] < entries[child] ? 1 : 0
      child &+= right
      if entry < entries[child] {
        entries[place] = entry
        return
      }
      entries[place] = entries[child]
      place = child
      child = 2 &* place &+ 1
    }
    if child < used, entries[child] < entry {
      entries[place] = entries[child]
      place = child
    }
    entries[place] = entry
  }

  @usableFromInline
  mutating func grow() {
    let larger = UnsafeMutablePointer<Entry>.allocate(capacity: capacity * 2)
    larger.moveInitialize(from: entries, count: used)
    entries.deallocate()
    entries = larger
    capacity *= 2
  }

  /// Gives the pending events new orders from 0 on, in the order in which they are due, once in
  /// four thousand million insertions.
  @usableFromInline
  mutating func renumber() {
    fillHole()
    var pending = UnsafeMutableBufferPointer(start: entries, count: used)
    pending.sort()
    for (order, entry) in pending.enumerated() {
      pending[order] = Self.entry(
        Self.time(of: entry), UInt32(order), UInt32(truncatingIfNeeded: entry))
    }
    nextOrder = UInt32(used)
  }
}
