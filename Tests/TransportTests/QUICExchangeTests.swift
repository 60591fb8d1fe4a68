// Requests and responses over QUIC in the virtual world.
import LabCore
import Network
import Simulation
import Statistics
import Testing

@testable import Transport

/// A client and a server that trust one authority, in a virtual world with one link between them.
struct ExchangeBench {
  var configuration = QUICConfiguration(applicationProtocol: "exchange/1")
  var options = QUICExchange.Options()
  var link = LinkModel(delay: .constant(.milliseconds(20)))
  var seed = Seed(5)

  /// A report of the client with its time.
  struct Heard: Equatable {
    var at: Instant
    var report: ExchangeReport
  }

  /// The moment in the virtual world in which all certificates begin.
  static let validFrom = 1_767_225_600 - 86_400

  static func name(_ node: NodeID) -> String { "node-\(node.index).fleet" }

  /// Submits commands to node 0 and returns what it tells, with the world's fingerprint over times
  /// and sizes.
  func run(
    _ commands: [(at: LabCore.Duration, command: ExchangeCommand)], for span: LabCore.Duration
  ) throws -> (heard: [Heard], fingerprint: UInt64) {
    let authority = try TLSAuthority(name: "fleet", validFrom: Self.validFrom)
    let identities = try (0..<2).map { try authority.issue(Self.name(NodeID($0))) }
    var world = SimulatedWorld(
      NetworkDescription(nodes: 2, link: link), seed: seed,
      ingredients: [.time, .node, .kind]
    ) { node, seed in
      do {
        return try QUICExchange(
          configuration, identities[Int(node.index)], node: node, seed: seed, options: options,
          serverName: Self.name)
      } catch { preconditionFailure("\(error)") }
    }
    for (at, command) in commands { world.submit(command, to: NodeID(0), at: .zero + at) }
    var heard: [Heard] = []
    world.run(until: .zero + span) { node, at, report in
      if node == NodeID(0) { heard.append(Heard(at: at, report: report)) }
    }
    return (heard, world.fingerprint)
  }
}

@Suite struct `An exchange over QUIC` {
  private static func request(_ number: Int) -> ExchangeCommand {
    .request(number: number, server: NodeID(1), requestBytes: 100, responseBytes: 1_000)
  }

  private static func milliseconds(_ heard: [ExchangeBench.Heard]) -> [Double] {
    heard.map { ($0.at - .zero).milliseconds }
  }

  @Test func `a new connection takes two round trips to the first response`() throws {
    let outcome = try ExchangeBench().run([(.zero, Self.request(0))], for: .seconds(2))
    #expect(outcome.heard.map(\.report) == [.connected(number: 0), .responded(number: 0)])
    #expect(Self.milliseconds(outcome.heard) == [40, 80])
  }

  @Test func `a warm connection takes one round trip`() throws {
    var bench = ExchangeBench()
    bench.options.state = .warm
    let outcome = try bench.run(
      [
        (.zero, .connect(number: 0, server: NodeID(1))), (.milliseconds(500), Self.request(1)),
      ], for: .seconds(2))
    #expect(outcome.heard.map(\.report) == [.connected(number: 0), .responded(number: 1)])
    #expect(Self.milliseconds(outcome.heard) == [40, 540])
  }

  @Test func `a resumed connection takes one round trip, by early data`() throws {
    var bench = ExchangeBench()
    bench.options.state = .resumed
    let outcome = try bench.run(
      [(.zero, Self.request(0)), (.seconds(1), Self.request(1))], for: .seconds(3))
    #expect(
      outcome.heard.map(\.report) == [
        .connected(number: 0), .responded(number: 0), .connected(number: 1),
        .responded(number: 1),
      ])
    #expect(Self.milliseconds(outcome.heard) == [40, 80, 1_000, 1_040])
  }

  @Test func `a message that no datagram holds is refused, and one that fits is answered`() throws {
    var bench = ExchangeBench()
    bench.options.state = .warm
    bench.options.usesDatagrams = true
    let outcome = try bench.run(
      [(1, 64, 1_100), (2, 1_101, 64), (3, 64, 1_101)].map { number, asked, wanted in
        (
          .milliseconds(Int64(number) * 200),
          .request(
            number: number, server: NodeID(1), requestBytes: asked, responseBytes: wanted)
        )
      }, for: .seconds(2))
    #expect(
      outcome.heard.map(\.report) == [
        .connected(number: 1), .responded(number: 1), .failed(number: 2, reason: .refused),
        .failed(number: 3, reason: .refused),
      ])
  }
}
