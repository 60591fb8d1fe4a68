import LabCore
import Testing

@testable import Emulation

@Suite struct `Packet queues` {
  @Test func `give packets in the order of their times, then of their entry`() {
    var queue = PacketQueue()
    var random = Seed(5).stream()
    let times = (0..<5_000).map { _ in Instant.zero + .microseconds(Int64(random.below(800))) }
    var taken: [(due: Instant, number: Int)] = []
    for (number, time) in times.enumerated() {
      queue.insert([UInt8(number & 255), UInt8(number >> 8)], due: time)
      // Some leave meanwhile, so that the queue is emptied from the front as it grows.
      guard number % 3 == 0, let first = queue.firstTime else { continue }
      let entry = queue.removeFirst(through: first)
      #expect(entry?.due == first)
    }
    while let first = queue.firstTime {
      #expect(queue.removeFirst(through: .zero) == nil)
      guard let entry = queue.removeFirst(through: first) else { break }
      taken.append((entry.due, Int(entry.packet[0]) + Int(entry.packet[1]) << 8))
    }
    #expect(taken.count == 5_000 - 1_667)
    #expect(zip(taken, taken.dropFirst()).allSatisfy { ($0.due, $0.number) < ($1.due, $1.number) })
  }
}
