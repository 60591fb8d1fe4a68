// One segment of the TCP model, and its form as bytes.
public import LabCore

/// A TCP segment between two nodes, with the options that Linux sends.
///
/// Links add the 28 bytes of IPv4 and UDP headers to whatever they carry. A segment has 20 bytes of
/// IPv4 and 20 of TCP header, so it counts and writes its fixed header as 12 bytes: with options
/// and payload the link then sees exactly the packet that TCP would send.
/// - Note: Sequence numbers wrap as on the wire; one port number names both ends of a connection,
///   and one byte of padding stands for the fields that no model reads.
/// > Reference: RFC 9293, section 3.1; RFC 7323 (timestamps, window scale); RFC 2018 (selective
/// > acknowledgement).
public struct TCPSegment: WireMessage {
  /// The control bits that the model uses.
  public struct Flags: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8
    /// Takes the bits of a header.
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    /// The sender has no more data.
    public static let finish = Flags(rawValue: 1)
    /// The sender's first sequence number.
    public static let synchronise = Flags(rawValue: 2)
    /// The connection is not known.
    public static let reset = Flags(rawValue: 4)
    /// The sender has nothing more to send just now.
    public static let push = Flags(rawValue: 8)
    /// The acknowledgement number counts.
    public static let acknowledge = Flags(rawValue: 16)
    /// The sender opened the connection; not a bit of TCP, where the two ports say it.
    public static let fromOpener = Flags(rawValue: 32)

