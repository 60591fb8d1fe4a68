// Three nodes of the bus in this process, on real sockets and real files, as fast as they can.
import Events
import Foundation
import Glibc
import LabCore
import LabRunner
import Network
import Sockets
import Statistics
import Transport

/// One trial of ``BusThroughput`` on the laboratory's own bus.
struct ThroughputRun {
  /// What was measured.
  struct Outcome {
    var wall: Duration
    var processor: Duration
    var latency: LatencyHistogram
  }

  /// Why there is nothing to measure.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private typealias Node = Carried<EventBus, QUICCarrier>

  private static let nodes = 3
  /// After how many events a consumer commits.
  private static let commitEvery = 256
  private static let consumer = "consumer"
  /// How long a trial may wait for the nodes to meet, and then for news.
  private static let patience = Duration.seconds(20)

  private let events: Int
  private let window: Int
  private let data: String
  private let folder: String
  private let world: SocketWorld<Node>
  /// How many events each node has still to publish.
  private var left: [Int]
  private var asked: [Int: Instant] = [:]
  private var consumed = Array(repeating: 0, count: nodes)
  private var met = 0
  private var number = 0
  private var latency = LatencyHistogram()
  private var problem: Failure?

  init(events: Int, payload: Int, window: Int, handicap: Int, below place: String) throws {
    self.events = events * (1 + handicap)
    self.window = window
    data = String(repeating: "x", count: payload)
    left = (0..<Self.nodes).map { node in
      events * (1 + handicap) / Self.nodes + (node < events * (1 + handicap) % Self.nodes ? 1 : 0)
    }
    var template = Array("\(place)/fleetlab-throughput-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw Failure(description: "no folder can be made in \(place): \(systemReason())")
    }
    folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    world = try Self.world(in: folder)
  }

  private static func world(in folder: String) throws -> SocketWorld<Node> {
    let now = Stopwatch.nanosecondsSince1970()
    let authority = try TLSAuthority(name: "fleet", validFrom: Int(now / 1_000_000_000) - 86_400)
    let names = (0..<nodes).map { "n\($0)" }
    let identities = try names.map { name throws(TLSError) in try authority.issue(name) }
    var limits = FleetFile.defaultLimits
    limits.deliveryWindow = 16 * commitEvery
    let fleet = try EventBusConfiguration(members: names, limits: limits)
    var quic = QUICConfiguration(applicationProtocol: "fleetlab-bus/1")
    quic.unixTimeAtZero = now
    quic.usesSystemEntropy = true
    let settings = quic
    return try SocketWorld(
      NetworkDescription(nodes: nodes), seed: Seed(now), storageFolder: folder,
      limits: SocketLimits(
        kernelReceiveBuffer: ByteCount(4 << 20), kernelSendBuffer: ByteCount(4 << 20))
    ) { node, seed in
      let place = Int(node.index)
      do throws(TLSError) {
        let carrier = try QUICCarrier(
          settings, identities[place], node: node, seed: seed, names: names,
          handsOutEarlyFrames: true)
        return Carried(
          EventBus(name: names[place], fleet), on: carrier, node: node, seed: seed)
      } catch { preconditionFailure("there is no memory for TLS: \(error)") }
    }
  }

  /// Publishes and consumes everything.
  mutating func run() throws -> Outcome {
    defer { FolderTree.remove(folder) }
    try world.start()
    for node in 0..<Self.nodes {
      try world.submit(.subscribe(Self.consumer, from: .oldest), to: NodeID(node), at: .zero)
    }
    try wait { $0.met == Self.nodes * (Self.nodes - 1) }
    let processor = Stopwatch.processor()
    let start = Stopwatch.monotonic()
    for node in 0..<Self.nodes { for _ in 0..<window { try publish(at: node) } }
    try wait { run in run.consumed.allSatisfy { $0 == run.events } }
    let outcome = Outcome(
      wall: Stopwatch.monotonic() - start, processor: Stopwatch.processor() - processor,
      latency: latency)
    _ = try world.stop()
    return outcome
  }

  /// Takes news until enough has happened.
  private mutating func wait(until isEnough: (Self) -> Bool) throws {
    let world = world
    while !isEnough(self) {
      var isMoving = false
      try world.run(until: try world.now() + Self.patience) { observation in
        isMoving = true
        guard case .report(.upper(let report)) = observation.event else { return false }
        do { try take(report, of: Int(observation.node.index)) } catch {
          problem = Failure(description: "\(error)")
        }
        return problem != nil || isEnough(self)
      }
      if let problem { throw problem }
      guard isMoving else {
        throw Failure(
          description: "nothing happened for \(Self.patience), and consumers have \(consumed) of "
            + "\(events) events; all were expected; look whether the disk is full")
      }
    }
  }

  private mutating func take(_ report: EventBusReport, of node: Int) throws {
    switch report {
    case .peer(_, isReachable: true): met += 1
    case .published(let number, _):
      if let time = asked.removeValue(forKey: number) {
        try latency.record((Stopwatch.monotonic() - time).nanoseconds)
      }
      try publish(at: node)
    case .refused(_, let reason):
      problem = Failure(description: "an event was refused: \(reason.explanation)")
    case .delivered(_, let delivery):
      consumed[node] += 1
      if consumed[node] % Self.commitEvery == 0 {
        try world.submit(
          .commit(subscriber: Self.consumer, position: delivery.position), to: NodeID(node),
          at: .zero)
      }
    case .expired(let count, _): problem = Failure(description: "\(count) events were not kept")
    default: break
    }
  }

  private mutating func publish(at node: Int) throws {
    guard left[node] > 0 else { return }
    left[node] -= 1
    asked[number] = Stopwatch.monotonic()
    try world.submit(
      .publish(number: number, type: "test.completed", data: data), to: NodeID(node), at: .zero)
    number += 1
  }
}
