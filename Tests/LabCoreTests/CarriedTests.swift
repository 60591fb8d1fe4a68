// One Instance on top of another, called by hand.
import LabCore
import Testing
import TrialInstances

/// A carrier that puts each frame into a datagram of its own, behind one random byte.
private struct Envelope: Carrier {
  typealias Message = Bytes
  typealias Command = Never

  enum Timer: UInt32, TimerName { case tick }

  private var arrived: [(frame: Bytes, sender: NodeID)] = []

  mutating func start(_ durable: Durable, _ step: inout Step<Self>) {
    #expect(durable == .empty)
    step.set(.tick, after: .seconds(1))
  }

  mutating func write(_ frame: Bytes, to receiver: NodeID, _ step: inout Step<Self>) {
    step.send(Bytes([UInt8(step.random.below(256))] + frame.array), to: receiver)
  }

  mutating func receive(_ message: Bytes, from sender: NodeID, _ step: inout Step<Self>) {
    if !message.isEmpty { arrived.append((message.slice(1..<message.count), sender)) }
  }

  mutating func fire(_ timer: Timer, _ step: inout Step<Self>) { step.cancel(.tick) }

  mutating func takeDeliveries() -> [(frame: Bytes, sender: NodeID)] {
    defer { arrived = [] }
    return arrived
  }
}

/// An Instance that uses every handler and every effect.
private struct Busy: Instance {
  typealias Message = Bytes
  typealias Command = Int
  enum Timer: UInt32, TimerName { case first, second }
  struct Report: Sendable, StableHashable, Equatable {
    var text: String
    func hash(into hasher: inout StableHasher) { hasher.combine(text) }
  }

  mutating func start(_ durable: Durable, _ step: inout Step<Self>) {
    step.report(Report(text: "started with \(durable.records.count)"))
    step.set(.second, after: .milliseconds(5))
  }
  mutating func receive(_ message: Bytes, from sender: NodeID, _ step: inout Step<Self>) {
    step.report(Report(text: "\(message) from \(sender) at \(step.now)"))
    if message.count > 1 { step.send(message.slice(0..<1), to: sender) }
  }
  mutating func fire(_ timer: Timer, _ step: inout Step<Self>) { step.cancel(.first) }
  mutating func stored(_ ticket: Ticket, _ outcome: StorageOutcome, _ step: inout Step<Self>) {
    step.report(Report(text: "\(ticket.number) \(outcome)"))
  }
  mutating func submit(_ command: Int, _ step: inout Step<Self>) {
    step.store(.append(Bytes([UInt8(command)])), as: Ticket(UInt64(command)))
    step.report(Report(text: "\(step.random.next())"))
  }
}

@Suite struct `Carried Instances` {
  private typealias Pair = Carried<Busy, Envelope>

  private func pair(seed: UInt64 = 1) -> Pair {
    Pair(Busy(), on: Envelope(), node: NodeID(0), seed: Seed(seed))
  }

  /// The effects of one call, and an empty list for the next.
  private func effects(
    _ step: inout Step<Pair>
  ) -> [Effect<Bytes, Pair.Timer, Pair.Report>] {
    defer { step.effects = [] }
    return step.effects
  }

