// One seed, one trajectory; and where two trajectories part.
import LabCore
import Network
import Testing

@testable import Simulation

@Suite struct `Trajectories` {
  private func run(
    seed: UInt64 = 1, nodes: Int = 3, extraDrawAt: Int? = nil, until end: Int64 = 200
  ) -> (fingerprint: UInt64, trace: Trace, counters: Counters) {
    var world = Dice.world(nodes: nodes, seed: seed, extraDrawAt: extraDrawAt)
    world.run(until: .after(end))
    return (world.fingerprint, world.trace ?? Trace(), world.counters)
  }

  @Test func `of one seed are equal, event for event`() {
    let (one, other) = (run(), run())
    #expect(one.fingerprint == other.fingerprint)
    #expect(one.trace.events == other.trace.events && one.trace.events.count > 500)
    #expect(Trace.firstDifference(one.trace, other.trace) == nil)
    #expect(one.counters == other.counters)
  }

  @Test func `of different seeds differ`() {
    let prints = (0..<50).map { run(seed: $0, until: 50).fingerprint }
    #expect(Set(prints).count == 50)
  }

  @Test func `do not depend on the steps in which they are run, nor on being written down`() {
    let whole = run()
    var world = Dice.world()
    world.trace = nil
    var random = Seed(51).stream()
    while world.now < .after(200) {
      let end = min(world.now + .microseconds(Int64(random.below(900))), .after(200))
      world.run(until: end, limit: 1 + random.below(5))
    }
    world.run(until: .after(200))
    #expect(world.fingerprint == whole.fingerprint)
    #expect(world.counters == whole.counters)
  }

  @Test(arguments: [1, 7, 60])
  func `that part by one draw part at the event that the draw reached first`(round: Int) throws {
    let (one, other) = (run(), run(extraDrawAt: round))
    let difference = try #require(Trace.firstDifference(one.trace, other.trace))
    // The first thing that the draw touches is the datagram, or its loss, that node 1 sends in
    // that round.
    for event in [difference.left, difference.right] {
      let event = try #require(event)
      #expect(event.node == NodeID(1))
      switch event.kind {
      case .sent(_, _, let payload), .lost(_, _, let payload):
        #expect(Probe.number(in: payload) == round)
      default: Issue.record("\(event)")
      }
    }
    let index = difference.index
    #expect(one.trace.events[..<index] == other.trace.events[..<index])
    #expect(difference.description.hasPrefix("event \(index) differs: "))
  }

  @Test func `of which one ends earlier part at its end`() throws {
    let (short, long) = (run(until: 20), run(until: 21))
    let difference = try #require(Trace.firstDifference(short.trace, long.trace))
    #expect(difference.index == short.trace.events.count && difference.left == nil)
    #expect(difference.right == long.trace.events[difference.index])
    #expect(difference.description.contains("nothing more against"))
  }

  /// What happened at the first nodes, and to the world, without the fingerprint, which counts all.
  private func own(_ trace: Trace, nodes: Int) -> [String] {
    trace.events.filter { $0.node.map { $0.index < nodes } ?? true }.map(\.description)
  }

  // A bridge and a ring of majorities are cut by the number of nodes, so that under those two
  // faults another node does change the others' fate; there it cannot be otherwise.
  @Test func `of the others stay the same when a node that nobody talks to is added`() {
    let (three, five) = (run(nodes: 3), run(nodes: 5))
    #expect(own(three.trace, nodes: 3) == own(five.trace, nodes: 3))
    #expect(three.fingerprint != five.fingerprint)
    #expect(own(run(seed: 2).trace, nodes: 3) != own(three.trace, nodes: 3))
  }

  @Test func `are written down up to the capacity, and what found no room is counted`() {
    let whole = run().trace
    var world = Dice.world()
    world.trace = Trace(capacity: 100)
    world.run(until: .after(200))
    #expect(world.trace?.events == Array(whole.events[..<100]))
    #expect(world.trace?.dropped == whole.events.count - 100)
  }
}

@Suite struct `Fingerprint ingredients` {
  private typealias Script = [(command: Probe.Command, node: Int, at: Int64)]

  private func fingerprint(_ script: Script, _ ingredients: FingerprintIngredients) -> UInt64 {
    var world = SimulatedWorld(
      NetworkDescription(nodes: 3), seed: Seed(1), ingredients: ingredients
    ) { _, _ in Probe(isQuiet: true) }
    for (command, node, at) in script { world.ask(command, of: node, at: at) }
    world.run(until: .after(1_000))
    return world.fingerprint
  }

  private func expectOnly(
    _ sensitive: FingerprintIngredients, toTellFrom other: Script, base: Script,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for ingredient in [.time, .node, .kind, .content] as [FingerprintIngredients] {
      let differs = fingerprint(base, ingredient) != fingerprint(other, ingredient)
      #expect(differs == sensitive.contains(ingredient), sourceLocation: sourceLocation)
    }
    #expect(fingerprint(base, .all) != fingerprint(other, .all), sourceLocation: sourceLocation)
    let rest = FingerprintIngredients.all.subtracting(sensitive)
    #expect(
      fingerprint(base, rest) == fingerprint(other, rest), sourceLocation: sourceLocation)
    #expect(fingerprint(base, .none) == fingerprint(other, .none), sourceLocation: sourceLocation)
  }

  @Test func `tell apart what they are taken over, and nothing else`() {
    let base: Script = [(.send(1, to: [1]), 0, 10)]
    expectOnly(.content, toTellFrom: [(.send(2, to: [1]), 0, 10)], base: base)
    expectOnly(.time, toTellFrom: [(.send(1, to: [1]), 0, 11)], base: base)
    expectOnly(.node, toTellFrom: [(.send(1, to: [2]), 0, 10)], base: base)
    let asked: Script = [(.idle, 0, 0), (.idle, 0, 10)]
    let fired: Script = [(.set(0, after: .milliseconds(10)), 0, 0)]
    expectOnly(.kind, toTellFrom: fired, base: asked)
  }

  @Test func `that are none keep no fingerprint`() {
    #expect(fingerprint([(.send(1, to: [1]), 0, 10)], .none) == StableHasher().finalize())
  }
}
