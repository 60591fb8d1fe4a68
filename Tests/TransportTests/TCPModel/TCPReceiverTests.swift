import LabCore
import Testing

@testable import Transport

@Suite struct `TCP receivers` {
  private static let room = 1_448
  /// One whose window is as large as it gets.
  private var receiver = TCPReceiver(
    TCPConfiguration(receiveWindow: ByteCount(1 << 16)), at: .zero)

  /// Brings the segment at a place among equal ones.
  private mutating func take(
    _ place: Int, at milliseconds: Int64 = 0, push: Bool = false
  ) -> TCPReceiver.Urgency {
    receiver.take(
      Bytes(Array(repeating: 1, count: Self.room)), at: place * Self.room,
      flags: push ? [.acknowledge, .push] : .acknowledge, timeout: .milliseconds(240),
      now: .zero + .milliseconds(milliseconds))
    let urgency = receiver.urgency
    if urgency == .now { receiver.noteAcknowledged() }
    return urgency
  }

  private func places(_ blocks: [Range<Int>]) -> [Range<Int>] {
    blocks.map { $0.lowerBound / Self.room..<$0.upperBound / Self.room }
  }

  @Test mutating func `acknowledge sixteen segments at once and then every second`() {
    let urgencies = (0..<22).map { take($0) }
    #expect(
      urgencies == Array(repeating: .now, count: 16) + [.soon, .now, .soon, .now, .soon, .now])
  }

  @Test mutating func `acknowledge every segment that is not small while their window grows`() {
    receiver = TCPReceiver(
      TCPConfiguration(receiveWindow: ByteCount(1 << 16 + 40 * Self.room)), at: .zero)
    let urgencies = (0..<24).map { take($0) }
    #expect(urgencies.prefix(20) == Array(repeating: .now, count: 20)[...])
    #expect(urgencies.suffix(4) == [.soon, .now, .soon, .now])
    #expect(receiver.window == 1 << 16 + 40 * Self.room)
  }

  @Test mutating func `are quick again after a pause longer than the timeout`() {
    for place in 0..<17 { _ = take(place) }
    #expect(take(17) == .now)
    #expect(take(18, at: 241) == .now)
    #expect(take(19, at: 241) == .now)
  }

  @Test mutating func `wait for an answer once they have answered, until they waited in vain`() {
    _ = take(0)
    receiver.noteSending(now: .zero + .milliseconds(39))
    receiver.noteAcknowledged()
    #expect(take(1, at: 50, push: true) == .soon)
    receiver.noteDelay()
    receiver.noteAcknowledged()
    #expect(take(2, at: 90, push: true) == .now)
  }

  @Test mutating func `read what is pushed at once, and say so when they do not answer`() {
    for place in 0..<16 { _ = take(place) }
    #expect(take(16) == .soon)
    receiver.noteAcknowledged()
    #expect(take(17, push: true) == .now)
  }

  @Test mutating func `report holes with the newest first, joined where they meet`() {
    _ = take(0)
    for place in [2, 6, 4] { #expect(take(place) == .now) }
    #expect(places(receiver.blocks(atMost: 3)) == [4..<5, 6..<7, 2..<3])
    #expect(places(receiver.blocks(atMost: 2)) == [4..<5, 6..<7])
    _ = take(5)
    #expect(places(receiver.blocks(atMost: 3)) == [4..<7, 2..<3])
    #expect(take(1) == .now)
    #expect(receiver.next == 3 * Self.room)
    #expect(places(receiver.blocks(atMost: 3)) == [4..<7])
    _ = take(3)
    #expect(receiver.next == 7 * Self.room)
    #expect(receiver.blocks(atMost: 3).isEmpty)
    #expect(receiver.takeArrived().reduce(0) { $0 + $1.count } == 7 * Self.room)
  }

  @Test mutating func `report what arrives twice once, before the holes`() {
    _ = take(0)
    _ = take(2)
    receiver.take(
      Bytes(Array(repeating: 1, count: Self.room)), at: 0, flags: .acknowledge,
      timeout: .seconds(1), now: .zero)
    #expect(receiver.urgency == .now)
    #expect(places(receiver.blocks(atMost: 3)) == [0..<1, 2..<3])
    receiver.noteAcknowledged()
    #expect(places(receiver.blocks(atMost: 3)) == [2..<3])
  }

  @Test mutating func `take parts that overlap in any way once`() {
    func bytes(_ range: Range<Int>) -> Bytes { Bytes(range.map { UInt8($0 % 251) }) }
    var random = Seed(7).stream()
    for _ in 0..<400 {
      let start = random.below(2_000)
      let range = start..<min(start + 1 + random.below(90), 2_000)
      receiver.take(
        bytes(range), at: start, flags: .acknowledge, timeout: .seconds(1), now: .zero)
    }
    receiver.take(
      bytes(0..<2_000), at: 0, flags: [.acknowledge, .finish], timeout: .seconds(1), now: .zero)
    #expect(receiver.takeArrived().flatMap(\.array) == bytes(0..<2_000).array)
    #expect(receiver.hasEnded && receiver.next == 2_001)
  }

  @Test mutating func `take nothing from beyond their window`() {
    receiver.take(
      Bytes([1]), at: (3 << 20) + 1, flags: .acknowledge, timeout: .seconds(1), now: .zero)
    #expect(receiver.blocks(atMost: 3).isEmpty)
  }
}
