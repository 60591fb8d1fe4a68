// The third trial Instance: a stream that another Instance carries over a link that loses, doubles,
// overtakes and changes.
import LabCore
import Network
import Statistics
import Testing
import TrialInstances

@testable import Simulation

@Suite struct `A carried stream` {
  private typealias Stream = Carried<NumberedStream, GoBackN>

  private func link(lossy: Bool) -> LinkModel {
    LinkModel(
      delay: .model(.init(minimum: .milliseconds(5), excess: .exponential(mean: 0.015))),
      reordering: true, loss: .bernoulli(.percent(lossy ? 20 : 0)),
      duplication: .percent(15), corruption: .percent(lossy ? 5 : 0))
  }

  /// What node 1 hears of node 0 and node 0 of node 1, and whether everything was acknowledged.
  private func transfer(
    rules: GoBackN.Rules = .correct, seed: UInt64
  ) -> (forth: [UInt32], back: [UInt32], isAtRest: Bool) {
    let network = NetworkDescription(nodes: 2, link: link(lossy: true))
    var world = SimulatedWorld(network, seed: Seed(seed)) { node, seed in
      Stream(NumberedStream(), on: GoBackN(rules: rules), node: node, seed: seed)
    }
    for batch in 0..<10 as Range<Int64> {
      world.submit(
        .send(count: 20, length: 40, to: NodeID(1)), to: NodeID(0), at: .after(batch * 50))
      world.submit(
        .send(count: 5, length: 3_000, to: NodeID(0)), to: NodeID(1), at: .after(batch * 70))
    }
    var (forth, back): ([UInt32], [UInt32]) = ([], [])
    world.run(until: .after(120_000)) { node, _, report in
      guard case .upper(let arrival) = report else { return }
      if node == NodeID(1) { forth.append(arrival.number) } else { back.append(arrival.number) }
    }
    let isAtRest = (0..<2).allSatisfy { world.inspect(NodeID($0)) { $0.lower.isAtRest } == true }
    return (forth, back, isAtRest)
  }

  @Test(arguments: 0..<10 as Range<UInt64>)
  func `delivers everything once and in order, both ways`(seed: UInt64) {
    let (forth, back, isAtRest) = transfer(seed: seed)
    #expect(forth == Array(0..<200))
    #expect(back == Array(0..<50))
    #expect(isAtRest)
  }

  @Test func `whose carrier delivers whatever arrives is caught by the same check`() {
    let (forth, back, _) = transfer(rules: .deliversWhateverArrives, seed: 1)
    #expect(forth != Array(0..<200) || back != Array(0..<50))
  }

  @Test func `without its carrier shows what the link does`() {
    var world = SimulatedWorld(
      NetworkDescription(nodes: 2, link: link(lossy: true)), seed: Seed(3)
    ) { _, _ in NumberedStream() }
    world.submit(.send(count: 200, length: 40, to: NodeID(1)), to: NodeID(0), at: .zero)
    let heard = world.reports(until: 10_000).map(\.report.number)
    #expect(Set(heard).count < 200 && heard.count > Set(heard).count && heard != heard.sorted())
  }

  @Test func `carries any Instance: a ping-pong over a carrier loses no answer`() {
    let network = NetworkDescription(nodes: 2, link: link(lossy: true))
    var world = SimulatedWorld(network, seed: Seed(4)) { node, seed in
      Carried(
        PingPong(patience: .seconds(60)), on: GoBackN(), node: node, seed: seed)
    }
    world.submit(.play(with: NodeID(1), rounds: 50), to: NodeID(0), at: .zero)
    var answered: [UInt32] = []
    world.run(until: .after(600_000)) { _, _, report in
      if case .upper(.answered(let round, _)) = report { answered.append(round) }
    }
    #expect(answered == Array(1...50))
  }

  @Test func `carries a stream that is itself carried`() {
    typealias Twice = Carried<Stream, GoBackN>
    let network = NetworkDescription(nodes: 2, link: link(lossy: true))
    var world = SimulatedWorld(network, seed: Seed(5)) { node, seed in
      let inner = Stream(
        NumberedStream(), on: GoBackN(patience: .seconds(5)), node: node, seed: seed.child("inner"))
      return Twice(inner, on: GoBackN(), node: node, seed: seed.child("outer"))
    }
    world.submit(.send(count: 50, length: 8, to: NodeID(1)), to: NodeID(0), at: .zero)
    var heard: [UInt32] = []
    world.run(until: .after(120_000)) { _, _, report in
      if case .upper(.upper(let arrival)) = report { heard.append(arrival.number) }
    }
    #expect(heard == Array(0..<50))
  }
}
