// Timers: each fires once for each setting that is not cancelled or replaced, at its time.
import LabCore
import Network
import Testing

@testable import Simulation

@Suite struct `Timers` {
  private func fired(_ seen: [Seen<Probe.Report>]) -> [Double] { seen.map(\.milliseconds) }

  @Test func `fire once at their time`() {
    var world = SimulatedWorld(1)
    world.ask(.set(3, after: .milliseconds(20)), of: 0, at: 5)
    #expect(world.seen(until: 100) == [Seen(0, 25, .fired(3, local: .after(25)))])
    #expect(world.counters.fired == 1)
  }

  @Test func `that are set again move, earlier and later`() {
    var world = SimulatedWorld(1)
    world.ask(.set(0, after: .milliseconds(20)), of: 0, at: 0)
    world.ask(.set(0, after: .milliseconds(20)), of: 0, at: 10)
    world.ask(.set(1, after: .milliseconds(90)), of: 0, at: 0)
    world.ask(.set(1, after: .milliseconds(5)), of: 0, at: 10)
    #expect(fired(world.seen(until: 200)) == [15, 30])
  }

  @Test func `that are cancelled do not fire, and may be set anew`() {
    var world = SimulatedWorld(1)
    world.ask(.set(0, after: .milliseconds(20)), of: 0, at: 0)
    world.ask(.cancel(0), of: 0, at: 19)
    #expect(world.seen(until: 50) == [])
    world.ask(.cancel(0), of: 0, at: 50)
    world.ask(.set(0, after: .milliseconds(20)), of: 0, at: 51)
    world.ask(.set(1, after: .milliseconds(10)), of: 0, at: 60)
    world.ask(.cancel(1), of: 0, at: 61)
    world.ask(.set(1, after: .milliseconds(9)), of: 0, at: 61)
    #expect(fired(world.seen(until: 200)) == [70, 71])
  }

  @Test func `that are cancelled at the very moment they are due do not fire`() {
    var world = SimulatedWorld(1)
    world.ask(.cancel(0), of: 0, at: 20)
    world.ask(.set(0, after: .milliseconds(20)), of: 0, at: 0)
    #expect(world.seen(until: 50) == [])
  }

  @Test func `that are set into the past fire now`() {
    var world = SimulatedWorld(1)
    world.ask(.set(0, after: .milliseconds(-20)), of: 0, at: 30)
    world.ask(.set(1, after: .zero), of: 0, at: 30)
    let seen = world.seen(until: 30)
    #expect(seen.map(\.milliseconds) == [30, 30])
    #expect(seen.map(\.report) == [.fired(0, local: .after(30)), .fired(1, local: .after(30))])
  }

  @Test func `that are set for never do not fire`() {
    var world = SimulatedWorld(1)
    world.ask(.set(0, after: .max), of: 0, at: 30)
    #expect(world.seen(until: 1_000) == [])
    let isIdle = world.isIdle()
    #expect(isIdle)
  }

  @Test func `of one number at two nodes are two timers, and numbers may be large`() {
    var world = SimulatedWorld(3)
    for node in 0..<3 {
      for index in [0, 5, 70, 4_000] as [UInt32] {
        world.ask(.set(index, after: .milliseconds(Int64(index) + 1)), of: node, at: 0)
      }
    }
    world.ask(.cancel(70), of: 1, at: 2)
    #expect(world.seen(until: 10_000).count == 11)
  }

  @Test func `that are moved a thousand times leave one entry in the queue`() {
    var world = SimulatedWorld(1)
    for time in 0..<1_000 as Range<Int64> {
      world.ask(.set(0, after: .milliseconds(5_000)), of: 0, at: time)
    }
    #expect(world.seen(until: 1_000) == [])
    #expect(world.queue.count == 1)
    #expect(fired(world.seen(until: 10_000)) == [5_999])
  }

