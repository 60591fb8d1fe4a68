// One connection: ngtcp2's state, the TLS session, and the streams that are being sent.
import CGnuTLS
import CNgtcp2
import CNgtcp2Crypto
import CTLS
import DequeModule
import Glibc
import LabCore

/// One connection of an endpoint.
///
/// ngtcp2 and GnuTLS keep pointers to it, so it is an object that does not move and that only its
/// endpoint holds.
final class QUICConnection {
  /// Every connection id of an endpoint has this length, so that a short header can be read.
  static let idLength = 8
  /// The largest UDP payload that is written.
  static let largestPayload = 1_452

  /// The endpoint's number of the connection.
  let number: Int
  /// What all connections of the endpoint share.
  let context: QUICContext
  let isServer: Bool
  /// ngtcp2's connection and GnuTLS's session, set once by the makers below.
  @exclusivity(unchecked) var state: OpaquePointer?
  var session: gnutls_session_t?
  /// How the callbacks of TLS find the connection.
  let reference: UnsafeMutablePointer<ngtcp2_crypto_conn_ref>
  /// The name that the certificate must show; GnuTLS keeps the pointer and not a copy.
  private let expectedName: UnsafeMutablePointer<CChar>?
  /// The name as the caller gave it, to be kept with a ticket.
  let serverName: String

  /// Connection ids that were made or given up since the endpoint last looked.
  @exclusivity(unchecked) var madeIDs: [ConnectionID] = []
  @exclusivity(unchecked) var retiredIDs: [ConnectionID] = []
  /// All of its connection ids.
  var ids: Set<ConnectionID> = []
  /// The streams that have something to send or that wait for acknowledgements, by id.
  @exclusivity(unchecked) var outgoing: [Int64: QUICSendBuffer] = [:]
  /// The streams that may send now, in the order of their turns.
  @exclusivity(unchecked) var turns: Deque<QUICSendBuffer> = []
  /// The ids of the streams that were opened before the handshake was done.
  var earlyStreams: [Int64] = []
  /// DATAGRAM frames that have not been sent, oldest first.
  @exclusivity(unchecked) var datagrams: Deque<Bytes> = []
  /// Whether a ticket was used, and whether data was allowed before the handshake's end.
  var isResuming = false
  /// The newest token of the server's, for the next ticket.
  var addressToken: [UInt8] = []
  /// The newest session ticket, which is told once the handshake is done.
  var sessionTicket: [UInt8]?
  @exclusivity(unchecked) var isEstablished = false
  /// Whether a stream could not be opened since the peer last let more be.
  @exclusivity(unchecked) var wantsStreams = false
  /// Whether the endpoint has it among those to be flushed.
  @exclusivity(unchecked) var isTouched = false
  /// Whether the state ended; nothing is written any more, except the goodbye.
  @exclusivity(unchecked) var ending: Ending?
  /// How many datagrams came after the end.
  var lateDatagrams = 0
  /// The time of the call that is under way.
  @exclusivity(unchecked) var now: UInt64 = 0
  /// Where the peer is, and where it was first.
  @exclusivity(unchecked) var remote: QUICAddress
  let firstRemote: QUICAddress

  /// What is left of a connection that ended.
  enum Ending {
    /// Until a time, a datagram is answered with the goodbye.
    case closing(until: UInt64, goodbye: Bytes)
    /// Until a time, datagrams are swallowed.
    case draining(until: UInt64)
    /// Nothing.
    case gone
  }

  init(
    _ number: Int, _ context: QUICContext, isServer: Bool, serverName: String, remote: QUICAddress,
    now: UInt64
  ) {
    self.number = number
    self.context = context
    self.isServer = isServer
    self.serverName = serverName
    self.remote = remote
    firstRemote = remote
    self.now = now
    expectedName = isServer ? nil : strdup(serverName)
    reference = .allocate(capacity: 1)
    reference.initialize(to: ngtcp2_crypto_conn_ref())
    reference.pointee.user_data = Unmanaged.passUnretained(self).toOpaque()
    reference.pointee.get_conn = { QUICConnection.of($0?.pointee.user_data).state }
  }

