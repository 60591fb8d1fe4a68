// What befalls single nodes: crashes, pauses and wrong clocks.
import LabCore
import Network
import Statistics
import Testing

@testable import Simulation

@Suite struct `Crashes` {
  private func crash(_ node: Int, at begin: Int64, lasting: Int64?) -> FaultDescription {
    FaultDescription(.crash(node: NodeID(node)), at: begin, lasting: lasting)
  }

  @Test func `lose the memory and keep what is durable`() {
    var world = SimulatedWorld(2, faults: [crash(1, at: 100, lasting: 50)])
    world.ask(.store(7), of: 1, at: 10)
    world.ask(.store(8), of: 1, at: 20)
    for time in [30, 40, 160] as [Int64] { world.ask(.send(1, to: [1]), of: 0, at: time) }
    #expect(
      world.reports(until: 500).filter { $0.node == 1 } == [
        Seen(1, 0, .started([])), Seen(1, 10.5, .stored(7, .durable)),
        Seen(1, 20.5, .stored(8, .durable)), Seen(1, 30, .heard(1, from: 0, count: 1)),
        Seen(1, 40, .heard(1, from: 0, count: 2)), Seen(1, 150, .started([7, 8])),
        Seen(1, 160, .heard(1, from: 0, count: 1)),
      ])
  }

  @Test func `may lose a write whose end was not told, and never tell it to the next life`() {
    var found: Set<[Int]> = []
    for seed in 0..<200 as Range<UInt64> {
      var world = SimulatedWorld(
        1, faults: [crash(0, at: 100, lasting: 10)],
        disks: DiskModel(latency: .constant(0.05)), seed: seed)
      for (number, time) in [(1, 20), (2, 75), (3, 76)] as [(Int, Int64)] {
        world.ask(.store(number), of: 0, at: time)
      }
      let reports = world.reports(until: 1_000).map(\.report)
      guard reports.count == 3, case .started(let records) = reports[2] else {
        Issue.record("\(reports)")
        continue
      }
      #expect(reports[1] == .stored(1, .durable))
      found.insert(records)
    }
    // Never the third without the second, as the disk takes one after the other.
    #expect(found == [[1], [1, 2]])
  }

  @Test func `end timers, and let what was sent before travel on`() {
    var world = SimulatedWorld(
      2, LinkModel(delay: .constant(.milliseconds(30))), faults: [crash(0, at: 100, lasting: 50)])
    world.ask(.set(0, after: .milliseconds(20), period: .milliseconds(20)), of: 0, at: 0)
    world.ask(.send(5, to: [1]), of: 0, at: 90)
    let seen = world.seen(until: 500)
    #expect(seen.filter { $0.node == 0 }.map(\.milliseconds) == [20, 40, 60, 80])
    #expect(seen.filter { $0.node == 1 } == [Seen(1, 120, .heard(5, from: 0, count: 1))])
  }

  @Test func `leave timers of the next life alone`() {
    var world = SimulatedWorld(1, faults: [crash(0, at: 100, lasting: 50)])
    world.ask(.set(0, after: .milliseconds(300)), of: 0, at: 90)
    world.ask(.set(0, after: .milliseconds(400)), of: 0, at: 160)
    world.ask(.set(1, after: .milliseconds(10)), of: 0, at: 160)
    #expect(world.seen(until: 1_000).map(\.milliseconds) == [170, 560])
  }

  @Test func `lose commands and datagrams for a node that is down`() {
    var world = SimulatedWorld(2, faults: [crash(0, at: 100, lasting: 50)])
    world.ask(.send(1, to: [1]), of: 0, at: 120)
    world.ask(.send(2, to: [0]), of: 1, at: 120)
    #expect(world.seen(until: 500) == [])
    #expect(world.counters.lost(.receiverDown) == 1 && world.counters.sent == 1)
  }

  @Test func `that overlap keep the node down until the last one ends`() {
    var world = SimulatedWorld(
      1, faults: [crash(0, at: 100, lasting: 100), crash(0, at: 150, lasting: 100)])
    let starts = world.reports(until: 1_000).filter { $0.report == .started([]) }
    #expect(starts.map(\.milliseconds) == [0, 250])
  }

  @Test func `without an end are for ever`() {
    var world = SimulatedWorld(1, faults: [crash(0, at: 100, lasting: nil)])
    world.ask(.idle, of: 0, at: 5_000)
    #expect(world.reports(until: 10_000).count == 1)
    #expect(world.isUp(0) == false)
  }

  @Test func `give each life draws of its own, reproducibly`() {
    func draws() -> [Seen<Probe.Report>] {
      var world = SimulatedWorld(
        1, faults: [crash(0, at: 100, lasting: 50), crash(0, at: 300, lasting: 50)])
      for time in [10, 200, 400] as [Int64] { world.ask(.draw, of: 0, at: time) }
      return world.seen(until: 1_000)
    }
    #expect(Set(draws().map(\.report)).count == 3)
    #expect(draws() == draws())
  }

  @Test func `give each life a seed of its own`() {
    var network = NetworkDescription(nodes: 2)
    network.faults = [crash(0, at: 100, lasting: 50), crash(0, at: 300, lasting: 50)]
    var seeds: [Seed] = []
    var world = SimulatedWorld(network, seed: Seed(5)) { _, seed in
      seeds.append(seed)
      return Probe()
    }
    world.run(until: .after(1_000))
    #expect(seeds.count == 4 && Set(seeds).count == 4)
  }
}

