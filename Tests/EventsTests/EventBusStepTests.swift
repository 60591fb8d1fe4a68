import LabCore
import Network
import Testing
import Transport

@testable import Events

/// One node without a world: the test is its disk and its peers.
private final class LoneNode {
  let fleet: EventBusConfiguration
  var bus: EventBus
  var step = Step<EventBus>(node: NodeID(0), random: Seed(31).stream())
  var sent: [(body: EventBusMessage.Body, receiver: NodeID)] = []
  var reports: [EventBusReport] = []
  private var tickets: [Ticket] = []

  init(limits: EventBusLimits = EventBusLimits()) throws(EventBusConfigurationError) {
    fleet = try EventBusConfiguration(members: ["n0", "n1", "n2"], limits: limits)
    bus = EventBus(name: "n0", fleet)
    bus.start(.empty, &step)
    settle()
  }

  /// Takes what the node asks for; its disk answers when it is told to.
  func settle() {
    while let effect = step.takeEffect() {
      switch effect {
      case .send(let message, let receiver): sent.append((message.body, receiver))
      case .store(_, let ticket): tickets.append(ticket)
      case .report(let report): reports.append(report)
      case .set, .cancel: break
      }
    }
  }

  func finishWrites() {
    while !tickets.isEmpty {
      bus.stored(tickets.removeFirst(), .durable, &step)
      settle()
    }
  }

  /// Whether the disk has been asked for something and has not answered.
  var isWriting: Bool { !tickets.isEmpty }

  func submit(_ command: EventBusCommand) {
    bus.submit(command, &step)
    settle()
  }

  func receive(_ body: EventBusMessage.Body, from sender: Int, tag: UInt64? = nil) {
    let tag = tag ?? fleet.tag(of: fleet.members[sender])
    bus.receive(EventBusMessage(tag: tag, body), from: NodeID(sender), &step)
    settle()
  }

  /// The numbers of events that were pushed to a node.
  func pushed(to receiver: Int) -> [UInt64] {
    sent.flatMap { body, to -> [UInt64] in
      guard to == NodeID(receiver), case .push(let run, _) = body else { return [] }
      return run.events.indices.map { run.first + UInt64($0) }
    }
  }

  /// Peers that have nothing of this node yet.
  func meetPeers() {
    for peer in 1..<3 {
      let holding = Holding(source: NodeID(0), first: 1, next: 1)
      receive(.digest([holding], isWhole: false, wantsAnswer: false), from: peer)
    }
  }
}

@Suite struct `A node of a bus` {
  private static func repeatable(
    _ number: Int, id: String? = "run-1", data: String = "x", type: String = "t"
  ) -> EventBusCommand {
    .publish(number: number, id: id, type: type, data: data)
  }

