// The real world: it runs the nodes of a network on UDP sockets, in real time.
import Dispatch
public import LabCore
import NIOCore
import NIOPosix
public import Network

/// A world in real time for one kind of ``LabCore/Instance``, on real UDP sockets.
///
/// Each node has a socket and is confined to one event loop; the calls of this type may come from
/// any thread but not from an event loop, since some of them wait.
///
/// ```swift
/// let world = try SocketWorld(NetworkDescription(nodes: 3), seed: Seed(1)) { _, _ in Echo() }
/// try world.start()
/// try world.submit(.greet, to: NodeID(0), at: .zero)
/// try world.run(until: .zero + .seconds(1)) { observation in isTheAnswer(observation) }
/// let outcome = try world.stop()
/// ```
///
/// One node a process is the same with ``Placement/addresses(_:local:)`` and a ``WorldClock`` that
/// the processes share. A world that nobody stops keeps its threads and sockets until the process
/// ends.
/// - Determinism: None, but for the fates that shaped links deal out: they follow from the seed and
///   the order of the datagrams in each direction.
public final class SocketWorld<Node: Instance & ~Copyable>: Sendable {
  /// Makes the Instance of a node, for its first life and for every later one; the seed is the
  /// node's own, and the same as in a simulated world.
  public typealias Maker = @Sendable (NodeID, Seed) -> Node
  /// Calls a function once, before it returns, in the place where a node's socket is to be made:
  /// on a thread of another network namespace, for instance.
  public typealias SocketPlace =
    @Sendable (NodeID, @escaping @Sendable () -> Void) throws -> Void

  /// The network that the world was made from.
  public let network: NetworkDescription
  /// What stands between the nodes.
  public let shaping: Shaping
  /// The root of every stream of this world.
  public let seed: Seed
  /// The bounds of each node.
  public let limits: SocketLimits
  /// The nodes that run in this process, in their order.
  public let localNodes: [NodeID]

  private let wanted: [NodeAddress]
  private let storageFolder: String?
  private let sharedClock: WorldClock?
  private let loopThreads: Int
  private let socketPlace: SocketPlace
  private let make: Maker
  private let observations: ObservationQueue<Node.Report>
  private let state = Guarded(State.made)

  private enum State: Sendable {
    case made
    case starting
    case running(RunningWorld<Node>)
    case stopping
    case stopped(SocketOutcome<Node.Report>)
    case broken

    var name: String {
      switch self {
      case .made: "not started"
      case .starting: "being started"
      case .running: "running"
      case .stopping: "being stopped"
      case .stopped: "stopped"
      case .broken: "broken by an error"
      }
    }
  }

  /// Describes a world; no socket is opened yet.
  ///
  /// - Parameters:
  ///   - network: The nodes and links; faults are for a simulated world only.
  ///   - shaping: What stands between the nodes.
  ///   - seed: The root of all chance.
  ///   - placement: Which nodes run here, and where all are found.
  ///   - storageFolder: A folder that exists, in which each node that stores gets one of its own;
  ///     `nil` for Instances that do not store.
  ///   - clock: The clock of the world; `nil` begins one when every socket is open.
  ///   - limits: The bounds of each node.
  ///   - threads: How many event loops share the nodes; `nil` takes one a node, at most one a core.
  ///   - socketPlace: Where sockets are made; the calling thread by default.
  ///   - make: Makes the Instance of a node, on the node's event loop.
  /// - Throws: ``SocketWorldError``.
  public init(
    _ network: NetworkDescription, shaping: Shaping = .bare, seed: Seed,
    placement: Placement = .loopback, storageFolder: String? = nil, clock: WorldClock? = nil,
    limits: SocketLimits = SocketLimits(), threads: Int? = nil,
    socketPlace: @escaping SocketPlace = { _, make in make() }, make: @escaping Maker
  ) throws(SocketWorldError) {
    guard network.faults.isEmpty else { throw .faults(count: network.faults.count) }
    try limits.check()
    if let threads, threads < 1 { throw .badLimit("threads") }
    (wanted, localNodes) = try placement.resolve(network)
    self.network = network
    self.shaping = shaping
    self.seed = seed
    self.limits = limits
    self.storageFolder = storageFolder
    self.socketPlace = socketPlace
    self.make = make
    sharedClock = clock
    loopThreads = threads ?? max(1, min(localNodes.count, System.coreCount))
    observations = ObservationQueue(limit: limits.observations)
  }

  // MARK: Life

  /// Opens the sockets and begins the life of every local node.
  ///
  /// No node begins before all local ones can receive.
  /// - Throws: ``SocketWorldError``; then nothing is left open, and the world cannot be started
  ///   again.
  public func start() throws(SocketWorldError) {
    try state.withLock { state throws(SocketWorldError) in
      guard case .made = state else {
        throw .wrongState(call: "start()", state: "a world that is \(state.name)")
      }
      state = .starting
    }
    do throws(SocketWorldError) {
      let (sockets, addresses) = try openSockets()
      let running = try RunningWorld(
        sockets: sockets, addresses: addresses,
        threads: WorldThreads(loops: loopThreads, storageFolder: storageFolder), clock: sharedClock
      ) { id, members, storage in
        NodePlan(
          id: id, make: make, network: network, shaping: shaping, worldSeed: seed, limits: limits,
          members: members, observations: observations, storage: storage)
      }
      state.withLock { $0 = .running(running) }
    } catch {
      state.withLock { $0 = .broken }
      throw error
    }
  }

