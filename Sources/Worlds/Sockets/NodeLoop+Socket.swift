// The node's way to its socket: opening, reading, opening anew.
import LabCore
import NIOCore
import NIOPosix

extension NodeLoop where Node: ~Copyable {
  /// The bytes that one datagram may have, and one more than the largest over IPv4.
  private static var receiveBufferBytes: Int { 65_536 }
  /// How many datagrams are read before other nodes of the loop get their turn.
  private static var datagramsPerRead: UInt { 32 }

  /// Opens the way to the socket; nothing is read before the node starts.
  func openChannel() -> EventLoopFuture<Void> {
    let descriptor: CInt
    do throws(SocketWorldError) {
      guard let socket else {
        throw .wrongState(call: "openChannel()", state: phase.rawValue)
      }
      descriptor = try socket.duplicate()
    } catch { return eventLoop.makeFailedFuture(error) }
    let limit = plan.limits.waitingBytes.bytes
    let own = NIOLoopBound(self, eventLoop: eventLoop)
    return DatagramBootstrap(group: eventLoop)
      .channelOption(.autoRead, value: phase != .waiting)
      .channelOption(.maxMessagesPerRead, value: Self.datagramsPerRead)
      .channelOption(
        .recvAllocator,
        value: FixedSizeRecvByteBufferAllocator(capacity: Self.receiveBufferBytes)
      )
      .channelOption(.writeBufferWaterMark, value: .init(low: max(1, limit / 2), high: limit))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(DatagramHandler(own.value))
        }
      }
      .withBoundSocket(descriptor)
      .map { _ in }
  }

  /// Begins to read from the socket.
  func readSocket() {
    guard let options = channel?.channel.syncOptions else { return }
    do { try options.setOption(.autoRead, value: true) } catch { tellFailure("read", error) }
  }

  /// Takes the news that the way to the socket was closed.
  ///
  /// The event loop closes it after most send errors, though a datagram socket survives them; it is
  /// opened anew on the same socket.
  func channelClosed() {
    channel = nil
    guard phase != .stopped else { return }
    counters.reopened += 1
    let own = NIOLoopBound(self, eventLoop: eventLoop)
    openChannel().whenFailure { own.value.tellFailure("open anew", $0) }
    // This may stand in the midst of a read, which then has no end of its own.
    eventLoop.execute { own.value.work() }
  }

  func tellFailure(_ operation: String, _ error: any Error) {
    let reason = (error as? SocketWorldError)?.description ?? "\(error)"
    tell(.failed(.system(operation: "\(operation) the socket of \(plan.id)", reason: reason)))
    endTurn()
  }
}
