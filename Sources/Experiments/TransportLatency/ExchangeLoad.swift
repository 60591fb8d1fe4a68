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

  var network: NetworkDescription
  var seed: Seed
  let state: ConnectionState
  let requestBytes: Int
  /// How long after the last request a trial waits for responses.
  let patience: Duration
  private(set) var requests: [Request]

  /// Reads the load of a trial.
  ///
  /// - Parameter warmUp: How long a warm connection stands before the first request.
  init(_ trial: Trial, warmUp: Duration = .seconds(5)) throws {
    let settings = trial.cell.settings
    guard let network = settings.network, let workload = settings.workload else {
      throw UndescribedSetting(setting: "network and workload")
    }
    guard network.nodes.count == 2 else { throw ExchangeLoadError.notTwoNodes(network.nodes.count) }
    guard case .open(let interval) = workload.loop else { throw ExchangeLoadError.closedLoop }
    let streams = try trial.integer("streams")
    self.network = network
    seed = trial.seed.child("world")
    state = try trial.choice("state")
    requestBytes = try trial.integer("request-bytes")
    patience = try trial.duration("patience")
    var random = trial.seed.child("workload").stream()
    var at = Instant.zero + warmUp
    // Each arrival asks for as many responses at once as there are streams.
    requests = (0..<workload.requests).flatMap { _ in
      at = at + (Duration(seconds: max(0, interval.sample(&random))) ?? .zero)
      return (0..<streams).map { _ in
        let bytes = max(0, min(workload.size.sample(&random), 1e9)).rounded()
        return Request(at: at, responseBytes: Int(bytes))
      }
    }
  }

  /// So many of the same requests at regular distances, from the first again after the last.
  func spaced(by distance: Duration, count: Int, from warmUp: Duration) -> ExchangeLoad {
    var result = self
    result.requests = (0..<(requests.isEmpty ? 0 : count)).map { place in
      let request = requests[place % requests.count]
      let at = Instant.zero + warmUp + .nanoseconds(Int64(place) * distance.nanoseconds)
      return Request(at: at, responseBytes: request.responseBytes)
    }
    return result
  }

  /// Every command of the client with its time.
  var commands: [(command: ExchangeCommand, at: Instant)] {
    let server = NodeID(1)
    var commands: [(ExchangeCommand, Instant)] = []
    switch state {
    case .new: break
    case .resumed:
      // What is resumed is left by a request that does not count.
      commands.append(
        (
          .request(number: requests.count, server: server, requestBytes: 16, responseBytes: 16),
          .zero
        ))
    case .warm: commands.append((.connect(number: requests.count, server: server), .zero))
    }
    for (number, request) in requests.enumerated() {
      let command = ExchangeCommand.request(
        number: number, server: server, requestBytes: requestBytes,
        responseBytes: request.responseBytes)
      commands.append((command, request.at))
    }
    return commands
  }

  /// When what is still under way counts as unanswered.
  var end: Instant { (requests.last?.at ?? .zero) + patience }

  /// Runs the load over the TCP model.
  func simulate(
    _ configuration: TCPExchangeConfiguration, trace: String? = nil
  ) throws -> ExchangeTally {
    try simulate(.all, trace: trace) { _, _ in TCPEndpoint(configuration) }
  }

  /// Runs the load over QUIC.
  ///
  /// The keys differ from run to run, so the trajectory is that of times, nodes and kinds of
  /// events.
  func simulate(_ arm: QUICArm, trace: String? = nil) throws -> ExchangeTally {
    // A node cannot fail to be made inside the world, so one that is thrown away tries it.
    _ = try arm.node(NodeID(0), seed, nil)
    let logs = trace.map { _ in QUICLogs() }
    return try simulate([.time, .node, .kind], trace: trace, logs: logs) { node, seed in
      do throws(TLSError) { return try arm.node(node, seed, logs) } catch {
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
  ///   - logs: What the endpoints log of themselves, to stand beside them.
  ///   - streams: The most streams that a server had open at once; `nil` without streams.
  private func simulate<Node: Instance & ~Copyable>(
    _ ingredients: FingerprintIngredients, trace: String?, logs: QUICLogs? = nil,
    _ make: @escaping (NodeID, Seed) -> Node, streams: (borrowing Node) -> Int? = { _ in nil }
  ) throws -> ExchangeTally
  where Node.Command == ExchangeCommand, Node.Report == ExchangeReport {
    var world = SimulatedWorld(network, seed: seed, ingredients: ingredients, make: make)
    if trace != nil { world.trace = Trace() }
    for (command, at) in commands { world.submit(command, to: NodeID(0), at: at) }
    var tally = ExchangeTally(load: self)
    world.run(until: end) { _, at, report in tally.take(report, at: at) }
    tally.mostStreams = world.inspect(NodeID(1), streams) ?? nil
    tally.datagramsSent = world.counters.sent
    tally.bytesSent = world.counters.bytesSent + world.counters.sent * LinkProcess.headers.bytes
    tally.trajectory = world.fingerprint
    if let trace, let events = world.trace {
      try TraceFiles.write(events, names: network.nodes.map(\.name), to: trace, logs: logs)
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
struct ExchangeTally: Sendable {
  private let load: ExchangeLoad
  private var isAnswered: [Bool]
  /// Nanoseconds from the intended time of a request to the last byte of its response.
  private(set) var latency = LatencyHistogram()
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

  /// Whether every request is answered or given up.
  var isOver: Bool { Int(latency.count) + failed >= isAnswered.count }

  /// The share of requests that were answered.
  var answeredFraction: Double {
    isAnswered.isEmpty ? 0 : Double(latency.count) / Double(isAnswered.count)
  }

  /// Adds what came of another run of the same load.
  mutating func merge(_ other: ExchangeTally) {
    isAnswered += other.isAnswered
    failed += other.failed
    do throws(LatencyHistogramError) { try latency.merge(other.latency) } catch {
      preconditionFailure("histograms of one precision can be merged: \(error)")
    }
  }

  /// A quantile of the latency in seconds; `nil` when nothing was answered.
  func quantile(_ share: Double) -> Double? {
    do throws(LatencyHistogramError) {
      return Double(try latency.quantile(share)) / 1e9
    } catch { return nil }
  }

  func record(into recorder: inout Recorder) {
    recorder.record("latency", latency)
    recorder.record("answered_fraction", answeredFraction)
    recorder.record("failed", failed)
    if latency.count > 0 {
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
  case noResumption
  case notConstant
  case noAnswer

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
    case .noResumption:
      "the client of TLS over TCP cannot resume a session; a new or a warm connection was "
        + "expected; set state to new or warm, or leave out the arm"
    case .noAnswer:
      "no request was answered; some were expected; give the trial more patience or less loss"
    case .notConstant:
      "the delays of a link differ from packet to packet; a constant delay was expected; describe "
        + "each link by one, or leave out planted-delay"
    case .handshakeCost:
      "an arm of QUIC takes no time to compute in a handshake; 0s was expected; set "
        + "client-handshake and server-handshake to it, or leave out the arm"
    }
  }
}
