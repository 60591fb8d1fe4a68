// Other protocols on top of QUIC, in the virtual world.
import LabCore
import Network
import Simulation
import Statistics
import Testing
import TrialInstances

@testable import Transport

@Suite struct `An Instance over QUIC` {
  private typealias Node = Carried<PingPong, QUICCarrier>
  private static let names = ["node-0.fleet", "node-1.fleet", "node-2.fleet"]

  /// After which time node 0 asks once more.
  private var pause: LabCore.Duration?
  private var handsOutEarlyFrames = false

  /// What node 0 heard of its questions to node 1, and what carriers told.
  private struct Heard {
    var answered: Set<UInt32> = []
    var timedOut = 0
    var spans: [LabCore.Duration] = []
    var carriers: [QUICCarrierReport] = []
    var fingerprint: UInt64 = 0
  }

  private func play(
    _ link: LinkModel, faults: [FaultDescription] = [], rounds: UInt32 = 50,
    outsider: NodeID? = nil, for span: LabCore.Duration = .seconds(60)
  ) throws -> Heard {
    let authority = try TLSAuthority(name: "fleet", validFrom: ExchangeBench.validFrom)
    let other = try TLSAuthority(name: "other", validFrom: ExchangeBench.validFrom)
    let identities = try Self.names.enumerated().map { index, name in
      try (NodeID(index) == outsider ? other : authority).issue(name)
    }
    var network = NetworkDescription(nodes: 3, link: link)
    network.faults = faults
    var world = SimulatedWorld(
      network, seed: Seed(9), ingredients: [.time, .node, .kind]
    ) { node, seed in
      do {
        let carrier = try QUICCarrier(
          QUICConfiguration(applicationProtocol: "ping"), identities[Int(node.index)], node: node,
          seed: seed, names: Self.names, handsOutEarlyFrames: handsOutEarlyFrames)
        return Carried(
          PingPong(patience: .seconds(2)), on: carrier, node: node, seed: seed)
      } catch { preconditionFailure("\(error)") }
    }
    world.submit(.play(with: NodeID(1), rounds: rounds), to: NodeID(0), at: .zero)
    if let pause {
      world.submit(.play(with: NodeID(1), rounds: 1), to: NodeID(0), at: .zero + pause)
    }
    var heard = Heard()
    world.run(until: .zero + span) { node, _, report in
      switch report {
      case .upper(.answered(let round, let span)):
        heard.answered.insert(round)
        heard.spans.append(span)
      case .upper(.timedOut): heard.timedOut += 1
      case .lower(let report): heard.carriers.append(report)
      }
    }
    heard.fingerprint = world.fingerprint
    return heard
  }

  @Test func `is answered after one round trip, and at first after two`() throws {
    let heard = try play(LinkModel(delay: .constant(.milliseconds(20))), for: .seconds(10))
    #expect(heard.answered.count == 50 && heard.timedOut == 0)
    // The first answer is paced behind the ticket.
    let first = try #require(heard.spans.first)
    #expect((.milliseconds(80)...(.milliseconds(90))).contains(first))
    #expect(heard.spans.dropFirst().allSatisfy { $0 == .milliseconds(40) })
    #expect(heard.carriers == [.connected(NodeID(1)), .connected(NodeID(0))])
  }

  @Test func `loses nothing where the line loses every tenth datagram, and is the same each time`()
    throws
  {
    let link = LinkModel(delay: .constant(.milliseconds(20)), loss: .bernoulli(.percent(10)))
    let heard = try play(link)
    #expect(heard.answered.count == 50 && heard.timedOut == 0)
    #expect(try play(link).fingerprint == heard.fingerprint)
  }

  @Test func `goes on with a node that crashed, by a new connection`() throws {
    let crash = FaultDescription(
      times: .at([.zero + .seconds(1)]), duration: .seconds(3), kind: .crash(node: NodeID(1)))
    let heard = try play(
      LinkModel(delay: .constant(.milliseconds(20))), faults: [crash], rounds: 100)
    #expect(heard.timedOut >= 1)
    #expect(heard.answered.contains(99), "\(heard.answered.count)")
    #expect(heard.carriers.count { $0 == .connected(NodeID(1)) } == 2)
  }

  /// After the idle timeout the connection is gone, and its ticket is left.
  @Test(arguments: [false, true])
  func `is answered after one round trip by a ticket, where its messages may come again`(
    mayComeAgain: Bool
  ) throws {
    var bench = self
    (bench.pause, bench.handsOutEarlyFrames) = (.seconds(100), mayComeAgain)
    let heard = try bench.play(
      LinkModel(delay: .constant(.milliseconds(20))), rounds: 1, for: .seconds(110))
    #expect(heard.timedOut == 0 && heard.carriers.contains(.disconnected(NodeID(1))))
    let resumed = try #require(heard.spans.dropFirst().first)
    let trips = mayComeAgain ? 40...50 : 60...90 as ClosedRange<Int64>
    #expect(trips.contains(resumed.nanoseconds / 1_000_000), "\(resumed)")
  }

  @Test(arguments: [0, 1])
  func `says nothing to a node with another's name`(outsider: Int) throws {
    let heard = try play(
      LinkModel(delay: .constant(.milliseconds(20))), rounds: 3, outsider: NodeID(outsider))
    #expect(heard.answered.isEmpty && heard.timedOut == 3)
    // Both sides tell of the other, and neither asks more often than once a second.
    for node in [NodeID(0), NodeID(1)] {
      let refusals = heard.carriers.count { report in
        if case .refused(node, _) = report { true } else { false }
      }
      #expect((1...4).contains(refusals), "\(node): \(refusals)")
    }
  }
}
