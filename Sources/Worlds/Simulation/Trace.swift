// What happened in a world, event by event, for people: divergences, timelines, packet captures.
public import LabCore
public import Network

/// A record of every event of a run, kept only when asked for.
///
/// - Complexity: Memory linear in the number of events, at most ``capacity`` of them.
public struct Trace: Sendable {
  /// One thing that happened.
  public struct Event: Hashable, Sendable {
    /// When.
    public var time: Instant
    /// At which node; `nil` for faults, which are the world's.
    public var node: NodeID?
    /// What.
    public var kind: Kind
    /// The fingerprint of the run up to and with this event.
    public var fingerprint: UInt64

    /// Describes an event.
    public init(time: Instant, node: NodeID?, kind: Kind, fingerprint: UInt64) {
      self.time = time
      self.node = node
      self.kind = kind
      self.fingerprint = fingerprint
    }
  }

  /// What can happen.
  public enum Kind: Hashable, Sendable {
    /// A node began, for the first time or after a crash.
    case started
    /// A datagram left; the serial number finds its arrival.
    case sent(to: NodeID, serial: Int, payload: Bytes)
    /// A datagram arrived.
    case received(from: NodeID, serial: Int, payload: Bytes)
    /// A datagram will not arrive.
    case lost(to: NodeID, LossReason, payload: Bytes)
    /// A timer fired.
    case fired(String)
    /// A client asked.
    case submitted(String)
    /// A write ended.
    case stored(Ticket, StorageOutcome)
    /// The node told the observer.
    case reported(String)
    /// Something went wrong.
    case faultBegan(FaultKind)
    /// It was repaired.
    case faultEnded(FaultKind)
  }

  /// The events in their order.
  public private(set) var events: [Event] = []
  /// How many events are kept; later ones are counted and dropped.
  public let capacity: Int
  /// How many events found no room.
  public private(set) var dropped = 0
  var serialOfSlot: [UInt32: Int] = [:]
  var nextSerial = 0

  /// Starts with nothing.
  ///
  /// - Parameter capacity: How many events are kept.
  public init(capacity: Int = 1_000_000) { self.capacity = capacity }

  mutating func append(_ kind: Kind, at time: Instant, node: NodeID?, fingerprint: UInt64) {
    guard events.count < capacity else {
      dropped += 1
      return
    }
    events.append(Event(time: time, node: node, kind: kind, fingerprint: fingerprint))
  }

  /// The first place at which two runs differ.
  ///
  /// - Returns: The index and the two events there, `nil` for a run that ended; or `nil` when the
  ///   runs are the same.
  public static func firstDifference(_ left: Trace, _ right: Trace) -> Divergence? {
    let shared = min(left.events.count, right.events.count)
    for index in 0..<shared where left.events[index] != right.events[index] {
      return Divergence(index: index, left: left.events[index], right: right.events[index])
    }
    guard left.events.count != right.events.count else { return nil }
    return Divergence(
      index: shared,
      left: shared < left.events.count ? left.events[shared] : nil,
      right: shared < right.events.count ? right.events[shared] : nil)
  }
}

/// The first event in which two runs differ.
public struct Divergence: Hashable, Sendable, CustomStringConvertible {
  /// The number of the event, counted from 0.
  public let index: Int
  /// The event of the first run; `nil` when it ended before.
  public let left: Trace.Event?
  /// The event of the second run; `nil` when it ended before.
  public let right: Trace.Event?

  /// The two events in words.
  public var description: String {
    func words(_ event: Trace.Event?) -> String { event?.description ?? "nothing more" }
    return "event \(index) differs: \(words(left)) against \(words(right))"
  }
}

extension Trace.Event: CustomStringConvertible {
  /// The event in one line: time, node, what.
  public var description: String {
    "\(time) \(node.map(\.description) ?? "world") \(kind.description)"
  }
}

extension Trace.Kind: CustomStringConvertible {
  /// What happened, in words.
  public var description: String {
    switch self {
    case .started: "starts"
    case .sent(let receiver, let serial, let payload): "sends #\(serial) to \(receiver): \(payload)"
    case .received(let sender, let serial, let payload):
      "receives #\(serial) from \(sender): \(payload)"
    case .lost(let receiver, let reason, let payload):
      "loses a datagram to \(receiver) (\(reason)): \(payload)"
    case .fired(let timer): "timer \(timer) fires"
    case .submitted(let command): "is asked \(command)"
    case .stored(let ticket, let outcome): "write \(ticket.number) ends: \(outcome)"
    case .reported(let report): "reports \(report)"
    case .faultBegan(let kind): "fault begins: \(kind.words)"
    case .faultEnded(let kind): "fault ends: \(kind.words)"
    }
  }
}

extension FaultKind {
  /// The fault in a few words.
  var words: String {
    func list(_ nodes: [NodeID]) -> String { nodes.map(\.description).joined(separator: " ") }
    switch self {
    case .partition(let groups): return "partition " + groups.map(list).joined(separator: " | ")
    case .oneWay(let from, let to): return "\(list(from)) cannot reach \(list(to))"
    case .bridge(let node): return "bridge over \(node)"
    case .majoritiesRing: return "majorities ring"
    case .clog(let from, let to): return "clog \(list(from)) to \(list(to))"
    case .crash(let node): return "crash of \(node)"
    case .pause(let node): return "pause of \(node)"
    case .clockSkew(let node, let offset, let rate):
      return "clock of \(node) off by \(offset), rate \(rate)"
    }
  }
}
