/// The bodies of the datagrams under way, found by slot number.
///
/// The memory is unsafe because a delivery moves the message out of its slot exactly once and an
/// array could only copy it; slots are handed out and taken back here and nowhere else.
@usableFromInline
struct MessageStore<Message>: ~Copyable {
  /// A datagram under way.
  @usableFromInline
  struct InFlight {
    @usableFromInline var message: Message
    @usableFromInline var sender: UInt32
    @usableFromInline var receiver: UInt32

    @inlinable init(message: Message, sender: UInt32, receiver: UInt32) {
      self.message = message
      self.sender = sender
      self.receiver = receiver
    }
  }

  @usableFromInline var slots: UnsafeMutablePointer<InFlight>
  @usableFromInline var free: UnsafeMutablePointer<UInt32>
  @usableFromInline var capacity: Int
  @usableFromInline var freeCount: Int

  @usableFromInline init(capacity: Int) {
    self.capacity = capacity
    slots = .allocate(capacity: capacity)
    free = .allocate(capacity: capacity)
    freeCount = 0
    addFree(0..<capacity)
  }

  @inlinable deinit {
    var isFree = [Bool](repeating: false, count: capacity)
    for index in 0..<freeCount { isFree[Int(free[index])] = true }
    for slot in 0..<capacity where !isFree[slot] { (slots + slot).deinitialize(count: 1) }
    slots.deallocate()
    free.deallocate()
  }

  /// How many bytes of memory the store holds, payloads outside messages not counted.
  var memory: Int {
    capacity * (MemoryLayout<InFlight>.stride + MemoryLayout<UInt32>.stride)
  }

  @inlinable @inline(__always)
  mutating func insert(_ body: consuming InFlight) -> UInt32 {
    if freeCount == 0 { grow() }
    freeCount &-= 1
    let slot = free[freeCount]
    (slots + Int(slot)).initialize(to: body)
    return slot
  }

  @inlinable @inline(__always)
  mutating func remove(_ slot: UInt32) -> InFlight {
    free[freeCount] = slot
    freeCount &+= 1
    return (slots + Int(slot)).move()
  }

  @usableFromInline mutating func grow() {
    let larger = UnsafeMutablePointer<InFlight>.allocate(capacity: capacity * 2)
    larger.moveInitialize(from: slots, count: capacity)
    slots.deallocate()
    slots = larger
    free.deallocate()
    free = .allocate(capacity: capacity * 2)
    let old = capacity
    capacity *= 2
    addFree(old..<capacity)
  }

  private mutating func addFree(_ range: Range<Int>) {
    for slot in range.reversed() {
      free[freeCount] = UInt32(slot)
      freeCount += 1
    }
  }
}
