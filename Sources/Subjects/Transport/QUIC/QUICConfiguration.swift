// What an endpoint of QUIC may choose.
public import LabCore

/// How a sender finds out how much the network carries.
public enum QUICCongestionControl: String, Hashable, Sendable, CaseIterable {
  /// Additive increase, multiplicative decrease (RFC 9002, section 7).
  case reno
  /// A cubic function of the time since the last loss (RFC 9438).
  case cubic
  /// A model of the path's bandwidth and round trip.
  case bbr
}

/// The settings of an endpoint.
public struct QUICConfiguration: Sendable {
  /// The protocol on top of QUIC, which both sides must name.
  public var applicationProtocol: String
  /// How the rate is found.
  public var congestionControl = QUICCongestionControl.cubic
  /// Whether packets are spread over the round trip instead of leaving in bursts.
  public var isPaced = true
  /// After how much silence a connection ends; `.zero` for never.
  public var idleTimeout = Duration.seconds(30)
  /// How long a handshake may take.
  public var handshakeTimeout = Duration.seconds(10)
  /// After how much silence a packet keeps the connection alive; `nil` for never.
  public var keepAlive: Duration?
  /// How many streams of each direction a peer may have open at once.
  public var maximumStreams = 1_000
  /// How many bytes of one stream a peer may send beyond those that were read.
  public var streamWindow = ByteCount(1 << 20)
  /// The same of all streams of a connection.
  public var connectionWindow = ByteCount(16 << 20)
  /// The largest DATAGRAM frame that is taken; zero for none.
  public var maximumDatagram = ByteCount(65_527)
  /// How many connections an endpoint accepts at once.
  public var maximumConnections = 10_000
  /// How many datagrams a second that belong to no connection are answered, with the versions that
  /// are spoken or a stateless reset; whoever sends more gets nothing (RFC 9000, section 10.3.3).
  public var maximumStrayAnswers = 100
  /// Whether clients must prove their address before they get a connection (RFC 9000, section 8.1).
  public var requiresRetry = false
  /// Whether clients must show a certificate that the endpoint trusts.
  public var requiresClientCertificate = true
  /// Whether a server offers to take data in the first flight of a resumed connection.
  public var acceptsEarlyData = true
  /// How long a ticket resumes a connection, and how long a first flight is remembered so that it
  /// is not taken twice.
  public var ticketLifetime = Duration.seconds(3_600)
  /// What tickets are sealed with, 64 bytes; `nil` for a key that ends with the endpoint.
  ///
  /// Servers that share it take each other's tickets, but each remembers for itself which first
  /// flights it has taken, so that all but one of them must refuse early data.
  public var ticketKey: [UInt8]?
  /// How many first flights are remembered; early data is refused beyond.
  public var maximumRememberedFlights = 100_000
  /// The time of `Instant.zero` in nanoseconds since 1970, by which certificates and tickets are
  /// judged.
  public var unixTimeAtZero: UInt64 = Self.startOfSimulation
  /// Whether connection ids come from the operating system instead of the endpoint's stream; a
  /// stranger could guess those of a stream.
  public var usesSystemEntropy = false
  /// What stateless resets are made from, at least 32 bytes; `nil` for a secret that ends with the
  /// endpoint.
  ///
  /// An endpoint that lost its connections in a crash and has its old secret can tell its peers.
  public var resetSecret: [UInt8]?
  /// Whether a connection begins with the round trip of an earlier one: a client's with that of its
  /// ticket, a server's with the last one to the client's host (RFC 9002, section 6.2.2).
  ///
  /// Without it the first timeout is about a second, as TCP's is.
  public var remembersRoundTrip = true
  /// Takes each connection's log in qlog's format, a piece at a time, with the connection's number.
  public var qlog: (@Sendable (Int, [UInt8]) -> Void)?
  /// Takes the secrets of each connection as lines of an NSS key log, for Wireshark.
  public var keyLog: (@Sendable (String) -> Void)?

  /// The beginning of 2026, when simulated time begins unless it is said otherwise.
  static let startOfSimulation: UInt64 = 1_767_225_600_000_000_000

  /// The settings for a protocol, with the defaults above.
  public init(applicationProtocol: String) { self.applicationProtocol = applicationProtocol }
}
