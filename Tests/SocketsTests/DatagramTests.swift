// Datagrams on bare sockets: sizes, strangers, errors of the kernel, several worlds.
import LabCore
import Network
import Sockets
import Statistics
import Testing

private typealias World = SocketWorld<Courier>

private func makeWorld(
  _ nodes: Int = 2, placement: Placement = .loopback, limits: SocketLimits = SocketLimits(),
  clock: WorldClock? = nil, seed: Seed = Seed(1)
) throws -> World {
  try World(
    NetworkDescription(nodes: nodes), seed: seed, placement: placement, clock: clock, limits: limits
  ) { _, _ in Courier() }
}

extension RealSockets {
  @Suite struct Datagrams {
    @Test func `a datagram of the largest size arrives whole`() throws {
      let world = try makeWorld()
      try world.start()
      let size = LinkProcess.largestDatagram.bytes - Courier.Letter.overhead
      try world.submit(.init(size: size, receiver: .second), to: .first, at: .zero)
      guard case .report(let report) = try world.reports(1).first?.event else { return }
      #expect(report.size == size)
      let counters = try world.stop().counters
      #expect(counters[.first]?.written == 1)
      #expect(counters[.second]?.receivedBytes == LinkProcess.largestDatagram.bytes)
    }

    @Test(arguments: [65_508, 70_000, 1_000_000])
    func `a datagram over the largest size is counted, reported, and harms no other`(
      bytes: Int
    ) throws {
      let world = try makeWorld()
      try world.start()
      let size = bytes - Courier.Letter.overhead
      try world.submit(.init(size: size, receiver: .second), to: .first, at: .zero)
      try world.submit(.init(firstNumber: 7, receiver: .second), to: .first, at: .zero)
      let seen = try world.observations(2) { observation in
        if case .submitted = observation.event { false } else { true }
      }
      let events = seen.map(\.event)
      #expect(events.contains(.unsendable(size: ByteCount(bytes), to: .second)))
      let counters = try world.stop().counters
      #expect(counters[.first]?.lost(.datagramTooLarge) == 1)
      #expect(counters[.first]?.sent == 2)
      #expect(counters[.first]?.written == 1)
      #expect(counters[.second]?.received == 1)
      #expect(counters[.first]?.reopened == 0)
    }

    @Test func `ten thousand datagrams of a stranger are counted and dropped`() throws {
      let world = try makeWorld()
      try world.start()
      let victim = try world.address(of: .second)
      let stranger = try PlainSocket()
      var random = Seed(20).stream()
      for round in 0..<200 {
        for _ in 0..<50 {
          stranger.send((0..<random.below(64)).map { _ in UInt8(random.below(256)) }, to: victim)
        }
        // The answer shows that the victim has read all that came before the question.
        try world.submit(
          .init(firstNumber: UInt32(round), receiver: .second, asksForAnswer: true), to: .first,
          at: .zero)
        #expect(try world.reports(2).count == 2)
      }
      let counters = try #require(try world.stop().counters[.second])
      let kernelDrops = try #require(counters.kernelDrops)
      #expect(counters.unknownSender + kernelDrops == 10_000)
      #expect(counters.unknownSender > 5_000)
      #expect(counters.received == 200)
    }

    @Test func `what a member sends and nobody can read is counted and dropped`() throws {
      let member = try PlainSocket()
      let world = try makeWorld(
        placement: .addresses([.loopback(), member.address], local: [.first]))
      try world.start()
      let victim = try world.address(of: .first)
      var random = Seed(21).stream()
      for round in 0..<40 {
        for _ in 0..<50 {
          member.send((0..<random.below(64)).map { _ in UInt8(random.below(256)) }, to: victim)
        }
        let letter = Courier.Letter(number: UInt32(round), sentAt: .zero, payload: .empty)
        member.send(letter.encoded().array, to: victim)
        #expect(try world.reports(1).first?.node == .first)
      }
      let counters = try #require(try world.stop().counters[.first])
      #expect(counters.lost(.unreadable) + (counters.kernelDrops ?? 0) == 2_000)
      #expect(counters.received == 40)
      #expect(counters.unknownSender == 0)
    }

    @Test func `a send that the kernel forbids is counted, and the node goes on`() throws {
      // Sending to the broadcast address is forbidden to a socket that has not asked for it.
      let broadcast = try NodeAddress(host: "255.255.255.255", port: 9)
      let world = try makeWorld(
        3,
        placement: .addresses(
          [.loopback(), .loopback(), broadcast], local: [.first, .second]))
      try world.start()
      for round in 0..<3 {
        try world.submit(.init(receiver: NodeID(2)), to: .first, at: .zero)
        try world.submit(
          .init(firstNumber: UInt32(round), receiver: .second, asksForAnswer: true), to: .first,
          at: .zero)
        #expect(try world.reports(2).count == 2)
      }
      let counters = try #require(try world.stop().counters[.first])
      #expect(counters.sendErrors(.notPermitted) == 3)
      #expect(counters.reopened == 3)
      #expect(counters.written == 3)
      #expect(counters.received == 3)
    }

