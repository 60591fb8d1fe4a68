// The bus of this laboratory on QUIC: a fleet whose nodes know each other by their certificates.
import Events
import LabCore
import Network
import Transport

/// Makes the nodes of a fleet that speaks QUIC.
struct EncryptedFleet {
  typealias Node = Carried<EventBus, QUICCarrier>

  private let bus: EventBusConfiguration
  private let transport: QUICConfiguration
  private let identities: [TLSIdentity]
  /// What each node's stateless resets are made from.
  private let secrets: Seed

  /// Makes the certificates.
  ///
  /// - Throws: ``EventBusConfigurationError`` and ``TLSError``.
  init(_ load: SyncLoad, congestionControl: QUICCongestionControl) throws {
    let names = load.network.nodes.map(\.name)
    var limits = EventBusLimits()
    limits.age = load.retention
    // A stream carries more than a datagram, and what is on its way on one is not lost.
    limits.event = ByteCount(200_000)
    limits.batch = ByteCount(64_000)
    limits.batchesPerPull = 8
    var pace = EventBusPace()
    pace.digestPeriod = load.digestPeriod
    pace.repairDelay = .milliseconds(200)
    pace.pullPatience = .seconds(1)
    bus = try EventBusConfiguration(members: names, limits: limits, pace: pace)
    var transport = QUICConfiguration(applicationProtocol: "fleet-bus/1")
    transport.congestionControl = congestionControl
    transport.handshakeTimeout = .seconds(30)
    self.transport = transport
    secrets = load.seed.child("reset-secrets")
    let yesterday = Int(transport.unixTimeAtZero / 1_000_000_000) - 86_400
    let authority = try TLSAuthority(name: "fleet", validFrom: yesterday)
    identities = try names.map { try authority.issue($0) }
    // A node cannot fail to be made inside the world, so one that is thrown away tries it.
    _ = try node(NodeID(0), load.seed)
  }

  /// One node of the fleet, in its first life or a later one.
  func node(_ node: NodeID, _ seed: Seed) throws(TLSError) -> Node {
    let place = Int(node.index)
    var transport = transport
    // With it a node that crashed tells its peers that it knows their connections no more.
    transport.resetSecret = secret(of: node)
    return Carried(
      EventBus(name: bus.members[place], bus),
      on: try QUICCarrier(
        transport, identities[place], node: node, seed: seed, names: bus.members),
      node: node, seed: seed)
  }

  /// A node's secret for stateless resets, the same in each of its lives and another for each node.
  func secret(of node: NodeID) -> [UInt8] {
    var random = secrets.child("\(node.index)").stream()
    return (0..<32).map { _ in UInt8(random.below(256)) }
  }
}

extension Carried: SyncSubject where Upper == EventBus, Lower == QUICCarrier {
  static func publish(_ event: SyncLoad.Publication, _ number: Int) -> EventBusCommand {
    EventBus.publish(event, number)
  }

  static var hasSubscriptions: Bool { EventBus.hasSubscriptions }

  static func command(_ request: SyncRequest) -> EventBusCommand? { EventBus.command(request) }

  static func read(_ report: CarriedReport<EventBusReport, QUICCarrierReport>) -> SyncNews? {
    guard case .upper(let report) = report else { return nil }
    return EventBus.read(report)
  }
}
