// Does every node get every event, once and in order, when links lose, parts are cut off and nodes
// crash?
import Events
import LabCore
public import LabManifest
public import LabRunner
import Network
import Simulation
import Statistics
import Transport

/// Publishes events on the bus of this laboratory and on those of the document, in the simulator.
///
/// Every node has a handler that does something with each event and writes down how far it has
/// come; handlers and nodes end at any moment, on disks that lose what was not synced.
public enum EventSync: Experiment {
  public static let description = ExperimentDescription(
    name: "event-sync",
    summary: "Events on several buses under loss, partitions, crashes and handlers that end.",
    version: 2,
    arms: SyncArm.allCases.map { ArmDescription($0.rawValue, $0.summary) },
    parameters: parameters, metrics: metrics, takesNetwork: true, takesWorkload: true)

  private static let parameters: [ParameterDescription] = [
    ParameterDescription(
      "schedule", .text(choices: FaultSchedule.allCases.map(\.rawValue)),
      default: .text(FaultSchedule.mixed.rawValue),
      "Which faults befall the fleet while it publishes."),
    ParameterDescription(
      "faults", .integer(0...100_000), default: .integer(4), "How many faults there are."),
    ParameterDescription(
      "fault-length", .duration, default: .duration(.milliseconds(500)),
      "The longest time that a fault lasts; each lasts a random part of it."),
    ParameterDescription(
      "patience", .duration, default: .duration(.seconds(5)),
      "How long after the last event and fault a trial waits for what is missing."),
    ParameterDescription(
      "disk-latency", .duration, default: .duration(.milliseconds(1)),
      "The mean of the time until something is on disk, which varies by an exponential law."),
    ParameterDescription(
      "digest-period", .duration, default: .duration(.milliseconds(100)),
      "How often a node of the arms event-bus tells others what it holds."),
    ParameterDescription(
      "retention", .duration, default: .duration(.seconds(3_600)),
      "How long a node of the arms event-bus keeps an event for whoever lacks it."),
    ParameterDescription(
      "handler-crashes", .ratio, default: .ratio(.percent(1)),
      "The chance that a handler ends before it has done what it was handed."),
    ParameterDescription(
      "targeted", .ratio, default: .ratio(.none),
      "The share of events that name the one node they are meant for; the design of the document "
        + "is measured with such events by literal-transport."),
    ParameterDescription(
      "filters-targets", .flag, default: .flag(true),
      "Whether a handler asks for events that are meant for its node alone."),
    ParameterDescription(
      "congestion-control", .text(choices: QUICCongestionControl.allCases.map(\.rawValue)),
      default: .text(QUICCongestionControl.cubic.rawValue),
      "How the arm event-bus-quic finds its rate."),
    ParameterDescription(
      "keeps-position", .flag, default: .flag(true),
      "Whether a handler writes down its position with its effects; one that does not begins with "
        + "the oldest event again."),
  ]

  private static let metrics: [MetricDescription] = [
    MetricDescription(
      "accepted", .sampled, unit: "1", .higher,
      "Events whose publisher was told that they are published."),
    MetricDescription(
      "accepted_fraction", .sampled, unit: "1", .higher,
      "The share of the events to publish that were accepted."),
    MetricDescription(
      "refused", .sampled, unit: "1", .lower, "Events that were not taken, and nobody has seen."),
    MetricDescription(
      "delivered_fraction", .sampled, unit: "1", .higher,
      "The share of pairs of an accepted event and a node it is meant for in which the node's "
        + "handler did it."),
    MetricDescription(
      "lost_accepted", .sampled, unit: "1", .lower,
      "Accepted events that the handler of some node they are meant for had not done when the "
        + "trial ended."),
    MetricDescription(
      "handled_twice", .sampled, unit: "1", .lower, "How often a handler did an event again."),
    MetricDescription(
      "duplicates", .sampled, unit: "1", .neutral,
      "How often a handler was handed an event again, because it had ended before it could do it."),
    MetricDescription(
      "misrouted", .sampled, unit: "1", .lower,
      "How often a handler did an event that is meant for another node."),
    MetricDescription(
      "order_violations", .sampled, unit: "1", .lower,
      "How often a handler did an event after a later one of the same source."),
    MetricDescription(
      "expired", .sampled, unit: "1", .lower,
      "Events that handlers were told they will not see."),
    MetricDescription(
      "restarts", .sampled, unit: "1", .neutral, "How often a node of event-bus began anew."),
    MetricDescription(
      "staleness_p50", .sampled, unit: "s", .lower,
      "The median staleness: from the intended time of publishing until a node other than the "
        + "publisher has handed the event to its handler; none when no event came anywhere."),
    MetricDescription(
      "staleness_p99", .sampled, unit: "s", .lower,
      "The staleness that 1 % of the trial's events exceed."),
    MetricDescription(
      "time_to_convergence", .sampled, unit: "s", .lower,
      "From the end of the last fault, or the last event, until every handler has done every "
        + "accepted event; the whole patience when that never happened."),
    MetricDescription(
      "datagrams_per_event", .sampled, unit: "1", .lower,
      "Datagrams that the fleet sent, for each event to publish."),
    MetricDescription(
      "bytes_per_event", .sampled, unit: "B", .lower,
      "Payload bytes of those datagrams, for each event to publish."),
    MetricDescription(
      "trajectory", .exact, unit: "hash", .neutral, "The hash of everything that happened."),
  ]

