// What an endpoint answers to datagrams that belong to none of its connections.
import CNgtcp2
import CNgtcp2Crypto
import LabCore

extension QUICEngine {
  /// Opens a connection for a client's first packet, or asks the client to prove its address.
  mutating func accept(_ datagram: Bytes, _ sender: QUICAddress, _ time: UInt64) {
    guard isServer, connections.count < context.configuration.maximumConnections else {
      strayDatagrams += 1
      return
    }
    var first = ngtcp2_pkt_hd()
    let (code, token) = datagram.withUnsafeBytes { bytes in
      let code = ngtcp2_accept(
        &first, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
      let token =
        code == 0 && first.token.len > 0
        ? Array(
          UnsafeBufferPointer(start: first.token.base, count: first.token.len)) : []
      return (code, token)
    }
    guard code == 0 else {
      strayDatagrams += 1
      return
    }
    let proof = AddressProof(token, first, sender, secret: context.server.tokenSecret, now: time)
    if case .none = proof, context.configuration.requiresRetry {
      return askForProof(first, sender, time)
    }
    if case .false = proof {
      strayDatagrams += 1
      return
    }
    let connection = QUICConnection(
      nextNumber, context, isServer: true, serverName: "", remote: sender, now: time)
    do {
      try connection.accept(first, token: token, afterRetryFrom: proof.original)
    } catch {
      strayDatagrams += 1
      return
    }
    nextNumber += 1
    connections[connection.number] = connection
    context.events.append(.accepted(connection: connection.number, from: sender))
    read(datagram, connection, sender, time)
  }

  private mutating func askForProof(
    _ first: ngtcp2_pkt_hd, _ sender: QUICAddress, _ time: UInt64
  ) {
    var first = first
    var id = ngtcp2_cid()
    context.makeID(&id, QUICConnection.idLength)
    var token = [UInt8](repeating: 0, count: 256)
    let secret = context.server.tokenSecret
    let length = sender.withSocketAddress { address in
      ngtcp2_crypto_generate_retry_token(
        &token, secret, secret.count, first.version, address.addr, address.addrlen, &id,
        &first.dcid, time)
    }
    guard length > 0 else { return }
    let count = ngtcp2_crypto_write_retry(
      context.packet, QUICConnection.largestPayload, first.version, &first.scid, &id, &first.dcid,
      token, Int(length))
    send(count, to: sender)
  }

  /// Names the one version to a client that asked for another (RFC 9000, section 6).
  mutating func negotiateVersion(_ datagram: Bytes, _ sender: QUICAddress) {
    // A small datagram could make the answer larger than the question.
    guard isServer, datagram.count >= 1_200, let ids = Header.ids(of: datagram), mayAnswer() else {
      strayDatagrams += 1
      return
    }
    var versions = [UInt32(NGTCP2_PROTO_VER_V1)]
    let count = ngtcp2_pkt_write_version_negotiation(
      context.packet, QUICConnection.largestPayload, context.entropy.bytes(1)[0],
      ids.source, ids.source.count, ids.destination, ids.destination.count, &versions, 1)
    send(count, to: sender)
  }

  /// Tells a peer that its connection is not known here (RFC 9000, section 10.3).
  mutating func refuse(_ datagram: Bytes, _ header: Header, _ sender: QUICAddress) {
    strayDatagrams += 1
    // Shorter than the question, so that two endpoints do not answer each other for ever.
    let length = min(datagram.count - 1, 42)
    guard length >= 41, header.destination.count == QUICConnection.idLength, mayAnswer() else {
      return
    }
    let id = header.destination.cid
    var token = [UInt8](repeating: 0, count: Int(NGTCP2_STATELESS_RESET_TOKENLEN))
    token.withUnsafeMutableBufferPointer { token in
      if let place = token.baseAddress { context.makeResetToken(of: id, at: place) }
    }
    let noise = context.entropy.bytes(length - token.count)
    let count = ngtcp2_pkt_write_stateless_reset(
      context.packet, length, token, noise, noise.count)
    send(count, to: sender)
  }

  /// Whether one more datagram of a stranger may be answered, which is then counted.
  private mutating func mayAnswer() -> Bool {
    if strayAnswers.since == 0 || latest - strayAnswers.since >= 1_000_000_000 {
      strayAnswers = (context.configuration.maximumStrayAnswers, latest)
    }
    guard strayAnswers.left > 0 else { return false }
    strayAnswers.left -= 1
    return true
  }

  private mutating func send(_ count: Int, to address: QUICAddress) {
    guard count > 0 else { return }
    let datagram = Bytes(UnsafeBufferPointer(start: context.packet, count: count))
    context.outbox.append((datagram, address))
  }
}
