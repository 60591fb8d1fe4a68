// What is compared.
import LabCore
import Transport

/// The transports that are compared.
enum TransportArm: String, CaseIterable {
  case tcp
  case tls12
  case tls13
  case tls13EarlyData = "tls13-early-data"
  case https
  case quic
  case quicDatagram = "quic-datagram"

  var summary: String {
    switch self {
    case .tcp: "The TCP model, messages with a length in front."
    case .tls12: "TLS 1.2 over the TCP model."
    case .tls13: "TLS 1.3 over the TCP model."
    case .tls13EarlyData:
      "TLS 1.3 over the TCP model; on a resumed connection the request goes with the first flight."
    case .https: "HTTP/1.1 on TLS 1.3 over the TCP model, one request at a time on a connection."
    case .quic:
      "QUIC by ngtcp2, encrypted and mutually authenticated, a stream for each request; on a "
        + "resumed connection the request goes with the first flight."
    case .quicDatagram:
      "The same in DATAGRAM frames, which nobody sends again; for messages that fit a packet."
    }
  }

  /// What protects TCP; `nil` for QUIC.
  var security: TCPSecurity? {
    switch self {
    case .tcp: TCPSecurity.none
    case .tls12: .tls12
    case .tls13, .https: .tls13
    case .tls13EarlyData: .tls13EarlyData
    case .quic, .quicDatagram: nil
    }
  }
}

/// An arm over the TCP model.
struct TCPArm {
  private let arm: TransportArm
  private let security: TCPSecurity

  init(_ arm: TransportArm, _ security: TCPSecurity) { (self.arm, self.security) = (arm, security) }

  func configuration(
    _ congestionControl: CongestionControl, state: ConnectionState
  ) -> TCPExchangeConfiguration {
    TCPExchangeConfiguration(
      connection: TCPConfiguration(congestionControl: congestionControl),
      security: security, state: state, http: arm == .https ? HTTPFraming() : nil)
  }
}

/// An arm of QUIC: two nodes that trust one authority.
struct QUICArm: Sendable {
  /// What both nodes are made with.
  var configuration: QUICConfiguration
  private let options: QUICExchange.Options
  private let identities: [TLSIdentity]

  /// Makes the certificates of a trial.
  ///
  /// - Parameter unixTimeAtZero: What the clock says at the beginning, in nanoseconds since 1970;
  ///   `nil` for the same each time.
  /// - Throws: ``TLSError``, and ``ExchangeLoadError`` for what the arm does not have.
  init(
    _ congestionControl: QUICCongestionControl, state: ConnectionState,
    usesDatagrams: Bool = false, unixTimeAtZero: UInt64? = nil
  ) throws {
    guard !usesDatagrams || state == .warm else { throw ExchangeLoadError.coldDatagrams }
    var configuration = QUICConfiguration(applicationProtocol: "exchange/1")
    configuration.congestionControl = congestionControl
    if let unixTimeAtZero { configuration.unixTimeAtZero = unixTimeAtZero }
    configuration.handshakeTimeout = .seconds(120)
    // A warm connection stands as long as the trial.
    configuration.idleTimeout = .zero
    self.configuration = configuration
    var options = QUICExchange.Options()
    options.state = state
    options.usesDatagrams = usesDatagrams
    self.options = options
    let yesterday = Int(configuration.unixTimeAtZero / 1_000_000_000) - 86_400
    let authority = try TLSAuthority(name: "fleet", validFrom: yesterday)
    identities = try (0..<2).map { try authority.issue(Self.name(NodeID($0))) }
  }

  private static func name(_ node: NodeID) -> String { "node-\(node.index).fleet" }

  /// One of the two nodes, which logs what it does where a trace is wanted.
  func node(_ node: NodeID, _ seed: Seed, _ logs: QUICLogs?) throws(TLSError) -> QUICExchange {
    var configuration = configuration
    logs?.attach(to: &configuration, of: node)
    return try QUICExchange(
      configuration, identities[Int(node.index)], node: node, seed: seed, options: options,
      serverName: Self.name)
  }
}
