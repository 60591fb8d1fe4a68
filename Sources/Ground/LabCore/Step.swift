/// What one handler of an Instance may see and do: the node's clock, its random stream, and a list
/// of effects to fill.
///
/// Handlers name it `Step<Self>`. A world makes one step for its whole life and hands it in anew
/// for each call, so that the list keeps its memory.
public struct Step<Node: Instance & ~Copyable>: ~Copyable {
  /// One thing that the Instance asks for.
  public typealias NodeEffect = Effect<Node.Message, Node.Timer, Node.Report>

  /// The node that is being called.
  public var node: NodeID
  /// The time on the node's own clock, which may be skewed against that of other nodes.
  public var now: Instant
  /// The random stream of this node and layer.
  public var random: RandomStream
  /// The effects that nobody has taken yet: initialised from ``next`` up to ``count``.
  ///
  /// The memory is unsafe because a world takes millions of effects a second: an array would check
  /// its uniqueness at each one and destroy what has been moved out already.
  @usableFromInline var pending: UnsafeMutablePointer<NodeEffect>
  @usableFromInline var capacity: Int
  @usableFromInline var count = 0
  @usableFromInline var next = 0

  /// Makes an empty step; only worlds, tests and carriers need to.
  @inlinable public init(node: NodeID, now: Instant = .zero, random: RandomStream) {
    self.node = node
    self.now = now
    self.random = random
    capacity = 16
    pending = .allocate(capacity: 16)
  }

  deinit {
    (pending + next).deinitialize(count: count - next)
    pending.deallocate()
  }

  /// The effects of this call that nobody has taken yet, in order.
  public var effects: [NodeEffect] {
    get { (next..<count).map { pending[$0] } }
    set {
      while takeEffect() != nil {}
      for effect in newValue { add(effect) }
    }
  }

  /// Adds an effect; the other methods say it in words.
  @inlinable @inline(__always)
  public mutating func add(_ effect: consuming NodeEffect) {
    if count == capacity { grow() }
    (pending + count).initialize(to: effect)
    count &+= 1
  }

  /// Removes and returns the oldest effect, or `nil` when all are taken.
  ///
  /// - Complexity: Constant; allocates nothing.
  @inlinable @inline(__always)
  public mutating func takeEffect() -> NodeEffect? {
    guard next < count else {
      next = 0
      count = 0
      return nil
    }
    next &+= 1
    return (pending + (next &- 1)).move()
  }

  @usableFromInline mutating func grow() {
    let larger = UnsafeMutablePointer<NodeEffect>.allocate(capacity: capacity * 2)
    (larger + next).moveInitialize(from: pending + next, count: count - next)
    pending.deallocate()
    pending = larger
    capacity *= 2
  }

  /// Sends a message to a node.
  @inlinable @inline(__always)
  public mutating func send(_ message: Node.Message, to receiver: NodeID) {
    add(.send(message, to: receiver))
  }

  /// Fires a timer after a span of the node's own time, in place of any earlier setting.
  @inlinable @inline(__always)
  public mutating func set(_ timer: Node.Timer, after delay: Duration) {
    add(.set(timer, at: now + delay))
  }

  /// Forgets the setting of a timer.
  @inlinable @inline(__always)
  public mutating func cancel(_ timer: Node.Timer) { add(.cancel(timer)) }

  /// Asks for a change of what survives a restart; the outcome comes back under the ticket.
  @inlinable public mutating func store(_ operation: StorageOperation, as ticket: Ticket) {
    add(.store(operation, ticket))
  }

  /// Tells the observer.
  @inlinable @inline(__always)
  public mutating func report(_ report: Node.Report) { add(.report(report)) }
}
