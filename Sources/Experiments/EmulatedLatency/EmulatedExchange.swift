// Runs the requests of a trial over the emulated link, in real time.
import Emulation
import LabCore
import Network
import Sockets
import Transport

/// The two nodes of a trial at the ends of an emulated link.
struct EmulatedExchange {
  private static let port: UInt16 = 4_433

  let load: ExchangeLoad

  /// What one run gave.
  struct Outcome: Sendable {
    var tally: ExchangeTally
    var link: EmulationOutcome
  }

  /// Runs the load over the kernel's TCP.
  ///
  /// - Throws: ``EmulationError``, also when packets were late; ``SocketWorldError``; ``TLSError``.
  func run(_ arm: TransportArm, _ control: CongestionControl) throws -> Outcome {
    try FreshThread.runPromptly { try runStreams(arm, control) }
  }

  private func runStreams(_ arm: TransportArm, _ control: CongestionControl) throws -> Outcome {
    let link = try EmulatedLink(load.network, seed: load.seed)
    let program = ExchangeStreams(state: load.state, isHTTP: arm == .https)
    let settings = try StreamSettings(arm, control)
    let (near, far) = (link.namespaces[0], link.namespaces[1])
    let server = try StreamHost(program, settings) { try far.enter() }
    let tally: ExchangeTally = try using(endingWith: server.stop) {
      let address = try server.listen(at: try Self.address(of: NodeID(1)))
      let client = try StreamHost(program, settings, server: address) { try near.enter() }
      let tally = try using(endingWith: client.stop) { self.tally(of: client) }
      guard client.reportsLost == 0 else { throw BusLoadError.observationsLost(client.reportsLost) }
      return tally
    }
    return Outcome(tally: tally, link: try link.stop())
  }

  private func tally(of client: StreamHost<ExchangeStreams>) -> ExchangeTally {
    var tally = ExchangeTally(load: load)
    for (command, at) in load.commands { client.submit(command, at: at) }
    client.run(until: load.end) { report, at in
      tally.take(report, at: at)
      return tally.isOver
    }
    return tally
  }

  /// Runs the load over QUIC on real UDP.
  func run(_ arm: QUICArm) throws -> Outcome {
    try FreshThread.runPromptly { try runDatagrams(arm) }
  }

  private func runDatagrams(_ arm: QUICArm) throws -> Outcome {
    let link = try EmulatedLink(load.network, seed: load.seed)
    let spaces = link.namespaces
    // A node cannot fail to be made inside the world, so one that is thrown away tries it.
    _ = try arm.node(NodeID(0), load.seed, nil)
    let world = try SocketWorld(
      load.network, seed: load.seed,
      placement: .addresses(
        try (0..<2).map { try Self.address(of: NodeID($0)) }, local: [NodeID(0), NodeID(1)]),
      socketPlace: { node, make in try spaces[Int(node.index)].run(make) },
      make: { node, seed in
        do throws(TLSError) { return try arm.node(node, seed, nil) } catch {
          preconditionFailure("\(error)")
        }
      })
    var tally = ExchangeTally(load: load)
    var lost = 0
    try using(endingWith: { lost = try world.stop().observationsLost }) {
      try world.start()
      for (command, at) in load.commands { try world.submit(command, to: NodeID(0), at: at) }
      try world.run(until: load.end) { observation in
        guard case .report(let report) = observation.event else { return false }
        tally.take(report, at: observation.at)
        return tally.isOver
      }
    }
    guard lost == 0 else { throw BusLoadError.observationsLost(lost) }
    return Outcome(tally: tally, link: try link.stop())
  }

  private static func address(of node: NodeID) throws -> NodeAddress {
    try NodeAddress(host: EmulatedLink.address(of: node), port: port)
  }
}
