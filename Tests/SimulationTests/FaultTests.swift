// What stands between nodes, and who hears whom meanwhile.
import LabCore
import Network
import Statistics
import Testing

@testable import Simulation

@Suite struct `Partitions` {
  /// From sender and receiver to whether a datagram passes at a time, for a fault from 1 s to 2 s.
  private func passes(_ kinds: [FaultKind], nodes: Int, at time: Int64) -> [[Bool]] {
    var world = SimulatedWorld(
      nodes, faults: kinds.map { FaultDescription($0, at: 1_000, lasting: 1_000) })
    for node in 0..<nodes { world.ask(.send(0, to: Array(0..<nodes)), of: node, at: time) }
    var passes = Array(repeating: Array(repeating: false, count: nodes), count: nodes)
    for seen in world.seen(until: time) {
      if case .heard(_, let sender, _) = seen.report { passes[sender][seen.node] = true }
    }
    return passes
  }

  private func ids(_ nodes: Int...) -> [NodeID] { nodes.map { NodeID($0) } }

  private func expectOnlyDuring(_ kind: FaultKind, nodes: Int) {
    let open = Array(repeating: Array(repeating: true, count: nodes), count: nodes)
    // At 2,000 ms itself the datagram, which was planned before the end of the fault, comes first.
    for time in [999, 2_001, 2_500] as [Int64] {
      #expect(passes([kind], nodes: nodes, at: time) == open, "at \(time) ms")
    }
    for time in [1_000, 1_500, 1_999] as [Int64] {
      #expect(passes([kind], nodes: nodes, at: time) != open, "at \(time) ms")
    }
  }

  @Test func `keep groups apart in both directions, and a node in no group is alone`() {
    let kind = FaultKind.partition(groups: [ids(0, 1), ids(2, 3)])
    let found = passes([kind], nodes: 5, at: 1_500)
    for sender in 0..<5 {
      for receiver in 0..<5 {
        let together = sender == receiver || (sender < 4 && sender / 2 == receiver / 2)
        #expect(found[sender][receiver] == together)
      }
    }
    expectOnlyDuring(kind, nodes: 5)
  }

  @Test func `of one way let the way back work`() {
    let kind = FaultKind.oneWay(from: ids(0), to: ids(1, 2))
    let found = passes([kind], nodes: 3, at: 1_500)
    #expect(found == [[true, false, false], [true, true, true], [true, true, true]])
    expectOnlyDuring(kind, nodes: 3)
  }

