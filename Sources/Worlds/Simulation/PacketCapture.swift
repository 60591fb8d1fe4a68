// The datagrams of a run as a capture file that Wireshark and tshark open.
public import LabCore

/// Writes the arrivals of a trace as pcapng: raw IPv4 packets with UDP headers, one node an
/// address.
///
/// Node n has the address 10.n₂.n₁.n₀ + 1 and the port 4433 + n mod 1,000. A datagram is one packet
/// at the moment in which it arrives; lost ones are packets too, at the moment of their loss, with
/// a comment that says why.
/// - Determinism: The trace fixes every byte.
/// > Reference: Tuexen et al., *PCAP Next Generation Capture File Format*, section 4; link type
/// > 101, raw IP; RFC 791, RFC 768 (a checksum of zero says that there is none).
public enum PacketCapture {
  /// The capture of a trace.
  ///
  /// Payloads beyond what an IPv4 packet holds are left out, as such a datagram cannot be sent.
  /// - Parameters:
  ///   - comment: A remark on the whole capture, as readers show it.
  ///   - keyLog: Lines of an NSS key log, by which readers decrypt the packets.
  public static func pcapng(
    _ trace: Trace, comment: String? = nil, keyLog: [String] = []
  ) -> Bytes {
    var writer = LittleEndianWriter()
    // Section header: byte-order magic, version 1.0, section length unknown.
    writer.block(type: 0x0a0d_0d0a) { body in
      body.write(0x1a2b_3c4d as UInt32)
      body.write(1 as UInt16)
      body.write(0 as UInt16)
      body.write(UInt64.max)
      if let comment {
        body.option(1, Array(comment.utf8))
        body.option(0, [])
      }
    }
    // Interface: raw IP, no limit on length, times in nanoseconds.
    writer.block(type: 1) { body in
      body.write(101 as UInt16)
      body.write(0 as UInt16)
      body.write(0 as UInt32)
      body.option(9, [9])
      body.option(0, [])
    }
    if !keyLog.isEmpty {
      // Decryption secrets block: a TLS key log.
      let text = Array(keyLog.map { $0 + "\n" }.joined().utf8)
      writer.block(type: 10) { body in
        body.write(0x544c_534b as UInt32)
        body.write(UInt32(text.count))
        body.padded(text)
      }
    }
    for event in trace.events {
      guard let node = event.node else { continue }
      switch event.kind {
      case .received(let sender, _, let payload):
        packet(event.time, from: sender, to: node, payload, comment: nil, &writer)
      case .lost(let receiver, let reason, let payload):
        packet(event.time, from: node, to: receiver, payload, comment: "lost: \(reason)", &writer)
      default: continue
      }
    }
    return Bytes(writer.bytes)
  }

  private static func packet(
    _ time: Instant, from sender: NodeID, to receiver: NodeID, _ payload: Bytes, comment: String?,
    _ writer: inout LittleEndianWriter
  ) {
    let length = payload.count + 28
    guard length <= 65_535 else { return }
    var packet = ipv4Header(length: length, from: sender, to: receiver)
    for word in [port(sender), port(receiver), UInt16(payload.count + 8), 0] {
      packet += [UInt8(word >> 8), UInt8(word & 0xff)]
    }
    packet += payload.array
    writer.block(type: 6) { body in
      body.write(0 as UInt32)
      let stamp = UInt64(time.nanoseconds)
      body.write(UInt32(stamp >> 32))
      body.write(UInt32(truncatingIfNeeded: stamp))
      body.write(UInt32(packet.count))
      body.write(UInt32(packet.count))
      body.padded(packet)
      if let comment {
        body.option(1, Array(comment.utf8))
        body.option(0, [])
      }
    }
  }

  private static func ipv4Header(length: Int, from: NodeID, to: NodeID) -> [UInt8] {
    var header: [UInt8] = [0x45, 0, UInt8(length >> 8), UInt8(length & 0xff)]
    header += [0, 0, 0x40, 0, 64, 17, 0, 0] + address(from) + address(to)
    var sum: UInt32 = 0
    for index in stride(from: 0, to: header.count, by: 2) {
      sum += UInt32(header[index]) << 8 | UInt32(header[index + 1])
    }
    while sum > 0xffff { sum = (sum & 0xffff) + (sum >> 16) }
    let checksum = ~UInt16(sum)
    header[10] = UInt8(checksum >> 8)
    header[11] = UInt8(checksum & 0xff)
    return header
  }

  private static func address(_ node: NodeID) -> [UInt8] {
    let number = node.index + 1
    return [10, UInt8(number >> 16 & 0xff), UInt8(number >> 8 & 0xff), UInt8(number & 0xff)]
  }

  private static func port(_ node: NodeID) -> UInt16 { UInt16(4433 + node.index % 1_000) }
}

/// Builds blocks of a little-endian file, each with its length before and after.
private struct LittleEndianWriter {
  private(set) var bytes: [UInt8] = []

  mutating func write<Word: FixedWidthInteger>(_ word: Word) {
    withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func padded(_ content: [UInt8]) {
    bytes += content
    bytes += Array(repeating: 0, count: (4 - content.count % 4) % 4)
  }

  mutating func option(_ code: UInt16, _ content: [UInt8]) {
    write(code)
    write(UInt16(content.count))
    padded(content)
  }

  mutating func block(type: UInt32, _ fill: (inout LittleEndianWriter) -> Void) {
    var body = LittleEndianWriter()
    fill(&body)
    let length = UInt32(body.bytes.count + 12)
    write(type)
    write(length)
    bytes += body.bytes
    write(length)
  }
}
