// Does the document's own transport deliver events? In the simulator and on real UDP.
import LabCore
public import LabManifest
public import LabRunner
import Network
import Statistics
import Transport

/// Publishes events on the document's bus and on the one with mended framing, in three worlds.
public enum LiteralTransport: Experiment {
  public static let description = ExperimentDescription(
    name: "literal-transport",
    summary: "Events on the document's own transport, and on one whose framing is mended.",
    version: 2,
    arms: [
      ArmDescription("literal", "QUICTransport and EventBus exactly as the document lists them."),
      ArmDescription("corrected", "The same design over datagrams with correct framing."),
    ],
    parameters: [
      ParameterDescription(
        "world", .text(choices: BusWorld.allCases.map(\.rawValue)), default: .text("simulation"),
        "Virtual time; real UDP on loopback with the link model in front; or bare loopback."),
      ParameterDescription(
        "targeted", .ratio, default: .ratio(.percent(50)),
        "The share of events that name the one node they are meant for."),
      ParameterDescription(
        "streams", .integer(0...100_000), default: .integer(20),
        "How many streams the first node opens to the second before the events."),
      ParameterDescription(
        "maximum-streams", .integer(1...1_000_000), default: .integer(10),
        "The limit on streams that every node is configured with."),
      ParameterDescription(
        "patience", .duration, default: .duration(.seconds(1)),
        "How long after the last event a trial waits for what is under way."),
      ParameterDescription(
        "planted-loss", .ratio, default: .ratio(.none),
        "Loss on the links in front of real sockets in place of what the network says; a planted "
          + "difference between the worlds when it is not 0."),
    ],
    metrics: metrics, takesNetwork: true, takesWorkload: true)

  private static let metrics: [MetricDescription] = [
    MetricDescription(
      "datagrams_sent", .sampled, unit: "1", .neutral, "Datagrams that the nodes sent."),
    MetricDescription(
      "handler_calls", .sampled, unit: "1", .neutral,
      "How often a datagram of another node reached a data handler."),
    MetricDescription(
      "parsed_fraction", .sampled, unit: "1", .higher,
      "The share of handler calls whose data could be read as an event; 0 when there was no call."),
    MetricDescription(
      "delivered_fraction", .sampled, unit: "1", .higher,
      "The share of pairs of an event and a node it was due at, other than its publisher, in which "
        + "the node handled it."),
    MetricDescription(
      "duplicated_fraction", .sampled, unit: "1", .lower,
      "The share of handled events that the node had handled before."),
    MetricDescription(
      "misrouted_fraction", .sampled, unit: "1", .lower,
      "The share of handlings, local ones among them, at a node that the event did not name."),
    MetricDescription(
      "refused_after_emitting", .sampled, unit: "1", .lower,
      "Events whose sending failed after local handlers had seen them."),
    MetricDescription(
      "refused_fraction", .sampled, unit: "1", .lower, "The share of events that were refused."),
    MetricDescription(
      "dropped_before_listening", .sampled, unit: "1", .lower,
      "Datagrams that came before anybody listened to their stream."),
    MetricDescription(
      "stream_faults", .sampled, unit: "1", .lower,
      "Datagrams on a stream of another sender too, streams accepted beyond the limit, and streams "
        + "that came back to the node that opened them."),
    MetricDescription(
      "uncaught_errors", .sampled, unit: "1", .lower,
      "Exceptions that would have ended a Node.js process."),
    MetricDescription(
      "latency", .sampled, unit: "histogram", .lower,
      "Nanoseconds from the intended time of publishing to a remote handler."),
    MetricDescription(
      "delivered_difference", .sampled, unit: "1", .neutral,
      "The delivered fraction less that of a simulated run with the same seed."),
    MetricDescription(
      "median_latency_difference", .sampled, unit: "s", .neutral,
      "The median latency less that of a simulated run with the same seed; 0 when nothing "
        + "arrived in "
        + "either."),
    MetricDescription(
      "trajectory", .exact, unit: "hash", .neutral,
      "The hash of every event of a simulated run with the same seed, in every world."),
  ]

  public static func runsInRealTime(_ settings: Settings) -> Bool {
    settings.parameters["world"] != .text(BusWorld.simulation.rawValue)
  }

  public static func run(_ trial: Trial, into recorder: inout Recorder) throws {
    let load = try BusLoad(trial)
    let tally: BusTally
    let simulated: BusTally
    if trial.arm == "literal" {
      let make = { @Sendable (_: NodeID, _: Seed) in
        DocumentEventBus(nodes: load.nodes, configuration: load.configuration)
      }
      tally = try load.run(trace: recorder.traceFolder, make)
      simulated = try load.simulate(trace: nil, make)
    } else {
      let make = { @Sendable (_: NodeID, _: Seed) in
        DatagramEventBus(nodes: load.nodes, configuration: load.configuration)
      }
      tally = try load.run(trace: recorder.traceFolder, make)
      simulated = try load.simulate(trace: nil, make)
    }
    tally.record(into: &recorder)
    recorder.record("delivered_difference", tally.deliveredFraction - simulated.deliveredFraction)
    recorder.record(
      "median_latency_difference", tally.medianLatency - simulated.medianLatency)
    recorder.record("trajectory", hash: simulated.trajectory)
  }
}

/// Where the buses run.
enum BusWorld: String, CaseIterable {
  /// Virtual time.
  case simulation
  /// Real UDP on loopback, each datagram delayed and lost by the simulator's link model.
  case shaped
  /// Real UDP on loopback as the kernel carries it.
  case bare
}
