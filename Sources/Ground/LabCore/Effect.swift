/// One thing that an Instance asks its world to do.
public enum Effect<Message: Hashable & Sendable, Timer: TimerName, Report: Sendable>: Sendable {
  /// Send a message to a node, possibly to oneself.
  case send(Message, to: NodeID)
  /// Fire a timer at a point on the node's own clock, in place of any earlier setting.
  case set(Timer, at: Instant)
  /// Forget the setting of a timer, if there is one.
  case cancel(Timer)
  /// Change what survives a restart, and say under this ticket when it is durable.
  case store(StorageOperation, Ticket)
  /// Tell the observer.
  case report(Report)
}

extension Effect: Equatable where Report: Equatable {}
extension Effect: Hashable where Report: Hashable {}

/// A change to the durable log of a node.
///
/// The log is a snapshot and the records after it; operations take effect in the order in which
/// they were asked for.
public enum StorageOperation: Hashable, Sendable {
  /// Adds one record at the end.
  case append(Bytes)
  /// Drops every record from an index on; the first record ever appended has index 0.
  case truncate(from: UInt64)
  /// Replaces the snapshot, and drops the records before an index.
  case snapshot(Bytes, upTo: UInt64)
}

/// What became of a storage request.
public enum StorageOutcome: Hashable, Sendable {
  /// It survives any crash from now on.
  case durable
  /// The disk has no room; nothing was changed, and the same request may be made again.
  case full
  /// The disk failed; whether the change survives is unknown, and the node should stop.
  case failed
}

/// What a node finds on its disk when it starts.
public struct Durable: Hashable, Sendable {
  /// The newest snapshot, if one was ever taken.
  public var snapshot: Bytes?
  /// The index of the first record in ``records``.
  public var firstIndex: UInt64
  /// The records after the snapshot, in order.
  public var records: [Bytes]

  /// Describes a disk.
  public init(snapshot: Bytes? = nil, firstIndex: UInt64 = 0, records: [Bytes] = []) {
    self.snapshot = snapshot
    self.firstIndex = firstIndex
    self.records = records
  }

  /// The disk of a node that never ran.
  public static let empty = Durable()
}
