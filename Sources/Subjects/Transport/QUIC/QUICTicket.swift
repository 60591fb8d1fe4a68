// What a client keeps of a connection to come back sooner.
public import LabCore

/// A session ticket with what else 0-RTT needs: the server's limits, the path's round trip, and a
/// token that proves the client's address.
///
/// The round trip matters: without it a new connection starts from 333 ms and spreads its first
/// flight over that.
public struct QUICTicket: Hashable, Sendable {
  /// The name that the server's certificate showed.
  public let serverName: String
  /// What TLS resumes from; a secret.
  let session: [UInt8]
  /// The server's transport parameters, encoded as in RFC 9000, section 18.
  let parameters: [UInt8]
  /// The smoothed round trip when the ticket was kept; zero when it was not known.
  public let roundTrip: Duration
  /// The newest address token, empty without one.
  let token: [UInt8]

  init(
    serverName: String, session: [UInt8], parameters: [UInt8], roundTrip: Duration, token: [UInt8]
  ) {
    self.serverName = serverName
    self.session = session
    self.parameters = parameters
    self.roundTrip = roundTrip
    self.token = token
  }

  private static let magic: UInt32 = 0x464c_5431

  /// The ticket as bytes with a checksum; a secret, to be kept where only its owner reads.
  public var encoded: Bytes {
    var writer = ByteWriter()
    writer.write(Self.magic)
    for part in [Array(serverName.utf8), session, parameters, token] {
      writer.write(counted: Bytes(part))
    }
    writer.write(roundTrip.nanoseconds)
    let body = writer.finish()
    writer.write(Self.checksum(body))
    return writer.finish()
  }

  /// Reads a ticket; `nil` for bytes that ``encoded`` did not give.
  public init?(_ bytes: Bytes) {
    var reader = ByteReader(bytes)
    guard reader.read(UInt32.self) == Self.magic, let name = reader.readCounted(),
      let session = reader.readCounted(), let parameters = reader.readCounted(),
      let token = reader.readCounted(), let roundTrip = reader.read(Int64.self),
      let sum = reader.read(UInt64.self), reader.remaining == 0,
      sum == Self.checksum(bytes.slice(0..<bytes.count - 8)), roundTrip >= 0
    else { return nil }
    self.init(
      serverName: String(decoding: name, as: UTF8.self), session: session.array,
      parameters: parameters.array, roundTrip: Duration(nanoseconds: roundTrip),
      token: token.array)
  }

  private static func checksum(_ bytes: Bytes) -> UInt64 {
    var hasher = StableHasher()
    hasher.combine(bytes)
    return hasher.finalize()
  }
}
