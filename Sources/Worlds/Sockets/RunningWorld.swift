// A world of sockets between its start and its end: the loops, the nodes on them, the storage
// threads.
import LabCore
import NIOCore
import Synchronization

/// The parts of a world that exist only while it runs.
final class RunningWorld<Node: Instance & ~Copyable>: Sendable {
  /// The clock that all local nodes share.
  let clock: WorldClock
  private let members: Members
  private let places: [NodeID: NodePlace<Node>]
  private let threads: WorldThreads
  private let submissions = Atomic<UInt64>(0)

  /// Puts nodes on event loops and begins their lives.
  ///
  /// - Parameters:
  ///   - addresses: The addresses of all nodes in their order, those of local ones as they were
  ///     bound.
  ///   - clock: The clock; `nil` begins one when every node can receive.
  /// - Throws: ``SocketWorldError``; then everything is closed again.
  init(
    sockets: [NodeID: UDPSocket], addresses: [SocketAddress], threads: WorldThreads,
    clock: WorldClock?, plan: (NodeID, Members, NodeStorage?) -> NodePlan<Node>
  ) throws(SocketWorldError) {
    var places: [NodeID: NodePlace<Node>] = [:]
    do throws(SocketWorldError) {
      let members = try Members(addresses)
      for (id, socket) in sockets.sorted(by: { $0.key < $1.key }) {
        let place = NodePlace<Node>(on: threads.nextLoop())
        places[id] = place
        try place.open(plan(id, members, threads.storage(of: id)), socket: socket)
      }
      var durable: [NodeID: Durable] = [:]
      for (id, place) in places { durable[id] = try place.wait { $0.openStorage() } }
      let clock = clock ?? WorldClock.starting()
      for (id, place) in places { place.begin(durable[id] ?? .empty, clock: clock) }
      self.clock = clock
      self.members = members
      self.places = places
      self.threads = threads
    } catch {
      // Some nodes were not opened yet; why the start failed counts, not what follows from it.
      for place in places.values { _ = try? place.stop() }
      try threads.end()
      throw error
    }
  }

  /// Ends all nodes, then all threads.
  func stop() throws(SocketWorldError) -> [NodeID: NodeRecord] {
    var records: [NodeID: NodeRecord] = [:]
    for (id, place) in places { records[id] = try place.stop() }
    try threads.end()
    return records
  }

  /// Hands a command to a node at a point in time.
  func submit(
    _ command: Node.Command, to node: NodeID, at time: Instant
  ) throws(SocketWorldError) -> UInt64 {
    let number = submissions.wrappingAdd(1, ordering: .relaxed).oldValue
    try place(of: node).submit(command, number: number, at: time)
    return number
  }

  /// Does something on the loop of a node and waits until it is done.
  func wait<Result: Sendable>(
    for node: NodeID, _ body: @escaping @Sendable (NodeLoop<Node>) -> EventLoopFuture<Result>
  ) throws(SocketWorldError) -> Result {
    try place(of: node).wait(body)
  }

  /// Where a node is found.
  func address(of node: NodeID) throws(SocketWorldError) -> NodeAddress {
    guard let address = members.address(of: node) else { throw .unknownNode(node) }
    return NodeAddress(address)
  }

  private func place(of node: NodeID) throws(SocketWorldError) -> NodePlace<Node> {
    if let place = places[node] { return place }
    throw members.address(of: node) == nil ? .unknownNode(node) : .notLocal(node)
  }
}