    static let known = Flags(rawValue: 63)
  }

  /// Bytes that the receiver has beyond a hole, as sequence numbers; the end is one beyond.
  public struct Block: Hashable, Sendable {
    /// The sequence number of the first byte.
    public var start: UInt32
    /// The sequence number behind the last byte.
    public var end: UInt32
  }

  /// The most blocks that fit beside timestamps.
  public static let mostBlocks = 3
  /// The bytes of header and timestamps that a segment without other options counts for itself.
  static let plainBytes = 24
  /// What the options of a first segment add: maximum segment size, scale and permission to
  /// acknowledge selectively.
  static let synchroniseBytes = 8
  /// By how many bits the window is shifted.
  static let windowScale = 7

  /// The number of the connection at the node that opened it.
  public var port: UInt16
  /// The control bits.
  public var flags: Flags
  /// The sequence number of the first byte.
  public var sequence: UInt32
  /// The sequence number that the sender expects next.
  public var acknowledgement: UInt32
  /// How many bytes the sender takes beyond its acknowledgement, in units of 128.
  public var window: UInt16
  /// The sender's clock in milliseconds.
  public var timestamp: UInt32
  /// The timestamp that the sender answers.
  public var echo: UInt32
  /// The largest segment that the sender takes; 0 but in a first segment.
  public var maximumSegment: UInt16 = 0
  /// What the sender has beyond a hole, at most ``mostBlocks``.
  public var blocks: [Block] = []
  /// The data.
  public var payload: Bytes = .empty

  init(port: UInt16, flags: Flags, sequence: UInt32, acknowledgement: UInt32) {
    self.port = port
    self.flags = flags
    self.sequence = sequence
    self.acknowledgement = acknowledgement
    (window, timestamp, echo) = (0, 0, 0)
  }

  /// The bytes of some blocks with the kind, the length and the padding before them.
  static func blockBytes(_ count: Int) -> Int { count == 0 ? 0 : 4 + 8 * count }

  public var wireBytes: Int {
    Self.plainBytes + (flags.contains(.synchronise) ? Self.synchroniseBytes : 0)
      + Self.blockBytes(blocks.count) + payload.count
  }

  public func encode(into writer: inout ByteWriter) {
    var bytes = content
    let sum = Self.checksum(bytes)
    bytes[0] = UInt8(sum >> 8)
    bytes[1] = UInt8(sum & 0xff)
    writer.write(raw: bytes)
  }

  /// The encoded segment with a checksum of 0.
  private var content: [UInt8] {
    var writer = ByteWriter()
    writer.write(0 as UInt16)
    writer.write(port)
    writer.write(flags.rawValue)
    writer.write(UInt8(blocks.count))
    writer.write(sequence)
    writer.write(acknowledgement)
    writer.write(window)
    writer.write(timestamp)
    writer.write(echo)
    if flags.contains(.synchronise) {
      writer.write(maximumSegment)
      writer.write(UInt8(Self.windowScale))
      writer.write(raw: [1, 0, 0, 0, 0])
    }
    if !blocks.isEmpty { writer.write(0 as UInt32) }
    for block in blocks {
      writer.write(block.start)
      writer.write(block.end)
    }
    writer.write(raw: payload)
    return writer.finish().array
  }

  public static func decode(_ bytes: Bytes) -> TCPSegment? {
    guard bytes.count >= plainBytes else { return nil }
    var reader = ByteReader(bytes)
    guard reader.read(UInt16.self) != nil, let port = reader.read(UInt16.self),
      let flags = reader.read(UInt8.self).map(Flags.init(rawValue:)),
      let blockCount = reader.read(UInt8.self), blockCount <= mostBlocks,
      Flags.known.isSuperset(of: flags), let sequence = reader.read(UInt32.self),
      let acknowledgement = reader.read(UInt32.self), let window = reader.read(UInt16.self),
      let timestamp = reader.read(UInt32.self), let echo = reader.read(UInt32.self)
    else { return nil }
    var segment = TCPSegment(
      port: port, flags: flags, sequence: sequence, acknowledgement: acknowledgement)
    (segment.window, segment.timestamp, segment.echo) = (window, timestamp, echo)
    if flags.contains(.synchronise) {
      guard let maximumSegment = reader.read(UInt16.self), reader.read(count: 6) != nil
      else { return nil }
      segment.maximumSegment = maximumSegment
    }
    if blockCount > 0, reader.read(UInt32.self) == nil { return nil }
    for _ in 0..<blockCount {
      guard let start = reader.read(UInt32.self), let end = reader.read(UInt32.self) else {
        return nil
      }
      segment.blocks.append(Block(start: start, end: end))
    }
    guard let payload = reader.read(count: reader.remaining) else { return nil }
    segment.payload = payload
    // Whatever else a stranger wrote is no segment: it would be written otherwise.
    return segment.encoded() == bytes ? segment : nil
  }

  /// The ones' complement of the ones' complement sum of the 16-bit words.
  ///
  /// > Reference: RFC 1071.
  private static func checksum(_ bytes: [UInt8]) -> UInt16 {
    var sum: UInt64 = 0
    for index in stride(from: 0, to: bytes.count, by: 2) {
      sum += UInt64(bytes[index]) << 8
      if index + 1 < bytes.count { sum += UInt64(bytes[index + 1]) }
    }
    while sum > 0xffff { sum = (sum & 0xffff) + (sum >> 16) }
    return ~UInt16(sum)
  }

  public func hash(into hasher: inout StableHasher) {
    hasher.combine(UInt64(port) << 32 | UInt64(flags.rawValue) << 16 | UInt64(window))
    hasher.combine(UInt64(sequence) << 32 | UInt64(acknowledgement))
    hasher.combine(UInt64(timestamp) << 32 | UInt64(echo))
    hasher.combine(Int(maximumSegment) << 8 | blocks.count)
    for block in blocks { hasher.combine(UInt64(block.start) << 32 | UInt64(block.end)) }
    hasher.combine(payload)
  }
}

/// Sequence numbers as the model counts them: from 0 at the first byte of data, without wrapping.
enum SequenceNumber {
  /// The count that a number on the wire stands for, the one nearest to a known count.
  static func unwrap(_ number: UInt32, from first: UInt32, near count: Int) -> Int {
    let known = first &+ UInt32(truncatingIfNeeded: count)
    return count + Int(Int32(bitPattern: number &- known))
  }

  /// The number on the wire for a count.
  static func wrap(_ count: Int, from first: UInt32) -> UInt32 {
    first &+ UInt32(truncatingIfNeeded: count)
  }
}