  /// Commands at even and firings at odd microseconds, so that none meets another by accident.
  private func schedule(_ random: inout RandomStream) -> [(at: Int64, command: Probe.Command)] {
    let count = 3 + random.below(30)
    let times = (0..<count).map { _ in Int64(random.below(500) * 2) }.sorted()
    return times.map { at in
      let index = UInt32(random.below(3))
      let delay = Duration.microseconds(Int64(random.below(100) * 2 + 1))
      switch random.below(5) {
      case 0: return (at, .cancel(index))
      case 1:
        let period = Duration.microseconds(Int64(random.below(60) * 2 + 2))
        return (at, .set(index, after: delay, period: period))
      default: return (at, .set(index, after: delay))
      }
    }
  }

  /// What fires, by the definition: each timer has one deadline or none.
  private func firings(
    of schedule: [(at: Int64, command: Probe.Command)], until end: Int64
  ) -> [String] {
    var deadlines: [UInt32: Int64] = [:]
    var periods: [UInt32: Duration] = [:]
    var fired: [String] = []
    var commands = schedule[...]
    for now in 0...end {
      while let next = commands.first, next.at == now {
        commands.removeFirst()
        switch next.command {
        case .set(let index, let after, let period):
          deadlines[index] = now + after.nanoseconds / 1_000
          periods[index] = period
        case .cancel(let index): (deadlines[index], periods[index]) = (nil, nil)
        default: break
        }
      }
      for index in deadlines.keys.sorted() where deadlines[index] == now {
        fired.append("\(index) at \(now)")
        deadlines[index] = periods[index].map { now + $0.nanoseconds / 1_000 }
      }
    }
    return fired
  }

  @Test(arguments: 0..<4)
  func `equal a plain twin in thousands of random schedules`(quarter: Int) {
    var firingsInAll = 0
    for seed in quarter * 500..<(quarter + 1) * 500 {
      var random = Seed(31).child(seed).stream()
      let schedule = schedule(&random)
      var world = SimulatedWorld(1, seed: UInt64(seed))
      for (at, command) in schedule {
        world.submit(command, to: NodeID(0), at: .zero + .microseconds(at))
      }
      var fired: [(Int64, UInt32)] = []
      world.run(until: .zero + .microseconds(1_500)) { _, at, report in
        guard case .fired(let index, let local) = report else { return }
        #expect(local == at)
        fired.append((at.nanoseconds / 1_000, index))
      }
      // Two timers that are due together may fire in either order.
      let found = fired.sorted { $0 < $1 }.map { "\($0.1) at \($0.0)" }
      #expect(found == firings(of: schedule, until: 1_500), "schedule \(seed)")
      firingsInAll += found.count
    }
    #expect(firingsInAll > 5_000)
  }

  @Test func `of a wrong number trap`() async {
    await #expect(processExitsWith: .failure) {
      var world = SimulatedWorld(1)
      world.ask(.set(1 << 20, after: .zero), of: 0, at: 0)
      world.run(until: .after(1))
    }
  }
}

@Suite struct `A node's clock` {
  @Test func `shows no time before the one a timer was set for, at any rate and offset`() {
    var random = Seed(32).stream()
    for _ in 0..<50_000 {
      var clock = NodeClock()
      let rates = [0.001, 0.3, 0.7, 0.999_999, 1, 1.000_001, 1.1, 3.7, 1_000]
      clock.skew(
        at: .zero + .nanoseconds(Int64(random.below(1_000_000_000))),
        by: .nanoseconds(Int64(random.below(2_000_000_000) - 1_000_000_000)),
        rate: rates[random.below(rates.count)])
      let local = clock.localBase + .nanoseconds(Int64(random.below(10_000_000_000)))
      let world = clock.world(local)
      #expect(clock.local(world) >= local)
      #expect(clock.local(world + .nanoseconds(-2)) <= local + .nanoseconds(1))
    }
  }

  @Test func `survives offsets and rates that leave its range`() {
    for offset in [Duration.seconds(-9_000_000_000), .seconds(9_000_000_000)] {
      for rate in [1e-9, 1, 1e9] {
        var clock = NodeClock()
        clock.skew(at: .after(1_000), by: offset, rate: rate)
        for local in [Instant.zero, .after(5), Instant(nanoseconds: .max - 1), .never] {
          #expect(clock.world(local) <= .never)
        }
        #expect(clock.world(.never) == .never)
        #expect(clock.local(.after(2_000)) <= .never)
      }
    }
  }
}
