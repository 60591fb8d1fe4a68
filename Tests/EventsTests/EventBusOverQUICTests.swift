// The bus on encrypted connections that carry little.
import LabCore
import Network
import Simulation
import Testing
import Transport

@testable import Events

@Suite struct `A bus over QUIC` {
  private typealias Node = Carried<EventBus, QUICCarrier>

  /// Nodes ask again for what is late, and whoever answers must not fill the line with what comes
  /// too late for ever.
  @Test func `brings everything over a line that is slower than its nodes are patient`() throws {
    let nodes = 3
    let each = 60
    let names = (0..<nodes).map { "n\($0)" }
    let authority = try TLSAuthority(name: "fleet", validFrom: 1_767_139_200)
    let identities = try names.map { name throws(TLSError) in try authority.issue(name) }
    var limits = EventBusLimits()
    (limits.batch, limits.batchesPerPull) = (ByteCount(32_000), 8)
    let fleet = try EventBusConfiguration(members: names, limits: limits)
    // A node's events take a third of a second on each line; answers may take a quarter.
    let link = LinkModel(delay: .constant(.milliseconds(5)), bitsPerSecond: 1.6e6)
    var world = SimulatedWorld(
      NetworkDescription(nodes: nodes, link: link), seed: Seed(57), ingredients: .none
    ) { node, seed in
      do throws(TLSError) {
        let carrier = try QUICCarrier(
          QUICConfiguration(applicationProtocol: "bus"), identities[Int(node.index)], node: node,
          seed: seed, names: names, handsOutEarlyFrames: true)
        return Carried(
          EventBus(name: names[Int(node.index)], fleet), on: carrier, node: node, seed: seed)
      } catch { preconditionFailure("\(error)") }
    }
    let data = String(repeating: "x", count: 1_000)
    for node in 0..<nodes {
      world.submit(.subscribe("all", from: .oldest), to: NodeID(node), at: .zero)
      for number in 0..<each {
        world.submit(
          .publish(number: number, type: "t", data: data), to: NodeID(node),
          at: .zero + .milliseconds(100))
      }
    }
    var handed = Array(repeating: 0, count: nodes)
    while world.now < .zero + .seconds(5) {
      var newest: [NodeID: UInt64] = [:]
      world.run(until: world.now + .milliseconds(100)) { node, _, report in
        guard case .upper(.delivered(_, let delivery)) = report else { return }
        handed[Int(node.index)] += 1
        newest[node] = delivery.position
      }
      for (node, position) in newest.sorted(by: { $0.key < $1.key }) {
        world.submit(.commit(subscriber: "all", position: position), to: node, at: world.now)
      }
    }
    #expect(handed == Array(repeating: nodes * each, count: nodes))
  }
}
