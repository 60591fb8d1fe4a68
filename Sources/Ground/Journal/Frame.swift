// The unit in which a journal writes: a batch of operations under one checksum.

import LabCore

/// The header of a frame.
///
/// | Bytes | Field |
/// |---|---|
/// | 4 | a mark by which a search finds frames |
/// | 4 | length of the payload; 0 in a seal |
/// | 8 | ordinal: how many frames the file holds before this one |
/// | 8 | index which the next appended record had when the frame began |
/// | 4 | CRC-32C of the payload |
/// | 4 | CRC-32C of the file's identity and generation, the frame's offset, and the bytes above |
///
/// Because the checksum covers where the frame belongs, bytes of another file, of an earlier file
/// of the same journal or of another offset are no frame, even if they once were one.
struct FrameHeader: Hashable, Sendable {
  static let size = 32
  static let mark: UInt32 = 0xf1ee_710c

  var payloadLength: UInt32
  var ordinal: UInt64
  var nextIndex: UInt64
  var payloadChecksum: UInt32

  /// Whether this is a seal, which says that everything before it was synced.
  var isSeal: Bool { payloadLength == 0 }

  /// Writes the header over the first bytes of a frame.
  func encode(into frame: inout [UInt8], at offset: Int, of file: FileHeader) {
    var writer = ByteWriter()
    writer.write(Self.mark)
    writer.write(payloadLength)
    writer.write(ordinal)
    writer.write(nextIndex)
    writer.write(payloadChecksum)
    writer.write(Self.checksum(of: writer.finish(), at: offset, of: file))
    frame.replaceSubrange(0..<Self.size, with: writer.finish().array)
  }

  /// Reads the header of a frame that belongs at an offset of a file.
  ///
  /// - Returns: `nil` when the bytes are not such a header.
  init?(_ bytes: Bytes, at offset: Int, of file: FileHeader) {
    var reader = ByteReader(bytes)
    guard let mark = reader.read(UInt32.self), mark == Self.mark,
      let payloadLength = reader.read(UInt32.self), let ordinal = reader.read(UInt64.self),
      let nextIndex = reader.read(UInt64.self), let payloadChecksum = reader.read(UInt32.self),
      let checksum = reader.read(UInt32.self),
      checksum == Self.checksum(of: bytes.slice(0..<Self.size - 4), at: offset, of: file)
    else { return nil }
    self.payloadLength = payloadLength
    self.ordinal = ordinal
    self.nextIndex = nextIndex
    self.payloadChecksum = payloadChecksum
  }

  private static func checksum(of bytes: Bytes, at offset: Int, of file: FileHeader) -> UInt32 {
    var check = CRC32C()
    check.update(file.identity)
    check.update(file.generation)
    check.update(UInt64(offset))
    check.update(bytes)
    return check.checksum
  }
}

/// Where the bytes of one record lie.
struct Location: Hashable, Sendable {
  /// The offset in the journal's file.
  var offset: Int
  var length: UInt32
  /// The CRC-32C of the record alone, so that reading it again never hands out rotten bytes.
  var checksum: UInt32
}

/// A frame under construction, with room for its header in front.
///
/// The payload is a row of operations: the byte 1, a 32-bit length and a record for an append; the
/// byte 2 and a 64-bit index for a truncation.
struct PendingFrame: Hashable, Sendable {
  static let appendMark: UInt8 = 1
  static let truncateMark: UInt8 = 2
  /// Bytes that an append needs beside its record.
  static let appendOverhead = 5
  /// Bytes that a truncation needs.
  static let truncateSize = 9

  private(set) var bytes = [UInt8](repeating: 0, count: FrameHeader.size)
  private(set) var operations = 0
  /// The index which the next appended record had when the frame began.
  let nextIndex: UInt64

  init(nextIndex: UInt64) { self.nextIndex = nextIndex }

  var payloadLength: Int { bytes.count - FrameHeader.size }

  /// Adds a record, and says where it will lie in a frame at an offset.
  mutating func append(_ record: Bytes, frameAt offset: Int) -> Location {
    bytes.append(Self.appendMark)
    Swift.withUnsafeBytes(of: record.length.bigEndian) { bytes.append(contentsOf: $0) }
    let start = offset + bytes.count
    record.withUnsafeBytes { bytes.append(contentsOf: $0) }
    operations += 1
    let checksum = CRC32C.checksum(of: record)
    return Location(offset: start, length: record.length, checksum: checksum)
  }

  /// Adds a truncation.
  mutating func truncate(from index: UInt64) {
    bytes.append(Self.truncateMark)
    Swift.withUnsafeBytes(of: index.bigEndian) { bytes.append(contentsOf: $0) }
    operations += 1
  }

  /// Takes back the last operation, which began where the payload had a length.
  mutating func removeLast(toPayloadLength length: Int) {
    bytes.removeLast(payloadLength - length)
    operations -= 1
  }

  /// The whole frame, ready for its place in a file.
  mutating func sealed(at offset: Int, ordinal: UInt64, of file: FileHeader) -> Bytes {
    var check = CRC32C()
    bytes.withUnsafeBytes { whole in
      check.update(UnsafeRawBufferPointer(rebasing: whole[FrameHeader.size...]))
    }
    let header = FrameHeader(
      payloadLength: UInt32(payloadLength), ordinal: ordinal, nextIndex: nextIndex,
      payloadChecksum: check.checksum)
    header.encode(into: &bytes, at: offset, of: file)
    return Bytes(bytes)
  }
}

extension FrameHeader {
  init(payloadLength: UInt32, ordinal: UInt64, nextIndex: UInt64, payloadChecksum: UInt32) {
    self.payloadLength = payloadLength
    self.ordinal = ordinal
    self.nextIndex = nextIndex
    self.payloadChecksum = payloadChecksum
  }
}
