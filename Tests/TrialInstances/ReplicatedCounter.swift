// A counter on several nodes that answers only what a majority has on disk.
public import LabCore

/// Counts increments on all nodes of a world; node 0 takes them and answers for them.
///
/// An increment has a number of its client's choice. The first node appends it to its log; when it
/// is durable there, the others are asked to append it at the same index; when it is durable on a
/// majority, it is acknowledged. An increment that comes twice counts once. Each node has one
/// storage request under way at most, and now and then replaces its log by a snapshot.
public struct ReplicatedCounter: Instance, Hashable {
  /// The numbers of increments, in the order of the log.
  public typealias Log = [UInt64]

  /// What the nodes say to each other.
  public enum Message: WireMessage {
    /// The entry at an index, from the first node.
    case replicate(index: UInt32, increment: UInt64)
    /// How many entries the sender has on disk.
    case holds(UInt32)

    public func encode(into writer: inout ByteWriter) {
      switch self {
      case .replicate(let index, let increment):
        writer.write(0 as UInt8)
        writer.write(index)
        writer.write(increment)
      case .holds(let count):
        writer.write(1 as UInt8)
        writer.write(count)
      }
    }

    public static func decode(_ bytes: Bytes) -> Message? {
      var reader = ByteReader(bytes)
      guard let kind = reader.read(UInt8.self), let number = reader.read(UInt32.self) else {
        return nil
      }
      switch (kind, reader.read(UInt64.self), reader.remaining) {
      case (0, let increment?, 0): return .replicate(index: number, increment: increment)
      case (1, nil, 0): return .holds(number)
      default: return nil
      }
    }
  }

  /// The timers of the first node.
  public enum Timer: UInt32, TimerName {
    /// Entries that a node may be missing are sent again.
    case resend
  }

  /// What a client asks of the first node.
  public enum Command: Hashable, Sendable {
    /// Count one more.
    case increment(UInt64)
  }

  /// What a node tells its observer.
  public enum Report: Hashable, Sendable, StableHashable {
    /// The increment survives whatever a minority of the nodes meets.
    case acknowledged(UInt64)
    /// The disk of the first node has no room for the increment.
    case refused(UInt64)
    /// A node starts with this many entries.
    case started(UInt32)
    /// The disk failed; the node does nothing until it is started anew.
    case diskFailed

    public func hash(into hasher: inout StableHasher) {
      switch self {
      case .acknowledged(let increment): hasher.combine(increment)
      case .refused(let increment): hasher.combine(~increment)
      case .started(let count): hasher.combine(Int(count))
      case .diskFailed: hasher.combine(-1)
      }
    }
  }

  /// How the node behaves; everything but ``correct`` is a fault for a test to catch.
  public enum Rules: Hashable, Sendable {
    /// A node speaks of what is on its disk.
    case correct
    /// A node speaks of what it has asked its disk to keep.
    case answersBeforeStored
  }

  /// The entries on this node's disk; with a fault planted, those on their way there too.
  public private(set) var log: Log = []
  /// How many increments there were.
  public var value: Int { log.count }

  private let nodes: Int
  private let rules: Rules
  private let resendAfter: Duration
  private let snapshotEvery: Int
  private var isStopped = false
  /// What the disk is doing: the entry that it appends, `nil` for a snapshot.
  private var storing: Storing?
  private var ticket: UInt64 = 0
  /// The length of the log when a snapshot was last asked for or found.
  private var snapshotLength = 0
  /// Increments that wait for the disk, oldest first.
  private var queue: Log = []
  /// Increments that were asked for in this life and not acknowledged.
  private var unanswered: Set<UInt64> = []
  /// How many entries the other nodes have on disk, as far as is known.
  private var held: [NodeID: UInt32] = [:]

  private enum Storing: Hashable, Sendable {
    case entry(UInt64)
    case snapshot
  }

  /// Makes a node that knows nothing; it learns from its disk.
  public init(
    nodes: Int, resendAfter: Duration = .milliseconds(40), snapshotEvery: Int = 8,
    rules: Rules = .correct
  ) {
    self.nodes = nodes
    self.resendAfter = resendAfter
    self.snapshotEvery = snapshotEvery
    self.rules = rules
  }

