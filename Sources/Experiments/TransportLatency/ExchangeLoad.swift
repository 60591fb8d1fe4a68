// The requests of one trial, and what became of them.
import LabCore
import LabManifest
import LabRunner
import Network
import Simulation
import Statistics
import Transport

/// What is asked when, by node 0 of node 1.
struct ExchangeLoad: Sendable {
  /// One request with its intended time.
  struct Request: Sendable {
    var at: Instant
    var responseBytes: Int
  }

  /// How long a warm connection stands before the first request.
  private static let warmUp = Duration.seconds(5)

  let network: NetworkDescription
  let seed: Seed
  let state: ConnectionState
  let requestBytes: Int
  /// How long after the last request a trial waits for responses.
  let patience: Duration
  let requests: [Request]

  init(_ trial: Trial) throws {
    let settings = trial.cell.settings
    guard let network = settings.network, let workload = settings.workload else {
      throw UndescribedSetting(setting: "network and workload")
    }
    guard network.nodes.count == 2 else { throw ExchangeLoadError.notTwoNodes(network.nodes.count) }
    guard case .open(let interval) = workload.loop else { throw ExchangeLoadError.closedLoop }
    self.network = network
    seed = trial.seed.child("world")
    state = try trial.choice("state")
    requestBytes = try trial.integer("request-bytes")
    patience = try trial.duration("patience")
    requests = Self.plan(
      workload, interval, streams: try trial.integer("streams"),
      random: trial.seed.child("workload").stream())
  }

  /// Each arrival asks for as many responses at once as there are streams.
  private static func plan(
    _ workload: WorkloadDescription, _ interval: Law, streams: Int, random: RandomStream
  ) -> [Request] {
    var random = random
    var at = Instant.zero + warmUp
    return (0..<workload.requests).flatMap { _ in
      at = at + (Duration(seconds: max(0, interval.sample(&random))) ?? .zero)
      return (0..<streams).map { _ in
        let bytes = max(0, min(workload.size.sample(&random), 1e9)).rounded()
        return Request(at: at, responseBytes: Int(bytes))
      }
    }
  }

  /// Runs the load over the TCP model.
  func simulate(
    _ configuration: TCPExchangeConfiguration, _ recorder: inout Recorder
  ) throws -> ExchangeTally {
    try simulate(.all, trace: recorder.traceFolder) { _, _ in TCPEndpoint(configuration) }
  }

  /// Runs the load over QUIC.
  ///
  /// The keys differ from run to run, so the trajectory is that of times, nodes and kinds of
  /// events.
  func simulate(_ arm: QUICArm, _ recorder: inout Recorder) throws -> ExchangeTally {
    // A node cannot fail to be made inside the world, so one that is thrown away tries it.
    _ = try arm.node(NodeID(0), seed)
    return try simulate([.time, .node, .kind], trace: recorder.traceFolder) { node, seed in
      do throws(TLSError) { return try arm.node(node, seed) } catch {
        preconditionFailure("\(error)")
      }
    } streams: { node in
      node.mostStreams
    }
  }

  /// Runs the load under the virtual clock on any transport that takes exchanges.
  ///
  /// - Parameters:
  ///   - trace: A folder for the timeline, the packet capture and the list of events.
  ///   - streams: The most streams that a server had open at once; `nil` without streams.
  private func simulate<Node: Instance & ~Copyable>(
    _ ingredients: FingerprintIngredients, trace: String?,
    _ make: @escaping (NodeID, Seed) -> Node, streams: (borrowing Node) -> Int? = { _ in nil }
  ) throws -> ExchangeTally
  where Node.Command == ExchangeCommand, Node.Report == ExchangeReport {
    var world = SimulatedWorld(network, seed: seed, ingredients: ingredients, make: make)
    if trace != nil { world.trace = Trace() }
    let (client, server) = (NodeID(0), NodeID(1))
    switch state {
    case .new: break
    case .resumed:
      // What is resumed is left by a request that does not count.
      world.submit(
        .request(number: requests.count, server: server, requestBytes: 16, responseBytes: 16),
        to: client, at: .zero)
    case .warm:
      world.submit(.connect(number: requests.count, server: server), to: client, at: .zero)
    }
    for (number, request) in requests.enumerated() {
      let command = ExchangeCommand.request(
        number: number, server: server, requestBytes: requestBytes,
        responseBytes: request.responseBytes)
      world.submit(command, to: client, at: request.at)
    }
    var tally = ExchangeTally(load: self)
    let end = (requests.last?.at ?? .zero) + patience
    world.run(until: end) { _, at, report in tally.take(report, at: at) }
    tally.mostStreams = world.inspect(NodeID(1), streams) ?? nil
    tally.datagramsSent = world.counters.sent
    tally.bytesSent = world.counters.bytesSent + world.counters.sent * LinkProcess.headers.bytes
    tally.trajectory = world.fingerprint
    if let trace, let events = world.trace {
      try TraceFiles.write(events, names: network.nodes.map(\.name), to: trace)
    }
    return tally
  }

