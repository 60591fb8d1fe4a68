// The heap of duties, held to a sorted list.
import LabCore
import Testing

@testable import Sockets

@Suite struct AgendaTests {
  @Test(arguments: [UInt64(1), 2, 3])
  func `an agenda does what a sorted list does`(seed: UInt64) {
    var random = Seed(seed).stream()
    var agenda = Agenda<Int>()
    var list: [(due: Instant, item: Int, handle: Agenda<Int>.Handle)] = []
    for item in 0..<5_000 {
      switch random.below(4) {
      case 0, 1:
        let due = Instant(nanoseconds: Int64(random.below(50)))
        let handle = agenda.insert(item, due: due)
        // Equal times stay in the order of their entry.
        let place = list.firstIndex { $0.due > due } ?? list.count
        list.insert((due, item, handle), at: place)
      case 2 where !list.isEmpty:
        agenda.remove(list.remove(at: random.below(list.count)).handle)
      default:
        let now = Instant(nanoseconds: Int64(random.below(50)))
        let expected = list.first.flatMap { $0.due <= now ? list.removeFirst() : nil }
        let found = agenda.removeFirst(through: now)
        #expect(found?.item == expected?.item)
        #expect(found?.due == expected?.due)
      }
      #expect(agenda.count == list.count)
      #expect(agenda.firstTime == list.first?.due)
    }
    #expect(!list.isEmpty)
  }
}
