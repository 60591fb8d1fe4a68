// What can be read of a packet before anybody knows its connection.
import CNgtcp2
import LabCore

/// The parts of a packet's header that no version changes (RFC 8999).
struct Header {
  /// The connection id that the packet is for, as far as an endpoint of version 1 can have made it.
  let destination: ConnectionID
  /// Whether the header is long, as until the end of the handshake.
  let isLong: Bool
  /// Whether it is of a version that is not spoken here and that can be negotiated.
  let isOtherVersion: Bool

  /// Reads the header of a datagram's first packet; `nil` when there is none.
  init?(_ datagram: Bytes) {
    // An empty datagram ends the process inside ngtcp2, which asserts that there is a byte.
    guard let first = datagram.first else { return nil }
    isLong = first & 0x80 != 0
    guard isLong else {
      let end = 1 + QUICConnection.idLength
      guard datagram.count >= end else { return nil }
      destination = datagram.withUnsafeBytes {
        ConnectionID(UnsafeRawBufferPointer(rebasing: $0[1..<end]))
      }
      isOtherVersion = false
      return
    }
    let fields = Self.decode(datagram) { isOther, fields in
      (isOther, ConnectionID(Self.bytes(fields.dcid, fields.dcidlen)))
    }
    guard let fields else { return nil }
    (isOtherVersion, destination) = fields
  }

  /// The ids of a long header as the other version has them, which may be longer than 20 bytes;
  /// `nil` when there is none.
  static func ids(of datagram: Bytes) -> (destination: [UInt8], source: [UInt8])? {
    decode(datagram) { _, fields in
      (Array(bytes(fields.dcid, fields.dcidlen)), Array(bytes(fields.scid, fields.scidlen)))
    }
  }

  private static func bytes(
    _ start: UnsafePointer<UInt8>?, _ count: Int
  ) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: start, count: count)
  }

  /// Gives a body what ngtcp2 reads, and whether the version is another; `nil` for no header.
  private static func decode<Result>(
    _ datagram: Bytes, _ body: (Bool, ngtcp2_version_cid) -> Result
  ) -> Result? {
    var fields = ngtcp2_version_cid()
    return datagram.withUnsafeBytes { bytes in
      let code = ngtcp2_pkt_decode_version_cid(
        &fields, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count,
        QUICConnection.idLength)
      guard code == 0 || code == NGTCP2_ERR_VERSION_NEGOTIATION else { return nil }
      return body(code != 0, fields)
    }
  }
}
