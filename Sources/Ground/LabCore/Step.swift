/// What one handler of an Instance may see and do: the node's clock, its random stream, and a list
/// of effects to fill.
///
/// Handlers name it `Step<Self>`. A world makes one step for its whole life and hands it in anew
/// for each call, so that the list keeps its memory.
public struct Step<Node: Instance & ~Copyable>: ~Copyable {
  /// The node that is being called.
  public var node: NodeID
  /// The time on the node's own clock, which may be skewed against that of other nodes.
  public var now: Instant
  /// The random stream of this node and layer.
  public var random: RandomStream
  /// The effects of this call so far, in order.
  public var effects: [Effect<Node.Message, Node.Timer, Node.Report>]

  /// Makes an empty step; only worlds, tests and carriers need to.
  @inlinable public init(node: NodeID, now: Instant = .zero, random: RandomStream) {
    self.node = node
    self.now = now
    self.random = random
    effects = []
    effects.reserveCapacity(16)
  }

  /// Sends a message to a node.
  @inlinable @inline(__always)
  public mutating func send(_ message: Node.Message, to receiver: NodeID) {
    effects.append(.send(message, to: receiver))
  }

  /// Fires a timer after a span of the node's own time, in place of any earlier setting.
  @inlinable @inline(__always)
  public mutating func set(_ timer: Node.Timer, after delay: Duration) {
    effects.append(.set(timer, at: now + delay))
  }

  /// Forgets the setting of a timer.
  @inlinable @inline(__always)
  public mutating func cancel(_ timer: Node.Timer) { effects.append(.cancel(timer)) }

  /// Asks for a change of what survives a restart; the outcome comes back under the ticket.
  @inlinable public mutating func store(_ operation: StorageOperation, as ticket: Ticket) {
    effects.append(.store(operation, ticket))
  }

  /// Tells the observer.
  @inlinable @inline(__always)
  public mutating func report(_ report: Node.Report) { effects.append(.report(report)) }
}
