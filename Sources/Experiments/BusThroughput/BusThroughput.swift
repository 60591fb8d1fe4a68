// How many durable events does the bus bring to three nodes in a second, beside NATS?
import Foundation
import LabCore
public import LabManifest
public import LabRunner
import Statistics

/// Publishes at three nodes on loopback, and consumes everything at each of them.
///
/// Nodes, publishers and consumers of the laboratory's own arms share one process, as where a
/// program embeds the bus: the nodes speak QUIC to each other, but no connection of a client stands
/// between a node and its publisher or consumer.
///
/// A peer gets the parameters `events`, `payload` and `window`, does the same with servers of its
/// own, and answers with ``description``'s metrics. The parameter that plants a fault is for the
/// laboratory's own arms; a peer passes over it.
public enum BusThroughput: Experiment {
  public static let description = ExperimentDescription(
    name: "bus-throughput",
    summary: "Events that three nodes on loopback publish, keep and consume, as fast as they can.",
    version: 1,
    arms: [
      ArmDescription(
        "event-bus",
        "The bus of this laboratory over QUIC: an event is acknowledged once its own node has "
          + "synced it to disk (fdatasync), and handed to consumers once theirs has."),
      ArmDescription(
        "event-bus-unsynced",
        "The same with its files in memory (/dev/shm), where a sync costs nothing: what it keeps "
          + "outlives its processes and not the machine, as with peers that sync now and then."),
    ],
    parameters: [
      ParameterDescription(
        "events", .integer(3...100_000_000), default: .integer(30_000),
        "How many events are published, a third at each node."),
      ParameterDescription(
        "payload", .integer(16...200_000), default: .integer(1_000), "The bytes of an event's data."
      ),
      ParameterDescription(
        "window", .integer(1...100_000), default: .integer(256),
        "How many events of each publisher wait for their acknowledgement."),
      ParameterDescription(
        "handicap", .integer(0...100), default: .integer(0),
        "A planted slow-down of the laboratory's own arms: how many more events are published for "
          + "each that counts."),
    ],
    metrics: [
      MetricDescription(
        "events_per_second", .timed, unit: "1/s", .higher,
        "Events a second, from the first publishing until each consumer had every event."),
      MetricDescription(
        "events_per_cpu_second", .timed, unit: "1/s", .higher,
        "The same for each second of processor time of all nodes, publishers and consumers."),
      MetricDescription(
        "publish_p50", .timed, unit: "s", .lower,
        "The median time from publishing until the acknowledgement."),
      MetricDescription(
        "publish_p99", .timed, unit: "s", .lower,
        "The time from publishing until the acknowledgement that 1 % of the events exceed."),
    ])

  /// Speed is measured, so trials run alone.
  public static func runsInRealTime(_ settings: Settings) -> Bool { true }

  public static func run(_ trial: Trial, into recorder: inout Recorder) throws {
    let disk = FileManager.default.temporaryDirectory.path
    let folder = trial.arm == "event-bus" ? disk : "/dev/shm"
    var run = try ThroughputRun(
      events: try trial.integer("events"), payload: try trial.integer("payload"),
      window: try trial.integer("window"), handicap: try trial.integer("handicap"), below: folder)
    let outcome = try run.run()
    let events = Double(try trial.integer("events"))
    recorder.record("events_per_second", events / outcome.wall.seconds)
    recorder.record("events_per_cpu_second", events / outcome.processor.seconds)
    recorder.record("publish_p50", Double(try outcome.latency.quantile(0.5)) / 1e9)
    recorder.record("publish_p99", Double(try outcome.latency.quantile(0.99)) / 1e9)
  }
}
