// What became of a trial's events, counted from the reports of the nodes.
import LabCore
import LabRunner
import Statistics
import Transport

/// The counts of one trial.
struct BusTally {
  private let load: BusLoad
  var datagramsSent = 0
  /// The hash of the simulated trajectory; 0 on sockets, which have none.
  var trajectory: UInt64 = 0
  private var emittedLocally = 0
  private var misrouted = 0
  private var handled = 0
  private var duplicated = 0
  private var unreadable = 0
  private var dropped = 0
  private var streamFaults = 0
  private var uncaught = 0
  private var refused = 0
  private var refusedAfterEmitting = 0
  /// The pairs of an event and a node, as event × nodes + node, that were due and happened.
  private var delivered: Set<Int> = []
  private var latency = LatencyHistogram()

  init(load: BusLoad) { self.load = load }

  mutating func take(_ report: BusReport, from node: NodeID, at time: Instant) {
    switch report {
    case .emittedLocally(let number):
      emittedLocally += 1
      let target = load.publications[number].target
      if target != nil, target != node { misrouted += 1 }
    case .refused(_, let afterEmitting):
      refused += 1
      if afterEmitting { refusedAfterEmitting += 1 }
    case .droppedBeforeListening: dropped += 1
    case .unreadable: unreadable += 1
    case .handled(let number, let forMe, let again):
      takeHandled(number, forMe, again, node, time)
    case .sharedStream, .streamBeyondLimit, .streamToMyself: streamFaults += 1
    case .streamRefused: break
    case .uncaught: uncaught += 1
    }
  }

  private mutating func takeHandled(
    _ number: Int, _ forMe: Bool, _ again: Bool, _ node: NodeID, _ time: Instant
  ) {
    handled += 1
    if again { duplicated += 1 }
    if !forMe { misrouted += 1 }
    guard load.publications.indices.contains(number) else { return }
    let event = load.publications[number]
    guard node != event.publisher, forMe else { return }
    if delivered.insert(number * load.nodes + Int(node.index)).inserted {
      do throws(LatencyHistogramError) {
        try latency.record((time - event.at).nanoseconds)
      } catch {
        preconditionFailure("event \(number) was handled before its time \(event.at): \(error)")
      }
    }
  }

  /// The pairs of an event and a node that were due and happened, as a share of those that were
  /// due.
  var deliveredFraction: Double {
    let due = load.publications.reduce(0) { $0 + ($1.target == nil ? load.nodes - 1 : 1) }
    return Self.share(delivered.count, of: due)
  }

  /// The median latency in seconds; 0 when nothing arrived.
  var medianLatency: Double {
    do throws(LatencyHistogramError) {
      return Double(try latency.quantile(0.5)) / 1e9
    } catch { return 0 }
  }

  func record(into recorder: inout Recorder) {
    let calls = handled + unreadable
    recorder.record("datagrams_sent", datagramsSent)
    recorder.record("handler_calls", calls)
    recorder.record("parsed_fraction", Self.share(handled, of: calls))
    recorder.record("delivered_fraction", deliveredFraction)
    recorder.record("duplicated_fraction", Self.share(duplicated, of: handled))
    recorder.record("misrouted_fraction", Self.share(misrouted, of: handled + emittedLocally))
    recorder.record("refused_after_emitting", refusedAfterEmitting)
    recorder.record("refused_fraction", Self.share(refused, of: load.publications.count))
    recorder.record("dropped_before_listening", dropped)
    recorder.record("stream_faults", streamFaults)
    recorder.record("uncaught_errors", uncaught)
    recorder.record("latency", latency)
  }

  private static func share(_ part: Int, of whole: Int) -> Double {
    whole == 0 ? 0 : Double(part) / Double(whole)
  }
}