    @Test func `an error in the midst of a handler costs the rest of its datagrams at most`() throws
    {
      let broadcast = try NodeAddress(host: "255.255.255.255", port: 9)
      // With room for one datagram, each is handed to the kernel before the next is sent.
      let world = try makeWorld(
        3, placement: .addresses([.loopback(), .loopback(), broadcast], local: [.first, .second]),
        limits: SocketLimits(waitingDatagrams: 1))
      try world.start()
      for round in 0..<50 {
        try world.submit(.init(letters: 20, receiver: .first), to: .second, at: .zero)
        try world.submit(.init(letters: 3, receiver: NodeID(2)), to: .first, at: .zero)
        try world.submit(
          .init(firstNumber: UInt32(round), receiver: .second, asksForAnswer: true), to: .first,
          at: .zero)
        _ = try world.reports(22)
      }
      let counters = try #require(try world.stop().counters[.first])
      #expect(counters.sent == 50 * 4)
      #expect(counters.written == 50)
      #expect(counters.sendErrors.values.reduce(0, +) == 150)
      #expect(counters.sendErrors(.notPermitted) >= 50)
      #expect(counters.received == 50 * 21)
    }

    @Test(.enabled(if: hasIPv6))
    func `nodes meet on IPv6 too`() throws {
      let address = try NodeAddress(host: "::1", port: 0)
      let world = try makeWorld(
        placement: .addresses([address, address], local: [.first, .second]))
      try world.start()
      #expect(try world.address(of: .first).description.hasPrefix("[::1]:"))
      try world.submit(.init(receiver: .second, asksForAnswer: true), to: .first, at: .zero)
      #expect(try world.reports(2).map(\.node) == [.second, .first])
      _ = try world.stop()
    }

    @Test func `a node can write to itself, and to nobody`() throws {
      let world = try makeWorld()
      try world.start()
      try world.submit(.init(firstNumber: 3, receiver: .first), to: .first, at: .zero)
      guard case .report(let report) = try world.reports(1).first?.event else { return }
      #expect(report.number == 3)
      #expect(report.sender == .first)
      try world.submit(.init(receiver: NodeID(9)), to: .first, at: .zero)
      _ = try world.observations(1)
      #expect(try world.stop().counters[.first]?.unknownReceiver == 1)
    }

    @Test func `two worlds at once do not hear each other`() throws {
      let (one, other) = (try makeWorld(), try makeWorld(seed: Seed(2)))
      try one.start()
      try other.start()
      for (number, world) in [(10, one), (20, other)] {
        try world.submit(
          .init(letters: 20, firstNumber: UInt32(number), receiver: .second), to: .first, at: .zero)
      }
      for (number, world) in [(10, one), (20, other)] {
        let numbers = try world.reports(20).map { observation -> UInt32? in
          if case .report(let report) = observation.event { report.number } else { nil }
        }
        #expect(numbers == (0..<20).map { UInt32(number + $0) })
      }
      #expect(try one.stop().counters[.second]?.received == 20)
      #expect(try other.stop().counters[.second]?.received == 20)
    }

    @Test func `nodes of two processes meet when they know their addresses and share a clock`()
      throws
    {
      // The ports are free because their sockets have just been closed.
      let ports = try [PlainSocket(), PlainSocket()].map(\.address)
      let clock = WorldClock.starting(in: .milliseconds(30))
      let one = try makeWorld(placement: .addresses(ports, local: [.first]), clock: clock)
      let other = try makeWorld(placement: .addresses(ports, local: [.second]), clock: clock)
      try one.start()
      try other.start()
      #expect(throws: SocketWorldError.notLocal(.second)) {
        try one.submit(.init(receiver: .first), to: .second, at: .zero)
      }
      try one.submit(.init(receiver: .second, asksForAnswer: true), to: .first, at: .zero)
      guard let answer = try one.reports(1).first, case .report(let report) = answer.event else {
        return
      }
      #expect(answer.at >= .zero)
      #expect(report.travelled >= .zero)
      #expect(try other.stop().counters[.second]?.received == 1)
      #expect(try one.stop().counters[.first]?.received == 1)
    }

    @Test func `a flood stays within its bounds of memory`() throws {
      let limits = SocketLimits(waitingDatagrams: 16, waitingBytes: ByteCount(1 << 20))
      let world = try makeWorld(limits: limits)
      try world.start()
      let before = try ProcessState.residentBytes()
      // 60 MB in one handler.
      try world.submit(
        .init(letters: 1_000, size: 60_000, receiver: .second), to: .first, at: .zero)
      try world.counters(of: .first) { $0.sent == 1_000 }
      let counters = try world.counters(of: .first)
      #expect(try ProcessState.residentBytes() - before < 30 << 20)
      #expect(counters.written + counters.writeOverflow == 1_000)
      #expect(counters.written > 100)
      let receiver = try #require(try world.stop().counters[.second])
      #expect(receiver.received + (receiver.kernelDrops ?? 0) <= counters.written)
    }

    @Test func `observations over the limit are counted`() throws {
      let world = try makeWorld(limits: SocketLimits(observations: 10))
      try world.start()
      // One observation tells of the command, and a hundred letters to oneself make a hundred
      // reports.
      try world.submit(.init(letters: 100, receiver: .first), to: .first, at: .zero)
      try world.counters(of: .first) { $0.received == 100 }
      let outcome = try world.stop()
      #expect(outcome.remaining.count == 10)
      #expect(outcome.observationsLost == 91)
    }

    @Test func `buffers of the kernel are set as far as it allows`() throws {
      let limits = SocketLimits(
        kernelReceiveBuffer: ByteCount(50_000), kernelSendBuffer: ByteCount(40_000))
      let world = try makeWorld(limits: limits)
      try world.start()
      // The kernel doubles what is asked for, to have room for its bookkeeping.
      let buffers = try world.kernelBuffers(of: .first)
      #expect(buffers.receive == ByteCount(100_000))
      #expect(buffers.send == ByteCount(80_000))
      _ = try world.stop()
    }
  }
}
