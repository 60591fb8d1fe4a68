// The virtual world: it runs the nodes of a network under a clock that jumps from event to event.
import Journal
public import LabCore
public import Network
import Statistics

/// A discrete-event world for one kind of ``LabCore/Instance``.
///
/// Nothing happens in real time: the clock is a whole number of nanoseconds that jumps to the next
/// pending event, events that are due at the same time happen in the order in which they were
/// scheduled, and every chance comes from streams that the seed fixes.
///
/// ```swift
/// let network = NetworkDescription(nodes: 3)
/// var world = SimulatedWorld(network, seed: Seed(1)) { node, _ in Echo(node) }
/// world.submit(.greet, to: NodeID(0), at: .zero)
/// world.run(until: .zero + .seconds(1)) { node, at, report in print(node, at, report) }
/// ```
/// - Determinism: The network, the seed, the Instances and the submitted commands fix every event,
///   its time and its place in the order; ``fingerprint`` is their hash.
public struct SimulatedWorld<Node: Instance & ~Copyable>: ~Copyable {
  /// Makes the Instance of a node, for its first life and for every later one; the seed is that of
  /// the node and life.
  public typealias Maker = (NodeID, Seed) -> Node

  /// The network that the world was made from.
  public let network: NetworkDescription
  /// The root of every stream of this world.
  public let seed: Seed
  /// The time on the world's clock.
  public var now: Instant { clock }
  /// What happened so far, counted.
  public var counters: Counters { tally }
  /// What the fingerprint is taken over.
  public let ingredients: FingerprintIngredients
  /// What is written down of every event; `nil` writes nothing down and costs nothing.
  public var trace: Trace?
  /// How the disks behave.
  public let disks: DiskModel

  @usableFromInline var clock: Instant
  @usableFromInline var tally: Counters
  @usableFromInline var queue: EventQueue
  @usableFromInline var messages: MessageStore<Node.Message>
  @usableFromInline var timers: TimerTable
  @usableFromInline var links: LinkTable
  @usableFromInline var happenings: HappeningStore<Node.Command>
  @usableFromInline var step: Step<Node>
  @usableFromInline var hasher: StableHasher
  /// Whether ``ingredients`` are all there are, and whether content is among them, at hand for the
  /// inner loop.
  @usableFromInline let hashesAll: Bool
  @usableFromInline let hashesContent: Bool
  @usableFromInline let instances: UnsafeMutablePointer<Node>
  @usableFromInline let states: UnsafeMutablePointer<NodeState>
  @usableFromInline let streams: UnsafeMutablePointer<NodeStreams>
  @usableFromInline let nodeCount: Int
  /// Whether anything but the links stands between two nodes, or a node is not simply running.
  @usableFromInline var disturbed: Bool
  /// Whether the clock of a node shows another time than the world's.
  @usableFromInline var hasSkewedClocks = false
  var faults: FaultState
  var storage: [NodeStorage?]
  let make: Maker

  /// Builds a world in which nothing has happened yet; every node starts at time zero, in order.
  ///
  /// - Parameters:
  ///   - network: The nodes, links and faults.
  ///   - seed: The root of all chance.
  ///   - disks: How the nodes' disks behave.
  ///   - ingredients: What the fingerprint is taken over.
  ///   - make: Makes the Instance of a node; the seed is the life's own.
  /// - Precondition: The network has at least one node, and its faults name nodes that exist.
  public init(
    _ network: NetworkDescription, seed: Seed, disks: DiskModel = DiskModel(),
    ingredients: FingerprintIngredients = .all, make: @escaping Maker
  ) {
    precondition(!network.nodes.isEmpty, "a network has at least one node")
    self.network = network
    self.seed = seed
    self.disks = disks
    self.ingredients = ingredients
    hashesAll = ingredients == .all
    hashesContent = ingredients.contains(.content)
    self.make = make
    clock = .zero
    tally = Counters()
    nodeCount = network.nodes.count
    queue = EventQueue(capacity: nodeCount + 16)
    messages = MessageStore(capacity: nodeCount + 16)
    timers = TimerTable(nodes: nodeCount)
    links = LinkTable(network, seed: seed.child("links"))
    happenings = HappeningStore()
    step = Step<Node>(node: NodeID(0), random: seed.stream())
    hasher = StableHasher(seed: 0)
    faults = FaultState(network.faults, nodes: nodeCount, seed: seed.child("faults"))
    storage = Array(repeating: nil, count: nodeCount)
    disturbed = false
    instances = .allocate(capacity: nodeCount)
    states = .allocate(capacity: nodeCount)
    streams = NodeStreams.allocate(nodes: nodeCount)
    let linkSeed = seed.child("links")
    for index in 0..<nodeCount {
      let own = seed.child("nodes").child(index)
      (states + index).initialize(to: NodeState())
      (streams + index).initialize(
        to: NodeStreams(
          handlers: own.child("protocol").stream(), links: linkSeed.child(index).stream()))
      (instances + index).initialize(to: make(NodeID(index), own))
      schedule(.start(node: UInt32(index)), at: .zero)
    }
    for (index, at) in faults.firstTimes() { schedule(.faultBegins(index), at: at) }
  }

