// What a TCP arm of a comparison consists of.
public import LabCore

/// How requests and responses travel over modelled TCP connections.
public struct TCPExchangeConfiguration: Hashable, Sendable {
  /// The connections themselves.
  public var connection: TCPConfiguration
  /// What protects them.
  public var security: TCPSecurity
  /// What an earlier connection has left; both ends must agree on it.
  public var state: ConnectionState
  /// HTTP/1.1 around each message, with one request at a time on a connection; `nil` for messages
  /// with a length in front, of which any number may be under way.
  public var http: HTTPFraming?
  /// The time that the client computes before it answers a flight of the handshake.
  public var clientHandshakeCost: Duration
  /// The time that the server computes before it answers a flight of the handshake.
  public var serverHandshakeCost: Duration
  /// The largest request or response that a node takes; what asks for more is refused as if it
  /// could not be read.
  public var largestMessage: ByteCount

  /// Describes an arm.
  public init(
    connection: TCPConfiguration = TCPConfiguration(), security: TCPSecurity = .none,
    state: ConnectionState = .new, http: HTTPFraming? = nil
  ) {
    self.connection = connection
    self.security = security
    self.state = state
    self.http = http
    clientHandshakeCost = .zero
    serverHandshakeCost = .zero
    largestMessage = ByteCount(1 << 30)
  }

  var framing: StreamFraming {
    StreamFraming(
      handshake: TLSHandshake(security, isResumed: state == .resumed), http: http)
  }
}

/// What HTTP/1.1 adds to a message.
public struct HTTPFraming: Hashable, Sendable {
  /// The bytes of a request line with its header fields.
  public var requestBytes: Int
  /// The bytes of a status line with its header fields.
  public var responseBytes: Int
  /// How many connections to one server may be open; browsers use 6.
  public var connections: Int

  /// Describes framing; the defaults are those of a small client without cookies.
  public init(requestBytes: Int = 180, responseBytes: Int = 160, connections: Int = 6) {
    self.requestBytes = requestBytes
    self.responseBytes = responseBytes
    self.connections = connections
  }
}