  @Test(arguments: 3...7, [0, 1, 2])
  func `bridges let the middle node see all and keep the halves apart`(nodes: Int, middle: Int) {
    let kind = FaultKind.bridge(node: NodeID(middle))
    let found = passes([kind], nodes: nodes, at: 1_500)
    let others = (0..<nodes).filter { $0 != middle }
    let (left, right) = (others.prefix((nodes - 1) / 2), others.dropFirst((nodes - 1) / 2))
    #expect(!left.isEmpty && !right.isEmpty && abs(left.count - right.count) <= 1)
    for node in 0..<nodes { #expect(found[middle][node] && found[node][middle]) }
    for half in [left, right] {
      for sender in half {
        for receiver in others { #expect(found[sender][receiver] == half.contains(receiver)) }
      }
    }
    expectOnlyDuring(kind, nodes: nodes)
  }

  @Test(arguments: 3...9)
  func `majorities on a ring let each node see a majority, and no two the same`(nodes: Int) {
    let found = passes([.majoritiesRing], nodes: nodes, at: 1_500)
    for node in 0..<nodes {
      #expect(found[node].count { $0 } >= nodes / 2 + 1)
      for other in 0..<nodes { #expect(found[node][other] == found[other][node]) }
    }
    #expect(Set(found).count == nodes)
    expectOnlyDuring(.majoritiesRing, nodes: nodes)
  }

  @Test func `that overlap block what any of them blocks, and end one by one`() {
    let groups = FaultKind.partition(groups: [ids(0, 1), ids(2)])
    var world = SimulatedWorld(
      3,
      faults: [
        FaultDescription(groups, at: 100, lasting: 200),
        FaultDescription(groups, at: 200, lasting: 200),
        FaultDescription(.oneWay(from: ids(0), to: ids(1)), at: 150, lasting: 100),
      ])
    for time in stride(from: 50, to: 500, by: 100) as StrideTo<Int64> {
      world.ask(.send(Int(time), to: [1, 2]), of: 0, at: time + 10)
    }
    let heard = world.seen(until: 1_000).map { "\($0.node) at \($0.milliseconds)" }
    #expect(
      heard == ["1 at 60.0", "2 at 60.0", "1 at 260.0", "1 at 360.0", "1 at 460.0", "2 at 460.0"])
  }

  @Test func `lose what is under way when they begin`() {
    var world = SimulatedWorld(
      2, LinkModel(delay: .constant(.milliseconds(50))),
      faults: [FaultDescription(.oneWay(from: ids(0), to: ids(1)), at: 100, lasting: 100)])
    world.ask(.send(1, to: [1]), of: 0, at: 49)
    world.ask(.send(2, to: [1]), of: 0, at: 60)
    world.ask(.send(3, to: [1]), of: 0, at: 160)
    world.ask(.send(4, to: [1]), of: 0, at: 210)
    #expect(world.seen(until: 500).map(\.milliseconds) == [99, 260])
    #expect(world.counters.lost(.partitioned) == 2)
  }

  @Test func `without an end stay`() {
    var world = SimulatedWorld(
      2, faults: [FaultDescription(.partition(groups: []), at: 10, lasting: nil)])
    world.ask(.send(1, to: [1]), of: 0, at: 1_000_000)
    #expect(world.seen(until: 2_000_000) == [])
  }

  @Test func `that name nodes which are not there, or last a negative time, trap`() async {
    await #expect(processExitsWith: .failure) {
      _ = SimulatedWorld(2, faults: [FaultDescription(.crash(node: NodeID(2)), at: 1, lasting: 1)])
    }
    await #expect(processExitsWith: .failure) {
      _ = SimulatedWorld(2, faults: [FaultDescription(.majoritiesRing, at: 5, lasting: -1)])
    }
    await #expect(processExitsWith: .failure) {
      let skew = FaultKind.clockSkew(node: NodeID(0), offset: .zero, rate: 0)
      _ = SimulatedWorld(2, faults: [FaultDescription(skew, at: 5, lasting: 1)])
    }
  }
}

@Suite struct `Clogs` {
  private func clog(_ from: Int, _ to: [Int]) -> FaultKind {
    .clog(from: [NodeID(from)], to: to.map { NodeID($0) })
  }

