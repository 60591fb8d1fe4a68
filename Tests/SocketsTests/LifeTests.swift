// Beginnings, ends, timers, commands, storage.
import LabCore
import Network
import Sockets
import Testing

/// Asks another node again and again under the eyes of a timer that each answer cancels.
private struct PingPong: Instance {
  enum Timer: UInt32, TimerName { case timeout, replaced, forgotten, end }
  enum Report: Hashable, Sendable, StableHashable {
    case pong(UInt32)
    case ghost
    case replaced(after: Duration)
    case end
    func hash(into hasher: inout StableHasher) {}
  }
  typealias Message = Bytes
  typealias Command = Int

  var rounds: UInt32 = 0
  var asked: UInt32 = 0
  var isWaiting = false
  var replacedSetAt = Instant.zero

  mutating func submit(_ rounds: Int, _ step: inout Step<Self>) {
    self.rounds = UInt32(rounds)
    replacedSetAt = step.now
    step.set(.forgotten, after: .milliseconds(1))
    step.cancel(.forgotten)
    step.set(.replaced, after: .milliseconds(1))
    step.set(.replaced, after: .milliseconds(15))
    ask(&step)
  }

  mutating func receive(_ message: Bytes, from sender: NodeID, _ step: inout Step<Self>) {
    var reader = ByteReader(message)
    guard let isAnswer = reader.read(UInt8.self), let number = reader.read(UInt32.self) else {
      return
    }
    if isAnswer == 0 { return step.send(Self.message(1, number), to: sender) }
    guard isWaiting, number == asked else { return }
    isWaiting = false
    step.cancel(.timeout)
    step.report(.pong(number))
    if asked < rounds { ask(&step) } else { step.set(.end, after: .milliseconds(20)) }
  }

  mutating func fire(_ timer: Timer, _ step: inout Step<Self>) {
    switch timer {
    case .timeout: if isWaiting { ask(&step) } else { step.report(.ghost) }
    case .forgotten: step.report(.ghost)
    case .replaced: step.report(.replaced(after: step.now - replacedSetAt))
    case .end: step.report(.end)
    }
  }

  private mutating func ask(_ step: inout Step<Self>) {
    if !isWaiting { asked += 1 }
    isWaiting = true
    step.set(.timeout, after: .milliseconds(5))
    step.send(Self.message(0, asked), to: .second)
  }

  private static func message(_ isAnswer: UInt8, _ number: UInt32) -> Bytes {
    var writer = ByteWriter()
    writer.write(isAnswer)
    writer.write(number)
    return writer.finish()
  }
}

/// Tells all others what it was told, so that everybody's reports are known beforehand.
private struct Gossip: Instance {
  struct Report: Hashable, Sendable, StableHashable {
    var sender: NodeID
    var word: Bytes
    func hash(into hasher: inout StableHasher) {}
  }
  typealias Message = Bytes
  typealias Command = Bytes
  let nodes: Int

  mutating func submit(_ word: Bytes, _ step: inout Step<Self>) {
    for node in 0..<nodes where NodeID(node) != step.node { step.send(word, to: NodeID(node)) }
  }

  mutating func receive(_ word: Bytes, from sender: NodeID, _ step: inout Step<Self>) {
    step.report(Report(sender: sender, word: word))
  }
}

extension RealSockets {
  @Suite struct Life {
    @Test func `a cancelled timer never fires, and a timer set again fires once`() throws {
      let world = try SocketWorld(NetworkDescription(nodes: 2), seed: Seed(4)) { _, _ in
        PingPong()
      }
      try world.start()
      try world.submit(200, to: .first, at: .zero)
      var reports: [PingPong.Report] = []
      let ended = try world.run(until: try world.now() + patience) { observation in
        if case .report(let report) = observation.event { reports.append(report) }
        return reports.last == .end
      }
      #expect(ended)
      #expect(!reports.contains(.ghost))
      let pongs = reports.filter { if case .pong = $0 { true } else { false } }
      #expect(pongs == (1...200).map { .pong($0) })
      let replaced = reports.compactMap { report -> Duration? in
        if case .replaced(let after) = report { after } else { nil }
      }
      #expect(replaced.count == 1)
      #expect(replaced.allSatisfy { $0 >= .milliseconds(15) })
      _ = try world.stop()
    }

