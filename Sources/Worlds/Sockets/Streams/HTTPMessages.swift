// Messages as requests and responses of HTTP/1.1.
import NIOCore
import NIOHTTP1

/// Sends each message of a client as a request, and hands on the bodies of responses.
final class HTTPRequests: ChannelDuplexHandler {
  typealias InboundIn = HTTPClientResponsePart
  typealias InboundOut = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = HTTPClientRequestPart

  private let host: String

  init(host: String) { self.host = host }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let body = unwrapOutboundIn(data)
    let headers: HTTPHeaders = [
      "host": host, "content-type": "application/octet-stream",
      "content-length": "\(body.readableBytes)", "accept": "application/octet-stream",
    ]
    let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: "/events", headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    context.write(wrapOutboundOut(.end(nil)), promise: promise)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if case .body(let bytes) = unwrapInboundIn(data) { context.fireChannelRead(NIOAny(bytes)) }
  }
}

/// Sends each message of a server as a response, and hands on the bodies of requests.
final class HTTPResponses: ChannelDuplexHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = HTTPServerResponsePart

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let body = unwrapOutboundIn(data)
    let headers: HTTPHeaders = [
      "content-type": "application/octet-stream", "content-length": "\(body.readableBytes)",
    ]
    let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    context.write(wrapOutboundOut(.end(nil)), promise: promise)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if case .body(let bytes) = unwrapInboundIn(data) { context.fireChannelRead(NIOAny(bytes)) }
  }
}
