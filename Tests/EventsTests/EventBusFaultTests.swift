import LabCore
import Network
import Statistics
import Testing
import Transport
import TrialInstances

@testable import Events
@testable import Simulation

@Suite struct `A fleet` {
  private static let everything = EventBusCommand.subscribe("all", from: .oldest)

  /// Node 0 is cut off from nodes 1 and 2 for two seconds, in which both sides publish.
  private func timeToConverge(loss: Ratio) throws -> LabCore.Duration {
    var link = LinkModel(delay: .constant(.milliseconds(10)))
    link.loss = .bernoulli(loss)
    let apart = FaultKind.partition(groups: [[NodeID(0)], [NodeID(1), NodeID(2)]])
    var limits = EventBusLimits()
    limits.deliveryWindow = 1_000
    var fleet = try Fleet(
      3, limits: limits, link: link, faults: [Fleet.fault(apart, at: 100, lasting: 2_000)])
    for node in 0..<3 { fleet.ask(Self.everything, of: node) }
    fleet.run(for: .milliseconds(200))
    for node in 0..<3 { fleet.publish(node * 200..<(node + 1) * 200, at: node, bytes: 200) }
    fleet.run(for: .milliseconds(1_900))
    #expect(fleet.handed("all", of: 0).count == 200)
    let news = fleet.run(for: .seconds(5))
    for node in 0..<3 {
      #expect(fleet.handed("all", of: node).sorted() == Array(0..<600))
      #expect(news.contains { $0.node == node && $0.report == .caughtUp })
    }
    return (news.last { $0.report == .caughtUp }?.at ?? .never) - (.zero + .milliseconds(2_100))
  }

  @Test func `has converged a digest and three trips after a partition has healed`() throws {
    // 100 ms until the next digest, 10 ms there, 20 ms for the events, and the disk.
    #expect(try timeToConverge(loss: .none) < .milliseconds(150))
  }

  @Test func `has converged soon after a partition has healed on a link that loses a tenth`()
    throws
  {
    #expect(try timeToConverge(loss: .percent(10)) < .milliseconds(2_000))
  }

  @Test func `asks a peer whose answers take long once for each event`() throws {
    // An answer takes 800 ms, more than three times the patience with a peer that is not known.
    var limits = EventBusLimits()
    limits.deliveryWindow = 10_000
    var fleet = try Fleet(
      2, limits: limits, link: LinkModel(delay: .constant(.milliseconds(400))),
      faults: [Fleet.fault(.crash(node: NodeID(1)), at: 1_000, lasting: 2_000)])
    fleet.run(for: .milliseconds(1_500))
    fleet.publish(0..<5_000, at: 0, bytes: 200)
    fleet.run(for: .seconds(40))
    fleet.ask(Self.everything, of: 1)
    fleet.ask(.status, of: 1)
    let news = fleet.run(for: .seconds(1))
    #expect(fleet.handed("all", of: 1) == Array(0..<5_000))
    let duplicates = news.compactMap { told -> Int? in
      guard case .status(let status) = told.report else { return nil }
      return status.duplicates
    }
    // The first answers teach how long they take; more than those few are never asked for again.
    #expect(try #require(duplicates.first) < 1_500)
  }

  @Test func `brings events to a node while their source is down`() throws {
    let apart = FaultKind.oneWay(from: [NodeID(0)], to: [NodeID(2)])
    let crash = FaultKind.crash(node: NodeID(0))
    var fleet = try Fleet(
      3,
      faults: [
        Fleet.fault(apart, at: 0, lasting: 5_000), Fleet.fault(crash, at: 500, lasting: 9_000),
      ])
    fleet.ask(Self.everything, of: 2)
    fleet.run(for: .milliseconds(100))
    fleet.publish(0..<50, at: 0)
    fleet.run(for: .seconds(3))
    #expect(fleet.handed("all", of: 2) == Array(0..<50))
  }

  @Test func `brings every event once and in order over a carrier of streams`() throws {
    var link = LinkModel(delay: .constant(.milliseconds(5)))
    link.loss = .bernoulli(.percent(10))
    link.duplication = .percent(5)
    link.reordering = true
    let members = ["n0", "n1", "n2"]
    let fleet = try EventBusConfiguration(members: members)
    var world = SimulatedWorld(
      NetworkDescription(nodes: 3, link: link), seed: Seed(9), ingredients: .none
    ) { node, seed in
      Carried(
        EventBus(name: members[Int(node.index)], fleet), on: GoBackN(), node: node, seed: seed)
    }
    for node in 0..<3 { world.submit(Self.everything, to: NodeID(node), at: .zero) }
    for number in 0..<60 {
      let at = Instant.zero + .milliseconds(Int64(100 + number * 10))
      let event = EventBusCommand.publish(number: number, type: "t", data: "\(number):")
      world.submit(event, to: NodeID(number % 3), at: at)
    }
    var handed: [[String: [UInt64]]] = [[:], [:], [:]]
    world.run(until: .zero + .seconds(20)) { node, _, report in
      guard case .upper(.delivered(_, let delivery)) = report else { return }
      handed[Int(node.index)][delivery.event.source, default: []].append(delivery.sequence)
    }
    let each = Dictionary(
      uniqueKeysWithValues: members.map { ($0, Array(1...20 as ClosedRange<UInt64>)) })
    #expect(handed == [each, each, each])
  }