  @Test func `hold datagrams back, then release them in their order`() {
    var world = SimulatedWorld(3, faults: [FaultDescription(clog(0, [1]), at: 100, lasting: 100)])
    for number in 0..<25 {
      world.ask(.send(number, to: [1, 2]), of: 0, at: Int64(90 + 5 * number))
      world.ask(.send(number, to: [0]), of: 1, at: Int64(90 + 5 * number))
    }
    let seen = world.seen(until: 1_000)
    let times = seen.filter { $0.node == 1 }.map(\.milliseconds)
    #expect(
      times == [90, 95] + [Double](repeating: 200, count: 20) + [200, 205, 210])
    for node in 0..<3 {
      let numbers = seen.filter { $0.node == node }.map(\.report)
      let sender = node == 0 ? 1 : 0
      #expect(numbers == (0..<25).map { .heard($0, from: sender, count: $0 + 1) })
      if node != 1 {
        #expect(
          seen.filter { $0.node == node }.map(\.milliseconds)
            == (0..<25).map { 90 + 5 * Double($0) })
      }
    }
  }

  @Test func `do not hold what a node says to itself`() {
    var world = SimulatedWorld(
      2, faults: [FaultDescription(clog(0, [0, 1]), at: 10, lasting: 90)])
    world.ask(.send(1, to: [0, 1]), of: 0, at: 50)
    #expect(world.seen(until: 500).map(\.milliseconds) == [50, 100])
  }

  @Test func `that overlap release when the last one ends`() {
    var world = SimulatedWorld(
      2,
      faults: [
        FaultDescription(clog(0, [1]), at: 100, lasting: 100),
        FaultDescription(clog(0, [1]), at: 150, lasting: 100),
        FaultDescription(clog(0, [1]), at: 120, lasting: 20),
      ])
    for number in 0..<10 { world.ask(.send(number, to: [1]), of: 0, at: Int64(110 + 10 * number)) }
    let seen = world.seen(until: 1_000)
    #expect(seen.map(\.milliseconds) == [Double](repeating: 250, count: 10))
    #expect(seen.map(\.report) == (0..<10).map { .heard($0, from: 0, count: $0 + 1) })
  }

  @Test func `hold datagrams for a node that crashes and comes back meanwhile`() {
    var world = SimulatedWorld(
      2,
      faults: [
        FaultDescription(clog(0, [1]), at: 100, lasting: 200),
        FaultDescription(.crash(node: NodeID(1)), at: 150, lasting: 50),
      ])
    for time in [110, 160, 210] as [Int64] { world.ask(.send(1, to: [1]), of: 0, at: time) }
    #expect(world.seen(until: 1_000).map(\.milliseconds) == [300, 300, 300])
  }

  @Test func `lose what they hold when the receiver is down at their end`() {
    var world = SimulatedWorld(
      2,
      faults: [
        FaultDescription(clog(0, [1]), at: 100, lasting: 100),
        FaultDescription(.crash(node: NodeID(1)), at: 150, lasting: 100),
      ])
    world.ask(.send(1, to: [1]), of: 0, at: 110)
    #expect(world.seen(until: 1_000) == [])
    #expect(world.counters.lost(.receiverDown) == 1)
  }
}

@Suite struct `Faults by rate` {
  private func world(seed: UInt64, others: [FaultDescription] = []) -> SimulatedWorld<Probe> {
    let crash = FaultDescription(
      times: .every(.exponential(mean: 0.1)), duration: .milliseconds(20),
      kind: .crash(node: NodeID(1)))
    var world = SimulatedWorld(3, faults: [crash] + others, seed: seed)
    world.trace = Trace()
    return world
  }

  private func beginnings(_ world: borrowing SimulatedWorld<Probe>) -> [Instant] {
    world.trace?.events.compactMap {
      guard case .faultBegan(.crash) = $0.kind else { return nil }
      return $0.time
    } ?? []
  }

  @Test func `are the same for the same seed and differ for another`() {
    var one = world(seed: 1)
    var same = world(seed: 1)
    var other = world(seed: 2)
    one.run(until: .after(20_000))
    same.run(until: .after(20_000))
    other.run(until: .after(20_000))
    #expect(beginnings(one) == beginnings(same) && beginnings(one) != beginnings(other))
  }

  @Test func `never stop, and have their rate`() {
    var world = world(seed: 3)
    world.run(until: .after(600_000))
    let times = beginnings(world)
    // A cycle is 20 ms down and 100 ms up on average: 5,000 in ten minutes, with deviation
    // √5,000 × 100/120.
    #expect(abs(times.count - 5_000) < 180)
    let lastMinute = times.filter { $0 > .after(540_000) }
    #expect(abs(lastMinute.count - 500) < 60)
    let gaps = zip(times, times.dropFirst()).map { ($1 - $0).seconds }
    #expect(gaps.allSatisfy { $0 >= 0.02 })
  }

  @Test func `do not move when another fault is added`() {
    let pause = FaultDescription(
      times: .every(.exponential(mean: 0.05)), duration: .milliseconds(5),
      kind: .pause(node: NodeID(2)))
    var one = world(seed: 4)
    var more = world(seed: 4, others: [pause])
    one.run(until: .after(20_000))
    more.run(until: .after(20_000))
    #expect(beginnings(one) == beginnings(more))
  }

  @Test func `without an end come once`() {
    var world = SimulatedWorld(
      2,
      faults: [
        FaultDescription(
          times: .every(.constant(0.5)), duration: nil, kind: .crash(node: NodeID(0)))
      ])
    world.run(until: .after(10_000))
    let isIdle = world.isIdle()
    #expect(isIdle && world.isUp(0) == false && world.isUp(1) == true)
  }
}
