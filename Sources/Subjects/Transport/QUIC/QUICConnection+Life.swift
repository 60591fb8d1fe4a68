// How a connection reads datagrams, and how it ends.
import CGnuTLS
import CNgtcp2
import CTLS
import DequeModule
import LabCore

extension QUICConnection {
  /// Reads a datagram from an address.
  func read(_ datagram: Bytes, from sender: QUICAddress) {
    if let ending {
      // Ever less often, so that two endpoints, or a stranger who knows an id, make no storm of it
      // (RFC 9000, section 10.2.1).
      lateDatagrams += 1
      if case .closing(_, let goodbye) = ending, lateDatagrams.nonzeroBitCount == 1 {
        context.outbox.append((goodbye, remote))
      }
      return
    }
    var info = ngtcp2_pkt_info()
    let code = datagram.withUnsafeBytes { bytes in
      withPath(to: sender) { path in
        ngtcp2_conn_read_pkt_versioned(
          state, path, NGTCP2_PKT_INFO_VERSION, &info,
          bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count, now)
      }
    }
    if code != 0 { fail(code) }
    tellTicket()
  }

  /// Does what is due by now.
  func expire() {
    switch ending {
    case .closing(let until, _), .draining(let until):
      if until <= now { ending = .gone }
    case .gone: break
    case nil:
      let code = ngtcp2_conn_handle_expiry(state, now)
      if code != 0 { fail(code) }
    }
  }

  /// When the connection next has something to do; `nil` for never.
  var deadline: UInt64? {
    switch ending {
    case .closing(let until, _), .draining(let until): return until
    case .gone: return nil
    case nil:
      let time = ngtcp2_conn_get_expiry(state)
      return time == .max ? nil : time
    }
  }

  /// The smoothed round trip; `nil` before it was measured.
  var roundTrip: Duration? {
    guard let state else { return nil }
    var figures = ngtcp2_conn_stat()
    ngtcp2_conn_get_conn_stat_versioned(state, NGTCP2_CONN_STAT_VERSION, &figures)
    guard figures.first_rtt_sample_ts != .max else { return nil }
    return .nanoseconds(Int64(figures.smoothed_rtt))
  }

  /// Whether nothing is left of the connection.
  var isGone: Bool {
    if case .gone = ending { return true }
    return false
  }

  /// Tells the newest session ticket with what belongs to it, once both sides know the handshake's
  /// end.
  private func tellTicket() {
    guard let ticket = sessionTicket, isEstablished, ending == nil else { return }
    sessionTicket = nil
    var encoded = [UInt8](repeating: 0, count: 512)
    var limits = ngtcp2_conn_get_remote_transport_params(state).pointee
    let count = ngtcp2_encode_transport_params_versioned(
      &encoded, encoded.count, NGTCP2_TRANSPORT_PARAMS_TYPE_ENCRYPTED_EXTENSIONS,
      NGTCP2_TRANSPORT_PARAMS_VERSION, &limits)
    context.events.append(
      .ticket(
        connection: number,
        QUICTicket(
          serverName: serverName, session: ticket, parameters: Array(encoded.prefix(max(0, count))),
          roundTrip: roundTrip ?? .zero,
          token: addressToken)))
  }

  // MARK: Ends

  /// Ends the connection with the protocol's own code.
  func close(code: UInt64, reason: String) {
    guard ending == nil else { return }
    var error = ngtcp2_connection_close_error()
    let words = Array(reason.utf8.prefix(256))
    words.withUnsafeBufferPointer { words in
      ngtcp2_connection_close_error_set_application_error(
        &error, code, words.baseAddress, words.count)
      sayGoodbye(&error, QUICClosing(.application(code), isByPeer: false, reason: reason))
    }
  }

  /// Notes an end and tells it once.
  func end(_ ending: Ending, _ closing: QUICClosing) {
    guard self.ending == nil else { return }
    self.ending = ending
    context.events.append(.closed(connection: number, closing))
    turns = []
    datagrams = []
    outgoing = [:]
  }

