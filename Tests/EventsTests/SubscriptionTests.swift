import LabCore
import Network
import Testing
import Transport

@testable import Events

@Suite struct `A subscription` {
  private func event(_ type: String, source: String = "n0", target: String? = nil) -> FleetEvent {
    FleetEvent(
      id: "1", type: type, source: source, target: target, data: "", timestamp: .zero)
  }

  @Test func `chooses by type and wildcard`() {
    let exact = EventFilter(type: "test.passed")
    #expect(exact.matches(event("test.passed")))
    #expect(!exact.matches(event("test.passed.late")) && !exact.matches(event("test")))
    let family = EventFilter(type: "test.*")
    #expect(family.matches(event("test.passed")) && family.matches(event("test.a.b")))
    #expect(!family.matches(event("test")) && !family.matches(event("tests.passed")))
    #expect(EventFilter().matches(event("anything")))
    #expect(!EventFilter(type: "é").matches(event("e\u{301}x")))
  }

  @Test func `chooses by source and by target`() {
    let filter = EventFilter(source: "n1", target: "n2")
    #expect(filter.matches(event("a", source: "n1", target: "n2")))
    #expect(filter.matches(event("a", source: "n1")))
    #expect(!filter.matches(event("a", source: "n1", target: "n3")))
    #expect(!filter.matches(event("a", source: "n0", target: "n2")))
  }

  @Test(arguments: ["", ".*x", "a*", "*.a", "a b", "a\u{0}", String(repeating: "a", count: 129)])
  func `with a type that is neither a name nor a wildcard is refused`(type: String) throws {
    #expect(!EventFilter(type: type).isValid)
    var fleet = try Fleet(1)
    fleet.ask(.subscribe("a", to: EventFilter(type: type)), of: 0)
    fleet.ask(.publish(number: 0, type: type, data: ""), of: 0)
    let reports = fleet.run(for: .seconds(1)).map(\.report)
    #expect(reports.contains(.subscriptionRefused("a", .badFilter)))
    #expect(fleet.refusals(at: 0) == [.badType])
  }

  @Test func `sees what matches, on this node before the peers, in order`() throws {
    var fleet = try Fleet(2)
    fleet.ask(.subscribe("mine", to: EventFilter(target: "n0")), of: 0)
    fleet.ask(.subscribe("theirs", to: EventFilter(type: "test.*", target: "n1")), of: 1)
    for (number, target) in [nil, "n0", "n1", "n1"].enumerated() {
      fleet.ask(
        .publish(number: number, type: "test.a", target: target, data: "\(number):"), of: 0)
    }
    fleet.ask(.publish(number: 4, type: "build.a", data: "4:"), of: 0)
    let reports = fleet.run(for: .seconds(1))
    #expect(fleet.handed("mine", of: 0) == [0, 1, 4])
    #expect(fleet.handed("theirs", of: 1) == [0, 2, 3])
    let first = { (name: String) in
      reports.firstIndex { $0.report.position(of: name) != nil } ?? .max
    }
    #expect(first("mine") < first("theirs"))
  }

  @Test func `goes on where it was committed, where it is told, or at either end`() throws {
    let crash = Fleet.fault(.crash(node: NodeID(0)), at: 1_000, lasting: 10)
    var fleet = try Fleet(1, faults: [crash])
    fleet.ask(.subscribe("a"), of: 0)
    fleet.publish(0..<5, at: 0)
    fleet.run(for: .milliseconds(100))
    fleet.ask(.commit(subscriber: "a", position: 2), of: 0)
    fleet.run(for: .seconds(1))
    #expect(fleet.told.map(\.report).contains(.committed(subscriber: "a", position: 2)))
    let starts: [(String, SubscriptionStart, [Int])] = [
      ("a", .committed, [2, 3, 4]), ("b", .oldest, [0, 1, 2, 3, 4]), ("c", .newest, []),
      ("d", .after(4), [4]), ("e", .committed, [0, 1, 2, 3, 4]),
    ]
    for (name, start, numbers) in starts {
      let before = fleet.handed(name, of: 0).count
      fleet.ask(.subscribe(name, from: start), of: 0)
      fleet.run(for: .milliseconds(10))
      #expect(fleet.handed(name, of: 0).dropFirst(before) == numbers[...], "\(name)")
    }
  }

