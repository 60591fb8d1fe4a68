// What an endpoint of QUIC tells the protocol above it.
public import LabCore

/// A stream of a connection: its number on the wire, within the connection's own number.
public struct QUICStream: Hashable, Sendable {
  /// The endpoint's number of the connection.
  public let connection: Int
  /// The stream id: bit 0 says who opened it (0 for the client), bit 1 whether it has one direction
  /// (RFC 9000, section 2.1).
  public let id: Int64

  /// Names a stream.
  public init(connection: Int, id: Int64) {
    self.connection = connection
    self.id = id
  }

  /// Whether both sides may write.
  public var isBidirectional: Bool { id & 2 == 0 }
  /// Whether the client of the connection opened it.
  public var isOpenedByClient: Bool { id & 1 == 0 }
}

/// What became of the data that a resumed client sent before the handshake was done.
public enum EarlyData: Hashable, Sendable {
  /// There was no try.
  case none
  /// The server took it.
  case accepted
  /// The server refused it, and it was sent again.
  case refused
}

/// Something that happened to a connection.
public enum QUICEvent: Hashable, Sendable {
  /// A client asked for a connection, which is not established yet but may carry early data.
  case accepted(connection: Int, from: QUICAddress)
  /// The handshake is done; the peer is who its certificate says.
  indirect case established(connection: Int, peer: String?, isResumed: Bool, earlyData: EarlyData)
  /// Bytes of a stream in their order. Taking this event lets the peer send as many more.
  case received(QUICStream, Bytes, isEnd: Bool, isEarly: Bool)
  /// A DATAGRAM frame.
  case receivedDatagram(connection: Int, Bytes)
  /// The peer gave up a stream with a code.
  case reset(QUICStream, code: UInt64)
  /// Both directions of a stream are done.
  case finished(QUICStream)
  /// The peer lets more streams be opened, after one could not be.
  case moreStreams(connection: Int)
  /// What a later connection to this server can resume from.
  indirect case ticket(connection: Int, QUICTicket)
  /// The peer is reached at another address.
  case moved(connection: Int, to: QUICAddress)
  /// The connection is gone.
  indirect case closed(connection: Int, QUICClosing)
}

/// Why a connection ended.
public struct QUICClosing: Hashable, Sendable, CustomStringConvertible {
  /// Kinds of ends.
  public enum Kind: Hashable, Sendable {
    /// The protocol above closed it, with its own code.
    case application(UInt64)
    /// QUIC closed it, with a code of RFC 9000, section 20.1.
    case transport(UInt64)
    /// TLS closed it, with an alert of RFC 8446, section 6.
    case alert(UInt8)
    /// Nothing came for the idle timeout.
    case idle
    /// The handshake took too long.
    case handshakeTimeout
    /// The peer does not know the connection any more.
    case statelessReset
    /// The peer does not speak version 1, or somebody on the path says so before its first packet
    /// has come: nothing protects that answer (RFC 9000, sections 6.2 and 21.12).
    case otherVersions
  }

  /// What kind of end.
  public let kind: Kind
  /// Whether the peer ended it.
  public let isByPeer: Bool
  /// The reason that was given, possibly a stranger's words.
  public let reason: String

  /// Describes an end.
  public init(_ kind: Kind, isByPeer: Bool, reason: String = "") {
    self.kind = kind
    self.isByPeer = isByPeer
    self.reason = reason
  }

  /// The end in words.
  public var description: String {
    let what =
      switch kind {
      case .application(let code): "application code \(code)"
      case .transport(let code): "transport code \(code)"
      case .alert(let number): "TLS alert \(number)"
      case .idle: "idle timeout"
      case .handshakeTimeout: "handshake timeout"
      case .statelessReset: "stateless reset"
      case .otherVersions: "version negotiation"
      }
    return "\(what)\(isByPeer ? " by the peer" : "")\(reason.isEmpty ? "" : ": \(reason)")"
  }
}
