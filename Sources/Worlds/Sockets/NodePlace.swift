// A node as other threads see it.
import LabCore
import NIOCore

/// A node and the event loop that it is confined to.
struct NodePlace<Node: Instance & ~Copyable>: Sendable {
  private let loop: any EventLoop
  private let node: NIOLoopBoundBox<NodeLoop<Node>?>

  init(on loop: any EventLoop) {
    self.loop = loop
    node = .makeEmptyBox(valueType: NodeLoop<Node>.self, eventLoop: loop)
  }

  /// Makes the node on its loop and opens its way to the socket.
  func open(_ plan: NodePlan<Node>, socket: UDPSocket) throws(SocketWorldError) {
    try Self.waiting {
      try loop.flatSubmit { [loop, node] in
        let own = NodeLoop(plan, socket: socket, eventLoop: loop)
        node.value = own
        return own.openChannel()
      }.wait()
    }
  }

  /// Begins the node's life when its clock comes to its beginning.
  func begin(_ durable: Durable, clock: WorldClock) {
    loop.execute { [node] in node.value?.begin(durable, clock: clock) }
  }

  /// Hands the node a command at a point in time.
  func submit(_ command: Node.Command, number: UInt64, at time: Instant) {
    loop.execute { [node] in node.value?.schedule(.submit(command, number: number), at: time) }
  }

  /// Does something on the loop and waits until it is done.
  func wait<Result: Sendable>(
    _ body: @escaping @Sendable (NodeLoop<Node>) -> EventLoopFuture<Result>
  ) throws(SocketWorldError) -> Result {
    try Self.waiting {
      try loop.flatSubmit { [loop, node] in
        guard let own = node.value else {
          let error = SocketWorldError.wrongState(call: "a node", state: "stopped")
          return loop.makeFailedFuture(error)
        }
        return body(own)
      }.wait()
    }
  }

  /// Ends the node and forgets it.
  func stop() throws(SocketWorldError) -> NodeRecord {
    let record = try wait { $0.stop() }
    try Self.waiting { try loop.submit { [node] in node.value = nil }.wait() }
    return record
  }

  private static func waiting<Result>(
    _ body: () throws -> Result
  ) throws(SocketWorldError) -> Result {
    do { return try body() } catch let error as SocketWorldError { throw error } catch {
      throw .system(operation: "use a node's event loop", reason: "\(error)")
    }
  }
}
