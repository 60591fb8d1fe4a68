// The event queue against a plain sorted array.
import LabCore
import Testing

@testable import Simulation

/// The definition: a list in order of time, and among equals in order of insertion.
private struct PlainQueue {
  private(set) var pending: [(time: Int64, tag: UInt32)] = []

  mutating func insert(at time: Int64, tag: UInt32) {
    let place = pending.firstIndex { $0.time > time } ?? pending.count
    pending.insert((time, tag), at: place)
  }

  mutating func removeFirst() -> (time: Int64, tag: UInt32)? {
    pending.isEmpty ? nil : pending.removeFirst()
  }
}

@Suite struct `The event queue` {
  /// Random insertions and removals on both queues; the number of differences.
  private func differences(
    seed: Int, capacity: Int, times: Int, inserting: Int, steps: Int = 3_000,
    nextOrder: UInt32 = 0
  ) -> Int {
    var random = Seed(21).child(seed).stream()
    var queue = EventQueue(capacity: capacity)
    queue.nextOrder = nextOrder
    var (plain, wrong, now) = (PlainQueue(), 0, 0)
    for step in 0..<steps {
      switch random.below(100) {
      case ..<inserting:
        let time = now + random.below(times)
        queue.insert(at: Instant(nanoseconds: Int64(time)), tag: UInt32(step))
        plain.insert(at: Int64(time), tag: UInt32(step))
      case 98:
        if queue.firstTime()?.nanoseconds != plain.pending.first?.time { wrong += 1 }
      default:
        let (one, other) = (queue.removeFirst(), plain.removeFirst())
        if one?.time.nanoseconds != other?.time || one?.tag != other?.tag { wrong += 1 }
        now = other.map { Int($0.time) } ?? now
      }
      if queue.count != plain.pending.count { wrong += 1 }
    }
    while let other = plain.removeFirst() {
      let one = queue.removeFirst()
      if one?.time.nanoseconds != other.time || one?.tag != other.tag { wrong += 1 }
    }
    return wrong + (queue.removeFirst() == nil ? 0 : 1)
  }

  @Test(arguments: [1, 2, 5, 1_000_000], [30, 50, 60])
  func `equals a sorted array, ties first in, first out`(times: Int, inserting: Int) {
    for seed in 0..<8 {
      #expect(differences(seed: seed, capacity: 16, times: times, inserting: inserting) == 0)
    }
  }

  @Test(arguments: [1, 2, 3])
  func `grows from the smallest capacity`(capacity: Int) {
    #expect(differences(seed: 1, capacity: capacity, times: 3, inserting: 90) == 0)
    #expect(differences(seed: 2, capacity: 0, times: 9, inserting: 80) == 0)
  }

  @Test func `keeps its order when the order numbers run out, with and without a hole`() {
    for before in [0, 1, 2, 3, 50, 500, 1_500] as [UInt32] {
      for seed in 0..<4 {
        let wrong = differences(
          seed: seed, capacity: 4, times: 3, inserting: 60, nextOrder: .max - before)
        #expect(wrong == 0, "\(before) numbers before the end")
      }
    }
  }

  @Test func `a queue that does not renumber is caught by the same comparison`() {
    // Orders that start anew put later insertions before earlier ones of the same time.
    var queue = EventQueue(capacity: 4)
    queue.insert(at: .zero, tag: 1)
    queue.insert(at: .zero, tag: 2)
    queue.nextOrder = 0
    queue.insert(at: .zero, tag: 3)
    let order = [queue.removeFirst()?.tag, queue.removeFirst()?.tag, queue.removeFirst()?.tag]
    #expect(order != [1, 2, 3])
  }

  @Test func `a removal leaves a hole that the next insertion fills`() {
    var queue = EventQueue(capacity: 4)
    for tag in 0..<4 as Range<UInt32> { queue.insert(at: .after(Int64(tag)), tag: tag) }
    #expect(queue.removeFirst()?.tag == 0)
    #expect(queue.count == 3 && queue.used == 4 && queue.holeAtRoot)
    queue.insert(at: .after(9), tag: 9)
    #expect(queue.count == 4 && queue.used == 4 && !queue.holeAtRoot && queue.capacity == 4)
    #expect(queue.firstTime() == .after(1))
    for _ in 0..<4 { #expect(queue.removeFirst() != nil) }
    #expect(queue.removeFirst() == nil && queue.firstTime() == nil && queue.count == 0)
    queue.insert(at: .zero, tag: 7)
    #expect(queue.removeFirst()?.tag == 7)
  }

  @Test func `the latest time and the largest tag are kept apart`() {
    var queue = EventQueue(capacity: 2)
    queue.insert(at: Instant(nanoseconds: .max), tag: .max)
    queue.insert(at: .zero, tag: .max)
    queue.insert(at: .zero, tag: 0)
    var removed: [(Instant, UInt32)] = []
    while let event = queue.removeFirst() { removed.append(event) }
    #expect(removed.map(\.0.nanoseconds) == [0, 0, .max])
    #expect(removed.map(\.1) == [.max, 0, .max])
  }

  @Test func `an event takes 16 bytes`() {
    #expect(EventQueue(capacity: 1_000).memory == ByteCount(16_000))
  }

  @Test func `an event before the beginning of the world traps`() async {
    await #expect(processExitsWith: .failure) {
      var queue = EventQueue()
      queue.insert(at: Instant(nanoseconds: -1), tag: 0)
    }
  }
}
