// How many datagrams of QUIC does a second of processor time make and read, and what does a
// connection cost that stands idle?
import LabCore
public import LabManifest
public import LabRunner

/// Moves requests and responses between two engines of QUIC over a line of constant delay, without
/// sockets; a program from outside does the same on the bare library.
///
/// A peer gets the parameters `total-bytes`, `response-bytes`, `request-bytes`, `outstanding` and
/// `delay`, makes as many requests as the total holds responses, at least one, times the whole
/// exchange with its handshake by its own processor clock, and answers with the metrics below but
/// for the memory. Parameters that plant a fault are for the laboratory's own arm.
public enum QUICThroughput: Experiment {
  public static let description = ExperimentDescription(
    name: "quic-throughput",
    summary: "Requests and responses over one connection of QUIC between two endpoints in one "
      + "process, both of which encrypt and decrypt.",
    version: 1,
    arms: [ArmDescription("engine", "The engine of QUIC of this laboratory, both ends.")],
    parameters: [
      ParameterDescription(
        "total-bytes", .integer(1...100_000_000_000), default: .integer(20_000_000),
        "The length of all responses together, which says how many requests are made, each on a "
          + "stream of its own."),
      ParameterDescription(
        "outstanding", .integer(1...1_000), default: .integer(64),
        "How many of them wait for their response at a time."),
      ParameterDescription(
        "request-bytes", .integer(1...10_000_000), default: .integer(64),
        "The length of a request."),
      ParameterDescription(
        "response-bytes", .integer(1...1_000_000_000), default: .integer(1_000),
        "The length of a response."),
      ParameterDescription(
        "delay", .duration, default: .duration(.milliseconds(1)),
        "How long a datagram travels; nothing is lost."),
      ParameterDescription(
        "idle-connections", .integer(0...100_000), default: .integer(0),
        "How many connections more are opened first, and stand idle."),
      ParameterDescription(
        "idle-for", .duration, default: .duration(.seconds(10)),
        "How long they stand, twice, until their memory is counted."),
      ParameterDescription(
        "idle-timeout", .duration, default: .duration(.zero),
        "How long a connection stands on which nothing happens; 0 s for ever."),
      ParameterDescription(
        "handicap", .integer(0...100), default: .integer(0),
        "A planted slow-down: how often the exchange is made again without being counted."),
      ParameterDescription(
        "extra-request-bytes", .integer(0...1_000_000), default: .integer(0),
        "A planted difference in the work of the laboratory's own arm: by how much its requests "
          + "are longer."),
      ParameterDescription(
        "held-bytes", .integer(0...1_000_000), default: .integer(0),
        "A planted waste of memory: how many bytes wait to be read on each connection that stands "
          + "idle."),
    ],
    metrics: [
      MetricDescription(
        "datagrams_per_second", .timed, unit: "1/s", .higher,
        "Datagrams of both directions in a second of processor time, which both ends share."),
      MetricDescription(
        "datagrams", .exact, unit: "1", .neutral, "How many datagrams there were."),
      MetricDescription(
        "payload_bytes", .exact, unit: "B", .neutral,
        "What both applications got, in bytes of streams."),
      MetricDescription(
        "connection_bytes", .ceiling, unit: "B", .lower,
        "Memory of one end of a connection that stands idle: what the C library's allocator has "
          + "given away for all of them, shared by their ends."),
      RunnerMetric.cpuSeconds.description, RunnerMetric.peakBytes.description,
    ])

  /// Speed is measured, so trials run alone.
  public static func runsInRealTime(_ settings: Settings) -> Bool { true }

  public static func run(_ trial: Trial, into recorder: inout Recorder) throws {
    let responseBytes = try trial.integer("response-bytes")
    let load = EngineLoad(
      requests: max(1, try trial.integer("total-bytes") / responseBytes),
      outstanding: try trial.integer("outstanding"),
      requestBytes: try trial.integer("request-bytes") + trial.integer("extra-request-bytes"),
      responseBytes: responseBytes)
    let delay = try trial.duration("delay")
    var line = try EngineLine(
      seed: trial.seed, delay: delay, idleTimeout: try trial.duration("idle-timeout"))
    let idle = IdleLoad(
      connections: try trial.integer("idle-connections"), time: try trial.duration("idle-for"),
      heldBytes: try trial.integer("held-bytes"))
    if idle.connections > 0 { recorder.record("connection_bytes", try line.openIdle(idle)) }
    let watch = ProcessorWatch()
    let outcome = try line.exchange(load)
    for _ in 0..<(try trial.integer("handicap")) {
      var again = try EngineLine(seed: trial.seed, delay: delay)
      _ = try again.exchange(load)
    }
    let time = watch.elapsed
    guard time > .zero else { throw EngineLineError.tooFast }
    recorder.record("datagrams_per_second", Double(outcome.datagrams) / time.seconds)
    recorder.record("datagrams", outcome.datagrams)
    recorder.record("payload_bytes", outcome.payloadBytes)
  }
}

/// What is asked over one connection.
struct EngineLoad {
  let requests: Int
  let outstanding: Int
  let requestBytes: Int
  let responseBytes: Int
  /// Whether the server answers other bytes than the client expects.
  var isLie = false
}

/// What stands idle beside it.
struct IdleLoad {
  let connections: Int
  let time: Duration
  let heldBytes: Int
}

/// Why a trial cannot be measured.
enum EngineLineError: Error, CustomStringConvertible {
  case stalled(answered: Int, of: Int)
  case notEstablished(Int, of: Int)
  case tooFast

  var description: String {
    switch self {
    case .stalled(let answered, let all):
      "\(answered) of \(all) requests were answered when neither end had anything left to do; "
        + "all of them were expected; lower response-bytes or report a defect"
    case .notEstablished(let count, let all):
      "\(count) of \(all) connections were established; all of them were expected; lower "
        + "idle-connections"
    case .tooFast: "the exchange took no time that the clock can tell; raise total-bytes"
    }
  }
}
