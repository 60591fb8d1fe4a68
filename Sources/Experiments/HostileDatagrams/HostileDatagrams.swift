// Does the engine of QUIC stand whatever a network of strangers sends?
import LabCore
public import LabManifest
public import LabRunner

/// Opens connections and makes requests over them while bent, cut, joined and old datagrams arrive
/// with the real ones, from the right addresses and from others.
///
/// A trap of the process fails the trial, which is what the experiment looks for first.
public enum HostileDatagrams: Experiment {
  public static let description = ExperimentDescription(
    name: "hostile-datagrams",
    summary: "Requests over QUIC while a network of strangers bends, cuts, joins and repeats "
      + "datagrams.",
    version: 1,
    arms: [ArmDescription("engine", "The engine of QUIC of this laboratory, both ends.")],
    parameters: [
      ParameterDescription(
        "connections", .integer(1...10_000_000), default: .integer(4_100),
        "How many connections are opened, one after the other."),
      ParameterDescription(
        "requests", .integer(1...10_000), default: .integer(8),
        "How many requests are made over each."),
      ParameterDescription(
        "response-bytes", .integer(1...10_000_000), default: .integer(3_000),
        "The length of a response."),
      ParameterDescription(
        "hostile-per-datagram", .integer(0...1_000), default: .integer(6),
        "How many hostile datagrams travel with each real one."),
      ParameterDescription(
        "maximum-connections", .integer(1...1_000_000), default: .integer(100),
        "How many connections the server accepts at once."),
      ParameterDescription(
        "patience", .duration, default: .duration(.seconds(2)),
        "How long a connection's requests may take."),
      ParameterDescription(
        "loses-originals", .flag, default: .flag(false),
        "A planted break of the world: only hostile datagrams arrive."),
      ParameterDescription(
        "leaves-connections", .flag, default: .flag(false),
        "A planted leak: the client does not close its connections."),
      ParameterDescription(
        "lies", .flag, default: .flag(false),
        "A planted break of the server: it answers other bytes."),
    ],
    metrics: [
      MetricDescription(
        "hostile_datagrams", .exact, unit: "1", .neutral,
        "How many datagrams were sent that neither end had written, or not then."),
      MetricDescription(
        "answered_fraction", .sampled, unit: "1", .higher,
        "The share of requests whose response arrived in time, of those over connections that were "
          + "not abandoned."),
      MetricDescription(
        "abandoned_fraction", .exact, unit: "1", .lower,
        "The share of connections that a bent list of versions ended before the server's first "
          + "packet came; RFC 9000 has no protection against that."),
      MetricDescription(
        "wrong_bytes", .exact, unit: "B", .lower,
        "Bytes in the hands of the client's application that no server had written."),
      MetricDescription(
        "memory_growth", .ceiling, unit: "B", .lower,
        "What the C library's allocator gave away from a tenth of the connections to the last and "
          + "did not get back."),
      MetricDescription(
        "connections_left", .exact, unit: "1", .neutral,
        "How many connections both ends had at the end, those among them that hostile datagrams "
          + "had opened."),
    ])

  public static func run(_ trial: Trial, into recorder: inout Recorder) throws {
    let load = EngineLoad(
      requests: try trial.integer("requests"), outstanding: 1_000, requestBytes: 64,
      responseBytes: try trial.integer("response-bytes"), isLie: try trial.flag("lies"))
    let mischief = Mischief(
      hostilePerDatagram: try trial.integer("hostile-per-datagram"),
      losesOriginals: try trial.flag("loses-originals"), seed: trial.seed.child("mischief"))
    var line = try EngineLine(
      seed: trial.seed, delay: .milliseconds(1), mischief: mischief,
      maximumConnections: try trial.integer("maximum-connections"))
    let connections = try trial.integer("connections")
    let patience = try trial.duration("patience")
    let leavesOpen = try trial.flag("leaves-connections")
    var (answered, wrong, abandoned, before) = (0, 0, 0, 0)
    for number in 0..<connections {
      if number == connections / 10 { before = ProcessMemory.allocated() }
      let outcome = try line.attempt(load, for: patience, leavesOpen: leavesOpen)
      answered += outcome.answered
      abandoned += outcome.isAbandoned ? 1 : 0
      wrong += outcome.wrongBytes
    }
    recorder.record("hostile_datagrams", line.hostileDatagrams)
    let asked = (connections - abandoned) * load.requests
    recorder.record("answered_fraction", asked > 0 ? Double(answered) / Double(asked) : 0)
    recorder.record("abandoned_fraction", Double(abandoned) / Double(connections))
    recorder.record("wrong_bytes", wrong)
    recorder.record("memory_growth", Double(ProcessMemory.allocated() - before))
    recorder.record("connections_left", line.connectionCount)
  }
}
