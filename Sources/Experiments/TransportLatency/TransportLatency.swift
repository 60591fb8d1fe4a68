// How long does a request take over each transport, by path, loss and what an earlier connection
// has left?
import LabCore
public import LabManifest
public import LabRunner
import Statistics
import Transport

/// Sends requests over each transport in the simulator, and counts latency from the intended time.
public enum TransportLatency: Experiment {
  public static let description = ExperimentDescription(
    name: "transport-latency",
    summary: "Requests and responses over each transport, by path, loss and connection state.",
    version: 2,
    arms: TransportArm.allCases.map { ArmDescription($0.rawValue, $0.summary) },
    parameters: [
      ParameterDescription(
        "state", .text(choices: ConnectionState.allCases.map(\.rawValue)),
        default: .text(ConnectionState.new.rawValue),
        "A connection for each request; one that resumes what an earlier one left; or one that is "
          + "kept open and stood before."),
      ParameterDescription(
        "client", .text(choices: []), default: .text("n0"),
        "The name of the node that asks; what else the network has beside client and server stands "
          + "still."),
      ParameterDescription(
        "server", .text(choices: []), default: .text("n1"), "The name of the node that answers."),
      ParameterDescription(
        "request-bytes", .integer(16...1_000_000_000), default: .integer(64),
        "The length of a request."),
      ParameterDescription(
        "streams", .integer(1...100_000), default: .integer(1),
        "How many requests are made at once at each arrival of the workload."),
      ParameterDescription(
        "maximum-streams", .integer(1...1_000_000), default: .integer(1_000),
        "How many streams a client of QUIC may have open at once; further requests wait."),
      ParameterDescription(
        "congestion-control", .text(choices: CongestionControl.allCases.map(\.rawValue)),
        default: .text(CongestionControl.cubic.rawValue),
        "How the congestion window grows and shrinks, of TCP and of QUIC."),
      ParameterDescription(
        "restarts-after-idle", .flag, default: .flag(true),
        "Whether the congestion window of TCP shrinks over a pause, as Linux has it by default; "
          + "that of QUIC does not."),
      ParameterDescription(
        "remembers-round-trip", .flag, default: .flag(true),
        "Whether a connection of QUIC begins with the round trip of an earlier one: a client's "
          + "with that of its ticket, a server's with that of the client's host. TCP's first "
          + "timeout is always a second."),
      ParameterDescription(
        "client-handshake", .duration, default: .duration(.zero),
        "What the client computes in a TLS handshake over TCP; the arms of QUIC take none."),
      ParameterDescription(
        "server-handshake", .duration, default: .duration(.zero),
        "What the server computes there."),
      ParameterDescription(
        "patience", .duration, default: .duration(.seconds(120)),
        "How long after the last request a trial waits for responses."),
    ],
    metrics: metrics, takesNetwork: true, takesWorkload: true)

  private static let metrics: [MetricDescription] = [
    MetricDescription(
      "latency", .sampled, unit: "histogram", .lower,
      "Nanoseconds from the intended time of a request to the last byte of its response."),
    MetricDescription(
      "answered_fraction", .sampled, unit: "1", .higher,
      "The share of requests whose response arrived before the trial ended."),
    MetricDescription(
      "failed", .sampled, unit: "1", .lower, "Requests that the transport gave up."),
    MetricDescription(
      "mean_latency", .sampled, unit: "s", .lower, "The mean latency of the answered requests."),
    MetricDescription(
      "median_latency", .sampled, unit: "s", .lower, "Their median latency."),
    MetricDescription(
      "p90_latency", .sampled, unit: "s", .lower, "What 90 of 100 of them stay within."),
    MetricDescription(
      "p99_latency", .sampled, unit: "s", .lower, "What 99 of 100 of them stay within."),
    MetricDescription(
      "median_round_trips", .sampled, unit: "1", .lower,
      "The median latency as a multiple of the shortest round trip of the path."),
    MetricDescription(
      "fairness", .sampled, unit: "1", .higher,
      "Jain's index of the latencies of requests that were made at once, the mean over bursts: 1 "
        + "when all are equal."),
    MetricDescription(
      "overtaken_fraction", .sampled, unit: "1", .neutral,
      "The share of pairs of such requests whose responses came in the other order."),
    MetricDescription(
      "most_streams", .sampled, unit: "1", .neutral,
      "The most streams of a client that the server of QUIC had open at once."),
    MetricDescription(
      "datagrams_sent", .sampled, unit: "1", .lower, "Packets that both nodes sent."),
    MetricDescription(
      "bytes_sent", .sampled, unit: "B", .lower,
      "Bytes that both nodes sent, with the headers of IP and of the transport."),
    MetricDescription(
      "trajectory", .exact, unit: "hash", .neutral, "The hash of every event of the trial."),
  ]

  public static func run(_ trial: Trial, into recorder: inout Recorder) throws {
    var trial = trial
    trial.cell.settings.network = try trial.cell.settings.network?.pair(
      trial.text("client"), trial.text("server"))
    let load = try ExchangeLoad(trial)
    let arm = try trial.subject(as: TransportArm.self)
    let tally =
      if let security = arm.security {
        try load.simulate(
          Self.configuration(trial, TCPArm(arm, security), load), trace: recorder.traceFolder)
      } else {
        try load.simulate(
          Self.quic(trial, load, usesDatagrams: arm == .quicDatagram), trace: recorder.traceFolder)
      }
    tally.record(into: &recorder)
  }

  private static func configuration(
    _ trial: Trial, _ arm: TCPArm, _ load: ExchangeLoad
  ) throws -> TCPExchangeConfiguration {
    var result = arm.configuration(try trial.choice("congestion-control"), state: load.state)
    result.connection.restartsAfterIdle = try trial.flag("restarts-after-idle")
    result.clientHandshakeCost = try trial.duration("client-handshake")
    result.serverHandshakeCost = try trial.duration("server-handshake")
    return result
  }

  private static func quic(
    _ trial: Trial, _ load: ExchangeLoad, usesDatagrams: Bool
  ) throws -> QUICArm {
    guard try trial.duration("client-handshake") == .zero,
      try trial.duration("server-handshake") == .zero
    else { throw ExchangeLoadError.handshakeCost }
    var arm = try QUICArm(
      try trial.choice("congestion-control"), state: load.state, usesDatagrams: usesDatagrams)
    arm.configuration.maximumStreams = try trial.integer("maximum-streams")
    arm.configuration.remembersRoundTrip = try trial.flag("remembers-round-trip")
    return arm
  }
}
