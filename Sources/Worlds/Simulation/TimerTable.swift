public import LabCore

/// The timers of all nodes, each armed at most once in the event queue.
///
/// Setting a timer again, which protocols do at every message, moves its deadline here and leaves
/// the queue alone; when the old entry comes due the timer is queued anew for the rest of its time.
/// An entry that is not the newest of its timer is stale and ignored. Among events that are due
/// together such a timer therefore stands where it was queued anew, not where it was set.
@usableFromInline
struct TimerTable: ~Copyable {
  @usableFromInline
  struct Slot: BitwiseCopyable {
    /// When the timer fires on the node's own clock; `never` while it is not set.
    @usableFromInline var local: Instant
    /// When that is on the world's clock.
    @usableFromInline var deadline: Instant
    /// When its entry in the queue comes due; `never` when it has none.
    @usableFromInline var queued: Instant
    @usableFromInline var node: UInt32
    @usableFromInline var index: UInt32

    @inlinable init(node: UInt32, index: UInt32) {
      (local, deadline, queued) = (.never, .never, .never)
      self.node = node
      self.index = index
    }
  }

  /// How many timers of each node have a slot from the beginning, found without a look elsewhere.
  @usableFromInline static var near: UInt32 { 4 }

  /// The slots of the near timers, node by node, then those of all others as they were first set.
  @usableFromInline var slots: UnsafeMutablePointer<Slot>
  @usableFromInline var capacity: Int
  @usableFromInline var count: Int
  /// From the number of a node and of a timer that is not near to the slot.
  var far: [UInt64: UInt32] = [:]

  init(nodes: Int) {
    count = nodes * Int(Self.near)
    capacity = max(count, 16)
    slots = Self.allocate(capacity)
    for place in 0..<count {
      let (node, index) = UInt32(place).quotientAndRemainder(dividingBy: Self.near)
      (slots + place).initialize(to: Slot(node: node, index: index))
    }
  }

  @inlinable deinit { slots.deallocate() }

  /// Memory in which no slot lies across two lines of the cache.
  private static func allocate(_ capacity: Int) -> UnsafeMutablePointer<Slot> {
    UnsafeMutableRawPointer.allocate(
      byteCount: capacity * MemoryLayout<Slot>.stride, alignment: 64
    ).bindMemory(to: Slot.self, capacity: capacity)
  }

  /// The slot of a node's timer, made when it is first asked for.
  @inlinable @inline(__always)
  mutating func slot(node: UInt32, index: UInt32) -> UInt32 {
    index < Self.near ? node &* Self.near &+ index : farSlot(node: node, index: index)
  }

  /// Sets a timer.
  ///
  /// - Returns: Whether the timer needs an entry in the queue at its deadline.
  @inlinable @inline(__always)
  mutating func set(_ slot: UInt32, local: Instant, deadline: Instant) -> Bool {
    let timer = slots + Int(slot)
    timer.pointee.local = local
    timer.pointee.deadline = deadline
    guard deadline < timer.pointee.queued else { return false }
    timer.pointee.queued = deadline
    return true
  }

  @inlinable @inline(__always)
  mutating func cancel(_ slot: UInt32) {
    slots[Int(slot)].local = .never
    slots[Int(slot)].deadline = .never
  }

  @usableFromInline mutating func cancelAll(of node: UInt32) {
    for slot in 0..<count where slots[slot].node == node { cancel(UInt32(slot)) }
  }

  @usableFromInline mutating func farSlot(node: UInt32, index: UInt32) -> UInt32 {
    precondition(
      index < 1 << 20, "timer \(index) of node \(node): timer numbers are dense and small")
    let key = UInt64(node) << 32 | UInt64(index)
    if let known = far[key] { return known }
    if count == capacity {
      let larger = Self.allocate(capacity * 2)
      larger.moveInitialize(from: slots, count: count)
      slots.deallocate()
      slots = larger
      capacity *= 2
    }
    let slot = UInt32(count)
    (slots + count).initialize(to: Slot(node: node, index: index))
    count += 1
    far[key] = slot
    return slot
  }
}