  deinit {
    if let state { ngtcp2_conn_del(state) }
    if let session { gnutls_deinit(session) }
    reference.deallocate()
    free(expectedName)
  }

  /// The connection that a callback's user data points to.
  static func of(_ pointer: UnsafeMutableRawPointer?) -> QUICConnection {
    guard let pointer else { preconditionFailure("a callback came without its connection") }
    return Unmanaged.fromOpaque(pointer).takeUnretainedValue()
  }

  /// Gives the path between an endpoint's address and the peer's to a body.
  func withPath<Result>(
    to remote: QUICAddress, _ body: (UnsafeMutablePointer<ngtcp2_path>) throws -> Result
  ) rethrows -> Result {
    try context.local.withSocketAddress { here in
      try remote.withSocketAddress { there in
        var path = ngtcp2_path(local: here, remote: there, user_data: nil)
        return try withUnsafeMutablePointer(to: &path) { try body($0) }
      }
    }
  }

  // MARK: Beginnings

  /// Begins a connection as a client.
  ///
  /// - Throws: ``TLSError`` for a ticket or a certificate that GnuTLS refuses, and ``QUICError``.
  func begin(resuming ticket: QUICTicket?) throws {
    try makeSession()
    try TLSError.check(
      gnutls_server_name_set(session, GNUTLS_NAME_DNS, serverName, serverName.utf8.count),
      "naming the server")
    gnutls_session_set_verify_cert(session, expectedName, 0)
    gnutls_handshake_set_hook_function(
      session, fleetlab_tls_any_handshake_message, CInt(GNUTLS_HOOK_POST)
    ) { session, kind, _, _, _ in
      QUICConnection.keepTicket(session, kind)
    }
    if let ticket {
      try TLSError.check(
        gnutls_session_set_data(session, ticket.session, ticket.session.count),
        "resuming a session")
      isResuming = true
    }
    var callbacks = Self.callbacks(isServer: false)
    var settings = context.settings(at: now, qlogOf: self)
    if let ticket, ticket.roundTrip > .zero, context.configuration.remembersRoundTrip {
      settings.initial_rtt = UInt64(ticket.roundTrip.nanoseconds)
    }
    var parameters = context.transportParameters()
    var (destination, source) = (ngtcp2_cid(), ngtcp2_cid())
    context.makeID(&destination, 16)
    context.makeID(&source, Self.idLength)
    madeIDs.append(ConnectionID(source))
    var token = ticket?.token ?? []
    let code = token.withUnsafeMutableBufferPointer { token in
      settings.token = ngtcp2_vec(base: token.baseAddress, len: token.count)
      return withPath(to: remote) { path in
        ngtcp2_conn_client_new_versioned(
          &state, &destination, &source, path, NGTCP2_PROTO_VER_V1, NGTCP2_CALLBACKS_VERSION,
          &callbacks, NGTCP2_SETTINGS_VERSION, &settings, NGTCP2_TRANSPORT_PARAMS_VERSION,
          &parameters, nil, Unmanaged.passUnretained(self).toOpaque())
      }
    }
    try QUICError.check(code, "opening a connection")
    ngtcp2_conn_set_tls_native_handle(state, UnsafeMutableRawPointer(session))
    keepAlive()
    if let ticket, !ticket.parameters.isEmpty {
      var earlier = ngtcp2_transport_params()
      try QUICError.check(
        ngtcp2_decode_transport_params_versioned(
          NGTCP2_TRANSPORT_PARAMS_VERSION, &earlier,
          NGTCP2_TRANSPORT_PARAMS_TYPE_ENCRYPTED_EXTENSIONS, ticket.parameters,
          ticket.parameters.count), "reading the limits of a ticket")
      ngtcp2_conn_set_early_remote_transport_params_versioned(
        state, NGTCP2_TRANSPORT_PARAMS_VERSION, &earlier)
    }
  }

