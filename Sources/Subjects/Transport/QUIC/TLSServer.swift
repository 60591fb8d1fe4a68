// What the connections of a server share: the key of its tickets, and what it remembers of clients.
import CGnuTLS
import CTLS
import LabCore

/// What TLS needs on the side of a server.
final class TLSServer {
  /// What address tokens are signed with.
  let tokenSecret: [UInt8]
  private let acceptsEarlyData: Bool
  private let requiresClientCertificate: Bool
  private let ticketSeconds: Int
  private let maximumRemembered: Int
  private var ticketKey = gnutls_datum_t()
  private var antiReplay: gnutls_anti_replay_t?
  /// The first flights that were taken, with the second in which each may be forgotten.
  private var flights: [[UInt8]: Int] = [:]
  private var nextForgetting = Int.min
  private let remembersRoundTrip: Bool
  /// The last round trip to a client's host.
  private var roundTrips: [[UInt8]: Duration] = [:]
  /// How many first flights were refused because they had been taken before.
  private(set) var replays = 0

  init(_ configuration: QUICConfiguration, tokenSecret: [UInt8]) throws(TLSError) {
    self.tokenSecret = tokenSecret
    acceptsEarlyData = configuration.acceptsEarlyData
    requiresClientCertificate = configuration.requiresClientCertificate
    ticketSeconds = max(1, Int(configuration.ticketLifetime.seconds))
    maximumRemembered = configuration.maximumRememberedFlights
    remembersRoundTrip = configuration.remembersRoundTrip
    try TLSError.check(gnutls_session_ticket_key_generate(&ticketKey), "making a ticket key")
    if let key = configuration.ticketKey {
      guard key.count == Int(ticketKey.size) else {
        throw TLSError(
          action: "taking a ticket key of \(key.count) bytes", code: GNUTLS_E_INVALID_REQUEST)
      }
      ticketKey.data.update(from: key, count: key.count)
    }
    try TLSError.check(gnutls_anti_replay_init(&antiReplay), "remembering first flights")
    // The window must be as long as a ticket lives: when it rolls over, every ticket that was given
    // out before is refused.
    gnutls_anti_replay_set_window(antiReplay, UInt32(min(ticketSeconds, 4_000_000) * 1_000))
    gnutls_anti_replay_set_ptr(antiReplay, Unmanaged.passUnretained(self).toOpaque())
    gnutls_anti_replay_set_add_function(antiReplay) { pointer, expiry, key, _ in
      guard let pointer, let key else { return GNUTLS_E_INTERNAL_ERROR }
      let me = Unmanaged<TLSServer>.fromOpaque(pointer).takeUnretainedValue()
      let name = UnsafeBufferPointer(start: key.pointee.data, count: Int(key.pointee.size))
      return me.remember(Array(name), until: expiry) ? 0 : GNUTLS_E_DB_ENTRY_EXISTS
    }
  }

  deinit {
    gnutls_anti_replay_deinit(antiReplay)
    fleetlab_tls_free(ticketKey.data)
  }

  /// Prepares the session of a connection that is being accepted.
  func prepare(_ session: gnutls_session_t?) throws(TLSError) {
    try TLSError.check(
      gnutls_session_ticket_enable_server(session, &ticketKey), "offering tickets")
    gnutls_db_set_cache_expiration(session, CInt(clamping: ticketSeconds))
    if acceptsEarlyData {
      gnutls_anti_replay_enable(session, antiReplay)
      // QUIC has its own limit, so TLS must name the largest (RFC 9001, section 4.6.1).
      try TLSError.check(
        gnutls_record_set_max_early_data_size(session, Int(UInt32.max)), "allowing early data")
    }
    guard requiresClientCertificate else { return }
    gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUIRE)
    gnutls_session_set_verify_cert(session, nil, 0)
  }

  /// Notes the round trip of a connection that is gone, for the next one with its host.
  func remember(_ connection: QUICConnection) {
    guard remembersRoundTrip, connection.isEstablished, let roundTrip = connection.roundTrip
    else { return }
    // Whoever has many addresses makes the server forget, and nothing worse.
    if roundTrips.count >= 10_000 { roundTrips = [:] }
    roundTrips[connection.remote.host] = roundTrip
  }

  /// The last round trip to a host; without it the first answers to early data are spread over 333
  /// ms (RFC 9002, section 6.2.2, lets a connection begin with that of an earlier one).
  func roundTrip(to address: QUICAddress) -> Duration? { roundTrips[address.host] }

  /// Notes a first flight, unless it is known or there is no room, which refuses its early data.
  private func remember(_ flight: [UInt8], until expiry: Int) -> Bool {
    if flights.count >= maximumRemembered {
      // GnuTLS hands over when each may be forgotten, but not the time; the newest lives longest.
      let now = expiry - ticketSeconds
      if now >= nextForgetting {
        flights = flights.filter { $0.value > now }
        nextForgetting = now + 1
      }
      guard flights.count < maximumRemembered else { return false }
    }
    guard flights.updateValue(expiry, forKey: flight) == nil else {
      replays += 1
      return false
    }
    return true
  }
}
