// What happened to a node's datagrams, counted.
public import Network

/// What happened at one node, counted since the world started.
///
/// Every datagram that the Instance sends is counted in ``sent`` and ends in exactly one of
/// ``written``, ``sendErrors``, ``lost``, ``writeOverflow``, ``shaperOverflow``,
/// ``unknownReceiver`` and ``abandoned``, but for the second copies of ``duplicated`` ones, which
/// end there too.
public struct NodeCounters: Hashable, Sendable {
  /// Datagrams that the Instance sent.
  public internal(set) var sent = 0
  /// Their bytes.
  public internal(set) var sentBytes = 0
  /// Datagrams that the kernel took.
  public internal(set) var written = 0
  /// Messages that the Instance took.
  public internal(set) var received = 0
  /// Their bytes.
  public internal(set) var receivedBytes = 0
  /// Datagrams that did not arrive, by reason.
  ///
  /// The sender counts what its links lost and what was too large; the receiver counts what came
  /// while it was down or could not be read.
  public internal(set) var lost: [LossReason: Int] = [:]
  /// Datagrams from an address that no node has.
  public internal(set) var unknownSender = 0
  /// Datagrams to a node that does not exist.
  public internal(set) var unknownReceiver = 0
  /// Datagrams that the kernel refused to send, by reason; one that is too large is in ``lost``.
  public internal(set) var sendErrors: [SendErrorKind: Int] = [:]
  /// Datagrams dropped because too many waited for the kernel.
  public internal(set) var writeOverflow = 0
  /// Datagrams dropped because too many were under way on shaped links.
  public internal(set) var shaperOverflow = 0
  /// Datagrams that were under way on shaped links when the world stopped.
  public internal(set) var abandoned = 0
  /// Datagrams that a shaped link sent twice.
  public internal(set) var duplicated = 0
  /// Datagrams of which a shaped link changed a byte.
  public internal(set) var corrupted = 0
  /// Timers that fired.
  public internal(set) var fired = 0
  /// Commands that the Instance took.
  public internal(set) var submitted = 0
  /// Commands that came while the node was down.
  public internal(set) var refused = 0
  /// Storage requests that became durable.
  public internal(set) var stored = 0
  /// Storage requests that did not.
  public internal(set) var storeFailures = 0
  /// How often the socket was opened anew after an error of the kernel.
  public internal(set) var reopened = 0
  /// Datagrams that the kernel dropped at the node's socket, mostly because its receive buffer was
  /// full; `nil` when the kernel does not say.
  public internal(set) var kernelDrops: Int?

  /// How many datagrams did not arrive for a reason.
  public func lost(_ reason: LossReason) -> Int { lost[reason, default: 0] }
  /// How many datagrams the kernel refused for a reason.
  public func sendErrors(_ kind: SendErrorKind) -> Int { sendErrors[kind, default: 0] }

  mutating func count(_ reason: LossReason) { lost[reason, default: 0] += 1 }
  mutating func count(_ kind: SendErrorKind) { sendErrors[kind, default: 0] += 1 }
}

/// Why the kernel refused to send a datagram.
public enum SendErrorKind: UInt8, Hashable, Sendable, CaseIterable {
  /// There is no way to the receiver.
  case unreachable
  /// A rule of the machine forbids it.
  case notPermitted
  /// The kernel has no memory for it.
  case noBuffers
  /// The receiver's machine said that nobody listens.
  case refused
  /// The address cannot be sent to.
  case badAddress
  /// The way to the socket was being opened anew, after another datagram's error.
  case closed
  /// Something else.
  case other
}