  @Test func `hands a subscriber that never reads no more than its window`() throws {
    var limits = EventBusLimits()
    limits.capacity = ByteCount(20_000)
    limits.event = ByteCount(1_000)
    limits.deliveryWindow = 16
    var fleet = try Fleet(2, limits: limits)
    fleet.ask(Self.everything, of: 1)
    var published = 0
    for round in 0..<20 {
      fleet.publish(round * 20..<(round + 1) * 20, at: 0, bytes: 100)
      published += 20
      fleet.run(for: .milliseconds(100))
      let kept = fleet.world.inspect(NodeID(1)) { $0.store.bytes } ?? .max
      #expect(kept <= 20_000)
    }
    #expect(fleet.refusals(at: 0).isEmpty)
    #expect(fleet.handed("all", of: 1) == Array(0..<16))
    // It wakes and reads: every event was handed to it or is known to have expired.
    while let last = fleet.told.last(where: { $0.report.position(of: "all") != nil }) {
      let position = last.report.position(of: "all") ?? 0
      fleet.ask(.commit(subscriber: "all", position: position), of: 1)
      let news = fleet.run(for: .milliseconds(20))
      if !news.contains(where: { $0.report.position(of: "all") != nil }) { break }
    }
    let (handed, expired) = (
      fleet.handed("all", of: 1), fleet.expired(for: .subscriber("all"), at: 1)
    )
    #expect(handed == handed.sorted() && Set(handed).count == handed.count)
    #expect(expired > 0 && UInt64(handed.count) + expired == UInt64(published))
  }

  @Test func `refuses to publish when a peer lacks too much, until the peer is back`() throws {
    var limits = EventBusLimits()
    limits.capacity = ByteCount(20_000)
    limits.event = ByteCount(1_000)
    let apart = FaultKind.partition(groups: [[NodeID(0)], [NodeID(1)]])
    var fleet = try Fleet(
      2, limits: limits, faults: [Fleet.fault(apart, at: 100, lasting: 900)])
    for node in 0..<2 { fleet.ask(Self.everything, of: node) }
    fleet.run(for: .milliseconds(110))
    fleet.publish(0..<200, at: 0, bytes: 100)
    fleet.publish(200..<400, at: 1, bytes: 100)
    fleet.run(for: .milliseconds(800))
    #expect(Set(fleet.refusals(at: 0)) == [.storeFull])
    let accepted = fleet.told.compactMap(\.report.published)
    #expect(accepted.count > 50 && accepted.count < 200)
    fleet.run(for: .seconds(1))
    #expect(Set(fleet.handed("all", of: 0)) == Set(accepted))
    #expect(Set(fleet.handed("all", of: 1)) == Set(accepted))
    fleet.publish(400..<410, at: 0)
    fleet.run(for: .seconds(1))
    #expect(fleet.handed("all", of: 1).suffix(10) == Array(400..<410))
  }

  @Test func `tells everybody what expired before a node was back`() throws {
    var limits = EventBusLimits()
    limits.age = .seconds(1)
    let crash = FaultKind.crash(node: NodeID(1))
    var fleet = try Fleet(2, limits: limits, faults: [Fleet.fault(crash, at: 500, lasting: 4_000)])
    fleet.publish(0..<10, at: 0)
    fleet.run(for: .milliseconds(600))
    fleet.publish(10..<40, at: 0)
    fleet.run(for: .seconds(3))
    fleet.publish(40..<45, at: 0)
    fleet.run(for: .seconds(1))
    #expect(fleet.expired(for: .peers, at: 0) == 30)
    fleet.ask(Self.everything, of: 1)
    fleet.run(for: .seconds(1))
    #expect(fleet.expired(for: .node(source: NodeID(0)), at: 1) == 30)
    #expect(fleet.handed("all", of: 1).suffix(5) == [40, 41, 42, 43, 44])
    let missed = fleet.expired(for: .subscriber("all"), at: 1)
    #expect(UInt64(fleet.handed("all", of: 1).count) + missed == 45)
  }

  @Test func `refuses a node with another's name, and says so once`() throws {
    var fleet = try Fleet(3, names: ["n0", "n1", "n0"])
    fleet.ask(Self.everything, of: 0)
    fleet.run(for: .milliseconds(100))
    fleet.publish(0..<5, at: 2)
    fleet.publish(5..<10, at: 1)
    fleet.run(for: .seconds(1))
    #expect(fleet.handed("all", of: 0) == Array(5..<10))
    for node in 0..<2 {
      let reports = fleet.told.filter {
        $0.node == node && $0.report == .strangerRefused(NodeID(2))
      }
      #expect(reports.count == 1)
    }
  }

