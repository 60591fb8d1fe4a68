// How many events does the simulator take in a second of processor time, beside its peers?
import LabCore
public import LabManifest
public import LabRunner

/// Runs PHOLD on the event queue alone and on whole Instances; programs from outside run the same
/// load on engines of their own.
///
/// A peer gets the parameters `population`, `events` and `nodes`, sends the first messages, times
/// the deliveries by its own processor clock, and answers with ``description``'s metrics. The
/// parameters that plant a fault are for the laboratory's own arms; a peer passes over them.
public enum EventThroughput: Experiment {
  public static let description = ExperimentDescription(
    name: "event-throughput",
    summary: "PHOLD, the standard load of event simulators: messages that hop between random nodes "
      + "for ever, after exponential latencies with a mean of a second.",
    version: 1,
    arms: [
      ArmDescription("queue", "The event queue alone, with the load written around it."),
      ArmDescription(
        "instance",
        "A whole step of the simulator: Instances, a lossy link, a timer and a fingerprint."),
    ],
    parameters: [
      ParameterDescription(
        "population", .integer(1...100_000_000), default: .integer(1_000),
        "How many messages are under way."),
      ParameterDescription(
        "events", .integer(1...1_000_000_000), default: .integer(2_000_000),
        "How many deliveries are measured; a slow peer may do fewer."),
      ParameterDescription(
        "nodes", .integer(1...1_000_000), default: .integer(1_000),
        "How many nodes there are, at most as many as messages."),
      ParameterDescription(
        "handicap", .number(0...100), default: .number(0),
        "A planted slow-down of the laboratory's own arms: deliveries that are made and do not "
          + "count, as a multiple of those that do."),
      ParameterDescription(
        "planted-draws", .integer(0...1_000), default: .integer(0),
        "A planted difference in the work of the queue: how many random numbers it draws in vain."),
      ParameterDescription(
        "spare-room", .number(0...100), default: .number(0),
        "A planted waste of memory, as a multiple of what is needed: the queue reserves it in "
          + "vain, and Instances begin with so many more messages, which they do not send on."),
    ],
    metrics: [
      MetricDescription(
        "events_per_second", .timed, unit: "1/s", .higher,
        "Deliveries in a second of processor time, without the sending of the first messages."),
      MetricDescription(
        "checksum", .exact, unit: "1", .neutral,
        "The arrivals of each node, folded into 48 bits by sum × 31 + count; of an instance the "
          + "fingerprint's last 48 bits."),
      MetricDescription(
        "pending_bytes", .ceiling, unit: "B", .lower,
        "Memory for each message under way at the end, as the subject itself counts it."),
      RunnerMetric.cpuSeconds.description, RunnerMetric.peakBytes.description,
    ])

  /// Speed is measured, so trials run alone.
  public static func runsInRealTime(_ settings: Settings) -> Bool { true }

  public static func run(_ trial: Trial, into recorder: inout Recorder) throws {
    let load = try PHOLDLoad(trial)
    let outcome = trial.arm == "queue" ? load.runQueue() : load.runInstances()
    guard outcome.time > .zero, outcome.pending > 0 else {
      throw PHOLDLoad.Problem(
        description: "\(outcome.events) deliveries took \(outcome.time) and left "
          + "\(outcome.pending) messages; a time that the clock can tell and some messages were "
          + "expected; raise events or population")
    }
    recorder.record("events_per_second", Double(outcome.events) / outcome.time.seconds)
    // Whole numbers of 48 bits are exact as doubles too, and so are their ratios around 1.
    recorder.record("checksum", Int(outcome.checksum & 0xffff_ffff_ffff))
    recorder.record("pending_bytes", Double(outcome.memory.bytes) / Double(outcome.pending))
  }
}