@Suite struct `Pauses` {
  private func pause(at begin: Int64, lasting: Int64) -> FaultDescription {
    FaultDescription(.pause(node: NodeID(1)), at: begin, lasting: lasting)
  }

  @Test func `defer datagrams, commands, timers and outcomes to their end, in order`() {
    var world = SimulatedWorld(2, faults: [pause(at: 100, lasting: 100)])
    world.ask(.set(0, after: .milliseconds(40)), of: 1, at: 90)
    world.ask(.store(9), of: 1, at: 99)
    world.ask(.send(1, to: [1]), of: 0, at: 110)
    world.ask(.draw, of: 1, at: 120)
    world.ask(.send(2, to: [1]), of: 0, at: 140)
    let seen = world.seen(until: 500)
    #expect(seen.map(\.milliseconds) == [99.5, 200, 200, 200, 200])
    #expect(seen[1].report == .heard(1, from: 0, count: 1))
    #expect(seen[3].report == .fired(0, local: .after(200)))
    #expect(seen[4].report == .heard(2, from: 0, count: 2))
  }

  @Test func `defer the outcome of a write`() {
    var world = SimulatedWorld(
      2, faults: [pause(at: 100, lasting: 100)], disks: DiskModel(latency: .constant(0.05)))
    world.ask(.store(3), of: 1, at: 80)
    #expect(world.seen(until: 500) == [Seen(1, 200, .stored(3, .durable))])
  }

  @Test(arguments: [Probe.Command.cancel(0), .set(0, after: .milliseconds(70))])
  func `let a datagram that waited cancel or move a timer that fell due meanwhile`(
    command: Probe.Command
  ) {
    var network = NetworkDescription(nodes: 2)
    network.faults = [pause(at: 100, lasting: 100)]
    var world = SimulatedWorld(network, seed: Seed(1)) { _, _ in Probe(onHearing: [1: command]) }
    world.ask(.set(0, after: .milliseconds(40)), of: 1, at: 90)
    world.ask(.send(1, to: [1]), of: 0, at: 110)
    let fired = world.seen(until: 1_000).filter { $0.report == .fired(0, local: .after(270)) }
    #expect(world.counters.fired == fired.count)
    #expect(fired.count == (command == .cancel(0) ? 0 : 1))
  }

  @Test func `that overlap last until the last one ends`() {
    var world = SimulatedWorld(
      2, faults: [pause(at: 100, lasting: 100), pause(at: 150, lasting: 100)])
    world.ask(.draw, of: 1, at: 120)
    #expect(world.seen(until: 1_000).map(\.milliseconds) == [250])
  }

  @Test func `forget what waited when the node crashes`() {
    var world = SimulatedWorld(
      2,
      faults: [
        pause(at: 100, lasting: 100),
        FaultDescription(.crash(node: NodeID(1)), at: 150, lasting: 100),
      ])
    world.ask(.set(0, after: .milliseconds(30)), of: 1, at: 90)
    world.ask(.send(1, to: [1]), of: 0, at: 110)
    world.ask(.draw, of: 1, at: 120)
    #expect(world.seen(until: 1_000) == [])
    #expect(world.counters.lost(.receiverDown) == 1)
  }

