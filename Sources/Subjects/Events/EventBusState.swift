// What a node of the bus remembers of its peers, of the sources and of its subscribers.
import LabCore
import Transport

/// What a node knows of a peer, in this life.
struct PeerState {
  /// When the peer was last heard, or the node started.
  var lastHeard = Instant.zero
  /// `nil` until the first message or the first long silence.
  var isReachable: Bool?
  /// Whether the peer has been reported as a stranger.
  var isRefused = false
  /// The number of the first of this node's own events that the peer has not acknowledged.
  var acknowledged: UInt64 = 1
  /// What the peer holds of each source, as far as it has told.
  var holdings: [Holding?]
  /// How long the peer takes to answer.
  var answerTime = AnswerTime()

  init(members: Int) { holdings = Array(repeating: nil, count: members) }
}

/// How long a peer takes to answer, and how much that varies.
///
/// > Reference: RFC 6298, section 2, with the smoothing factors 1/8 and 1/4.
struct AnswerTime {
  private var smoothed: Int64?
  private var variation: Int64 = 0

  /// Takes a time in.
  mutating func add(_ time: Duration) {
    let sample = max(0, time.nanoseconds)
    guard let before = smoothed else {
      (smoothed, variation) = (sample, sample / 2)
      return
    }
    variation += (abs(before - sample) - variation) / 4
    smoothed = before + (sample - before) / 8
  }

  /// How long an answer may take before it counts as lost, within the bounds of a pace.
  func patience(_ pace: EventBusPace) -> Duration {
    guard let smoothed else { return pace.pullPatience }
    let most = max(pace.pullPatience, pace.silence)
    return min(most, max(pace.repairDelay, .nanoseconds(smoothed + 4 * variation)))
  }
}

/// How far a node has come with the events of one source.
struct Intake {
  /// A request for missing events that is under way.
  struct Pull {
    var number: UInt64
    var peer: NodeID
    var deadline: Instant
    /// Whether a part of the answer has come.
    var isAnswered = false
  }

  /// How many gaps one request names.
  private static let gapsPerPull = 32

  /// The number of the next event to take; those before are on disk or on their way there.
  var accepted: UInt64 = 1
  /// The number that the next event of the source will have, as far as is known.
  var known: UInt64 = 1
  /// Events that came before earlier ones.
  var held: [UInt64: FleetEvent] = [:]
  var heldBytes = 0
  /// How many requests in a row have brought nothing in time; what came too late counts as nothing.
  var unanswered = 0
  /// When the last event was taken, or a gap began.
  var progressAt = Instant.zero
  var pull: Pull?
  /// How often a peer did not help; the next one is asked then.
  var failures = 0

  /// Whether events exist that have not come.
  var isMissing: Bool { accepted < known }

  /// The numbers of events that have not come, oldest first.
  var gaps: [Range<UInt64>] {
    var (gaps, next) = ([Range<UInt64>](), accepted)
    for sequence in held.keys.sorted() where sequence >= next {
      if sequence > next { gaps.append(next..<sequence) }
      next = sequence + 1
    }
    if next < known { gaps.append(next..<known) }
    return Array(gaps.prefix(Self.gapsPerPull))
  }

  /// Forgets what was held back but is not needed any more.
  mutating func dropHeld(before sequence: UInt64) {
    for (number, event) in held where number < sequence {
      heldBytes -= EventStore.cost(of: event)
      held[number] = nil
    }
  }
}

/// The requests for missing events that are recent enough for answers to count, the last few only.
struct AskedPulls {
  /// To whom a request went, of whose events, and when.
  struct Asked {
    var peer: NodeID
    var source: NodeID
    var time: Instant
  }

  private static let remembered = 64

  private var recent = Backlog<Asked>(first: 1)

  /// Remembers a request and gives it a number.
  mutating func add(_ asked: Asked) -> UInt64 {
    if recent.count == Self.remembered { recent.removeFirst() }
    recent.append(asked)
    return recent.next - 1
  }

  /// The request with a number, if it is recent.
  func find(_ number: UInt64) -> Asked? { recent[number] }
}

/// One subscriber of a node.
struct Subscriber {
  let name: String
  let filter: EventFilter
  /// The position of the next event to look at.
  var cursor: UInt64
  /// The positions that it was handed and has not committed, oldest first.
  var outstanding: [UInt64] = []
  /// Events that expired before it saw them, not yet reported.
  var missed: UInt64 = 0
}

/// What waits for the disk, and what lies there.
struct LogWriter {
  /// Something that is to become durable.
  enum Item {
    /// An event of this node, which gets its number when it is written.
    case publish(number: Int, FleetEvent)
    case remote(NodeID, UInt64, FleetEvent)
    case gap(NodeID, Range<UInt64>)
  }

  /// A change of a subscriber's position; `nil` forgets the subscriber.
  struct Change {
    var subscriber: String
    var position: UInt64?
  }

  /// What the disk is doing.
  enum Request {
    case record(Batch)
    case snapshot(firstRecord: UInt64, bytes: Int)
  }

  /// What is written as one record.
  struct Batch {
    var entries: [LogRecord.Entry] = []
    /// The caller's number, the id and the sequence number of each event of this node.
    var published: [(number: Int, id: String, sequence: UInt64)] = []
    var changes: [Change] = []
    /// What the events will take in the store.
    var cost = 0
    var storedAt = Instant.zero
    /// The size of the record.
    var bytes = 0
    /// Whether it was spoken of before it was durable, which only a planted fault does.
    var isTaken = false
  }

  /// An event that waits and whose publisher gave it its id.
  struct Repeatable {
    var event: FleetEvent
    /// The numbers under which it was published again.
    var numbers: [Int] = []
  }

  var items: [Item] = []
  /// By id.
  var repeatable: [String: Repeatable] = [:]
  var changes: [Change] = []
  /// What the waiting events of this node and of others will take in the store.
  var ownCost = 0
  var remoteCost = 0
  var request: Request?
  var ticket: UInt64 = 0
  /// How far each subscriber has come, as the disk says.
  var committed: [String: UInt64] = [:]
  /// The size of each record on the disk, by its index.
  var records: Backlog<Int>
  /// The size of the records and of the snapshot.
  var logBytes: Int
  var snapshotBytes: Int
  /// Whether the disk was full and the log should be made smaller.
  var isShort = false
  /// When a snapshot may be tried again for which the disk had no room.
  var snapshotAfter = Instant.zero

  init(records: Backlog<Int>, snapshotBytes: Int = 0, committed: [String: UInt64] = [:]) {
    self.records = records
    self.snapshotBytes = snapshotBytes
    self.committed = committed
    logBytes = snapshotBytes
    for index in records.first..<records.next { logBytes += records[index] ?? 0 }
  }

  /// How many subscribers are remembered, those that are about to be among them.
  func names(with subscribers: [Subscriber]) -> Set<String> {
    Set(committed.keys).union(subscribers.map(\.name))
  }

  /// Asks for a position to be kept, in place of an earlier one that still waits.
  mutating func change(_ change: Change) {
    changes.removeAll { $0.subscriber == change.subscriber }
    changes.append(change)
  }
}