  public static func run(_ trial: Trial, into recorder: inout Recorder) throws {
    let load = try SyncLoad(trial)
    let nodes = load.nodes
    let trace = recorder.traceFolder
    let tally: SyncTally
    switch try trial.subject(as: SyncArm.self) {
    case .eventBus:
      var pace = EventBusPace()
      pace.digestPeriod = load.digestPeriod
      let names = load.network.nodes.map(\.name)
      var limits = EventBusLimits()
      limits.age = load.retention
      let fleet = try EventBusConfiguration(members: names, limits: limits, pace: pace)
      tally = try Self.tally(load, trace) { node, _ in
        EventBus(name: names[Int(node.index)], fleet)
      }
    case .eventBusQUIC:
      let fleet = try EncryptedFleet(
        load, congestionControl: try trial.choice("congestion-control"))
      // The keys differ from run to run.
      tally = try Self.tally(load, trace, [.time, .node, .kind]) { node, seed in
        do throws(TLSError) { return try fleet.node(node, seed) } catch {
          preconditionFailure("\(error)")
        }
      }
    case .framed:
      try Self.check(trial)
      tally = try Self.tally(load, trace) { _, _ in DatagramEventBus(nodes: nodes) }
    case .document:
      try Self.check(trial)
      tally = try Self.tally(load, trace) { _, _ in DocumentEventBus(nodes: nodes) }
    }
    tally.record(into: &recorder)
  }

  private static func tally<Bus: SyncSubject & ~Copyable>(
    _ load: SyncLoad, _ trace: String?, _ ingredients: FingerprintIngredients = .all,
    _ make: @escaping (NodeID, Seed) -> Bus
  ) throws -> SyncTally {
    var run = SyncRun(load, hasSubscriptions: Bus.hasSubscriptions)
    try run.run(trace: trace, ingredients, make)
    return run.tally
  }

  /// Refuses events with a target on a bus that says nothing of those it takes.
  private static func check(_ trial: Trial) throws {
    guard try trial.ratio("targeted") == .none else { throw TargetsNotTold(arm: trial.arm) }
  }
}

/// The buses.
enum SyncArm: String, CaseIterable {
  /// The bus of this laboratory over bare datagrams.
  case eventBus = "event-bus"
  /// The same over QUIC, on a stream for each message.
  case eventBusQUIC = "event-bus-quic"
  /// The document's bus with its framing mended.
  case framed
  /// The document's bus as it is listed.
  case document

  var summary: String {
    switch self {
    case .eventBus: "Durable, acknowledged, repaired: the bus of this laboratory, over datagrams."
    case .eventBusQUIC: "The same over QUIC, encrypted and mutually authenticated."
    case .framed: "The document's design over datagrams with correct framing."
    case .document: "QUICTransport and EventBus exactly as the document lists them."
    }
  }
}

/// Why a bus of the document's design takes no events with a target here.
struct TargetsNotTold: Error, CustomStringConvertible {
  let arm: String

  var description: String {
    "the arm \(arm) does not tell which events for another node it takes; events for all were "
      + "expected; set targeted to 0%, or use the experiment literal-transport"
  }
}
