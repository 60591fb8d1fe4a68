// One script of commands, run in the virtual world and on real sockets.
import LabCore
import Network
import Simulation
import Sockets
import Transport

/// Where a script runs.
enum World: CaseIterable {
  case virtual
  case real
}

/// What nodes are asked, and when.
struct Script {
  var nodes = 3
  var commands: [(command: BusCommand, node: NodeID, at: Instant)] = []

  /// Asks a node for something, 5 ms after what was asked before.
  mutating func ask(_ command: BusCommand, of node: Int) {
    let at = Instant.zero + .milliseconds(Int64(5 * (commands.count + 4)))
    commands.append((command, NodeID(node), at))
  }

  /// Publishes an event.
  mutating func publish(_ number: Int, by node: Int, to target: Int? = nil, bytes: Int = 64) {
    ask(
      .publish(
        number: number, type: "t", target: target.map { NodeID($0) }, payloadBytes: bytes),
      of: node)
  }

  private var end: Instant { (commands.last?.at ?? .zero) + .milliseconds(150) }
  private var network: NetworkDescription {
    NetworkDescription(
      nodes: nodes, link: LinkModel(delay: .constant(.milliseconds(1))))
  }

  /// The reports of each node, in its order.
  func run<Bus: Instance>(
    in world: World, _ make: @escaping @Sendable (NodeID, Seed) -> Bus
  ) throws -> [[BusReport]] where Bus.Command == BusCommand, Bus.Report == BusReport {
    switch world {
    case .virtual: simulate(make)
    case .real: try runOnSockets(make, expecting: simulate(make).reduce(0) { $0 + $1.count })
    }
  }

  private func simulate<Bus: Instance>(_ make: @escaping (NodeID, Seed) -> Bus) -> [[BusReport]]
  where Bus.Command == BusCommand, Bus.Report == BusReport {
    var world = SimulatedWorld(network, seed: Seed(1), make: make)
    for (command, node, at) in commands { world.submit(command, to: node, at: at) }
    var reports = [[BusReport]](repeating: [], count: nodes)
    world.run(until: end) { node, _, report in reports[Int(node.index)].append(report) }
    return reports
  }

  /// Waits for as many reports as the virtual world makes; a slow machine just takes longer.
  private func runOnSockets<Bus: Instance>(
    _ make: @escaping @Sendable (NodeID, Seed) -> Bus, expecting count: Int
  ) throws -> [[BusReport]] where Bus.Command == BusCommand, Bus.Report == BusReport {
    let world = try SocketWorld(network, shaping: .shaped, seed: Seed(1), make: make)
    try world.start()
    for (command, node, at) in commands { try world.submit(command, to: node, at: at) }
    var reports = [[BusReport]](repeating: [], count: nodes)
    func take(_ observation: Observation<BusReport>) {
      guard case .report(let report) = observation.event else { return }
      reports[Int(observation.node.index)].append(report)
    }
    try world.run(until: end + .seconds(20)) { observation in
      take(observation)
      return reports.reduce(0) { $0 + $1.count } >= count
    }
    for observation in try world.stop().remaining { take(observation) }
    return reports
  }
}