  /// Ends the connection after an error of ngtcp2.
  func fail(_ code: Int32) {
    switch code {
    case NGTCP2_ERR_DRAINING: end(.draining(until: now + patience), peersClosing)
    case NGTCP2_ERR_IDLE_CLOSE: end(.gone, QUICClosing(.idle, isByPeer: false))
    case NGTCP2_ERR_HANDSHAKE_TIMEOUT:
      end(.gone, QUICClosing(.handshakeTimeout, isByPeer: false))
    case NGTCP2_ERR_RECV_VERSION_NEGOTIATION:
      end(.gone, QUICClosing(.otherVersions, isByPeer: true))
    case NGTCP2_ERR_DROP_CONN, NGTCP2_ERR_RETRY:
      end(.gone, QUICClosing(.transport(0), isByPeer: true, reason: words(of: code)))
    case NGTCP2_ERR_CRYPTO:
      let alert = ngtcp2_conn_get_tls_alert(state)
      var error = ngtcp2_connection_close_error()
      ngtcp2_connection_close_error_set_transport_error_tls_alert(&error, alert, nil, 0)
      let why = certificateProblem
      sayGoodbye(&error, QUICClosing(.alert(alert), isByPeer: false, reason: why))
    default:
      var error = ngtcp2_connection_close_error()
      ngtcp2_connection_close_error_set_transport_error_liberr(&error, code, nil, 0)
      let closing = QUICClosing(
        .transport(error.error_code), isByPeer: false, reason: words(of: code))
      sayGoodbye(&error, closing)
    }
  }

  private func words(of code: Int32) -> String { String(cString: ngtcp2_strerror(code)) }

  /// How long the state of an ended connection is kept: three probe timeouts (RFC 9000, section
  /// 10.2).
  private var patience: UInt64 { 3 * ngtcp2_conn_get_pto(state) }

  private func sayGoodbye(
    _ error: inout ngtcp2_connection_close_error, _ closing: QUICClosing
  ) {
    var info = ngtcp2_pkt_info()
    let count = ngtcp2_conn_write_connection_close_versioned(
      state, &context.packetPath.pointee.path, NGTCP2_PKT_INFO_VERSION, &info, context.packet,
      Self.largestPayload, &error, now)
    // Before there are keys there is nothing to write a goodbye with.
    guard count > 0 else { return end(.gone, closing) }
    let goodbye = Bytes(UnsafeBufferPointer(start: context.packet, count: count))
    end(.closing(until: now + patience, goodbye: goodbye), closing)
    context.outbox.append((goodbye, remote))
  }

  private var peersClosing: QUICClosing {
    var error = ngtcp2_connection_close_error()
    ngtcp2_conn_get_connection_close_error(state, &error)
    let words = UnsafeBufferPointer(start: error.reason, count: error.reasonlen)
    let reason = String(decoding: words.prefix(256), as: UTF8.self)
    let kind: QUICClosing.Kind =
      switch error.type {
      case NGTCP2_CONNECTION_CLOSE_ERROR_CODE_TYPE_APPLICATION: .application(error.error_code)
      // CRYPTO_ERROR of RFC 9000, section 20.1: the low byte is the alert.
      case _ where (0x100...0x1ff).contains(error.error_code):
        .alert(UInt8(error.error_code & 0xff))
      default: .transport(error.error_code)
      }
    return QUICClosing(kind, isByPeer: true, reason: reason)
  }

  /// What is wrong with the peer's certificate, in GnuTLS's words; empty when it is something else.
  private var certificateProblem: String {
    let status = gnutls_session_get_verify_cert_status(session)
    guard status != 0, status != .max else { return "" }
    var text = gnutls_datum_t()
    guard
      gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, &text, 0) == 0
    else { return "" }
    defer { fleetlab_tls_free(text.data) }
    return String(
      decoding: UnsafeBufferPointer(start: text.data, count: Int(text.size)), as: UTF8.self)
  }
}