  @Test func `answers an event that is published again with the number of the first`() throws {
    let node = try LoneNode()
    node.meetPeers()
    node.submit(Self.repeatable(1))
    node.submit(Self.repeatable(2))
    node.submit(Self.repeatable(3, data: "y"))
    node.submit(Self.repeatable(4, id: nil))
    #expect(node.reports.suffix(1) == [.refused(number: 3, .idTaken)], "the first is not durable")
    node.finishWrites()
    node.submit(Self.repeatable(5))
    node.submit(Self.repeatable(6, type: "u"))
    node.finishWrites()
    let answers = node.reports.filter { $0.publication != nil }
    #expect(
      answers == [
        .refused(number: 3, .idTaken), .published(number: 1, sequence: 1),
        .published(number: 2, sequence: 1), .published(number: 4, sequence: 2),
        .published(number: 5, sequence: 1), .refused(number: 6, .idTaken),
      ])
    #expect(node.pushed(to: 1) == [1, 2])
  }

  @Test(arguments: ["", "a b", "a\u{0}", String(repeating: "a", count: 129)])
  func `refuses an id that none may have`(id: String) throws {
    let node = try LoneNode()
    node.meetPeers()
    node.submit(Self.repeatable(1, id: id))
    #expect(node.reports.last == .refused(number: 1, .badID))
  }

  @Test func `knows after a crash which ids it has published, as long as it keeps the events`()
    throws
  {
    var limits = EventBusLimits()
    limits.age = .seconds(60)
    var fleet = try Fleet(
      2, limits: limits, faults: [Fleet.fault(.crash(node: NodeID(0)), at: 1_000, lasting: 100)])
    fleet.run(for: .milliseconds(100))
    fleet.ask(Self.repeatable(1), of: 0)
    fleet.run(for: .seconds(2))
    fleet.ask(Self.repeatable(2), of: 0)
    fleet.run(for: .seconds(100))
    fleet.ask(Self.repeatable(3), of: 0)
    fleet.run(for: .seconds(1))
    let answers = fleet.told.filter { $0.report.publication != nil }.map(\.report)
    #expect(
      answers == [
        .published(number: 1, sequence: 1), .published(number: 2, sequence: 1),
        .published(number: 3, sequence: 2),
      ])
  }

  private func run(_ source: Int, _ first: UInt64, _ count: Int = 1) -> EventRun {
    let events = (0..<count).map { number in
      FleetEvent(
        id: "\(first + UInt64(number))", type: "t", source: "", target: nil, data: "",
        timestamp: .zero)
    }
    return EventRun(source: NodeID(source), first: first, events: events)
  }

  @Test func `speaks of an event only when it is durable, to its subscribers first`() throws {
    let node = try LoneNode()
    node.meetPeers()
    node.submit(.subscribe("a"))
    node.submit(.publish(number: 7, type: "t", data: ""))
    #expect(!node.reports.contains(.published(number: 7, sequence: 1)))
    #expect(node.pushed(to: 1).isEmpty)
    node.finishWrites()
    #expect(node.reports.suffix(2).first == .published(number: 7, sequence: 1))
    #expect(node.reports.last?.position(of: "a") == 1)
    #expect(node.pushed(to: 1) == [1] && node.pushed(to: 2) == [1])
  }

  /// What a thief recorded and sends again, in any order and however late.
  @Test(arguments: 0..<20)
  func `is not changed by messages that come again`(seed: UInt64) throws {
    let node = try LoneNode()
    node.meetPeers()
    node.submit(.subscribe("a"))
    node.submit(.publish(number: 1, type: "t", data: ""))
    node.finishWrites()
    let holding = Holding(source: NodeID(1), first: 1, next: 9)
    let flights: [EventBusMessage.Body] = [
      .push(run(1, 1, 2), next: 3), .push(run(1, 5), next: 6),
      .digest([holding], isWhole: true, wantsAnswer: true),
      .pull(number: 4, source: NodeID(0), gaps: [1..<2]),
      .answer(pull: 1, run(1, 3, 2), holding, isLast: true),
    ]
    for flight in flights {
      node.receive(flight, from: 1)
      node.finishWrites()
    }
    let before = (node.bus.store.order.next, node.bus.intakes[1].known, node.reports.count)
    #expect(before.0 > 3)
    var random = Seed(seed).stream()
    for _ in 0..<30 {
      node.receive(flights[random.below(flights.count)], from: 1)
      #expect(!node.isWriting)
    }
    let after = (node.bus.store.order.next, node.bus.intakes[1].known, node.reports.count)
    #expect(before == after)
  }

  @Test func `acknowledges an event only when it is durable`() throws {
    let node = try LoneNode()
    func acknowledged(_ node: LoneNode) -> Bool {
      node.sent.contains { body, receiver in
        guard receiver == NodeID(1), case .digest(let holdings, false, false) = body else {
          return false
        }
        return holdings.contains { $0.source == NodeID(1) && $0.next == 3 }
      }
    }
    node.receive(.push(run(1, 1, 2), next: 3), from: 1)
    #expect(!acknowledged(node))
    node.finishWrites()
    #expect(acknowledged(node))
  }

  @Test func `pushes to a peer that lacks many no more than the window`() throws {
    var limits = EventBusLimits()
    limits.pushWindow = 4
    let node = try LoneNode(limits: limits)
    node.meetPeers()
    for number in 0..<10 {
      node.submit(.publish(number: number, type: "t", data: ""))
      node.finishWrites()
      let holding = Holding(source: NodeID(0), first: 1, next: UInt64(number + 2))
      node.receive(.digest([holding], isWhole: false, wantsAnswer: false), from: 2)
    }
    #expect(node.pushed(to: 1) == [1, 2, 3, 4])
    #expect(node.pushed(to: 2) == Array(1...10 as ClosedRange<UInt64>))
  }

  @Test func `takes no event from a node that is not its source, unless it asked for it`() throws {
    let node = try LoneNode()
    node.submit(.subscribe("a"))
    node.receive(.push(run(2, 1), next: 2), from: 1)
    let holding = Holding(source: NodeID(2), first: 1, next: 2)
    node.receive(.answer(pull: 1, run(2, 1), holding, isLast: true), from: 1)
    node.receive(.push(run(1, 1), next: 2), from: 1, tag: 5)
    node.finishWrites()
    #expect(node.bus.store.next(of: NodeID(2)) == 1 && node.bus.store.next(of: NodeID(1)) == 1)
    #expect(node.bus.refusedMessages == 3)
    #expect(node.reports.contains(.strangerRefused(NodeID(1))))
    #expect(!node.reports.contains { $0.position(of: "a") != nil })
  }

  @Test func `says when two events of a source bear one number, and keeps the first`() throws {
    let node = try LoneNode()
    node.receive(.push(run(1, 1), next: 2), from: 1)
    node.finishWrites()
    var other = run(1, 1)
    other.events[0].id = "another"
    node.receive(.push(other, next: 2), from: 1)
    #expect(node.reports.contains(.conflict(source: NodeID(1), sequence: 1)))
    #expect(node.bus.store.event(of: NodeID(1), 1)?.id == "1")
  }

  @Test func `does nothing more when its disk has failed`() throws {
    let node = try LoneNode()
    node.meetPeers()
    node.submit(.publish(number: 1, type: "t", data: ""))
    node.bus.stored(Ticket(node.bus.writer.ticket), .failed, &node.step)
    node.settle()
    node.sent = []
    node.submit(.publish(number: 2, type: "t", data: ""))
    node.submit(.subscribe("a"))
    node.receive(.push(run(1, 1), next: 2), from: 1)
    node.bus.fire(.digest, &node.step)
    node.settle()
    #expect(
      node.reports.suffix(3) == [
        .stopped(.diskFailed), .refused(number: 2, .stopped), .subscriptionRefused("a", .stopped),
      ])
    #expect(node.sent.isEmpty)
  }

  @Test func `that is no member, or whose disk is another's, stops at once`() throws {
    let fleet = try EventBusConfiguration(members: ["n0"])
    var stranger = EventBus(name: "n3", fleet)
    var step = Step<EventBus>(node: NodeID(3), random: Seed(32).stream())
    stranger.start(.empty, &step)
    #expect(step.effects == [.report(.stopped(.noMember))])
    var bus = EventBus(name: "n0", fleet)
    step = Step<EventBus>(node: NodeID(0), random: Seed(33).stream())
    bus.start(Durable(records: [Bytes([9, 9])]), &step)
    #expect(step.effects == [.report(.stopped(.foreignDisk))])
  }
}

extension EventBusReport {
  /// The number of the publication that it answers.
  fileprivate var publication: Int? {
    switch self {
    case .published(let number, _), .refused(let number, _): number
    default: nil
    }
  }
}
