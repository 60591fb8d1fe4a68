// The bus of this laboratory: one story with a crash, in both worlds, on a simulated and a real
// disk.
import Events
import Foundation
import LabCore
import Network
import Simulation
import Sockets
import Testing
import Transport

@Suite(.serialized) struct `The event bus in both worlds` {
  /// What each node's subscriber was handed: for each source the sequence numbers, in order.
  private typealias Handed = [[String: [UInt64]]]

  private static let names = ["n0", "n1", "n2"]
  private static let network = NetworkDescription(
    nodes: 3, link: LinkModel(delay: .constant(.milliseconds(1))))
  /// Events of each node in each of the two parts of the story.
  private static let events = 10

  private static func make(_ fleet: EventBusConfiguration) -> @Sendable (NodeID, Seed) -> EventBus {
    { node, _ in EventBus(name: names[Int(node.index)], fleet) }
  }

  /// What is asked in a part of the story: subscriptions, then events of some nodes.
  private static func part(
    subscribers: [Int], publishers: [Int]
  ) -> [(command: EventBusCommand, node: NodeID)] {
    subscribers.map { (.subscribe("all", from: .oldest), NodeID($0)) }
      + publishers.flatMap { node in
        (0..<events).map {
          (.publish(number: $0, type: "t.a", data: "\($0)"), NodeID(node))
        }
      }
  }

  private static func take(_ report: EventBusReport, of node: NodeID, into handed: inout Handed) {
    guard case .delivered(_, let delivery) = report else { return }
    handed[Int(node.index)][delivery.event.source, default: []].append(delivery.sequence)
  }

  private func simulated(_ fleet: EventBusConfiguration) -> Handed {
    var network = Self.network
    network.faults = [
      FaultDescription(
        times: .at([.zero + .seconds(1)]), duration: .seconds(1), kind: .crash(node: NodeID(1)))
    ]
    var world = SimulatedWorld(network, seed: Seed(1), make: Self.make(fleet))
    var handed: Handed = [[:], [:], [:]]
    for (command, node) in Self.part(subscribers: [0, 1, 2], publishers: [0, 1, 2]) {
      world.submit(command, to: node, at: .zero)
    }
    world.run(until: .zero + .milliseconds(1_500)) { Self.take($2, of: $0, into: &handed) }
    for (command, node) in Self.part(subscribers: [], publishers: [0, 2]) {
      world.submit(command, to: node, at: world.now)
    }
    world.run(until: .zero + .milliseconds(2_500)) { Self.take($2, of: $0, into: &handed) }
    handed[1] = [:]
    for (command, node) in Self.part(subscribers: [1], publishers: []) {
      world.submit(command, to: node, at: world.now)
    }
    world.run(until: .zero + .seconds(4)) { Self.take($2, of: $0, into: &handed) }
    return handed
  }

  private func real(_ fleet: EventBusConfiguration, folder: String) throws -> Handed {
    let world = try SocketWorld(
      Self.network, shaping: .shaped, seed: Seed(1), storageFolder: folder, make: Self.make(fleet))
    try world.start()
    var handed: Handed = [[:], [:], [:]]
    /// Goes on until every one of some nodes has been handed so many events.
    func run(until count: Int, at nodes: [Int]) throws {
      let isDone = try world.run(until: world.now() + .seconds(30)) { observation in
        if case .report(let report) = observation.event {
          Self.take(report, of: observation.node, into: &handed)
        }
        return nodes.allSatisfy { node in
          handed[node].values.reduce(0) { $0 + $1.count } >= count
        }
      }
      #expect(isDone)
    }
    func ask(_ part: [(command: EventBusCommand, node: NodeID)]) throws {
      for (command, node) in part { try world.submit(command, to: node, at: .zero) }
    }
    try ask(Self.part(subscribers: [0, 1, 2], publishers: [0, 1, 2]))
    try run(until: 3 * Self.events, at: [0, 1, 2])
    try world.crash(NodeID(1))
    try ask(Self.part(subscribers: [], publishers: [0, 2]))
    try run(until: 5 * Self.events, at: [0, 2])
    try world.restart(NodeID(1))
    handed[1] = [:]
    try ask(Self.part(subscribers: [1], publishers: []))
    try run(until: 5 * Self.events, at: [0, 1, 2])
    _ = try world.stop()
    return handed
  }

  @Test func `brings the same events in the same order, across a crash`() throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "event-bus-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let fleet = try EventBusConfiguration(members: Self.names)
    let virtual = simulated(fleet)
    let whole = Array(1...20 as ClosedRange<UInt64>)
    let each = ["n0": whole, "n1": Array(whole.prefix(Self.events)), "n2": whole]
    #expect(virtual == [each, each, each])
    #expect(try real(fleet, folder: folder.path) == virtual)
  }
}
