// The account of one trial: what was promised to publishers, and what handlers did.
import LabCore
import LabRunner
import Statistics

/// The counts of one trial of ``EventSync``.
struct SyncTally {
  private let load: SyncLoad
  var datagrams = 0
  var bytes = 0
  /// The hash of the trajectory.
  var trajectory: UInt64 = 0
  var restarts = 0
  var refused = 0
  var expired = 0
  private var acceptedAt: [Int: Instant] = [:]
  /// How often each node was handed each event, by event × nodes + node.
  private var handed: [Int: Int] = [:]
  /// How often each node's handler did each event, by the same numbers.
  private var handled: [Int: Int] = [:]
  /// The last event of each source that each node's handler did, by node × nodes + source.
  private var newest: [Int: Int] = [:]
  private var orderViolations = 0
  private var handledTwice = 0
  private var duplicates = 0
  private var staleness = LatencyHistogram()
  private var lastHandledAt = Instant.zero
  /// How many pairs there are of an accepted event and a node that it is meant for.
  private var duePairs = 0
  /// How many of them have been done.
  private var donePairs = 0
  /// How often a handler did an event that is meant for another node.
  private var misrouted = 0

  init(load: SyncLoad) { self.load = load }

  mutating func accept(_ number: Int, at time: Instant) {
    guard acceptedAt.updateValue(time, forKey: number) == nil else { return }
    for node in 0..<load.nodes where load.isDue(number, at: node) {
      duePairs += 1
      if handled[number * load.nodes + node] != nil { donePairs += 1 }
    }
  }

  mutating func hand(_ number: Int, to node: Int) {
    handed[number * load.nodes + node, default: 0] += 1
    if handed[number * load.nodes + node] != 1 { duplicates += 1 }
  }

  mutating func handle(_ number: Int, at node: Int, _ time: Instant) {
    guard load.publications.indices.contains(number) else { return }
    let event = load.publications[number]
    let pair = number * load.nodes + node
    handled[pair, default: 0] += 1
    guard handled[pair] == 1 else {
      handledTwice += 1
      return
    }
    guard load.isDue(number, at: node) else {
      misrouted += 1
      return
    }
    if acceptedAt[number] != nil { donePairs += 1 }
    let source = node * load.nodes + Int(event.publisher.index)
    if let last = newest[source], last > number { orderViolations += 1 }
    newest[source] = max(newest[source] ?? number, number)
    lastHandledAt = max(lastHandledAt, time)
    guard event.publisher != NodeID(node) else { return }
    do throws(LatencyHistogramError) {
      try staleness.record((time - event.at).nanoseconds)
    } catch {
      preconditionFailure("event \(number) was handled before its time \(event.at): \(error)")
    }
  }

  /// Whether every accepted event has been done everywhere.
  var isComplete: Bool { donePairs == duePairs }

  /// The accepted events that some node's handler never did.
  private var lost: Int {
    acceptedAt.keys.count { number in
      (0..<load.nodes).contains {
        load.isDue(number, at: $0) && handled[number * load.nodes + $0] == nil
      }
    }
  }

  func record(into recorder: inout Recorder) {
    recorder.record("accepted", acceptedAt.count)
    let publications = Double(max(1, load.publications.count))
    recorder.record("accepted_fraction", Double(acceptedAt.count) / publications)
    recorder.record("refused", refused)
    recorder.record("delivered_fraction", duePairs == 0 ? 0 : Double(donePairs) / Double(duePairs))
    recorder.record("lost_accepted", lost)
    recorder.record("handled_twice", handledTwice)
    recorder.record("duplicates", duplicates)
    recorder.record("misrouted", misrouted)
    recorder.record("order_violations", orderViolations)
    recorder.record("expired", expired)
    recorder.record("restarts", restarts)
    for (metric, share) in [("staleness_p50", 0.5), ("staleness_p99", 0.99)] {
      if let value = quantile(share) { recorder.record(metric, value) }
    }
    // Whoever has not got everything by the end has needed more than the whole of the patience.
    let done = lost == 0 ? max(lastHandledAt, load.calmAt) : load.end
    recorder.record("time_to_convergence", (done - load.calmAt).seconds)
    recorder.record("datagrams_per_event", Double(datagrams) / publications)
    recorder.record("bytes_per_event", Double(bytes) / publications)
    recorder.record("trajectory", hash: trajectory)
  }

  /// A quantile of the staleness in seconds; `nil` when no event came anywhere.
  private func quantile(_ probability: Double) -> Double? {
    do throws(LatencyHistogramError) {
      return Double(try staleness.quantile(probability)) / 1e9
    } catch { return nil }
  }
}
