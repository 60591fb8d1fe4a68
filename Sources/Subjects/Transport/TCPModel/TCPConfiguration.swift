// The constants of the TCP model, those of Linux unless said otherwise.
public import LabCore

/// How the two ends of a modelled TCP connection behave.
///
/// The defaults are those of Linux 6.5 and later with congestion control set to cubic. What the
/// model leaves out of Linux: undoing of spurious reductions (Eifel, DSACK and F-RTO), HyStart,
/// pacing, ECN, cached metrics of earlier connections, and buffers: a sender has room for whatever
/// it is given, and a receiver reads at once whatever is in order, so that its window grows by two
/// segments for each that arrives, up to the largest.
public struct TCPConfiguration: Hashable, Sendable {
  /// How the congestion window grows and shrinks.
  public var congestionControl: CongestionControl
  /// The largest segment with its options but without headers, in bytes; timestamps take 12.
  public var maximumSegment: Int
  /// The congestion window of a new connection in segments (RFC 6928).
  public var initialWindow: Int
  /// The most bytes that a receiver takes beyond what it has acknowledged, at most 8 MiB: about
  /// what Linux's tuning reaches with 6 MiB of memory.
  public var receiveWindow: ByteCount
  /// The retransmission timeout before anything was measured.
  public var firstTimeout: Duration
  /// The least that a timeout adds to the round trip (Linux; RFC 6298 asks for 1 s in all).
  public var minimumTimeout: Duration
  /// How many timeouts of a handshake keep their length before they double: 4 since Linux 6.5, 0
  /// before it and in RFC 6298.
  public var linearHandshakeTimeouts: Int
  /// How often an opener repeats its first segment with doubled timeouts.
  public var openingRetransmissions: Int
  /// How often a listener repeats its answer to a first segment.
  public var acceptingRetransmissions: Int
  /// How often the same data is sent again by timeout before the connection is given up.
  public var retransmissions: Int
  /// How long an acknowledgement may wait for data to travel with.
  public var delayedAcknowledgement: Duration
  /// Whether the congestion window shrinks when nothing was sent for longer than the timeout
  /// (RFC 5681, section 4.1; Linux's `tcp_slow_start_after_idle`).
  public var restartsAfterIdle: Bool
  /// How long the end that closed first remembers the connection.
  public var timeWait: Duration
  var rules = TCPRules.correct

  /// Describes a behaviour.
  public init(
    congestionControl: CongestionControl = .cubic, maximumSegment: Int = 1_460,
    receiveWindow: ByteCount = ByteCount(3 << 20), linearHandshakeTimeouts: Int = 4
  ) {
    self.congestionControl = congestionControl
    self.maximumSegment = maximumSegment
    self.receiveWindow = receiveWindow
    self.linearHandshakeTimeouts = linearHandshakeTimeouts
    initialWindow = 10
    firstTimeout = .seconds(1)
    minimumTimeout = .milliseconds(200)
    openingRetransmissions = 6
    acceptingRetransmissions = 5
    retransmissions = 15
    delayedAcknowledgement = .milliseconds(40)
    restartsAfterIdle = true
    timeWait = .seconds(60)
  }

  /// How many bytes of data a segment holds at most.
  var room: Int { max(maximumSegment - 12, 1) }

  /// The longest that a retransmission timeout grows.
  static let longestTimeout = Duration.seconds(120)
}

/// How the congestion window grows and shrinks.
public enum CongestionControl: String, Hashable, Sendable, CaseIterable {
  /// Additive increase, multiplicative decrease by a half (RFC 5681).
  case reno
  /// A cubic function of the time since the last loss (RFC 9438).
  case cubic
}

/// How an end behaves; everything but ``correct`` is a fault for a test to catch.
enum TCPRules: Hashable, Sendable {
  /// As the documents say.
  case correct
  /// Data is handed on as it arrives, whether or not there is a hole before it.
  case deliversWhateverArrives
  /// Data beyond a hole is acknowledged as if the hole were filled.
  case acknowledgesBeyondHoles
  /// Data that arrives a second time is handed on a second time.
  case deliversAgain
  /// Only timeouts send again what was lost.
  case retransmitsByTimeoutOnly
  /// The last segments of a flight are not probed.
  case sendsNoProbe
  /// The congestion window stays as it is when something is lost.
  case ignoresCongestion
}
