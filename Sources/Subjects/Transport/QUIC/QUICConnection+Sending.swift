// How a connection fills datagrams.
import CGnuTLS
import CNgtcp2
import DequeModule
import LabCore

extension QUICConnection {
  /// Writes on a stream that is open in this direction.
  func write(_ bytes: Bytes, on id: Int64, isEnd: Bool) {
    let stream: QUICSendBuffer
    if let known = outgoing[id] {
      stream = known
    } else {
      stream = QUICSendBuffer(id)
      // A stream that is gone takes nothing any more.
      guard ngtcp2_conn_set_stream_user_data(state, id, stream.pointer) == 0 else { return }
      outgoing[id] = stream
    }
    guard !stream.isEnded else { return }
    stream.write(bytes, isEnd: isEnd)
    giveTurn(stream)
  }

  /// Lets a stream send when its turn comes, if it has something to send.
  func giveTurn(_ stream: QUICSendBuffer) {
    guard !stream.hasTurn, stream.hasMore else { return }
    stream.hasTurn = true
    turns.append(stream)
  }

  /// Opens a stream; `nil` when the peer lets no more be opened.
  func open(isBidirectional: Bool) -> Int64? {
    var id: Int64 = -1
    let code =
      isBidirectional
      ? ngtcp2_conn_open_bidi_stream(state, &id, nil)
      : ngtcp2_conn_open_uni_stream(state, &id, nil)
    guard code == 0 else { return nil }
    if !isEstablished { earlyStreams.append(id) }
    return id
  }

  /// Sends what was refused as early data again: the same streams with the same bytes.
  ///
  /// ngtcp2 forgets streams and their data with the refusal and counts ids from the first again.
  func sendAgain() {
    turns.removeAll()
    let streams = earlyStreams
    earlyStreams = []
    for id in streams {
      // A server whose limits shrank since the ticket takes fewer streams than were opened.
      guard open(isBidirectional: ngtcp2_is_bidi_stream(id) != 0) == id else {
        outgoing[id] = nil
        context.events.append(.reset(QUICStream(connection: number, id: id), code: 0))
        continue
      }
      guard let stream = outgoing[id] else { continue }
      ngtcp2_conn_set_stream_user_data(state, id, stream.pointer)
      stream.rewind()
      stream.hasTurn = false
      giveTurn(stream)
    }
  }

  /// Fills datagrams until nothing more may be sent now.
  func fill() {
    guard ending == nil, let state else { return }
    var spent = 0
    // Before there is a measured round trip ngtcp2 paces by a guess of 333 ms, which lets a
    // handshake over a short path wait for 24 ms. The first window may go in a burst (RFC 9002,
    // section 7.7).
    let isPaced = context.configuration.isPaced && isEstablished
    let quantum = isPaced ? ngtcp2_conn_get_send_quantum(state) : .max
    while spent < quantum {
      let count = fillOne(state)
      guard count > 0 else {
        if count < 0 { fail(Int32(count)) }
        break
      }
      spent += count
      let datagram = Bytes(UnsafeBufferPointer(start: context.packet, count: count))
      let target = QUICAddress(context.packetPath.pointee.path.remote) ?? remote
      context.outbox.append((datagram, target))
    }
    if isPaced, spent > 0, ending == nil { ngtcp2_conn_update_pkt_tx_time(state, now) }
  }

  /// Fills one datagram with whatever fits.
  ///
  /// - Returns: Its length, 0 for none, or an error of ngtcp2.
  private func fillOne(_ state: OpaquePointer) -> Int {
    var blocked: [QUICSendBuffer] = []
    defer { for stream in blocked where isOpen(stream) { giveTurn(stream) } }
    var info = ngtcp2_pkt_info()
    while true {
      let outcome: Int
      // Before the handshake is done nobody knows whether the peer takes such frames.
      if isEstablished, let frame = datagrams.first {
        outcome = put(frame, state, &info)
      } else if let stream = turns.first {
        outcome = put(stream, state, &info, &blocked)
      } else {
        return ngtcp2_conn_writev_stream_versioned(
          state, &context.packetPath.pointee.path, NGTCP2_PKT_INFO_VERSION, &info, context.packet,
          Self.largestPayload, nil, 0, -1, nil, 0, now)
      }
      if outcome == Int(NGTCP2_ERR_WRITE_MORE) { continue }
      return outcome
    }
  }