    @Test func `all nodes report what a plain loop predicts`() throws {
      let nodes = 5
      let words = (0..<8).map { Bytes([UInt8($0), UInt8(3 * $0)]) }
      var expected: [String: Int] = [:]
      for sender in 0..<nodes {
        for receiver in 0..<nodes where receiver != sender {
          for word in words { expected["\(receiver) \(sender) \(word)", default: 0] += 1 }
        }
      }
      let world = try SocketWorld(NetworkDescription(nodes: nodes), seed: Seed(5)) { _, _ in
        Gossip(nodes: nodes)
      }
      try world.start()
      for node in 0..<nodes {
        for word in words { try world.submit(word, to: NodeID(node), at: .zero) }
      }
      var found: [String: Int] = [:]
      for observation in try world.reports(nodes * (nodes - 1) * words.count) {
        guard case .report(let report) = observation.event else { continue }
        found["\(observation.node.index) \(report.sender.index) \(report.word)", default: 0] += 1
      }
      #expect(found == expected)
      #expect(try world.stop().remaining.isEmpty)
    }

    @Test func `a command is told with its number and its intended time before its effects`() throws
    {
      let world = try SocketWorld(NetworkDescription(nodes: 1), seed: Seed(6)) { _, _ in Courier() }
      try world.start()
      let intended = Instant.zero + .milliseconds(30)
      let later = try world.submit(
        .init(firstNumber: 2, receiver: .first), to: .first, at: intended)
      let sooner = try world.submit(.init(firstNumber: 1, receiver: .first), to: .first, at: .zero)
      let seen = try world.observations(4)
      #expect(seen.first?.event == .submitted(sooner, intended: .zero))
      guard seen.count == 4 else { return }
      #expect(seen[2].event == .submitted(later, intended: intended))
      #expect(seen[2].at >= intended)
      guard case .report(let report) = seen[3].event else { return }
      #expect(report.number == 2)
      _ = try world.stop()
    }

    @Test func `a stop leaves neither descriptors nor threads`() throws {
      func once() throws {
        let folder = try TemporaryFolder()
        let world = try SocketWorld(
          NetworkDescription(nodes: 4), seed: Seed(7), storageFolder: folder.path, threads: 3
        ) { _, _ in Courier() }
        try world.start()
        try world.submit(.init(letters: 10, receiver: .second), to: .first, at: .zero)
        _ = try world.reports(10)
        // Left to be cancelled.
        try world.submit(.init(receiver: .second), to: .first, at: .zero + .seconds(3_600))
        let outcome = try world.stop()
        #expect(try world.stop().counters == outcome.counters)
      }
      try once()
      let before = try ProcessState.now()
      for _ in 0..<5 { try once() }
      let after = try ProcessState.now()
      #expect(after.sockets == before.sockets)
      #expect(after.threads == before.threads)
      // Five worlds of three loops would leave forty-five.
      #expect(after.loopDescriptors < before.loopDescriptors + 15)
    }

    @Test func `a start that fails leaves nothing open`() throws {
      let before = try ProcessState.now()
      let squatter = try PlainSocket()
      let addresses = [NodeAddress.loopback(), squatter.address]
      let world = try SocketWorld(
        NetworkDescription(nodes: 2), seed: Seed(8),
        placement: .addresses(addresses, local: [.first, .second])
      ) { _, _ in Courier() }
      #expect(throws: SocketWorldError.addressInUse(squatter.address)) { try world.start() }
      #expect(throws: SocketWorldError.self) { try world.start() }

      let nowhere = try NodeAddress(host: "192.0.2.1", port: 0)
      let lost = try SocketWorld(
        NetworkDescription(nodes: 1), seed: Seed(8),
        placement: .addresses([nowhere], local: [.first])
      ) { _, _ in Courier() }
      #expect(throws: SocketWorldError.addressNotAvailable(nowhere)) { try lost.start() }

      let storing = try SocketWorld(
        NetworkDescription(nodes: 1), seed: Seed(8), storageFolder: "/nonexistent"
      ) { _, _ in Courier() }
      #expect(throws: SocketWorldError.self) { try storing.start() }
      let after = try ProcessState.now()
      withExtendedLifetime(squatter) {}
      #expect(after.sockets == before.sockets + 1)
      #expect(after.threads == before.threads)
    }