  @Test func `both layers start, and only the upper one gets what is durable`() {
    var pair = pair()
    var step = Step<Pair>(node: NodeID(0), now: .zero + .seconds(2), random: Seed(0).stream())
    pair.start(Durable(records: [Bytes([1])]), &step)
    #expect(
      effects(&step) == [
        .report(.upper(.init(text: "started with 1"))),
        .set(.upper(.second), at: .zero + .milliseconds(2_005)),
        .set(.lower(.tick), at: .zero + .seconds(3)),
      ])
  }

  @Test func `timers, writes, outcomes and commands reach their layer`() {
    var pair = pair()
    var step = Step<Pair>(node: NodeID(0), random: Seed(0).stream())
    pair.fire(.upper(.second), &step)
    #expect(effects(&step) == [.cancel(.upper(.first))])
    pair.fire(.lower(.tick), &step)
    #expect(effects(&step) == [.cancel(.lower(.tick))])
    pair.stored(Ticket(9), .full, &step)
    #expect(effects(&step) == [.report(.upper(.init(text: "9 full")))])
    pair.submit(7, &step)
    #expect(step.effects.first == .store(.append(Bytes([7])), Ticket(7)))
  }

  @Test func `a datagram goes up and the answer comes down in one call`() {
    var pair = pair()
    var step = Step<Pair>(node: NodeID(0), now: .zero + .seconds(1), random: Seed(0).stream())
    pair.receive(Bytes([0, 65, 66]), from: NodeID(4), &step)
    let found = effects(&step)
    #expect(found.count == 2)
    #expect(found.first == .report(.upper(.init(text: "2 B <4142> from n4 at 1.000000000s"))))
    guard case .send(let datagram, NodeID(4)) = found.last else {
      Issue.record("no answer among \(found)")
      return
    }
    #expect(datagram.count == 2 && datagram[1] == 65)
  }

  @Test func `a frame that is no message of the upper layer is dropped`() {
    var pair = Carried<PingPong, Envelope>(
      PingPong(), on: Envelope(), node: NodeID(0), seed: Seed(1))
    var step = Step<Carried<PingPong, Envelope>>(node: NodeID(0), random: Seed(0).stream())
    pair.receive(Bytes([0, 99, 0, 0, 0, 1]), from: NodeID(1), &step)
    pair.receive(.empty, from: NodeID(1), &step)
    #expect(step.effects.isEmpty)
    pair.receive(Bytes([0, 0, 0, 0, 0, 1]), from: NodeID(1), &step)
    #expect(step.effects.count == 1)
  }

  @Test func `the upper layer's draws do not depend on those of its carrier or of the world`() {
    func draw(traffic: Int) -> String {
      var pair = pair()
      var step = Step<Pair>(node: NodeID(0), random: Seed(UInt64(traffic)).stream())
      for _ in 0..<traffic { pair.receive(Bytes([0, 1, 2]), from: NodeID(1), &step) }
      step.effects = []
      pair.submit(1, &step)
      guard case .report(.upper(let report)) = step.effects.last else { return "nothing" }
      return report.text
    }
    #expect(draw(traffic: 0) == draw(traffic: 50))
    #expect(draw(traffic: 0) != "nothing")
  }

  @Test func `timers of two layers have numbers of their own, also three layers deep`() {
    typealias Deep = CarriedTimer<CarriedTimer<Busy.Timer, Envelope.Timer>, GoBackN.Timer>
    let timers: [Deep] = [
      .upper(.upper(.first)), .upper(.upper(.second)), .upper(.lower(.tick)),
      .lower(GoBackN.Timer(index: 0)), .lower(GoBackN.Timer(index: 5)),
    ]
    #expect(Set(timers.map(\.index)).count == timers.count)
    #expect(timers.map { Deep(index: $0.index) } == timers)
  }

  @Test func `equal reports of different layers have different hashes`() {
    func hash(_ report: CarriedReport<PingPong.Report, PingPong.Report>) -> UInt64 {
      var hasher = StableHasher()
      hasher.combine(report)
      return hasher.finalize()
    }
    #expect(hash(.upper(.timedOut(1))) != hash(.lower(.timedOut(1))))
  }
}

@Suite struct `The messages of the trial Instances` {
  private func survive<Message: WireMessage>(_ messages: [Message]) {
    for message in messages {
      let bytes = message.encoded()
      #expect(Message.decode(bytes) == message)
      #expect(message.wireBytes == bytes.count)
      #expect(Message.decode(Bytes(bytes.array + [0])) != message)
      #expect(bytes.isEmpty || Message.decode(bytes.slice(0..<bytes.count - 1)) != message)
    }
  }

  @Test func `come back from their bytes, and from nothing shorter or longer`() {
    survive([PingPong.Message.ping(0), .pong(.max)])
    survive([ReplicatedCounter.Message.replicate(index: 3, increment: .max), .holds(7)])
    survive([NumberedStream.Message(number: 4, length: 0), .init(number: 5, length: 300)])
  }

  @Test func `random bytes are a message or nothing`() {
    var random = Seed(4).stream()
    for _ in 0..<20_000 {
      let bytes = Bytes((0..<random.below(20)).map { _ in UInt8(random.below(4)) })
      if let message = PingPong.Message.decode(bytes) { #expect(message.encoded() == bytes) }
      if let message = ReplicatedCounter.Message.decode(bytes) {
        #expect(message.encoded() == bytes)
      }
      if let message = NumberedStream.Message.decode(bytes) { #expect(message.encoded() == bytes) }
    }
  }
}
