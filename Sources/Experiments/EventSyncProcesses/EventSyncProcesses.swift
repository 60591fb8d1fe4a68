// Does every node get every event, once and in order, when real processes are killed?
import LabCore
public import LabManifest
public import LabRunner

/// Publishes events on the bus of this laboratory in real processes, some of which are killed by
/// SIGKILL and started again.
///
/// Every node is a `fleetlab bus serve` with encrypted connections and files that are synced; a
/// publisher and a handler at each node speak to it as any program would. The handler keeps its
/// position together with its effects.
public enum EventSyncProcesses: Experiment {
  public static let description = ExperimentDescription(
    name: "event-sync-processes",
    summary: "Events between real processes on this machine that are killed meanwhile.",
    version: 1,
    arms: [
      ArmDescription(
        "event-bus", "Durable, acknowledged, repaired: the bus of this laboratory, over QUIC.")
    ],
    parameters: [
      ParameterDescription(
        "nodes", .integer(1...16), default: .integer(3), "How many processes there are."),
      ParameterDescription(
        "events", .integer(1...1_000_000), default: .integer(300),
        "How many events are published, by the nodes in turn."),
      ParameterDescription(
        "payload", .integer(16...200_000), default: .integer(200), "The bytes of an event's data."),
      ParameterDescription(
        "kills", .integer(0...1_000), default: .integer(4),
        "How often a node is killed while events are published, and started again later."),
      ParameterDescription(
        "window", .integer(1...1_000), default: .integer(8),
        "How many events each publisher has under way."),
      ParameterDescription(
        "reverses-order", .flag, default: .flag(false),
        "A planted fault: a handler does what it was handed together in the reverse order."),
      ParameterDescription(
        "keeps-position", .flag, default: .flag(true),
        "Whether a handler keeps its position with its effects; one that does not begins with the "
          + "oldest event again when its node was killed."),
      ParameterDescription(
        "loses-folders", .flag, default: .flag(false),
        "A planted fault: a killed node loses its folder too."),
      ParameterDescription(
        "patience", .duration, default: .duration(.seconds(10)),
        "How long a trial waits for what is missing."),
      ParameterDescription(
        "counts-syncs", .flag, default: .flag(false),
        "Whether 'strace' counts the syncs of files that the nodes do."),
    ],
    metrics: metrics)

  private static let metrics: [MetricDescription] = [
    MetricDescription(
      "accepted", .sampled, unit: "1", .higher,
      "Events whose publisher was told that they are published."),
    MetricDescription(
      "refused", .sampled, unit: "1", .lower, "Events that were not taken, and nobody has seen."),
    MetricDescription(
      "unanswered", .sampled, unit: "1", .neutral,
      "Events whose publisher lost its node before it had an answer; they may be published."),
    MetricDescription("kills_done", .sampled, unit: "1", .neutral, "How often a node was killed."),
    MetricDescription(
      "lost_accepted", .sampled, unit: "1", .lower,
      "Accepted events that the handler of some node had not done when the trial ended."),
    MetricDescription(
      "handled_twice", .sampled, unit: "1", .lower, "How often a handler did an event again."),
    MetricDescription(
      "order_violations", .sampled, unit: "1", .lower,
      "How often a handler did an event after a later one of the same source."),
    MetricDescription(
      "expired", .sampled, unit: "1", .lower,
      "Events that handlers were told they will not see."),
    MetricDescription(
      "time_to_convergence", .sampled, unit: "s", .lower,
      "From the time when everything was published and every node was started until every handler "
        + "had done every accepted event; the whole patience when that never happened."),
    MetricDescription(
      "publish_latency", .timed, unit: "histogram", .lower,
      "From asking a node to publish until its answer, nanoseconds; kills leave events out."),
    MetricDescription(
      "syncs_per_event", .sampled, unit: "1", .neutral,
      "Calls of fsync and fdatasync by all nodes, as strace saw them, for each accepted event."),
  ]

  /// The processes live in real time.
  public static func runsInRealTime(_ settings: Settings) -> Bool { true }

  public static func missing(for plan: Plan) -> [String] {
    var missing: [String] = []
    if ProcessFleet.program == nil {
      missing.append("'fleetlab' is not beside this program; build it there")
    }
    let wantsSyncs = plan.cells.contains {
      $0.settings.parameters["counts-syncs"] == .flag(true)
    }
    if wantsSyncs, ExecutableSearch.path(of: "strace") == nil {
      missing.append("'strace' is not installed; './Scripts/packages strace' installs it")
    }
    return missing
  }

  public static func run(_ trial: Trial, into recorder: inout Recorder) throws {
    var run = try ProcessSyncRun(ProcessSyncLoad(trial))
    try run.run()
    try run.tally.record(into: &recorder)
  }
}