    @Test func `a node that is down hears nothing, and its commands are refused`() throws {
      let link = LinkModel(delay: .constant(.milliseconds(20)))
      let world = try SocketWorld(
        NetworkDescription(nodes: 2, link: link), shaping: .shaped, seed: Seed(9)
      ) { _, _ in Courier() }
      try world.start()
      // What a node has sent travels on when it crashes.
      try world.submit(.init(letters: 5, receiver: .second), to: .first, at: .zero)
      _ = try world.observations(1)
      try world.crash(.first)
      #expect(try world.reports(5).count == 5)
      #expect(throws: SocketWorldError.self) { try world.crash(.first) }
      let number = try world.submit(.init(receiver: .second), to: .first, at: .zero)
      let refused = try world.observations(1).map(\.event)
      #expect(refused == [.refused(number, intended: .zero)])
      try world.submit(.init(letters: 3, receiver: .first), to: .second, at: .zero)
      try world.counters(of: .first) { $0.lost(.receiverDown) == 3 }
      try world.restart(.first)
      #expect(throws: SocketWorldError.self) { try world.restart(.first) }
      try world.submit(.init(receiver: .second, asksForAnswer: true), to: .first, at: .zero)
      #expect(try world.reports(2).count == 2)
      #expect(try world.stop().counters[.first]?.refused == 1)
    }

    @Test func `mistakes are refused with an error that names them`() throws {
      func world(
        _ network: NetworkDescription = NetworkDescription(nodes: 2),
        placement: Placement = .loopback, limits: SocketLimits = SocketLimits(), threads: Int? = nil
      ) throws -> SocketWorld<Courier> {
        try SocketWorld(
          network, seed: Seed(10), placement: placement, limits: limits, threads: threads
        ) { _, _ in Courier() }
      }
      let here = NodeAddress.loopback(port: 5_000)
      var faulty = NetworkDescription(nodes: 2)
      faulty.faults = [
        FaultDescription(times: .at([.zero]), duration: nil, kind: .crash(node: .first))
      ]
      #expect(throws: SocketWorldError.faults(count: 1)) { try world(faulty) }
      #expect(throws: SocketWorldError.badLimit("shapedDatagrams")) {
        try world(limits: SocketLimits(shapedDatagrams: 0))
      }
      #expect(throws: SocketWorldError.badLimit("threads")) { try world(threads: 0) }
      #expect(throws: SocketWorldError.addressCount(expected: 2, found: 1)) {
        try world(placement: .addresses([here], local: []))
      }
      #expect(throws: SocketWorldError.unknownNode(NodeID(2))) {
        try world(placement: .addresses([here, .loopback()], local: [NodeID(2)]))
      }
      #expect(throws: SocketWorldError.badAddress("localhost:80")) {
        try NodeAddress(host: "localhost", port: 80)
      }
      let twins = try world(placement: .addresses([here, here], local: []))
      #expect(throws: SocketWorldError.sharedAddress(here)) { try twins.start() }
      let idle = try world()
      #expect(throws: SocketWorldError.self) { try idle.stop() }
      #expect(throws: SocketWorldError.self) { try idle.run(until: .zero) }
      try idle.start()
      #expect(throws: SocketWorldError.unknownNode(NodeID(5))) {
        try idle.submit(.init(receiver: .first), to: NodeID(5), at: .zero)
      }
      _ = try idle.stop()
      #expect(throws: SocketWorldError.self) { try idle.crash(.first) }
    }
  }
}
