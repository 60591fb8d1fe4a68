// Exchanges between a client and a server in the simulator, and what became of them.
import LabCore
import Network
import Simulation

@testable import Transport

/// A world of two nodes, node 0 the client and node 1 the server, with what it is asked and tells.
struct ExchangeRun {
  /// A report with the milliseconds at which it came.
  struct Heard: Equatable {
    var report: ExchangeReport
    var at: Double

    init(_ report: ExchangeReport, at: Double) {
      self.report = report
      self.at = at
    }
  }

  static let client = NodeID(0)
  static let server = NodeID(1)

  var arm = TCPExchangeConfiguration()
  /// The time from one node to the other.
  var oneWay = Duration.milliseconds(20)
  /// What the link does besides.
  var link = LinkModel()
  var seed: UInt64 = 1
  /// Which segments are lost, by the node that sends them.
  var loses: @Sendable (NodeID, Sieve.Sent) -> Bool = { _, _ in false }
  /// The commands for the client, with their times in milliseconds.
  var commands: [(command: ExchangeCommand, at: Int64)] = []
  var faults: [FaultDescription] = []

  /// An arm by its protection and the state of the connection.
  init(_ security: TCPSecurity = .none, _ state: ConnectionState = .new) {
    arm.security = security
    arm.state = state
  }

  /// Asks for one exchange.
  mutating func request(
    _ number: Int, at time: Int64 = 0, bytes: Int = 64, response: Int = 64
  ) {
    let command = ExchangeCommand.request(
      number: number, server: Self.server, requestBytes: bytes, responseBytes: response)
    commands.append((command, time))
  }

  /// Asks for a connection.
  mutating func connect(_ number: Int, at time: Int64 = 0) {
    commands.append((.connect(number: number, server: Self.server), time))
  }

  /// The world after the commands were handed to it.
  func world() -> SimulatedWorld<Sieve> {
    var link = link
    if case .model(var parameters) = link.delay {
      parameters.minimum = oneWay
      link.delay = .model(parameters)
    }
    var network = NetworkDescription(nodes: 2, link: link)
    network.faults = faults
    let (arm, loses) = (arm, loses)
    var world = SimulatedWorld(network, seed: Seed(seed)) { _, seed in
      Sieve(arm, seed: seed, loses: loses)
    }
    for (command, at) in commands {
      world.submit(command, to: Self.client, at: .zero + .milliseconds(at))
    }
    return world
  }

  /// What the client reports until a time in milliseconds.
  func heard(until end: Int64 = 100_000_000) -> [Heard] {
    var world = world()
    var heard: [Heard] = []
    world.run(until: .zero + .milliseconds(end)) { _, at, report in
      heard.append(Heard(report, at: (at - .zero).milliseconds))
    }
    return heard
  }

  /// When an exchange got its response, in milliseconds after its command.
  func latency(of number: Int = 1) -> Double? {
    let asked = commands.first {
      if case .request(number, _, _, _) = $0.command { true } else { false }
    }
    let answered = heard().first { $0.report == .responded(number: number) }
    guard let asked, let answered else { return nil }
    return answered.at - Double(asked.at)
  }

  /// The segments that left, in order, with their times in milliseconds.
  func segments(until end: Int64 = 100_000_000) -> [(from: NodeID, at: Double, segment: TCPSegment)]
  {
    var world = world()
    world.trace = Trace()
    world.run(until: .zero + .milliseconds(end))
    return (world.trace?.events ?? []).compactMap { event in
      guard case .sent(_, _, let payload) = event.kind, let node = event.node,
        let segment = TCPSegment.decode(payload)
      else { return nil }
      return (node, (event.time - .zero).milliseconds, segment)
    }
  }
}
