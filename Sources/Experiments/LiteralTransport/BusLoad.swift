// The events that a trial publishes, and the worlds in which it does.
import Foundation
import Journal
import LabCore
import LabManifest
import Network
import Simulation
import Sockets
import Statistics
import Transport

/// The load of one trial: what is published when, by whom, for whom.
struct BusLoad: Sendable {
  /// One event to publish.
  struct Publication: Sendable {
    var at: Instant
    var publisher: NodeID
    var target: NodeID?
    var payloadBytes: Int
  }

  let network: NetworkDescription
  let seed: Seed
  let world: BusWorld
  let configuration: TransportConfiguration
  let streams: Int
  /// How long after the last event a trial waits for what is under way.
  let patience: Duration
  /// Loss that only the links in front of real sockets have.
  let plantedLoss: Ratio
  let publications: [Publication]

  var nodes: Int { network.nodes.count }

  init(_ trial: Trial) throws {
    let settings = trial.cell.settings
    guard let network = settings.network, let workload = settings.workload else {
      throw UndescribedSetting(setting: "network and workload")
    }
    guard network.nodes.count >= 2 else { throw BusLoadError.tooFewNodes(network.nodes.count) }
    guard case .open(let interval) = workload.loop else { throw BusLoadError.closedLoop }
    self.network = network
    world = try trial.choice("world")
    streams = try trial.integer("streams")
    plantedLoss = try trial.ratio("planted-loss")
    patience = try trial.duration("patience")
    seed = trial.seed.child("world")
    configuration = TransportConfiguration(maximumStreams: try trial.integer("maximum-streams"))
    publications = Self.plan(
      workload, interval, try trial.ratio("targeted"), nodes: network.nodes.count,
      random: trial.seed.child("workload").stream())
  }

  private static func plan(
    _ workload: WorkloadDescription, _ interval: Law, _ targeted: Ratio, nodes: Int,
    random: RandomStream
  ) -> [Publication] {
    var random = random
    // The streams come first; the events begin when they have settled.
    var at = Instant.zero + .milliseconds(20)
    return (0..<workload.requests).map { number in
      let publisher = NodeID(number % nodes)
      var target: NodeID?
      if random.chance(targeted) {
        target = NodeID((number + 1 + random.below(nodes - 1)) % nodes)
      }
      at = at + (Duration(seconds: max(0, interval.sample(&random))) ?? .zero)
      let size = max(0, min(workload.size.sample(&random), 1e7)).rounded()
      return Publication(
        at: at, publisher: publisher, target: target, payloadBytes: Int(size))
    }
  }

  /// Every command with its time, streams first.
  private var commands: [(command: BusCommand, node: NodeID, at: Instant)] {
    var commands = (0..<streams).map { number in
      let command = BusCommand.openStream(to: NodeID(1), payloadBytes: 32)
      return (command, NodeID(0), Instant.zero + .microseconds(Int64(number) * 100))
    }
    for (number, event) in publications.enumerated() {
      let command = BusCommand.publish(
        number: number, type: "test.completed", target: event.target,
        payloadBytes: event.payloadBytes)
      commands.append((command, event.publisher, event.at))
    }
    return commands
  }

  /// When what is still under way counts as lost.
  private var end: Instant { (publications.last?.at ?? .zero) + patience }

  /// Runs the load in the trial's world.
  func run<Bus: Instance>(
    trace: String?, _ make: @escaping @Sendable (NodeID, Seed) -> Bus
  ) throws -> BusTally where Bus.Command == BusCommand, Bus.Report == BusReport {
    switch world {
    case .simulation: try simulate(trace: trace, make)
    case .shaped: try runOnSockets(.shaped, make)
    case .bare: try runOnSockets(.bare, make)
    }
  }

  /// Runs the load under the virtual clock.
  ///
  /// - Parameter trace: A folder for the timeline, the packet capture and the list of events.
  func simulate<Bus: Instance>(
    trace: String?, _ make: @escaping (NodeID, Seed) -> Bus
  ) throws -> BusTally where Bus.Command == BusCommand, Bus.Report == BusReport {
    var world = SimulatedWorld(network, seed: seed, make: make)
    if trace != nil { world.trace = Trace() }
    for (command, node, at) in commands { world.submit(command, to: node, at: at) }
    var tally = BusTally(load: self)
    world.run(until: end) { node, at, report in tally.take(report, from: node, at: at) }
    tally.datagramsSent = world.counters.sent
    tally.trajectory = world.fingerprint
    if let trace, let events = world.trace {
      try TraceFiles.write(events, names: network.nodes.map(\.name), to: trace)
    }
    return tally
  }

  private func runOnSockets<Bus: Instance>(
    _ shaping: Shaping, _ make: @escaping @Sendable (NodeID, Seed) -> Bus
  ) throws -> BusTally where Bus.Command == BusCommand, Bus.Report == BusReport {
    var real = network
    if plantedLoss > .none { real.link.loss = .bernoulli(plantedLoss) }
    let world = try SocketWorld(real, shaping: shaping, seed: seed, make: make)
    try world.start()
    for (command, node, at) in commands { try world.submit(command, to: node, at: at) }
    var tally = BusTally(load: self)
    try world.run(until: end) { observation in
      if case .report(let report) = observation.event {
        tally.take(report, from: observation.node, at: observation.at)
      }
      return false
    }
    let outcome = try world.stop()
    for observation in outcome.remaining {
      if case .report(let report) = observation.event {
        tally.take(report, from: observation.node, at: observation.at)
      }
    }
    guard outcome.observationsLost == 0 else {
      throw BusLoadError.observationsLost(outcome.observationsLost)
    }
    tally.datagramsSent = outcome.counters.values.reduce(0) { $0 + $1.sent }
    return tally
  }
}

/// Why a trial cannot run.
enum BusLoadError: Error, CustomStringConvertible {
  case tooFewNodes(Int)
  case closedLoop
  case observationsLost(Int)

  var description: String {
    switch self {
    case .tooFewNodes(let count):
      "the network has \(count) node; at least 2 were expected; raise network.nodes"
    case .closedLoop:
      "the workload is a closed loop; events are published whether or not earlier ones arrived; "
        + "describe it as open: with an interval"
    case .observationsLost(let count):
      "\(count) observations found no room, so the trial cannot be counted; every one was "
        + "expected; "
        + "publish fewer events a second"
    }
  }
}
