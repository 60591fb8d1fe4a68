// What ngtcp2 and GnuTLS tell a connection.
import CGnuTLS
import CNgtcp2
import CNgtcp2Crypto
import CTLS
import LabCore

extension QUICConnection {
  /// The functions that ngtcp2 calls: packet protection and the handshake by its own helpers, all
  /// else below.
  static func callbacks(isServer: Bool) -> ngtcp2_callbacks {
    var table = ngtcp2_callbacks()
    if isServer {
      table.recv_client_initial = ngtcp2_crypto_recv_client_initial_cb
    } else {
      table.client_initial = ngtcp2_crypto_client_initial_cb
      table.recv_retry = ngtcp2_crypto_recv_retry_cb
    }
    table.recv_crypto_data = ngtcp2_crypto_recv_crypto_data_cb
    table.encrypt = ngtcp2_crypto_encrypt_cb
    table.decrypt = ngtcp2_crypto_decrypt_cb
    table.hp_mask = ngtcp2_crypto_hp_mask_cb
    table.update_key = ngtcp2_crypto_update_key_cb
    table.delete_crypto_aead_ctx = ngtcp2_crypto_delete_crypto_aead_ctx_cb
    table.delete_crypto_cipher_ctx = ngtcp2_crypto_delete_crypto_cipher_ctx_cb
    table.version_negotiation = ngtcp2_crypto_version_negotiation_cb
    addChance(to: &table)
    addStreams(to: &table)
    addLife(to: &table)
    return table
  }

  private static func addChance(to table: inout ngtcp2_callbacks) {
    table.rand = { memory, count, context in
      guard let memory, let handle = context?.pointee.native_handle else { return }
      Unmanaged<QUICEntropy>.fromOpaque(handle).takeUnretainedValue().fill(memory, count)
    }
    table.get_path_challenge_data = { _, memory, user in
      guard let memory else { return NGTCP2_ERR_CALLBACK_FAILURE }
      QUICConnection.of(user).context.entropy.fill(memory, 8)
      return 0
    }
    table.get_new_connection_id = { _, id, token, length, user in
      guard let id, let token else { return NGTCP2_ERR_CALLBACK_FAILURE }
      let me = QUICConnection.of(user)
      me.context.makeID(&id.pointee, length)
      me.context.makeResetToken(of: id.pointee, at: token)
      me.madeIDs.append(ConnectionID(id.pointee))
      return 0
    }
    table.remove_connection_id = { _, id, user in
      guard let id else { return NGTCP2_ERR_CALLBACK_FAILURE }
      QUICConnection.of(user).retiredIDs.append(ConnectionID(id.pointee))
      return 0
    }
  }

  private static func addStreams(to table: inout ngtcp2_callbacks) {
    table.recv_stream_data = { _, flags, id, _, data, count, user, _ in
      let me = QUICConnection.of(user)
      let bytes = Bytes(Array(UnsafeBufferPointer(start: data, count: count)))
      me.context.events.append(
        .received(
          QUICStream(connection: me.number, id: id), bytes,
          isEnd: flags & UInt32(NGTCP2_STREAM_DATA_FLAG_FIN) != 0,
          isEarly: flags & UInt32(NGTCP2_STREAM_DATA_FLAG_EARLY) != 0))
      return 0
    }
    table.acked_stream_data_offset = { _, _, offset, count, _, stream in
      QUICSendBuffer.of(stream)?.acknowledge(upTo: offset + count)
      return 0
    }
    table.stream_reset = { _, id, _, code, user, _ in
      let me = QUICConnection.of(user)
      me.context.events.append(.reset(QUICStream(connection: me.number, id: id), code: code))
      return 0
    }
    table.stream_close = { state, _, id, _, user, _ in
      let me = QUICConnection.of(user)
      me.forget(id)
      me.context.events.append(.finished(QUICStream(connection: me.number, id: id)))
      // The peer may open another one in its place.
      if ngtcp2_conn_is_local_stream(state, id) == 0 {
        if ngtcp2_is_bidi_stream(id) != 0 {
          ngtcp2_conn_extend_max_streams_bidi(state, 1)
        } else {
          ngtcp2_conn_extend_max_streams_uni(state, 1)
        }
      }
      return 0
    }
    table.extend_max_stream_data = { _, _, _, user, stream in
      if let stream = QUICSendBuffer.of(stream) { QUICConnection.of(user).giveTurn(stream) }
      return 0
    }
    table.extend_max_local_streams_bidi = { _, _, user in
      let me = QUICConnection.of(user)
      guard me.wantsStreams else { return 0 }
      me.wantsStreams = false
      me.context.events.append(.moreStreams(connection: me.number))
      return 0
    }
    table.extend_max_local_streams_uni = table.extend_max_local_streams_bidi
    table.recv_datagram = { _, _, data, count, user in
      let me = QUICConnection.of(user)
      let bytes = Bytes(Array(UnsafeBufferPointer(start: data, count: count)))
      me.context.events.append(.receivedDatagram(connection: me.number, bytes))
      return 0
    }
  }

