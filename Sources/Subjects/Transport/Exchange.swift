// What every request-response transport of this module takes and tells, so that one experiment can
// drive TCP, TLS and QUIC alike.
public import LabCore

/// A request to the client side of a request-response transport.
public enum ExchangeCommand: Hashable, Sendable {
  /// Establish the connection that later requests to the server use, and send nothing on it.
  ///
  /// Only ``ConnectionState/warm`` keeps a connection; with another state nothing happens.
  case connect(number: Int, server: NodeID)
  /// Send a request of so many bytes, to which the server answers with so many.
  ///
  /// The number is the caller's, at least 0; reports name the exchange by it. Either size counts
  /// what the application hands over, and is raised to ``ExchangeHead/size`` when it is less.
  case request(number: Int, server: NodeID, requestBytes: Int, responseBytes: Int)
}

/// What the client side tells its observer.
public enum ExchangeReport: Hashable, Sendable {
  /// The first request bytes of the numbered exchange may travel from now on: a connection that was
  /// opened for it has ended its handshakes. An exchange on a connection that stood before has no
  /// such report.
  case connected(number: Int)
  /// The whole response has arrived.
  case responded(number: Int)
  /// There will be no response.
  case failed(number: Int, reason: ExchangeFailure)
}

/// Why an exchange failed.
public enum ExchangeFailure: String, Hashable, Sendable, CaseIterable {
  /// The server did not answer the handshake in the time that the transport allows.
  case unreachable
  /// An established connection was given up because nothing came back.
  case timedOut
  /// The peer knows nothing of the connection, or has closed it too early.
  case reset
  /// The peer was not accepted, or did not accept, in the cryptographic handshake.
  case refused
  /// This node could not begin the handshake: its libraries gave no memory or no key.
  case unable
}

/// What an earlier connection has left for an exchange.
public enum ConnectionState: String, Hashable, Sendable, CaseIterable {
  /// Nothing: each request opens a connection of its own and closes it after the response.
  case new
  /// What lets the cryptographic handshake be resumed; otherwise as ``new``.
  case resumed
  /// The connection itself: all requests to a server share one that is kept open.
  case warm
}

/// The first bytes of a request or a response, which say what the other side must know.
///
/// Everything behind it is filling.
public struct ExchangeHead: Hashable, Sendable {
  /// How many bytes a head takes.
  public static let size = 16

  /// The number that the client's caller gave the exchange.
  public var number: Int
  /// The length of this message with its head in bytes, from ``size`` to 2^32 − 1.
  public var bytes: Int
  /// How many bytes the response to this request is to have; 0 in a response.
  public var responseBytes: Int

  /// The head of a request; sizes outside the range of ``bytes`` are moved to its ends.
  public static func request(number: Int, bytes: Int, responseBytes: Int) -> ExchangeHead {
    ExchangeHead(
      number: number, bytes: inRange(bytes), responseBytes: inRange(responseBytes))
  }

  /// The head of the response to a request.
  public var response: ExchangeHead {
    ExchangeHead(number: number, bytes: responseBytes, responseBytes: 0)
  }

  /// Whether this is the head of a request.
  public var isRequest: Bool { responseBytes > 0 }

  private static func inRange(_ bytes: Int) -> Int { min(max(bytes, size), Int(UInt32.max)) }

  private init(number: Int, bytes: Int, responseBytes: Int) {
    self.number = number
    self.bytes = bytes
    self.responseBytes = responseBytes
  }

  /// The head as ``size`` bytes.
  public var encoded: Bytes {
    var writer = ByteWriter()
    writer.write(Int64(number))
    writer.write(UInt32(bytes))
    writer.write(UInt32(responseBytes))
    return writer.finish()
  }

  /// Reads a head from the beginning of bytes that may come from a stranger.
  ///
  /// - Returns: `nil` when there are fewer than ``size`` bytes or they are no head.
  public init?(_ encoded: Bytes) {
    var reader = ByteReader(encoded)
    guard let number = reader.read(Int64.self), let bytes = reader.read(UInt32.self),
      let responseBytes = reader.read(UInt32.self), number >= 0, bytes >= Self.size,
      responseBytes == 0 || responseBytes >= Self.size
    else { return nil }
    self.init(number: Int(number), bytes: Int(bytes), responseBytes: Int(responseBytes))
  }
}

extension ExchangeReport: StableHashable {
  public func hash(into hasher: inout StableHasher) {
    switch self {
    case .connected(let number):
      hasher.combine(0)
      hasher.combine(number)
    case .responded(let number):
      hasher.combine(1)
      hasher.combine(number)
    case .failed(let number, let reason):
      hasher.combine(2)
      hasher.combine(number)
      hasher.combine(reason.rawValue)
    }
  }
}