  /// The shortest round trip between the two nodes in seconds; `nil` when it is not constant.
  var roundTrip: Double? {
    guard let there = network.leastDelay(from: NodeID(0), to: NodeID(1)),
      let back = network.leastDelay(from: NodeID(1), to: NodeID(0)), there + back > .zero
    else { return nil }
    return (there + back).seconds
  }
}

/// What became of the requests of one trial.
struct ExchangeTally {
  private let load: ExchangeLoad
  private var isAnswered: [Bool]
  private var latency = LatencyHistogram()
  private var failed = 0
  private var bursts: BurstTally
  /// The most streams that the server had open at once; `nil` without streams.
  var mostStreams: Int?
  var datagramsSent = 0
  var bytesSent = 0
  var trajectory: UInt64 = 0

  init(load: ExchangeLoad) {
    self.load = load
    isAnswered = Array(repeating: false, count: load.requests.count)
    bursts = BurstTally(load.requests)
  }

  /// Counts a report of the client; the warm connection's own number is none of the requests.
  mutating func take(_ report: ExchangeReport, at time: Instant) {
    switch report {
    case .connected: break
    case .failed(let number, _):
      if isAnswered.indices.contains(number) { failed += 1 }
    case .responded(let number):
      guard isAnswered.indices.contains(number), !isAnswered[number] else { return }
      isAnswered[number] = true
      bursts.answer(number, after: time - load.requests[number].at)
      do throws(LatencyHistogramError) {
        try latency.record((time - load.requests[number].at).nanoseconds)
      } catch {
        preconditionFailure("response \(number) came before its request: \(error)")
      }
    }
  }

  /// A quantile of the latency in seconds; `nil` when nothing was answered.
  private func quantile(_ share: Double) -> Double? {
    do throws(LatencyHistogramError) {
      return Double(try latency.quantile(share)) / 1e9
    } catch { return nil }
  }

  func record(into recorder: inout Recorder) {
    let answered = isAnswered.count { $0 }
    recorder.record("latency", latency)
    recorder.record(
      "answered_fraction",
      isAnswered.isEmpty ? 0 : Double(answered) / Double(isAnswered.count))
    recorder.record("failed", failed)
    if answered > 0 {
      for (metric, share) in [("median", 0.5), ("p90", 0.9), ("p99", 0.99)] {
        if let value = quantile(share) { recorder.record("\(metric)_latency", value) }
      }
      recorder.record("mean_latency", Double(latency.sum) / Double(latency.count) / 1e9)
    }
    if let roundTrip = load.roundTrip, let median = quantile(0.5) {
      recorder.record("median_round_trips", median / roundTrip)
    }
    bursts.record(into: &recorder)
    if let mostStreams { recorder.record("most_streams", mostStreams) }
    recorder.record("datagrams_sent", datagramsSent)
    recorder.record("bytes_sent", bytesSent)
    recorder.record("trajectory", hash: trajectory)
  }
}

/// Why a trial cannot run.
enum ExchangeLoadError: Error, CustomStringConvertible {
  case notTwoNodes(Int)
  case closedLoop
  case handshakeCost
  case coldDatagrams

  var description: String {
    switch self {
    case .notTwoNodes(let count):
      "the network has \(count) nodes; a client and a server were expected; set network.nodes to 2"
    case .closedLoop:
      "the workload is a closed loop; requests go out whether or not earlier ones were answered; "
        + "describe it as open: with an interval"
    case .coldDatagrams:
      "the arm quic-datagram has no handshakes of its own; a connection that stands was expected; "
        + "set state to warm"
    case .handshakeCost:
      "an arm of QUIC takes no time to compute in a handshake; 0s was expected; set "
        + "client-handshake and server-handshake to it, or leave out the arm"
    }
  }
}