  private static func addLife(to table: inout ngtcp2_callbacks) {
    table.handshake_completed = { _, user in QUICConnection.of(user).completeHandshake() }
    table.early_data_rejected = { _, user in
      QUICConnection.of(user).sendAgain()
      return 0
    }
    table.recv_new_token = { _, token, user in
      guard let token else { return NGTCP2_ERR_CALLBACK_FAILURE }
      let me = QUICConnection.of(user)
      me.addressToken = Array(
        UnsafeBufferPointer(start: token.pointee.base, count: token.pointee.len))
      return 0
    }
    table.path_validation = { _, _, path, result, user in
      let me = QUICConnection.of(user)
      guard result == NGTCP2_PATH_VALIDATION_RESULT_SUCCESS, let path,
        let address = QUICAddress(path.pointee.remote)
      else { return 0 }
      me.remote = address
      me.context.events.append(.moved(connection: me.number, to: address))
      return 0
    }
    table.recv_stateless_reset = { _, _, user in
      let me = QUICConnection.of(user)
      me.end(.gone, QUICClosing(.statelessReset, isByPeer: true))
      return 0
    }
  }

  private func completeHandshake() -> Int32 {
    isEstablished = true
    var earlyData = EarlyData.none
    let hasEarly = gnutls_session_get_flags(session) & GNUTLS_SFLAGS_EARLY_DATA.rawValue != 0
    if isServer {
      // Without a ticket the client cannot come back sooner; the connection itself is sound.
      guard gnutls_session_ticket_send(session, 1, 0) == 0 else {
        return NGTCP2_ERR_CALLBACK_FAILURE
      }
      giveAddressToken()
      earlyData = hasEarly ? .accepted : .none
    } else if isResuming {
      earlyData = hasEarly ? .accepted : .refused
      if !hasEarly, ngtcp2_conn_early_data_rejected(state) != 0 {
        return NGTCP2_ERR_CALLBACK_FAILURE
      }
    }
    context.events.append(
      .established(
        connection: number, peer: peerName, isResumed: gnutls_session_is_resumed(session) != 0,
        earlyData: earlyData))
    return 0
  }

  private func giveAddressToken() {
    var token = [UInt8](repeating: 0, count: 128)
    let secret = context.server.tokenSecret
    let count = remote.withSocketAddress { address in
      ngtcp2_crypto_generate_regular_token(
        &token, secret, secret.count, address.addr, address.addrlen, now)
    }
    guard count > 0 else { return }
    ngtcp2_conn_submit_new_token(state, token, Int(count))
  }

  /// The common name of the peer's certificate; `nil` when it showed none.
  var peerName: String? {
    var count: UInt32 = 0
    guard let chain = gnutls_certificate_get_peers(session, &count), count > 0 else { return nil }
    return X509Certificate.commonName(inDER: chain)
  }

  /// Keeps a session ticket that came after the handshake.
  static func keepTicket(_ session: gnutls_session_t?, _ kind: UInt32) -> Int32 {
    guard kind == GNUTLS_HANDSHAKE_NEW_SESSION_TICKET.rawValue else { return 0 }
    var data = gnutls_datum_t()
    let code = gnutls_session_get_data2(session, &data)
    guard code == 0 else { return code }
    defer { fleetlab_tls_free(data.data) }
    of(session).sessionTicket = Array(
      UnsafeBufferPointer(start: data.data, count: Int(data.size)))
    return 0
  }

  /// Hands a secret to the key log.
  static func log(
    _ session: gnutls_session_t?, _ label: UnsafePointer<CChar>?,
    _ secret: UnsafePointer<gnutls_datum_t>?
  ) -> Int32 {
    guard let label, let secret else { return 0 }
    var (client, server) = (gnutls_datum_t(), gnutls_datum_t())
    gnutls_session_get_random(session, &client, &server)
    let words = [client, secret.pointee].map { data in
      UnsafeBufferPointer(start: data.data, count: Int(data.size)).map { byte in
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
      }.joined()
    }
    of(session).context.configuration.keyLog?(
      "\(String(cString: label)) \(words[0]) \(words[1])")
    return 0
  }

  private static func of(_ session: gnutls_session_t?) -> QUICConnection {
    guard let pointer = gnutls_session_get_ptr(session) else {
      preconditionFailure("a session came without its connection")
    }
    return of(pointer.assumingMemoryBound(to: ngtcp2_crypto_conn_ref.self).pointee.user_data)
  }
}
