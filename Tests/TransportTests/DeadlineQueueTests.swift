// The deadlines of an endpoint's connections.
import LabCore
import Testing

@testable import Transport

@Suite struct `A queue of deadlines` {
  @Test(arguments: [1, 3, 40])
  func `says what a plain table says`(connections: Int) {
    var queue = DeadlineQueue()
    var table: [Int: UInt64] = [:]
    var random = Seed(11).child(connections).stream()
    var now: UInt64 = 0
    for step in 0..<5_000 {
      let number = random.below(connections)
      switch random.below(10) {
      case 0:
        queue.set(nil, of: number)
        table[number] = nil
      case 1:
        now += UInt64(random.below(60))
        let due = table.filter { $0.value <= now }.keys.sorted()
        #expect(queue.takeDue(by: now) == due, "step \(step)")
        for number in due { table[number] = nil }
      default:
        let deadline = now + UInt64(random.below(100))
        queue.set(deadline, of: number)
        table[number] = deadline
      }
      #expect(queue.first() == table.values.min(), "step \(step)")
    }
    #expect(now > 1_000)
  }

  @Test func `keeps no more than it needs when deadlines only come nearer`() {
    var queue = DeadlineQueue()
    for step in 0..<100_000 { queue.set(UInt64(1_000_000 - step), of: step % 2) }
    #expect(queue.entries <= 72)
    #expect(queue.first() == 900_001)
  }
}