  public mutating func start(_ durable: Durable, _ step: inout Step<Self>) {
    var snapshot = ByteReader(durable.snapshot ?? .empty)
    while let increment = snapshot.read(UInt64.self) { log.append(increment) }
    snapshotLength = log.count
    for record in durable.records {
      var reader = ByteReader(record)
      if let increment = reader.read(UInt64.self) { log.append(increment) }
    }
    step.report(.started(UInt32(log.count)))
    if step.node == NodeID(0) { resend(&step) }
  }

  public mutating func submit(_ command: Command, _ step: inout Step<Self>) {
    guard !isStopped, step.node == NodeID(0) else { return }
    switch command {
    case .increment(let increment):
      unanswered.insert(increment)
      if log.contains(increment) {
        answer(&step)
      } else if !queue.contains(increment), storing != .entry(increment) {
        queue.append(increment)
        storeNext(&step)
      }
    }
  }

  public mutating func receive(_ message: Message, from sender: NodeID, _ step: inout Step<Self>) {
    guard !isStopped else { return }
    switch message {
    case .replicate(let index, let increment):
      if storing == nil, index == log.count {
        queue = [increment]
        storeNext(&step)
      }
      step.send(.holds(UInt32(log.count)), to: sender)
    case .holds(let count):
      guard count > held[sender, default: 0] else { break }
      held[sender] = min(count, UInt32(log.count))
      answer(&step)
      sendNext(to: sender, &step)
    }
  }

  public mutating func fire(_ timer: Timer, _ step: inout Step<Self>) { resend(&step) }

  public mutating func stored(
    _ ticket: Ticket, _ outcome: StorageOutcome, _ step: inout Step<Self>
  ) {
    guard !isStopped, ticket.number == self.ticket, let finished = storing else { return }
    storing = nil
    switch (finished, outcome) {
    case (_, .failed):
      isStopped = true
      step.report(.diskFailed)
      return
    case (.entry(let increment), .durable):
      if rules == .correct { add(increment, &step) }
    case (.entry(let increment), .full):
      if rules == .answersBeforeStored { log.removeLast() }
      if step.node == NodeID(0), unanswered.remove(increment) != nil {
        step.report(.refused(increment))
      }
    case (.snapshot, .durable), (.snapshot, .full): break
    }
    storeNext(&step)
  }

  /// Takes an entry into the log and says so.
  private mutating func add(_ increment: UInt64, _ step: inout Step<Self>) {
    log.append(increment)
    if step.node == NodeID(0) {
      for node in 1..<max(nodes, 1) { sendNext(to: NodeID(node), &step) }
      answer(&step)
    } else {
      step.send(.holds(UInt32(log.count)), to: NodeID(0))
    }
  }

  private mutating func storeNext(_ step: inout Step<Self>) {
    guard storing == nil else { return }
    if log.count - snapshotLength >= snapshotEvery {
      var snapshot = ByteWriter()
      for increment in log { snapshot.write(increment) }
      snapshotLength = log.count
      ask(.snapshot, .snapshot(snapshot.finish(), upTo: UInt64(log.count)), &step)
    } else if !queue.isEmpty {
      let increment = queue.removeFirst()
      var record = ByteWriter()
      record.write(increment)
      ask(.entry(increment), .append(record.finish()), &step)
      if rules == .answersBeforeStored { add(increment, &step) }
    }
  }

  private mutating func ask(
    _ what: Storing, _ operation: StorageOperation, _ step: inout Step<Self>
  ) {
    storing = what
    ticket += 1
    step.store(operation, as: Ticket(ticket))
  }

  /// Acknowledges what a majority holds.
  private mutating func answer(_ step: inout Step<Self>) {
    guard step.node == NodeID(0), !unanswered.isEmpty else { return }
    var counts = (1..<max(nodes, 1)).map { Int(held[NodeID($0), default: 0]) } + [log.count]
    counts.sort(by: >)
    for increment in log[..<counts[nodes / 2]] where unanswered.remove(increment) != nil {
      step.report(.acknowledged(increment))
    }
  }

  private func sendNext(to node: NodeID, _ step: inout Step<Self>) {
    let next = held[node, default: 0]
    guard next < log.count else { return }
    step.send(.replicate(index: next, increment: log[Int(next)]), to: node)
  }

  private func resend(_ step: inout Step<Self>) {
    guard !isStopped else { return }
    for node in 1..<max(nodes, 1) { sendNext(to: NodeID(node), &step) }
    step.set(.resend, after: resendAfter)
  }
}
