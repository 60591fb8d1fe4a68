import LabCore
import Testing
import Transport

@testable import Events

@Suite struct `A message between buses` {
  private static func text(_ random: inout RandomStream, upTo length: Int) -> String {
    let letters = ["a", "b", ".", "ü", "🐟", "x"]
    return (0..<random.below(length)).map { _ in letters[random.below(letters.count)] }.joined()
  }

  private static func event(_ random: inout RandomStream) -> FleetEvent {
    FleetEvent(
      id: FleetEvent.randomID(&random), type: "t" + text(&random, upTo: 8), source: "",
      target: random.below(2) == 0 ? nil : text(&random, upTo: 8), data: text(&random, upTo: 90),
      timestamp: Instant(nanoseconds: Int64(truncatingIfNeeded: random.next())),
      processed: random.below(2) == 0)
  }

  private static func run(_ random: inout RandomStream) -> EventRun {
    EventRun(
      source: NodeID(random.below(5)), first: UInt64(1 + random.below(1_000)),
      events: (0..<random.below(5)).map { _ in event(&random) })
  }

  static func message(_ random: inout RandomStream, tag: UInt64 = 9) -> EventBusMessage {
    let first = UInt64(1 + random.below(1_000))
    let holding = { (random: inout RandomStream, source: NodeID) in
      Holding(source: source, first: first, next: first + UInt64(random.below(1_000)))
    }
    let body: EventBusMessage.Body
    switch random.below(4) {
    case 0: body = .push(run(&random), next: first)
    case 1:
      let gaps = (0..<UInt64(random.below(4))).map { first + 9 * $0..<first + 9 * $0 + 7 }
      body = .pull(number: random.next(), source: NodeID(2), gaps: gaps)
    case 2:
      let run = run(&random)
      body = .answer(
        pull: UInt64(random.below(100)), run, holding(&random, run.source),
        isLast: random.below(2) == 0)
    default:
      let holdings = (0..<random.below(6)).map { holding(&random, NodeID($0)) }
      body = .digest(
        holdings, isWhole: random.below(2) == 0, wantsAnswer: random.below(2) == 0)
    }
    return EventBusMessage(tag: tag, body)
  }

  /// Puts a right checksum before content that may be anything.
  private static func sealed(_ content: [UInt8]) -> Bytes {
    var hasher = StableHasher()
    hasher.combine(Bytes(content))
    var writer = ByteWriter()
    writer.write(hasher.finalize())
    writer.write(raw: content)
    return writer.finish()
  }

  @Test func `comes back from its bytes as it was, and knows their number`() {
    var random = Seed(3).stream()
    for _ in 0..<2_000 {
      let message = Self.message(&random)
      let bytes = message.encoded()
      #expect(message.wireBytes == bytes.count)
      #expect(EventBusMessage.decode(bytes) == message)
    }
  }

  @Test func `that was cut or changed on the way is none`() {
    var random = Seed(4).stream()
    for _ in 0..<200 {
      let bytes = Self.message(&random).encoded()
      for length in 0..<min(bytes.count, 40) {
        #expect(EventBusMessage.decode(bytes.slice(0..<length)) == nil)
      }
      var changed = bytes.array
      changed[random.below(changed.count)] ^= UInt8(1 + random.below(255))
      #expect(EventBusMessage.decode(Bytes(changed)) == nil)
    }
  }

  @Test func `with bounds that no message has is none`() {
    var writer = ByteWriter()
    writer.write(1 as UInt8)
    writer.write(9 as UInt64)
    writer.write(3 as UInt8)
    writer.write(0 as UInt8)
    writer.write(UInt32.max)
    #expect(EventBusMessage.decode(Self.sealed(writer.finish().array)) == nil)
    let pulls: [(UInt32, UInt64, UInt64)] = [
      (0, 0, 5), (0, 5, 5), (0, 5, 4), (0, 5, .max), (noSource, 1, 2),
    ]
    for (source, first, end) in pulls {
      var writer = ByteWriter()
      writer.write(1 as UInt8)
      writer.write(9 as UInt64)
      writer.write(1 as UInt8)
      writer.write(1 as UInt64)
      writer.write(source)
      writer.write(1 as UInt32)
      writer.write(first)
      writer.write(end)
      #expect(EventBusMessage.decode(Self.sealed(writer.finish().array)) == nil)
    }
  }

  @Test(arguments: 0..<4)
  func `mutated a hundred thousand times never traps a node, nor makes it keep more than its room`(
    quarter: Int
  ) throws {
    var limits = EventBusLimits()
    limits.capacity = ByteCount(20_000)
    limits.event = ByteCount(1_000)
    let fleet = try EventBusConfiguration(
      members: (0..<5).map { "n\($0)" }, limits: limits)
    var random = Seed(5).child(quarter).stream()
    var bus = EventBus(name: "n0", fleet)
    var step = Step<EventBus>(node: NodeID(0), random: Seed(6).stream())
    bus.start(.empty, &step)
    bus.submit(.subscribe("all"), &step)
    var (read, tickets) = (0, [Ticket]())
    var (sender, whole) = (NodeID(1), [UInt8]())
    for round in 0..<25_000 {
      if round % 10 == 0 {
        sender = NodeID(1 + random.below(4))
        let tag = fleet.tag(of: fleet.members[Int(sender.index)])
        whole = Array(Self.message(&random, tag: tag).encoded().dropFirst(8))
      }
      var content = whole
      for _ in 0..<random.below(4) {
        // The version and the tag stay, so that most of what is changed is read.
        let place = 9 + random.below(content.count - 9)
        switch random.below(4) {
        case 0: content.removeLast(min(content.count - 10, random.below(20)))
        case 1: content[min(place, content.count - 1)] = 0xff
        default: content[min(place, content.count - 1)] ^= UInt8(1 << random.below(8))
        }
      }
      step.now = .zero + .milliseconds(Int64(round))
      if let message = EventBusMessage.decode(Self.sealed(content)) {
        read += 1
        bus.receive(message, from: sender, &step)
      }
      if round % 50 == 0 { bus.fire(.digest, &step) }
      while let effect = step.takeEffect() {
        if case .store(_, let ticket) = effect { tickets.append(ticket) }
      }
      for ticket in tickets { bus.stored(ticket, .durable, &step) }
      tickets = []
      let waiting = bus.writer.ownCost + bus.writer.remoteCost
      let held = bus.intakes.reduce(0) { $0 + $1.heldBytes }
      guard bus.store.bytes <= 20_000, waiting <= 20_000, held <= 5 * 600_000 else {
        Issue.record("\(bus.store.bytes), \(waiting) and \(held) bytes in round \(round)")
        return
      }
    }
    #expect(read > 5_000 && bus.subscribers[0].outstanding.count <= 256)
  }

  private var noSource: UInt32 { UInt32(EventBusLimits.members) }
}
