// Shaped links: what the simulator's link model does to real datagrams.
import LabCore
import Network
import Sockets
import Statistics
import Testing

private func makeWorld(
  _ link: LinkModel, seed: Seed = Seed(3), limits: SocketLimits = SocketLimits()
) throws -> SocketWorld<Courier> {
  try SocketWorld(
    NetworkDescription(nodes: 2, link: link), shaping: .shaped, seed: seed, limits: limits
  ) { _, _ in Courier() }
}

extension RealSockets {
  @Suite struct ShapedLinks {
    @Test func `a link that loses everything delivers nothing`() throws {
      let world = try makeWorld(LinkModel(loss: .bernoulli(.percent(100))))
      try world.start()
      try world.submit(.init(letters: 50, receiver: .second), to: .first, at: .zero)
      // A letter to oneself meets no link and comes after all others.
      try world.submit(.init(receiver: .first), to: .first, at: .zero)
      #expect(try world.reports(1).map(\.node) == [.first])
      let outcome = try world.stop()
      #expect(outcome.counters[.first]?.lost(.lost) == 50)
      #expect(outcome.counters[.second]?.received == 0)
      #expect(outcome.remaining.isEmpty)
    }

    @Test func `no datagram is earlier than its delay, and none overtakes another`() throws {
      let delay = Duration.milliseconds(20)
      let world = try makeWorld(LinkModel(delay: .constant(delay)))
      try world.start()
      for round in 0..<10 {
        try world.submit(
          .init(letters: 5, firstNumber: UInt32(5 * round), receiver: .second), to: .first,
          at: .zero + .milliseconds(Int64(2 * round)))
      }
      let reports = try world.reports(50).compactMap { observation -> Courier.Report? in
        if case .report(let report) = observation.event { report } else { nil }
      }
      #expect(reports.map(\.number) == (0..<50).map { UInt32($0) })
      #expect(reports.allSatisfy { $0.travelled >= delay })
      let outcome = try world.stop()
      #expect(outcome.lateness.count == 50)
      let median = try #require(outcome.medianLateness)
      let late = try #require(outcome.lateness99)
      #expect(median >= .zero && median <= late)
    }

    @Test(arguments: [
      LossModel.bernoulli(.percent(30)),
      .gilbertElliott(
        goodToBad: .percent(10), badToGood: .percent(30), lossGood: .percent(1),
        lossBad: .percent(80)),
    ])
    func `the seed says which datagrams are lost`(loss: LossModel) throws {
      let link = LinkModel(loss: loss)
      let seed = Seed(31)
      let expected = predicted(link, seed: seed, letters: 100)
      #expect(expected.count > 20 && expected.count < 90)
      #expect(expected != predicted(link, seed: Seed(32), letters: 100))

      let world = try makeWorld(link, seed: seed)
      try world.start()
      try world.submit(.init(letters: 100, receiver: .second), to: .first, at: .zero)
      let numbers = try world.reports(expected.count).compactMap { observation -> UInt32? in
        if case .report(let report) = observation.event { report.number } else { nil }
      }
      #expect(numbers == expected)
      let counters = try world.stop().counters
      #expect(counters[.first]?.lost(.lost) == 100 - expected.count)
      #expect(counters[.second]?.received == expected.count)
    }

    /// The numbers of the letters that a link lets through, by the link model alone.
    private func predicted(_ link: LinkModel, seed: Seed, letters: Int) -> [UInt32] {
      let process = LinkProcess(link)
      var state = LinkState()
      var random = seed.child("links").child(0).child(1).stream()
      return (0..<UInt32(letters)).filter { _ in
        let fate = process.transmit(
          bytes: Courier.Letter.overhead, at: .zero, state: &state, random: &random)
        if case .arrives = fate { return true }
        return false
      }
    }

    @Test func `every datagram that is sent is accounted for`() throws {
      let link = LinkModel(
        delay: .constant(.milliseconds(3)), loss: .bernoulli(.percent(20)),
        duplication: .percent(10), corruption: .percent(10), maximumPacket: ByteCount(1_000),
        doNotFragment: true)
      let world = try makeWorld(link, limits: SocketLimits(shapedDatagrams: 70))
      try world.start()
      for size in [0, 200, 2_000, 70_000] {
        try world.submit(
          .init(letters: 50, size: size, receiver: .second), to: .first, at: .zero)
      }
      try world.submit(.init(letters: 5, receiver: NodeID(8)), to: .first, at: .zero)
      try world.counters(of: .first) { $0.sent == 205 }
      let counters = try #require(try world.stop().counters[.first])
      let lost = counters.lost.values.reduce(0, +)
      #expect(
        counters.written + lost + counters.shaperOverflow + counters.abandoned
          + counters.unknownReceiver == counters.sent + counters.duplicated)
      #expect(counters.lost(.packetTooLarge) == 50)
      #expect(counters.lost(.datagramTooLarge) == 50)
      #expect(counters.lost(.lost) > 0 && counters.unknownReceiver == 5)
    }

    @Test func `a duplicated datagram arrives twice`() throws {
      let world = try makeWorld(LinkModel(duplication: .percent(100)))
      try world.start()
      try world.submit(.init(letters: 10, receiver: .second), to: .first, at: .zero)
      #expect(try world.reports(20).count == 20)
      let counters = try #require(try world.stop().counters[.first])
      #expect(counters.duplicated == 10)
      #expect(counters.written == 20)
    }

    @Test func `a corrupted datagram is no letter any more`() throws {
      let world = try makeWorld(LinkModel(corruption: .percent(100)))
      try world.start()
      try world.submit(.init(letters: 50, size: 20, receiver: .second), to: .first, at: .zero)
      try world.counters(of: .second) { $0.lost(.unreadable) == 50 }
      let counters = try world.stop().counters
      #expect(counters[.first]?.corrupted == 50)
      #expect(counters[.second]?.received == 0)
    }

    @Test func `a datagram over every size is unsendable on a shaped link too`() throws {
      let world = try makeWorld(LinkModel())
      try world.start()
      let size = 70_000 - Courier.Letter.overhead
      try world.submit(.init(size: size, receiver: .second), to: .first, at: .zero)
      let seen = try world.observations(2).map(\.event)
      #expect(seen.contains(.unsendable(size: ByteCount(70_000), to: .second)))
      #expect(try world.stop().counters[.first]?.lost(.datagramTooLarge) == 1)
    }

    @Test func `what does not fit on a shaped link is dropped and counted`() throws {
      let link = LinkModel(delay: .constant(.seconds(60)))
      let world = try makeWorld(link, limits: SocketLimits(shapedDatagrams: 100))
      try world.start()
      try world.submit(.init(letters: 10_000, receiver: .second), to: .first, at: .zero)
      _ = try world.observations(1)
      let counters = try #require(try world.stop().counters[.first])
      #expect(counters.shaperOverflow == 9_900)
      #expect(counters.abandoned == 100)
      #expect(counters.written == 0)
    }
  }
}