  @Test func `gives a node that lost its disk its own events back before it takes new ones`()
    throws
  {
    let crash = FaultKind.crash(node: NodeID(0))
    var fleet = try Fleet(3, faults: [Fleet.fault(crash, at: 1_000, lasting: 100)])
    for node in 1..<3 { fleet.ask(Self.everything, of: node) }
    fleet.publish(0..<20, at: 0)
    fleet.run(for: .milliseconds(1_050))
    fleet.world.storage[0] = nil
    // The peers' digests come 20 ms after the node has begun anew, its earlier events later.
    fleet.run(for: .milliseconds(60))
    fleet.publish(20..<23, at: 0)
    fleet.run(for: .milliseconds(12))
    fleet.publish(23..<25, at: 0)
    fleet.run(for: .milliseconds(1))
    #expect(fleet.refusals(at: 0) == Array(repeating: .historyBehind, count: 5))
    fleet.run(for: .seconds(1))
    fleet.publish(25..<30, at: 0)
    fleet.run(for: .seconds(1))
    let expected = Array(0..<20) + Array(25..<30)
    for node in 1..<3 { #expect(fleet.handed("all", of: node) == expected) }
    fleet.ask(Self.everything, of: 0)
    fleet.run(for: .milliseconds(1))
    #expect(fleet.handed("all", of: 0) == expected)
    #expect(!fleet.told.contains { if case .conflict = $0.report { true } else { false } })
  }

  @Test func `gives no number twice when a node that lost its disk is cut off as well`() throws {
    let crash = FaultKind.crash(node: NodeID(0))
    let apart = FaultKind.partition(groups: [[NodeID(0)], [NodeID(1)]])
    var fleet = try Fleet(
      2,
      faults: [
        Fleet.fault(crash, at: 1_000, lasting: 100), Fleet.fault(apart, at: 1_000, lasting: 2_000),
      ])
    fleet.ask(Self.everything, of: 1)
    fleet.publish(0..<20, at: 0)
    fleet.run(for: .milliseconds(1_050))
    fleet.world.storage[0] = nil
    fleet.run(for: .milliseconds(100))
    fleet.publish(20..<25, at: 0)
    let answers = fleet.run(for: .seconds(1)).filter { $0.node == 0 }
    #expect(!answers.contains { $0.report.published != nil })
    fleet.run(for: .seconds(3))
    fleet.publish(25..<30, at: 0)
    fleet.run(for: .seconds(1))
    #expect(fleet.handed("all", of: 1) == Array(0..<20) + Array(25..<30))
    #expect(fleet.refusals(at: 0).count == 5)
  }

  @Test func `reports peers that fall silent and come back`() throws {
    let crash = FaultKind.crash(node: NodeID(1))
    var fleet = try Fleet(2, faults: [Fleet.fault(crash, at: 1_000, lasting: 5_000)])
    fleet.run(for: .seconds(8))
    let states = fleet.told.compactMap { told -> Bool? in
      guard told.node == 0, case .peer(NodeID(1), let isReachable) = told.report else {
        return nil
      }
      return isReachable
    }
    #expect(states == [true, false, true])
  }

  @Test func `keeps its logs short, and finds all that it keeps in them`() throws {
    var limits = EventBusLimits()
    limits.capacity = ByteCount(20_000)
    limits.event = ByteCount(1_000)
    let crash = FaultKind.crash(node: NodeID(1))
    var fleet = try Fleet(2, limits: limits, faults: [Fleet.fault(crash, at: 5_000, lasting: 100)])
    for round in 0..<40 {
      fleet.publish(round * 20..<(round + 1) * 20, at: round % 2, bytes: 100)
      fleet.run(for: .milliseconds(100))
      for node in 0..<2 {
        let log = fleet.world.inspect(NodeID(node)) { $0.writer.logBytes } ?? .max
        #expect(log < 70_000, "round \(round)")
      }
    }
    fleet.run(for: .milliseconds(900))
    let before = fleet.world.inspect(NodeID(1)) { $0.store.order }
    fleet.run(for: .milliseconds(200))
    let after = fleet.world.inspect(NodeID(1)) { $0.store.order }
    let kept = { (order: Backlog<EventStore.Kept>?) -> [FleetEvent?] in
      guard let order else { return [] }
      return (order.first..<order.next).map { order[$0]?.event }
    }
    let common = min(kept(before).count, kept(after).count)
    #expect(before?.next == after?.next && common > 40)
    #expect(kept(after).suffix(common) == kept(before).suffix(common))
  }
}

extension EventBusReport {
  /// The position of an event that a subscriber was handed.
  func position(of subscriber: String) -> UInt64? {
    guard case .delivered(subscriber, let delivery) = self else { return nil }
    return delivery.position
  }

  /// The number of an event that was accepted.
  var published: Int? {
    guard case .published(let number, _) = self else { return nil }
    return number
  }
}
