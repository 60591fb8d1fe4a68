/// A protocol as a value: it turns events into effects and does nothing else.
///
/// An Instance never asks for the time, for chance or for a file; a world hands it a ``Step`` with
/// the node's clock and random stream, calls exactly one of the five handlers, and then carries out
/// the effects that the handler left in the step, in their order. The same Instance therefore runs
/// under a virtual clock and on real sockets.
///
/// ```swift
/// struct Echo: Instance {
///   mutating func receive(_ message: Ping, from sender: NodeID, _ step: inout Step<Self>) {
///     step.send(message, to: sender)
///   }
/// }
/// ```
///
/// The contract between an Instance and its world:
/// 1. Handlers of one Instance never run at the same time, and none is called again before the
///    effects of the last have been carried out.
/// 2. ``start(_:_:)`` is called once, first. A restart is a new Instance that is started with what
///    was durable when the old one ended; nothing else survives.
/// 3. Messages may be lost, duplicated and reordered. Timers fire at or after their time, once for
///    each time they were set, and never after they were cancelled or set again.
/// 4. A storage request is durable only when ``stored(_:_:_:)`` says so. There is no hidden
///    barrier: an Instance that must not speak before it has written sends from ``stored(_:_:_:)``.
///
/// An Instance need not be copyable: one that owns a C engine is not. One that is to be searched
/// exhaustively is a copyable and hashable value.
/// - Determinism: The state, the event and the step's clock and stream fix the effects and the next
///   state.
/// > Reference: The shape is that of swift-cluster-membership's Instance and Directive and of
/// > etcd-io/raft's `Ready`, made stricter: time and chance are handed in, effects can be compared.
public protocol Instance: SendableMetatype, ~Copyable {
  /// What nodes say to each other: a value that reads like the paper's table of messages.
  ///
  /// Large payloads are ``Bytes``, which are shared and not copied.
  associatedtype Message: WireMessage
  /// The names of the timers of one node.
  associatedtype Timer: TimerName = NoTimer
  /// What a client asks of one node.
  associatedtype Command: Sendable = Never
  /// What a node tells an observer, in no way visible to other nodes.
  associatedtype Report: Sendable & StableHashable = NoReport

  /// Begins with what an earlier life of this node left on its disk, empty in the first life.
  mutating func start(_ durable: Durable, _ step: inout Step<Self>)

  /// Takes a message that arrived.
  mutating func receive(_ message: Message, from sender: NodeID, _ step: inout Step<Self>)

  /// Takes the end of a timer's time.
  mutating func fire(_ timer: Timer, _ step: inout Step<Self>)

  /// Takes the outcome of a storage request.
  mutating func stored(_ ticket: Ticket, _ outcome: StorageOutcome, _ step: inout Step<Self>)

  /// Takes a request from a client of this node.
  mutating func submit(_ command: Command, _ step: inout Step<Self>)
}

extension Instance where Self: ~Copyable {
  /// Begins without anything from an earlier life.
  @inlinable public mutating func start(_ durable: Durable, _ step: inout Step<Self>) {}
}

extension Instance where Self: ~Copyable, Timer == NoTimer {
  /// Never called: there is no timer.
  @inlinable public mutating func fire(_ timer: NoTimer, _ step: inout Step<Self>) {}
}

extension Instance where Self: ~Copyable, Command == Never {
  /// Never called: there is no command.
  @inlinable public mutating func submit(_ command: Never, _ step: inout Step<Self>) {}
}

extension Instance where Self: ~Copyable {
  /// Takes no notice; right only for an Instance that stores nothing.
  @inlinable
  public mutating func stored(_ ticket: Ticket, _ outcome: StorageOutcome, _ step: inout Step<Self>)
  {}
}

/// The name of a timer, with a small dense number.
///
/// An enumeration with raw values of `UInt32` is enough; an Instance with a timer for each peer or
/// connection uses a structure. Worlds keep a table of each node's timers by ``index``, so indices
/// start at 0 and leave no large gaps.
public protocol TimerName: Hashable, Sendable {
  /// The dense number of the timer.
  var index: UInt32 { get }
  /// The timer with a number that ``index`` gave.
  init(index: UInt32)
}

extension TimerName where Self: RawRepresentable<UInt32> {
  /// The raw value.
  @inlinable public var index: UInt32 { rawValue }
  /// The case with a raw value.
  @inlinable public init(index: UInt32) {
    guard let name = Self(rawValue: index) else {
      preconditionFailure("no timer has index \(index)")
    }
    self = name
  }
}

/// The timers of an Instance that has none.
public enum NoTimer: TimerName {
  public var index: UInt32 { switch self {} }
  public init(index: UInt32) {
    preconditionFailure("an Instance without timers has no timer \(index)")
  }
}

/// The reports of an Instance that makes none.
public enum NoReport: Hashable, Sendable, StableHashable {
  public func hash(into hasher: inout StableHasher) {}
}