  /// Puts a DATAGRAM frame into the packet that is being filled; one that cannot be sent at all is
  /// dropped, as the network would.
  private func put(
    _ frame: Bytes, _ state: OpaquePointer, _ info: inout ngtcp2_pkt_info
  ) -> Int {
    var isAccepted: Int32 = 0
    let outcome = frame.withUnsafeBytes { bytes in
      var vector = ngtcp2_vec(
        base: UnsafeMutablePointer(
          mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)), len: bytes.count)
      return ngtcp2_conn_writev_datagram_versioned(
        state, &context.packetPath.pointee.path, NGTCP2_PKT_INFO_VERSION, &info, context.packet,
        Self.largestPayload, &isAccepted, UInt32(NGTCP2_WRITE_DATAGRAM_FLAG_MORE), 0, &vector, 1,
        now)
    }
    let isUnsendable =
      outcome == Int(NGTCP2_ERR_INVALID_ARGUMENT) || outcome == Int(NGTCP2_ERR_INVALID_STATE)
    if isAccepted != 0 || isUnsendable { datagrams.removeFirst() }
    return isUnsendable ? Int(NGTCP2_ERR_WRITE_MORE) : outcome
  }

  /// Puts the next bytes of a stream into the packet that is being filled, and takes its turn away
  /// when it has no more or may not send.
  private func put(
    _ stream: QUICSendBuffer, _ state: OpaquePointer, _ info: inout ngtcp2_pkt_info,
    _ blocked: inout [QUICSendBuffer]
  ) -> Int {
    let (bytes, isEnd) = stream.next
    var vector = ngtcp2_vec(
      base: UnsafeMutablePointer(
        mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)), len: bytes.count)
    var written: ngtcp2_ssize = -1
    let flags = NGTCP2_WRITE_STREAM_FLAG_MORE | (isEnd ? NGTCP2_WRITE_STREAM_FLAG_FIN : 0)
    let outcome = ngtcp2_conn_writev_stream_versioned(
      state, &context.packetPath.pointee.path, NGTCP2_PKT_INFO_VERSION, &info, context.packet,
      Self.largestPayload, &written, UInt32(flags), stream.id, &vector, 1, now)
    if written >= 0 { stream.advance(written) }
    switch Int32(truncatingIfNeeded: outcome) {
    case NGTCP2_ERR_STREAM_DATA_BLOCKED:
      // The peer's limit on this stream calls it again; the limit on the connection calls nobody,
      // so the stream asks again with the next datagram that may be filled.
      endTurn(stream)
      if ngtcp2_conn_get_max_data_left(state) == 0 {
        blocked.append(stream)
        blocked += turns
        for other in turns { other.hasTurn = false }
        turns.removeAll(keepingCapacity: true)
      }
      return Int(NGTCP2_ERR_WRITE_MORE)
    case NGTCP2_ERR_STREAM_SHUT_WR, NGTCP2_ERR_STREAM_NOT_FOUND:
      endTurn(stream)
      // It is there no more, or takes no more; what was written may still be acknowledged.
      if outcome == Int(NGTCP2_ERR_STREAM_NOT_FOUND) { outgoing[stream.id] = nil }
      stream.giveUp()
      return Int(NGTCP2_ERR_WRITE_MORE)
    default:
      if !stream.hasMore {
        endTurn(stream)
      } else if outcome > 0, turns.count > 1 {
        // The packet is full: the next one begins with another stream.
        turns.append(turns.removeFirst())
      }
      return outcome
    }
  }

  private func endTurn(_ stream: QUICSendBuffer) {
    stream.hasTurn = false
    turns.removeFirst()
  }

  /// Drops what a stream had to send, which has closed.
  func forget(_ id: Int64) {
    guard let stream = outgoing.removeValue(forKey: id), stream.hasTurn else { return }
    stream.hasTurn = false
    turns.removeAll { $0 === stream }
  }

  private func isOpen(_ stream: QUICSendBuffer) -> Bool { outgoing[stream.id] === stream }
}
