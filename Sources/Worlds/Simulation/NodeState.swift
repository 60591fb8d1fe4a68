public import LabCore

/// What a world knows of a node beside its Instance.
@usableFromInline
struct NodeState: Sendable {
  /// Whether events reach the node.
  @usableFromInline enum Condition: UInt8, BitwiseCopyable, Sendable {
    case running
    case paused
    case down
  }

  /// The node's clock against the world's.
  @usableFromInline var clock = NodeClock()
  @usableFromInline var condition = Condition.running
  /// Whether the memory of the Instance holds one.
  @usableFromInline var isBuilt = true
  /// How often the node has crashed; what belongs to an earlier life is told by it.
  @usableFromInline var life: UInt32 = 0
  /// Events that came while the node was paused, as tags of the queue.
  @usableFromInline var backlog: [UInt32] = []

  @usableFromInline init() {}
}

/// The random streams of a node, which every delivery touches: 64 bytes, one line of the cache.
@usableFromInline
struct NodeStreams: Sendable, BitwiseCopyable {
  /// What the Instance draws from.
  @usableFromInline var handlers: RandomStream
  /// What the links draw from that start at the node and remember nothing.
  @usableFromInline var links: RandomStream

  init(handlers: RandomStream, links: RandomStream) {
    self.handlers = handlers
    self.links = links
  }

  /// Memory for the streams of some nodes, each in a cache line of its own.
  static func allocate(nodes: Int) -> UnsafeMutablePointer<NodeStreams> {
    let bytes = nodes * MemoryLayout<NodeStreams>.stride
    return UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
      .bindMemory(to: NodeStreams.self, capacity: nodes)
  }
}

/// A clock that may be ahead or behind, and run fast or slow.
@usableFromInline
struct NodeClock: Sendable, BitwiseCopyable {
  /// Whether the clock is that of the world.
  @usableFromInline var isExact = true
  /// A point on the world's clock, and what this clock showed there.
  @usableFromInline var worldBase = Instant.zero
  @usableFromInline var localBase = Instant.zero
  /// How many nanoseconds this clock counts in one of the world's.
  @usableFromInline var rate = 1.0

  @usableFromInline init() {}

  @inlinable @inline(__always)
  func local(_ world: Instant) -> Instant {
    isExact ? world : skewedLocal(world)
  }

  @inlinable @inline(__always)
  func world(_ local: Instant) -> Instant {
    isExact ? local : skewedWorld(local)
  }

  @usableFromInline func skewedLocal(_ world: Instant) -> Instant {
    // To the nearest, so that no timer meets a clock that has not come to its time.
    let span = Double((world - worldBase).nanoseconds) * rate
    return localBase + Duration(nanoseconds: Int64(max(-9e18, min(span.rounded(), 9e18))))
  }

  @usableFromInline func skewedWorld(_ local: Instant) -> Instant {
    let (ahead, overflow) = local.nanoseconds.subtractingReportingOverflow(localBase.nanoseconds)
    guard local != .never, !overflow else { return .never }
    let span = Double(ahead) / rate
    guard span < 9e18 else { return .never }
    return worldBase + Duration(nanoseconds: Int64(max(-9e18, span.rounded(.up))))
  }

  /// Jumps by an offset and runs at a rate from a point of the world's clock on.
  mutating func skew(at world: Instant, by offset: Duration, rate: Double) {
    localBase = local(world) + offset
    worldBase = world
    self.rate = rate
    isExact = false
  }

  /// Shows the world's time again.
  mutating func repair() { self = NodeClock() }
}
