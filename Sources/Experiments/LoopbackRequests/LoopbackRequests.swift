// How many requests are answered in a second of processor time, over QUIC and over TLS?
import LabCore
public import LabManifest
public import LabRunner
import Network
import Sockets
import Transport

/// Sends requests over one connection on loopback, some of them under way at any time, and counts
/// those that are answered in a second of processor time of both sides.
///
/// A peer gets the parameters `exchanges`, `in-flight` and `message-bytes`, runs a client and a
/// server of its own over loopback, times them by its own processor clock without the handshake,
/// and answers with ``description``'s metric. The parameters that plant a fault are for the
/// laboratory's own arms; a peer passes over them.
///
/// The arms differ in what drives them. `quic` is polled: its two sides take turns on one thread,
/// and neither waits in the kernel. `tls13` and `quic-node` pay for an event loop that does. So
/// `quic` beside `tls13` compares the protocol's own work, and `quic-node` beside `tls13` what a
/// program on event loops gets.
public enum LoopbackRequests: Experiment {
  /// How long a trial may take before it counts as stuck.
  private static let patience = Duration.seconds(120)

  private static let everyArm = "every"
  private static let ownArms = ["quic", "quic-again", "quic-node", "tls13"]

  public static let description = ExperimentDescription(
    name: "loopback-requests",
    summary: "Requests and responses over one connection on loopback, by processor time.",
    version: 1,
    arms: [
      ArmDescription(
        "quic",
        "The engine of QUIC on plain UDP sockets that are polled, a stream for each request."),
      ArmDescription("quic-again", "The same, to show how far equal arms are apart."),
      ArmDescription(
        "quic-node",
        "The same engine in Instances, in the world of sockets, which waits in event loops."),
      ArmDescription(
        "tls13", "TLS 1.3 by BoringSSL over the kernel's TCP, on an event loop of SwiftNIO."),
    ],
    parameters: [
      ParameterDescription(
        "exchanges", .integer(1...100_000_000), default: .integer(20_000),
        "How many requests are measured; a slow peer may do fewer."),
      ParameterDescription(
        "in-flight", .integer(1...1_000), default: .integer(16),
        "How many of them are under way at any time."),
      ParameterDescription(
        "message-bytes", .integer(16...1_000_000), default: .integer(64),
        "The length of a request and of a response."),
      ParameterDescription(
        "handicap", .number(-0.99...100), default: .number(0),
        "A planted slow-down: requests that are made and do not count, as a multiple of those "
          + "that do; below 0 it is a share that counts and is not made."),
      ParameterDescription(
        "handicapped", .text(choices: [everyArm] + ownArms), default: .text(everyArm),
        "Which of the laboratory's arms has the handicap."),
    ],
    metrics: [
      MetricDescription(
        "exchanges_per_second", .timed, unit: "1/s", .higher,
        "Requests answered in a second of processor time of both sides, without the handshake."),
      RunnerMetric.cpuSeconds.description, RunnerMetric.peakBytes.description,
    ])

  /// Speed is measured, so trials run alone.
  public static func runsInRealTime(_ settings: Settings) -> Bool { true }

  public static func run(_ trial: Trial, into recorder: inout Recorder) throws {
    let counted = try trial.integer("exchanges")
    let handicapped = try trial.text("handicapped")
    let isHandicapped = handicapped == everyArm || handicapped == trial.arm
    let handicap = try trial.number("handicap")
    let count = made(counted, handicap: isHandicapped ? handicap : 0)
    let bytes = try trial.integer("message-bytes")
    let requests = RepeatedRequests(count: count, bytes: bytes)
    let inFlight = try trial.integer("in-flight")
    let time =
      switch trial.arm {
      case "tls13": try overTLS(requests, inFlight: inFlight)
      case "quic-node": try betweenNodes(requests, inFlight: inFlight, seed: trial.seed)
      default: try overQUIC(requests, inFlight: inFlight)
      }
    recorder.record("exchanges_per_second", Double(counted) / time.seconds)
  }

