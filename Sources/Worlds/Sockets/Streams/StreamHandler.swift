// The end of a connection's pipeline, which tells the node what happens.
import LabCore
import NIOCore
import NIOTLS

/// Turns the events of one channel into those of one connection.
final class StreamHandler<Program: StreamProgram>: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let loop: StreamLoop<Program>
  private let connection: StreamID
  private let isAccepted: Bool
  private let waitsForTLS: Bool
  private var reason: String?

  init(
    _ loop: StreamLoop<Program>, _ connection: StreamID, isAccepted: Bool, waitsForTLS: Bool
  ) {
    self.loop = loop
    self.connection = connection
    self.isAccepted = isAccepted
    self.waitsForTLS = waitsForTLS
  }

  func channelActive(context: ChannelHandlerContext) { if !waitsForTLS { begin() } }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if waitsForTLS, case .handshakeCompleted? = event as? TLSUserEvent { begin() }
    context.fireUserInboundEventTriggered(event)
  }

  private func begin() { loop.take(isAccepted ? .accepted : .connected, on: connection) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    loop.take(.received(Bytes(Array(unwrapInboundIn(data).readableBytesView))), on: connection)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    loop.flush()
    context.fireChannelReadComplete()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    reason = reason ?? "\(error)"
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    loop.take(.closed(reason: reason), on: connection)
  }
}