  deinit {
    for index in 0..<nodeCount where states[index].isBuilt {
      (instances + index).deinitialize(count: 1)
    }
    instances.deallocate()
    states.deinitialize(count: nodeCount)
    states.deallocate()
    streams.deallocate()
  }

  /// Hands a command to a node at a point in time.
  ///
  /// A node that is down then never sees it; a paused one sees it when it goes on.
  /// - Precondition: The node exists, and `time` is not in the past.
  public mutating func submit(_ command: Node.Command, to node: NodeID, at time: Instant) {
    precondition(Int(node.index) < nodeCount, "\(node) does not exist among \(nodeCount) nodes")
    precondition(time >= now, "a command for \(time), which is before \(now)")
    schedule(.command(node: node.index, command), at: time)
  }

  /// Runs every event that is due up to and at a point in time, then stands at that point.
  ///
  /// - Parameters:
  ///   - end: Where to stop.
  ///   - limit: The most events to run; the world then stands at the last one.
  ///   - observe: Takes each report with the node that made it and the time.
  /// - Returns: How many events ran.
  @inlinable @discardableResult
  public mutating func run(
    until end: Instant, limit: Int = .max,
    _ observe: (NodeID, Instant, Node.Report) -> Void = { _, _, _ in }
  ) -> Int {
    var events = 0
    while events < limit {
      guard let first = queue.firstTime(), first <= end, let event = queue.removeFirst() else {
        clock = max(clock, end)
        break
      }
      clock = event.time
      handle(event.tag, observe)
      events &+= 1
    }
    tally.events &+= events
    return events
  }

  /// Whether nothing is pending, so that running on changes nothing but the clock.
  @inlinable public mutating func isIdle() -> Bool { queue.firstTime() == nil }

  /// The hash of the trajectory so far over ``ingredients``.
  public var fingerprint: UInt64 { hasher.finalize() }

  /// How many bytes the pending events take, payloads outside messages not counted.
  public var memory: ByteCount { ByteCount(queue.memory.bytes + messages.memory) }

  /// Looks at a node's Instance.
  ///
  /// - Returns: `nil` while the node is down.
  public func inspect<Result>(_ node: NodeID, _ body: (borrowing Node) -> Result) -> Result? {
    let index = Int(node.index)
    precondition(index < nodeCount, "\(node) does not exist among \(nodeCount) nodes")
    return states[index].isBuilt ? body(instances[index]) : nil
  }
}

/// What the fingerprint of a trajectory is taken over.
public struct FingerprintIngredients: OptionSet, Sendable {
  public let rawValue: UInt8
  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// When each event happens.
  public static let time = FingerprintIngredients(rawValue: 1)
  /// At which node, and from which other.
  public static let node = FingerprintIngredients(rawValue: 2)
  /// What kind of event it is.
  public static let kind = FingerprintIngredients(rawValue: 4)
  /// The content of messages and reports.
  public static let content = FingerprintIngredients(rawValue: 8)
  /// Everything.
  public static let all: FingerprintIngredients = [.time, .node, .kind, .content]
  /// Nothing: no fingerprint is kept.
  public static let none: FingerprintIngredients = []
}

/// How often things happened in a world.
public struct Counters: Hashable, Sendable {
  /// Events taken from the queue.
  public var events = 0
  /// Datagrams that an Instance sent.
  public var sent = 0
  /// Datagrams that an Instance received, duplicates among them.
  public var delivered = 0
  /// Payload bytes sent.
  public var bytesSent = 0
  /// Datagrams that arrived a second time.
  public var duplicated = 0
  /// Datagrams that were changed on the way and received all the same.
  public var corrupted = 0
  /// Timers that fired.
  public var fired = 0
  /// Restarts at which a node's disk could not be read, so that the node began with nothing.
  public var unreadableDisks = 0
  /// Datagrams that did not arrive, by the raw value of the reason.
  @usableFromInline var lostByReason = InlineArray<8, Int>(repeating: 0)

  @usableFromInline init() {}

  /// Datagrams that did not arrive for a reason.
  public func lost(_ reason: LossReason) -> Int { lostByReason[Int(reason.rawValue)] }

  /// Datagrams that did not arrive.
  public var lost: Int { LossReason.allCases.reduce(0) { $0 + lost($1) } }

  public static func == (left: Counters, right: Counters) -> Bool {
    left.list == right.list
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(list) }

  private var list: [Int] {
    [events, sent, delivered, bytesSent, duplicated, corrupted, fired, unreadableDisks]
      + LossReason.allCases.map(lost)
  }
}