  /// Ends every local node, closes the sockets, and waits for the threads to end.
  ///
  /// Storage requests that were made are carried out first.
  /// - Returns: What was counted and what nobody has taken of the observations; the same again when
  ///   the world was stopped before.
  /// - Throws: ``SocketWorldError/wrongState(call:state:)`` for a world that does not run, or
  ///   ``SocketWorldError/system(operation:reason:)``.
  public func stop() throws(SocketWorldError) -> SocketOutcome<Node.Report> {
    let running: RunningWorld<Node>
    switch beginToStop() {
    case .stopped(let outcome): return outcome
    case .running(let world): running = world
    case .made, .starting, .stopping, .broken: throw notRunning("stop()")
    }
    do throws(SocketWorldError) {
      let records = try running.stop()
      let outcome = SocketOutcome(
        records: records, remaining: observations.takeAll(),
        observationsLost: observations.lost)
      state.withLock { $0 = .stopped(outcome) }
      return outcome
    } catch {
      state.withLock { $0 = .broken }
      throw error
    }
  }

  private func beginToStop() -> State {
    state.withLock { state in
      let before = state
      if case .running = state { state = .stopping }
      return before
    }
  }

  /// Ends a node as a crash does: what it had not made durable is lost, what it had sent travels
  /// on, and what arrives is counted as ``Network/LossReason/receiverDown``.
  public func crash(_ node: NodeID) throws(SocketWorldError) {
    try running("crash(_:)").wait(for: node) { $0.crash() }
  }

  /// Begins the next life of a crashed node from what it had made durable.
  public func restart(_ node: NodeID) throws(SocketWorldError) {
    try running("restart(_:)").wait(for: node) { $0.restart() }
  }

  // MARK: Use

  /// Hands a command to a local node at a point in time, or at once when that has passed.
  ///
  /// - Returns: The number under which ``ObservedEvent/submitted(_:intended:)`` tells of it,
  ///   together with the intended time, from which latency counts.
  @discardableResult
  public func submit(
    _ command: Node.Command, to node: NodeID, at time: Instant
  ) throws(SocketWorldError) -> UInt64 {
    try running("submit(_:to:at:)").submit(command, to: node, at: time)
  }

  /// Lets the nodes go on until a point in time, and hands out what they tell meanwhile.
  ///
  /// The calling thread sleeps between observations. What one node tells comes in its order, and
  /// nothing comes before what it follows from.
  /// - Parameters:
  ///   - end: When to return at the latest.
  ///   - settled: Takes each observation, on the calling thread, and says whether to return now.
  /// - Returns: Whether `settled` ended it.
  /// - Throws: ``SocketWorldError/wrongState(call:state:)`` for a world that does not run.
  @discardableResult
  public func run(
    until end: Instant, settled: (Observation<Node.Report>) -> Bool = { _ in false }
  ) throws(SocketWorldError) -> Bool {
    let deadline = try running("run(until:settled:)").clock.dispatchTime(at: end)
    while true {
      let batch = observations.take(until: deadline)
      if batch.isEmpty { return false }
      for (index, observation) in batch.enumerated() where settled(observation) {
        observations.putBack(batch[(index + 1)...])
        return true
      }
    }
  }

  /// The time on the world's clock.
  public func now() throws(SocketWorldError) -> Instant { try running("now()").clock.now() }

  /// The clock of the world, for other processes that are to share it.
  public func clock() throws(SocketWorldError) -> WorldClock { try running("clock()").clock }

  /// Where a node is found, with the port that the kernel chose.
  public func address(of node: NodeID) throws(SocketWorldError) -> NodeAddress {
    try running("address(of:)").address(of: node)
  }

  /// What a local node has counted so far.
  public func counters(of node: NodeID) throws(SocketWorldError) -> NodeCounters {
    try running("counters(of:)").wait(for: node) { loop in
      loop.eventLoop.makeSucceededFuture(loop.record().counters)
    }
  }

  /// The sizes of the kernel's buffers that a local node was granted.
  public func kernelBuffers(of node: NodeID) throws(SocketWorldError) -> KernelBuffers {
    try running("kernelBuffers(of:)").wait(for: node) { $0.kernelBuffers() }
  }

  private func running(_ call: String) throws(SocketWorldError) -> RunningWorld<Node> {
    guard case .running(let world) = state.withLock({ $0 }) else { throw notRunning(call) }
    return world
  }

  private func notRunning(_ call: String) -> SocketWorldError {
    .wrongState(call: call, state: "a world that is \(state.withLock { $0.name })")
  }

  /// Binds the sockets of the local nodes, and says where all nodes are found then.
  private func openSockets() throws(SocketWorldError) -> ([NodeID: UDPSocket], [SocketAddress]) {
    var sockets: [NodeID: UDPSocket] = [:]
    for node in localNodes {
      sockets[node] = try openSocket(of: node)
    }
    var addresses: [SocketAddress] = []
    for (index, address) in wanted.enumerated() {
      if let socket = sockets[NodeID(index)] {
        addresses.append(socket.address)
      } else {
        addresses.append(try address.socketAddress())
      }
    }
    return (sockets, addresses)
  }

  private func openSocket(of node: NodeID) throws(SocketWorldError) -> UDPSocket {
    let (address, limits) = (wanted[Int(node.index)], limits)
    let made = Guarded<Result<UDPSocket, SocketWorldError>?>(nil)
    do {
      try socketPlace(node) {
        let result = Result { () throws(SocketWorldError) in
          try UDPSocket(at: address, limits: limits)
        }
        made.withLock { $0 = result }
      }
    } catch { throw .system(operation: "go where \(node) has its socket", reason: "\(error)") }
    guard let result = made.withLock({ $0 }) else {
      throw .system(operation: "open a socket of \(node)", reason: "its place made none")
    }
    return try result.get()
  }
}
