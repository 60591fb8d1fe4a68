// Does the first event of a client that comes back arrive after one way, unread, and only once?
import LabCore
public import LabManifest
public import LabRunner
import Transport

/// Sends each event at the beginning of a new connection, and each beginning again.
public enum ZeroRTT: Experiment {
  public static let description = ExperimentDescription(
    name: "zero-rtt",
    summary: "First flights of a client that comes back, recorded and sent again.",
    version: 1,
    arms: FlightArm.allCases.map { ArmDescription($0.rawValue, $0.summary) },
    parameters: [
      ParameterDescription(
        "events", .integer(1...100_000), default: .integer(100),
        "How often the client comes back, with an event each time."),
      ParameterDescription(
        "pause", .duration, default: .duration(.seconds(4)),
        "The time from one event to the next; the client hangs up in its middle, and the first "
          + "flight comes again before and after."),
      ParameterDescription(
        "ticket", .flag, default: .flag(true),
        "Whether the client resumes what its last connection left."),
      ParameterDescription(
        "servers", .text(choices: ReplayedServers.allCases.map(\.rawValue)),
        default: .text(ReplayedServers.one.rawValue),
        "Flights come again to the one server; to a twin with its key for tickets and a memory of "
          + "its own; or to a server without room to remember any."),
    ],
    metrics: metrics, takesNetwork: true)

  private static let metrics: [MetricDescription] = [
    MetricDescription(
      "handled_fraction", .sampled, unit: "1", .higher,
      "The share of events that reached the server's handler from the client."),
    MetricDescription(
      "handled_twice", .sampled, unit: "1", .lower,
      "How often the client's own sending brought the handler an event again."),
    MetricDescription(
      "at_once_fraction", .sampled, unit: "1", .higher,
      "The share of events that reached the handler within 1.01 one-way delays of the intended "
        + "time."),
    MetricDescription(
      "delays_to_handler", .sampled, unit: "1", .lower,
      "The median time to the handler as a multiple of the one-way delay."),
    MetricDescription(
      "early_fraction", .sampled, unit: "1", .neutral,
      "The share of events that the handler got before the handshake was done."),
    MetricDescription(
      "refused_early_fraction", .sampled, unit: "1", .neutral,
      "The share of events that the server refused as early data."),
    MetricDescription(
      "readable_fraction", .sampled, unit: "1", .lower,
      "The share of first flights in which the type of an event can be read."),
    MetricDescription(
      "replays", .sampled, unit: "1", .neutral,
      "First flights that came again, once while their connection stood and once when it was gone."
    ),
    MetricDescription(
      "replays_taken", .sampled, unit: "1", .lower,
      "Those of them that brought the application at least one byte."),
    MetricDescription(
      "trajectory", .exact, unit: "hash", .neutral,
      "The hash of the time, the node and the kind of everything that happened."),
  ]

  public static func run(_ trial: Trial, into recorder: inout Recorder) throws {
    let load = try FlightLoad(trial)
    switch try trial.subject(as: FlightArm.self) {
    case .quic: try runQUIC(load, into: &recorder)
    case .framed:
      try run(load, into: &recorder) { _, _ in DatagramEventBus(nodes: 2) }
    case .document:
      try run(load, into: &recorder) { _, _ in DocumentEventBus(nodes: 2) }
    }
  }

  private static func configuration(_ load: FlightLoad) -> QUICConfiguration {
    var configuration = QUICConfiguration(applicationProtocol: "flight/1")
    configuration.ticketKey = key(load.seed)
    configuration.ticketLifetime = load.pause * Int64(load.events + 2)
    configuration.idleTimeout = .zero
    if load.servers == .forgetful { configuration.maximumRememberedFlights = 0 }
    return configuration
  }

  private static func runQUIC(_ load: FlightLoad, into recorder: inout Recorder) throws {
    let configuration = configuration(load)
    let yesterday = Int(configuration.unixTimeAtZero / 1_000_000_000) - 86_400
    let authority = try TLSAuthority(name: "fleet", validFrom: yesterday)
    let names = ["client.fleet", ResumingNode.serverName, ResumingNode.serverName, "nobody.fleet"]
    let identities = try names.map { try authority.issue($0) }
    let make = { (node: NodeID, seed: Seed) throws(TLSError) in
      try ResumingNode(
        configuration, identities[Int(node.index)], node: node, seed: seed,
        usesTickets: load.usesTickets)
    }
    // A node cannot fail to be made inside the world, so one that is thrown away tries it.
    _ = try make(NodeID(0), load.seed)
    try run(load, into: &recorder) { node, seed in
      do throws(TLSError) { return try make(node, seed) } catch { preconditionFailure("\(error)") }
    }
  }

  /// What both servers seal tickets with.
  private static func key(_ seed: Seed) -> [UInt8] {
    var random = seed.child("ticket-key").stream()
    return (0..<64).map { _ in UInt8(random.below(256)) }
  }

  private static func run<Node: FlightSubject & ~Copyable>(
    _ load: FlightLoad, into recorder: inout Recorder, _ make: @escaping (NodeID, Seed) -> Node
  ) throws {
    var run = FlightRun<Node>(load)
    try run.run(trace: recorder.traceFolder, make)
    try run.record(into: &recorder)
  }
}

/// The transports.
enum FlightArm: String, CaseIterable {
  /// QUIC by ngtcp2.
  case quic
  /// The document's bus with its framing mended.
  case framed
  /// The document's bus as it is listed.
  case document

  var summary: String {
    switch self {
    case .quic: "QUIC by ngtcp2; an event in the first flight where there is a ticket."
    case .framed: "The document's design over datagrams with correct framing."
    case .document: "QUICTransport and EventBus exactly as the document lists them."
    }
  }
}