  @Test func `that is ended is forgotten`() throws {
    var fleet = try Fleet(1)
    fleet.ask(.subscribe("a"), of: 0)
    fleet.publish(0..<3, at: 0)
    fleet.run(for: .milliseconds(100))
    fleet.ask(.commit(subscriber: "a", position: 2), of: 0)
    fleet.ask(.unsubscribe("a"), of: 0)
    fleet.publish(3..<4, at: 0)
    fleet.run(for: .milliseconds(100))
    #expect(fleet.handed("a", of: 0) == [0, 1, 2])
    fleet.ask(.subscribe("a"), of: 0)
    fleet.run(for: .milliseconds(10))
    #expect(fleet.handed("a", of: 0) == [0, 1, 2, 0, 1, 2, 3])
  }

  @Test func `is refused when it cannot be`() throws {
    var limits = EventBusLimits()
    limits.subscribers = 2
    var fleet = try Fleet(1, limits: limits)
    for name in ["a", "b", "c", "", "a"] { fleet.ask(.subscribe(name), of: 0) }
    fleet.ask(.subscribe("b", from: .after(1)), of: 0)
    fleet.ask(.commit(subscriber: "a", position: 1), of: 0)
    fleet.ask(.commit(subscriber: "nobody", position: 1), of: 0)
    let reports = fleet.run(for: .seconds(1)).map(\.report)
    #expect(reports.contains(.subscriptionRefused("c", .tooMany)))
    #expect(reports.contains(.subscriptionRefused("", .badName)))
    #expect(reports.contains(.subscriptionRefused("b", .unknownPosition)))
    #expect(reports.contains(.commitRefused(subscriber: "a", position: 1)))
    #expect(reports.contains(.commitRefused(subscriber: "nobody", position: 1)))
    #expect(reports.count { $0 == .subscribed("a", from: 1) } == 2)
  }

  @Test func `is to a fleet whose events are what they may be`() throws {
    var fleet = try Fleet(1)
    fleet.ask(.publish(number: 1, type: "a", target: "nobody", data: ""), of: 0)
    let large = String(repeating: "x", count: 60_001)
    fleet.ask(.publish(number: 2, type: "a", data: large), of: 0)
    fleet.ask(.publish(number: 3, type: "a", data: "ümläut 🐟"), of: 0)
    fleet.run(for: .seconds(1))
    #expect(fleet.refusals(at: 0) == [.unknownTarget, .tooLarge])
    #expect(fleet.told.map(\.report).contains(.published(number: 3, sequence: 1)))
  }

  @Test func `shows in the status what a node holds and who has not committed`() throws {
    let crash = Fleet.fault(.crash(node: NodeID(1)), at: 500, lasting: 60_000)
    var fleet = try Fleet(2, faults: [crash])
    fleet.ask(.subscribe("a"), of: 0)
    fleet.publish(0..<3, at: 0)
    fleet.run(for: .milliseconds(600))
    fleet.publish(3..<5, at: 0)
    fleet.run(for: .seconds(5))
    fleet.ask(.status, of: 0)
    let reports = fleet.run(for: .milliseconds(1)).map(\.report)
    guard case .status(let status)? = reports.first else {
      Issue.record("\(reports)")
      return
    }
    #expect(status.holdings[0] == Holding(source: NodeID(0), first: 1, next: 6))
    #expect(status.known == [6, 1] && status.reachable.isEmpty)
    #expect(status.bytesPinned > ByteCount(0) && status.bytesKept > status.bytesPinned)
    #expect(status.subscribers == 1 && status.uncommitted == 5 && status.nextPosition == 6)
  }

  @Test func `settings that make no fleet are refused with what to change`() {
    let cases: [([String], (inout EventBusLimits, inout EventBusPace) -> Void)] = [
      ([], { _, _ in }), (["a", "a"], { _, _ in }), ([""], { _, _ in }),
      (["a"], { limits, _ in limits.capacity = ByteCount(10) }),
      (["a"], { limits, _ in limits.event = ByteCount(1 << 30) }),
      (["a"], { limits, _ in limits.age = .zero }),
      (["a"], { _, pace in pace.digestPeriod = .zero }),
      (["a"], { _, pace in pace.digestPeers = 0 }),
    ]
    for (members, change) in cases {
      var (limits, pace) = (EventBusLimits(), EventBusPace())
      change(&limits, &pace)
      do throws(EventBusConfigurationError) {
        _ = try EventBusConfiguration(members: members, limits: limits, pace: pace)
        Issue.record("\(members) passed")
      } catch { #expect("\(error)".contains("expected")) }
    }
  }
}