  /// How many requests are made where so many count, at least one.
  static func made(_ counted: Int, handicap: Double) -> Int {
    max(1, Int((Double(counted) * (1 + handicap)).rounded()))
  }

  private static func overQUIC(
    _ requests: RepeatedRequests, inFlight: Int
  ) throws -> Duration {
    var conversation = try QUICConversation(
      count: requests.count, bytes: requests.bytes, patience: patience)
    let watch = ProcessorWatch()
    try conversation.run(inFlight: inFlight, patience: patience)
    return watch.elapsed
  }

  private static func betweenNodes(
    _ requests: RepeatedRequests, inFlight: Int, seed: Seed
  ) throws -> Duration {
    let arm = try QUICArm(
      .cubic, state: .warm, unixTimeAtZero: Stopwatch.nanosecondsSince1970())
    // A node cannot fail to be made inside the world, so one that is thrown away tries it.
    _ = try arm.node(NodeID(0), seed, nil)
    let world = try SocketWorld(NetworkDescription(nodes: 2), seed: seed, threads: 1) {
      node, seed in
      do throws(TLSError) {
        return RepeatingQUIC(try arm.node(node, seed, nil), requests, node: node, seed: seed)
      } catch { preconditionFailure("\(error)") }
    }
    func next() throws -> ExchangeReport? {
      var report: ExchangeReport?
      try world.run(until: .zero + patience) { observation in
        if case .report(let told) = observation.event { report = told }
        return report != nil
      }
      return report
    }
    return try using(endingWith: { _ = try world.stop() }) {
      try world.start()
      try world.submit(.connect(number: 0, server: NodeID(1)), to: NodeID(0), at: .zero)
      try check(try next(), isConnected)
      let watch = ProcessorWatch()
      for _ in 0..<inFlight { try world.submit(chain, to: NodeID(0), at: .zero) }
      try check(try next(), isAnswered)
      return watch.elapsed
    }
  }

  private static func overTLS(_ requests: RepeatedRequests, inFlight: Int) throws -> Duration {
    let settings = try StreamSettings(.tls13, .cubic)
    let program = ExchangeStreams(state: .warm, isHTTP: false, repeating: requests)
    let server = try StreamHost(program, settings)
    // One thread for both, as the other arms have, so that none wakes another.
    return try using(endingWith: server.stop) {
      let client = try StreamHost(
        program, settings, server: try server.listen(), beside: server)
      return try using(endingWith: client.stop) { try time(client, inFlight: inFlight) }
    }
  }

  private static func time(
    _ client: StreamHost<ExchangeStreams>, inFlight: Int
  ) throws -> Duration {
    client.submit(.connect(number: 0, server: NodeID(1)), at: .zero)
    func next() -> ExchangeReport? {
      var report: ExchangeReport?
      client.run(until: .zero + patience) { told, _ in
        report = told
        return true
      }
      return report
    }
    try check(next(), isConnected)
    let watch = ProcessorWatch()
    for _ in 0..<inFlight { client.submit(chain, at: .zero) }
    try check(next(), isAnswered)
    return watch.elapsed
  }

  /// Begins a chain of requests.
  private static let chain = ExchangeCommand.request(
    number: 0, server: NodeID(1), requestBytes: 0, responseBytes: 0)

  private static func isConnected(_ report: ExchangeReport) -> Bool {
    if case .connected = report { true } else { false }
  }

  private static func isAnswered(_ report: ExchangeReport) -> Bool {
    if case .responded = report { true } else { false }
  }

  private static func check(
    _ report: ExchangeReport?, _ isWanted: (ExchangeReport) -> Bool
  ) throws {
    guard let report, isWanted(report) else {
      throw Problem(description: report.map { "\($0)" } ?? "nothing within \(patience)")
    }
  }

  /// Why a trial cannot be counted.
  private struct Problem: Error, CustomStringConvertible {
    let description: String
  }
}