  @Test func `hold a node that restarts within them`() {
    var world = SimulatedWorld(
      2,
      faults: [
        FaultDescription(.crash(node: NodeID(1)), at: 100, lasting: 50),
        pause(at: 120, lasting: 100),
      ])
    world.ask(.send(1, to: [1]), of: 0, at: 160)
    let seen = world.reports(until: 1_000).filter { $0.milliseconds > 0 }
    #expect(seen == [Seen(1, 220, .started([])), Seen(1, 220, .heard(1, from: 0, count: 1))])
  }
}

@Suite struct `Wrong clocks` {
  private func skew(
    by offset: Int64, rate: Double = 1, at begin: Int64, lasting: Int64?
  ) -> FaultDescription {
    FaultDescription(
      .clockSkew(node: NodeID(0), offset: .milliseconds(offset), rate: rate), at: begin,
      lasting: lasting)
  }

  /// When a timer fires that is set at 0 for 1,000 ms, and what the clock shows then.
  private func firing(_ faults: [FaultDescription]) -> [Seen<Probe.Report>] {
    var world = SimulatedWorld(1, faults: faults)
    world.ask(.set(0, after: .milliseconds(1_000)), of: 0, at: 0)
    return world.seen(until: 10_000)
  }

  private func expectFiring(
    _ faults: [FaultDescription], at milliseconds: Double, local: Int64 = 1_000,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(
      firing(faults) == [Seen(0, milliseconds, .fired(0, local: .after(local)))],
      sourceLocation: sourceLocation)
  }

  @Test func `that jump ahead fire timers earlier, and those that jump back later`() {
    expectFiring([skew(by: 300, at: 500, lasting: nil)], at: 700)
    expectFiring([skew(by: -300, at: 500, lasting: nil)], at: 1_300)
    expectFiring([skew(by: -5_000, at: 500, lasting: nil)], at: 6_000)
  }

  @Test func `that jump over a timer fire it at once`() {
    expectFiring([skew(by: 2_000, at: 500, lasting: nil)], at: 500, local: 2_500)
  }

  @Test func `that run fast or slow stretch the time`() {
    expectFiring([skew(by: 0, rate: 2, at: 500, lasting: nil)], at: 750)
    expectFiring([skew(by: 0, rate: 0.5, at: 500, lasting: nil)], at: 1_500)
    expectFiring([skew(by: 100, rate: 2, at: 500, lasting: nil)], at: 700)
  }

  @Test func `are right again when the fault ends, and so are the timers`() {
    expectFiring([skew(by: -300, at: 500, lasting: 100)], at: 1_000)
    expectFiring([skew(by: 300, at: 500, lasting: 100)], at: 1_000)
    expectFiring([skew(by: 0, rate: 0.5, at: 500, lasting: 100)], at: 1_000)
    // Repaired at 1,200 ms, when the timer is already due.
    expectFiring([skew(by: -600, at: 500, lasting: 700)], at: 1_200, local: 1_200)
  }

  @Test func `that overlap add up and are right when the last one ends`() {
    let two = [skew(by: -300, at: 100, lasting: 400), skew(by: -300, at: 200, lasting: 2_000)]
    expectFiring(two, at: 1_600)
    expectFiring(
      [skew(by: -300, at: 100, lasting: 400), skew(by: -300, at: 200, lasting: 500)], at: 1_000)
  }

  @Test func `are those of one node alone`() {
    var world = SimulatedWorld(2, faults: [skew(by: 300, at: 500, lasting: nil)])
    for node in 0..<2 { world.ask(.set(0, after: .milliseconds(1_000)), of: node, at: 0) }
    #expect(
      world.seen(until: 5_000).map { [$0.node, Int($0.milliseconds)] } == [[0, 700], [1, 1_000]])
  }

  @Test func `of a paused node fire its timers when it goes on`() {
    let pause = FaultDescription(.pause(node: NodeID(0)), at: 600, lasting: 900)
    expectFiring([pause, skew(by: 300, at: 500, lasting: nil)], at: 1_500, local: 1_800)
    // The clock jumps back while the timer waits: it is not due when the node goes on.
    expectFiring([pause, skew(by: -1_000, at: 1_200, lasting: nil)], at: 2_000)
  }
}
