// What can be read of a packet before anybody knows its connection.
import CNgtcp2
import LabCore

/// The parts of a packet's header that no version changes (RFC 8999).
struct Header {
  /// The connection id that the packet is for.
  let destination: Bytes
  /// The sender's own; empty in a short header.
  let source: Bytes
  /// Whether the header is long, as until the end of the handshake.
  let isLong: Bool
  /// Whether it is of a version that is not spoken here and that can be negotiated.
  let isOtherVersion: Bool

  /// Reads the header of a datagram's first packet; `nil` when there is none.
  init?(_ datagram: Bytes) {
    // An empty datagram ends the process inside ngtcp2, which asserts that there is a byte.
    guard !datagram.isEmpty else { return nil }
    var fields = ngtcp2_version_cid()
    let code = datagram.withUnsafeBytes { bytes in
      let code = ngtcp2_pkt_decode_version_cid(
        &fields, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count,
        QUICConnection.idLength)
      guard code == 0 || code == NGTCP2_ERR_VERSION_NEGOTIATION else {
        return (code, Bytes.empty, Bytes.empty)
      }
      return (
        code, Bytes(UnsafeBufferPointer(start: fields.dcid, count: fields.dcidlen)),
        Bytes(UnsafeBufferPointer(start: fields.scid, count: fields.scidlen))
      )
    }
    guard code.0 == 0 || code.0 == NGTCP2_ERR_VERSION_NEGOTIATION else { return nil }
    (destination, source) = (code.1, code.2)
    isOtherVersion = code.0 == NGTCP2_ERR_VERSION_NEGOTIATION
    isLong = datagram.first.map { $0 & 0x80 != 0 } ?? false
  }
}