  /// Begins a connection as the server of a client's first packet.
  ///
  /// - Parameters:
  ///   - first: The header of that packet.
  ///   - token: What that packet proves its address with; empty without one.
  ///   - original: The destination that the client chose before a Retry, if there was one.
  func accept(
    _ first: ngtcp2_pkt_hd, token: [UInt8], afterRetryFrom original: ngtcp2_cid?
  ) throws {
    try makeSession()
    try context.server.prepare(session)
    var callbacks = Self.callbacks(isServer: true)
    var settings = context.settings(at: now, qlogOf: self)
    if let roundTrip = context.server.roundTrip(to: remote), roundTrip > .zero {
      settings.initial_rtt = UInt64(roundTrip.nanoseconds)
    }
    var parameters = context.transportParameters()
    parameters.original_dcid = original ?? first.dcid
    if original != nil {
      parameters.retry_scid = first.dcid
      parameters.retry_scid_present = 1
    }
    var (destination, source) = (first.scid, ngtcp2_cid())
    context.makeID(&source, Self.idLength)
    context.makeResetToken(of: source, into: &parameters)
    madeIDs += [ConnectionID(source), ConnectionID(first.dcid)]
    var token = token
    let code = token.withUnsafeMutableBufferPointer { token in
      settings.token = ngtcp2_vec(base: token.baseAddress, len: token.count)
      return withPath(to: remote) { path in
        ngtcp2_conn_server_new_versioned(
          &state, &destination, &source, path, first.version, NGTCP2_CALLBACKS_VERSION, &callbacks,
          NGTCP2_SETTINGS_VERSION, &settings, NGTCP2_TRANSPORT_PARAMS_VERSION, &parameters, nil,
          Unmanaged.passUnretained(self).toOpaque())
      }
    }
    try QUICError.check(code, "accepting a connection")
    ngtcp2_conn_set_tls_native_handle(state, UnsafeMutableRawPointer(session))
    keepAlive()
  }

  private func keepAlive() {
    guard let silence = context.configuration.keepAlive, let state else { return }
    ngtcp2_conn_set_keep_alive_timeout(state, UInt64(max(1, silence.nanoseconds)))
  }

  private func makeSession() throws(TLSError) {
    var flags = isServer ? fleetlab_tls_server_flags : fleetlab_tls_client_flags
    // A ticket of such a server must not offer early data at all (RFC 9001, section 4.6.1).
    if isServer, !context.configuration.acceptsEarlyData { flags &= ~fleetlab_tls_early_data_flag }
    try TLSError.check(gnutls_init(&session, flags), "making a session")
    try TLSError.check(
      gnutls_priority_set_direct(session, QUICContext.priorities, nil), "choosing ciphers")
    try TLSError.check(
      isServer
        ? ngtcp2_crypto_gnutls_configure_server_session(session)
        : ngtcp2_crypto_gnutls_configure_client_session(session), "joining QUIC and TLS")
    gnutls_session_set_ptr(session, reference)
    try TLSError.check(
      gnutls_credentials_set(
        session, GNUTLS_CRD_CERTIFICATE, UnsafeMutableRawPointer(context.identity.credentials)),
      "using an identity")
    var name = Array(context.configuration.applicationProtocol.utf8)
    let code = name.withUnsafeMutableBufferPointer { name in
      var data = gnutls_datum_t(data: name.baseAddress, size: UInt32(name.count))
      return gnutls_alpn_set_protocols(
        session, &data, 1, UInt32(GNUTLS_ALPN_MANDATORY.rawValue))
    }
    try TLSError.check(code, "naming the protocol")
    guard context.configuration.keyLog != nil else { return }
    gnutls_session_set_keylog_function(session) { session, label, secret in
      QUICConnection.log(session, label, secret)
    }
  }
}

/// A call of ngtcp2 that failed.
public struct QUICError: Error, Hashable, CustomStringConvertible {
  /// What was tried.
  public let action: String
  /// The library's error code, below zero.
  public let code: Int32

  /// The error in words.
  public var description: String { "\(action) failed: \(String(cString: ngtcp2_strerror(code)))" }

  /// Throws unless a call succeeded.
  static func check(_ code: Int32, _ action: String) throws(QUICError) {
    guard code == 0 else { throw QUICError(action: action, code: code) }
  }
}
