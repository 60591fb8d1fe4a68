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

  @usableFromInline static var none: UInt32 { .max }

  @usableFromInline let nodes: Int
  /// Timer numbers for which the map has room at each node.
  @usableFromInline var width: Int
  /// From node × width + timer number to the slot.
  @usableFromInline var map: UnsafeMutablePointer<UInt32>
  @usableFromInline var slots: UnsafeMutablePointer<Slot>
  @usableFromInline var capacity: Int
  @usableFromInline var count: Int

  init(nodes: Int) {
    self.nodes = nodes
    width = 4
    map = .allocate(capacity: max(nodes * width, 1))
    map.initialize(repeating: Self.none, count: max(nodes * width, 1))
    capacity = max(nodes, 16)
    slots = .allocate(capacity: capacity)
    count = 0
  }

  deinit {
    map.deallocate()
    slots.deallocate()
  }

  /// The slot of a node's timer, made when it is first asked for.
  @inlinable @inline(__always)
  mutating func slot(node: UInt32, index: UInt32) -> UInt32 {
    if Int(index) < width {
      let known = map[Int(node) &* width &+ Int(index)]
      if known != Self.none { return known }
    }
    return makeSlot(node: node, index: index)
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

  @usableFromInline mutating func makeSlot(node: UInt32, index: UInt32) -> UInt32 {
    precondition(
      index < 1 << 20, "timer \(index) of node \(node): timer numbers are dense and small")
    while Int(index) >= width { widen() }
    if count == capacity {
      let larger = UnsafeMutablePointer<Slot>.allocate(capacity: capacity * 2)
      larger.moveInitialize(from: slots, count: count)
      slots.deallocate()
      slots = larger
      capacity *= 2
    }
    let slot = UInt32(count)
    (slots + count).initialize(to: Slot(node: node, index: index))
    count += 1
    map[Int(node) * width + Int(index)] = slot
    return slot
  }

  private mutating func widen() {
    let wider = UnsafeMutablePointer<UInt32>.allocate(capacity: max(nodes * width * 2, 1))
    wider.initialize(repeating: Self.none, count: max(nodes * width * 2, 1))
    for node in 0..<nodes {
      (wider + node * width * 2).update(from: map + node * width, count: width)
    }
    map.deallocate()
    map = wider
    width *= 2
  }
}
