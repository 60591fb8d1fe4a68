import LabCore
import Testing
import Transport

@testable import Events

@Suite struct `The store of a bus` {
  private let members = ["n0", "n1", "n2"]

  private func event(_ number: Int, source: Int) -> FleetEvent {
    FleetEvent(
      id: "\(number)", type: "t", source: members[source], target: nil,
      data: String(repeating: "x", count: number % 7), timestamp: .zero)
  }

  /// The plain twin: what is kept, found by looking at everything that ever was.
  private struct Plain {
    var events: [(source: Int, sequence: UInt64, event: FleetEvent)] = []
    var evicted = 0
    var unpinned: UInt64 = 1

    func isKept(_ index: Int) -> Bool {
      index >= evicted || events[index].source == 0 && events[index].sequence >= unpinned
    }

    var bytes: Int {
      events.indices.filter(isKept).reduce(0) { $0 + EventStore.cost(of: events[$1].event) }
    }

    var pinnedBytes: Int {
      events.filter { $0.source == 0 && $0.sequence >= unpinned }.reduce(0) {
        $0 + EventStore.cost(of: $1.event)
      }
    }

    func find(_ source: Int, _ sequence: UInt64) -> FleetEvent? {
      events.indices.first {
        events[$0].source == source && events[$0].sequence == sequence && isKept($0)
      }.map { events[$0].event }
    }
  }

  @Test(arguments: 0..<6)
  func `keeps what a plain list keeps, and comes back from a snapshot and the records after it`(
    seed: Int
  ) throws {
    var random = Seed(21).child(seed).stream()
    var store = EventStore(own: NodeID(0), members: 3)
    var (plain, records) = (Plain(), [Bytes]())
    for number in 0..<300 {
      switch random.below(6) {
      case 0, 1, 2:
        let source = random.below(3)
        let sequence = store.next(of: NodeID(source))
        let event = event(number, source: source)
        let record = LogRecord(
          firstPosition: store.order.next, storedAt: .zero,
          entries: [.event(NodeID(source), sequence, event)])
        store.add(
          event, of: NodeID(source), sequence, storedAt: .zero, record: UInt64(records.count))
        records.append(record.encoded(by: 7))
        plain.events.append((source, sequence, event))
      case 3, 4:
        if store.evictOldest() != nil { plain.evicted += 1 }
      default:
        let next = store.next(of: NodeID(0))
        let sequence = min(next, plain.unpinned + UInt64(random.below(3)))
        store.unpin(before: sequence)
        plain.unpinned = max(plain.unpinned, sequence)
      }
      #expect(store.bytes == plain.bytes && store.pinnedBytes == plain.pinnedBytes)
    }
    let cut = store.firstRecord(next: UInt64(records.count))
    let image = store.image(subscribers: [.init(subscriber: "a", position: 3)]).encoded(by: 7)
    let durable = Durable(
      snapshot: image, firstIndex: cut, records: Array(records[Int(cut)...]))
    let recovered = try #require(
      RecoveredLog(durable, by: 7, own: NodeID(0), members: members, at: .zero))
    for store in [store, recovered.store] {
      #expect(store.bytes == plain.bytes)
      for source in 0..<3 {
        for sequence in 1..<store.next(of: NodeID(source)) {
          #expect(store.event(of: NodeID(source), sequence) == plain.find(source, sequence))
        }
        #expect(store.holding(of: NodeID(source)).next == store.next(of: NodeID(source)))
      }
    }
    #expect(recovered.store.order.next == store.order.next)
    #expect(recovered.store.order.first == store.order.first)
    #expect(recovered.subscribers == ["a": 3])
    #expect(recovered.records.next == UInt64(records.count))
  }

  @Test func `comes back with gaps and positions as they were`() throws {
    let entries: [LogRecord.Entry] = [
      .event(NodeID(1), 1, event(1, source: 1)), .gap(NodeID(1), 2..<9),
      .commit(.init(subscriber: "a", position: 2)), .commit(.init(subscriber: "b", position: 1)),
      .forget("a"), .event(NodeID(1), 9, event(2, source: 1)),
    ]
    let record = LogRecord(firstPosition: 1, storedAt: .zero, entries: entries)
    let durable = Durable(records: [record.encoded(by: 7)])
    let recovered = try #require(
      RecoveredLog(durable, by: 7, own: NodeID(0), members: members, at: .zero))
    #expect(recovered.subscribers == ["b": 1])
    #expect(
      recovered.store.holding(of: NodeID(1)) == Holding(source: NodeID(1), first: 9, next: 10))
    #expect(recovered.store.order.count == 3)
  }

  @Test func `was stored no later than now, whatever the clock of an earlier life said`() throws {
    let record = LogRecord(
      firstPosition: 1, storedAt: .zero + .seconds(100),
      entries: [.event(NodeID(0), 1, event(1, source: 0))])
    let durable = Durable(records: [record.encoded(by: 7)])
    for (now, then) in [(5, 5), (200, 100)] as [(Int64, Int64)] {
      let log = try #require(
        RecoveredLog(durable, by: 7, own: NodeID(0), members: members, at: .zero + .seconds(now)))
      #expect(log.store.order.oldest?.storedAt == .zero + .seconds(then))
    }
  }

  @Test func `is not read from a disk that another member or nobody wrote`() {
    let record = LogRecord(
      firstPosition: 1, storedAt: .zero,
      entries: [.event(NodeID(2), 1, event(1, source: 2)), .forget("a")]
    ).encoded(by: 7)
    let own = NodeID(0)
    #expect(
      RecoveredLog(Durable(records: [record]), by: 7, own: own, members: ["n0"], at: .zero) == nil)
    for length in 0..<record.count {
      let cut = Durable(records: [record.slice(0..<length)])
      #expect(RecoveredLog(cut, by: 7, own: own, members: members, at: .zero) == nil)
    }
    let image = EventStore(own: own, members: 3).image(subscribers: []).encoded(by: 7)
    // Another member of the same fleet has another tag.
    for other in [Durable(records: [record]), Durable(snapshot: image)] {
      #expect(RecoveredLog(other, by: 7, own: own, members: members, at: .zero) != nil)
      #expect(RecoveredLog(other, by: 8, own: own, members: members, at: .zero) == nil)
    }
    #expect(
      RecoveredLog(Durable(snapshot: image), by: 7, own: own, members: ["n0"], at: .zero) == nil)
    #expect(
      RecoveredLog(Durable(snapshot: image), by: 7, own: own, members: members, at: .zero) != nil)
    #expect(
      RecoveredLog(Durable(snapshot: .empty), by: 7, own: own, members: members, at: .zero) == nil)
  }

  @Test func `keeps the numbers of a queue whose oldest elements leave`() {
    var (backlog, plain, first) = (Backlog<Int>(first: 5), [Int](), 5)
    var random = Seed(22).stream()
    for number in 0..<1_000 {
      if random.below(5) < 3 {
        backlog.append(number)
        plain.append(number)
      } else if !plain.isEmpty {
        #expect(backlog.removeFirst() == plain.removeFirst())
        first += 1
      }
      #expect(backlog.first == UInt64(first) && backlog.count == plain.count)
      #expect(backlog[backlog.first] == plain.first && backlog[backlog.next] == nil)
      #expect(backlog[UInt64(first) - 1] == nil)
    }
  }
}
