// The account of a trial with real processes: what publishers were promised, what handlers did.
import LabCore
import LabRunner
import Statistics

/// The counts of one trial of ``EventSyncProcesses``.
struct ProcessSyncTally {
  private let nodes: Int
  private(set) var accepted: Set<Int> = []
  private(set) var refused = 0
  /// Events whose publisher lost its node before it had an answer; they may be published or not.
  private(set) var unanswered = 0
  private(set) var handledTwice = 0
  private(set) var orderViolations = 0
  private(set) var expired = 0
  var kills = 0
  /// From the time when everything was published and every node ran until every handler had done
  /// every accepted event; the whole patience when that never happened.
  var convergence = Duration.zero
  /// How many syncs of files were seen.
  var syncs: Int?
  /// How often each node's handler did each event, by event × nodes + node.
  private var handled: [Int: Int] = [:]
  /// The last event of each source that each handler did, by node × nodes + source.
  private var newest: [Int: UInt64] = [:]
  private var publishLatency = LatencyHistogram()
  private var donePairs = 0

  init(nodes: Int) { self.nodes = nodes }

  /// A publisher was told that its event is published.
  mutating func accept(_ number: Int, after latency: Duration) {
    guard accepted.insert(number).inserted else { return }
    donePairs += (0..<nodes).count { handled[number * nodes + $0] != nil }
    do throws(LatencyHistogramError) {
      try publishLatency.record(max(0, latency.nanoseconds))
    } catch { preconditionFailure("a latency is not negative: \(error)") }
  }

  mutating func refuse() { refused += 1 }
  mutating func leaveUnanswered(_ count: Int) { unanswered += count }
  mutating func expire(_ count: UInt64) { expired += Int(clamping: count) }

  /// A handler has done an event.
  mutating func handle(_ number: Int, at node: Int, of source: Int, _ sequence: UInt64) {
    let pair = number * nodes + node
    handled[pair, default: 0] += 1
    guard handled[pair] == 1 else {
      handledTwice += 1
      return
    }
    if accepted.contains(number) { donePairs += 1 }
    let last = newest[node * nodes + source] ?? 0
    if sequence <= last { orderViolations += 1 }
    newest[node * nodes + source] = max(last, sequence)
  }

  /// Whether every accepted event has been done everywhere.
  var isComplete: Bool { donePairs == accepted.count * nodes }

  /// The accepted events that some node's handler never did.
  var lostAccepted: Int {
    accepted.count { number in
      (0..<nodes).contains { handled[number * nodes + $0] == nil }
    }
  }

  func record(into recorder: inout Recorder) throws {
    recorder.record("accepted", accepted.count)
    recorder.record("refused", refused)
    recorder.record("unanswered", unanswered)
    recorder.record("kills_done", kills)
    recorder.record("lost_accepted", lostAccepted)
    recorder.record("handled_twice", handledTwice)
    recorder.record("order_violations", orderViolations)
    recorder.record("expired", expired)
    recorder.record("time_to_convergence", convergence.seconds)
    recorder.record("publish_latency", publishLatency)
    if let syncs {
      recorder.record("syncs_per_event", Double(syncs) / Double(max(1, accepted.count)))
    }
  }
}
