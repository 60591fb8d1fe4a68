// Where NIO hands over what a socket receives.
import LabCore
import NIOCore

/// Hands a node what its socket receives.
final class DatagramHandler<Node: Instance & ~Copyable>: ChannelInboundHandler {
  typealias InboundIn = AddressedEnvelope<ByteBuffer>

  private let node: NodeLoop<Node>

  init(_ node: NodeLoop<Node>) { self.node = node }

  func handlerAdded(context: ChannelHandlerContext) { node.channel = context }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    node.isReading = true
    node.arrive(unwrapInboundIn(data))
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    node.isReading = false
    node.work()
  }

  func channelInactive(context: ChannelHandlerContext) {
    node.isReading = false
    node.channelClosed()
  }

  /// Takes no notice: an error that concerns a datagram is counted with the datagram, and one that
  /// closes the way to the socket is seen as its end.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}
