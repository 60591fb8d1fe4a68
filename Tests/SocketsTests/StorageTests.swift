// Instances that store: order, completion, crash and restart from what was durable.
import LabCore
import Network
import Sockets
import Testing

/// Counts, and says a number only when it is durable.
private struct Counter: Instance {
  enum Report: Hashable, Sendable, StableHashable {
    case recovered(Int)
    case durable(Int)
    case failed(StorageOutcome)
    func hash(into hasher: inout StableHasher) {}
  }
  typealias Message = Bytes
  /// How often to count; every `snapshotEvery`-th record goes into a snapshot.
  typealias Command = Int

  let snapshotEvery: Int
  var asked = 0

  init(snapshotEvery: Int = .max) { self.snapshotEvery = snapshotEvery }

  mutating func start(_ durable: Durable, _ step: inout Step<Self>) {
    let base = durable.snapshot.map { Int($0.first ?? 0) } ?? 0
    asked = base + durable.records.count
    // Every record says which number it is, so a lost or doubled one shows.
    let isWhole = durable.records.enumerated().allSatisfy { index, record in
      record == Bytes([UInt8(base + index + 1)])
    }
    step.report(.recovered(isWhole ? asked : -1))
  }

  mutating func submit(_ times: Int, _ step: inout Step<Self>) {
    for _ in 0..<times {
      asked += 1
      step.store(.append(Bytes([UInt8(asked)])), as: Ticket(UInt64(asked)))
      if asked % snapshotEvery == 0 {
        step.store(.snapshot(Bytes([UInt8(asked)]), upTo: UInt64(asked)), as: Ticket(1_000))
      }
    }
  }

  mutating func receive(_ message: Bytes, from sender: NodeID, _ step: inout Step<Self>) {}

  mutating func stored(_ ticket: Ticket, _ outcome: StorageOutcome, _ step: inout Step<Self>) {
    if outcome != .durable { return step.report(.failed(outcome)) }
    if ticket.number < 1_000 { step.report(.durable(Int(ticket.number))) }
  }
}

private func reports(
  _ count: Int, of world: SocketWorld<Counter>
) throws -> [Counter.Report] {
  try world.reports(count).compactMap { observation in
    if case .report(let report) = observation.event { report } else { nil }
  }
}

extension RealSockets {
  @Suite struct Storage {
    @Test(arguments: [Int.max, 4])
    func `a crashed node goes on from what was durable`(snapshotEvery: Int) throws {
      let folder = try TemporaryFolder()
      let world = try SocketWorld(
        NetworkDescription(nodes: 2), seed: Seed(11), storageFolder: folder.path
      ) { _, _ in Counter(snapshotEvery: snapshotEvery) }
      try world.start()
      #expect(try reports(2, of: world) == [.recovered(0), .recovered(0)])
      try world.submit(10, to: .first, at: .zero)
      #expect(try reports(10, of: world) == (1...10).map { .durable($0) })
      try world.crash(.first)
      try world.restart(.first)
      #expect(try reports(1, of: world) == [.recovered(10)])
      try world.submit(5, to: .first, at: .zero)
      #expect(try reports(5, of: world) == (11...15).map { .durable($0) })
      let outcome = try world.stop()
      #expect(outcome.counters[.first]?.storeFailures == 0)
      #expect((outcome.counters[.first]?.stored ?? 0) >= 15)

      // A new process finds the same.
      let next = try SocketWorld(
        NetworkDescription(nodes: 2), seed: Seed(11), storageFolder: folder.path
      ) { _, _ in Counter(snapshotEvery: snapshotEvery) }
      try next.start()
      #expect(Set(try reports(2, of: next)) == [.recovered(15), .recovered(0)])
      _ = try next.stop()
    }

    @Test func `a crash in the midst of storing loses nothing that was said to be durable`() throws
    {
      let folder = try TemporaryFolder()
      let world = try SocketWorld(
        NetworkDescription(nodes: 1), seed: Seed(12), storageFolder: folder.path
      ) { _, _ in Counter() }
      try world.start()
      _ = try reports(1, of: world)
      var durable = 0
      for _ in 0..<10 {
        for _ in 0..<10 { try world.submit(1, to: .first, at: .zero) }
        guard case .durable(let number) = try reports(1, of: world).first else { return }
        durable = max(durable, number)
        try world.crash(.first)
        try world.restart(.first)
        var recovered: Int?
        try world.run(until: try world.now() + patience) { observation in
          guard case .report(let report) = observation.event else { return false }
          if case .durable(let number) = report { durable = max(durable, number) }
          if case .recovered(let number) = report { recovered = number }
          return recovered != nil
        }
        #expect(try #require(recovered) >= durable)
        durable = recovered ?? 0
      }
      #expect(durable >= 10)
      _ = try world.stop()
    }

    @Test func `a stop finishes what was asked of the disk`() throws {
      let folder = try TemporaryFolder()
      for expected in [0, 100] {
        let world = try SocketWorld(
          NetworkDescription(nodes: 1), seed: Seed(13), storageFolder: folder.path
        ) { _, _ in Counter() }
        try world.start()
        #expect(try reports(1, of: world) == [.recovered(expected)])
        try world.submit(100, to: .first, at: .zero)
        _ = try world.observations(1) { observation in
          if case .submitted = observation.event { true } else { false }
        }
        let outcome = try world.stop()
        #expect(outcome.counters[.first]?.stored == 100)
      }
    }

    @Test func `storing without a folder fails, and says so`() throws {
      let world = try SocketWorld(NetworkDescription(nodes: 1), seed: Seed(14)) { _, _ in Counter()
      }
      try world.start()
      try world.submit(1, to: .first, at: .zero)
      let events = try world.observations(4).map(\.event)
      #expect(events.contains(.failed(.noStorage(.first))))
      #expect(events.contains(.report(.failed(.failed))))
      #expect(try world.stop().counters[.first]?.storeFailures == 1)
    }

    @Test func `requests over the limit are answered as full`() throws {
      let folder = try TemporaryFolder()
      let world = try SocketWorld(
        NetworkDescription(nodes: 1), seed: Seed(15), storageFolder: folder.path,
        limits: SocketLimits(waitingStores: 10)
      ) { _, _ in Counter() }
      try world.start()
      try world.submit(100, to: .first, at: .zero)
      let seen = try reports(101, of: world)
      // The first request goes to the disk at once, ten wait, and the others find no room.
      #expect(seen.filter { $0 == .failed(.full) }.count == 89)
      #expect(try world.stop().counters[.first]?.stored == 11)
    }
  }
}
