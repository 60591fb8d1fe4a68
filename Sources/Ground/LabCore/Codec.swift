/// A message that can be written as bytes and read back.
///
/// Writing and reading are enough for a new message type. Size and hash follow from the bytes; a
/// message that is sent millions of times a second states them itself.
///
/// Reading bytes from the network is the one place where hostile input enters, so it is bounded: a
/// message reads only from the reader it is given and returns `nil` for whatever it does not know.
public protocol WireMessage: Hashable, Sendable, StableHashable {
  /// How many bytes ``encode(into:)`` writes.
  var wireBytes: Int { get }
  /// Appends the message to a buffer.
  func encode(into writer: inout ByteWriter)
  /// Reads a message from bytes that may come from a stranger.
  ///
  /// - Returns: `nil` when the bytes are not exactly one message.
  static func decode(_ bytes: Bytes) -> Self?
}

extension WireMessage {
  /// The message as bytes of its own.
  public func encoded() -> Bytes {
    var writer = ByteWriter()
    encode(into: &writer)
    return writer.finish()
  }

  /// The length of ``encoded()``.
  public var wireBytes: Int { encoded().count }

  /// Feeds ``encoded()``.
  public func hash(into hasher: inout StableHasher) { hasher.combine(encoded()) }
}

/// Builds a run of bytes from integers in network order, byte runs and lengths.
public struct ByteWriter {
  private var buffer: [UInt8] = []

  /// Starts with nothing.
  public init() {}

  /// Appends a fixed-width integer, most significant byte first.
  public mutating func write<Word: FixedWidthInteger>(_ word: Word) {
    withUnsafeBytes(of: word.bigEndian) { buffer.append(contentsOf: $0) }
  }

  /// Appends bytes as they are.
  public mutating func write(raw bytes: some Sequence<UInt8>) { buffer.append(contentsOf: bytes) }

  /// Appends a 32-bit length and the bytes.
  public mutating func write(counted bytes: Bytes) {
    write(bytes.length)
    write(raw: bytes)
  }

  /// The bytes so far.
  public func finish() -> Bytes { Bytes(buffer) }
}

/// Reads integers, byte runs and lengths from bytes, and never beyond their end.
public struct ByteReader {
  private let bytes: Bytes
  private var offset = 0

  /// Starts at the first byte.
  public init(_ bytes: Bytes) { self.bytes = bytes }

  /// How many bytes have not been read.
  public var remaining: Int { bytes.count - offset }

  /// The next fixed-width integer, most significant byte first, or `nil` when too few bytes are
  /// left.
  public mutating func read<Word: FixedWidthInteger>(_ type: Word.Type) -> Word? {
    let width = MemoryLayout<Word>.size
    guard remaining >= width else { return nil }
    var word: Word = 0
    for index in offset..<offset + width {
      word = (word << 8) | Word(truncatingIfNeeded: bytes[index])
    }
    offset += width
    return word
  }

  /// The next bytes, sharing memory with the whole, or `nil` when too few are left.
  public mutating func read(count: Int) -> Bytes? {
    guard count >= 0, remaining >= count else { return nil }
    defer { offset += count }
    return bytes.slice(offset..<offset + count)
  }

  /// A 32-bit length and as many bytes, or `nil` when they are not there.
  public mutating func readCounted() -> Bytes? {
    guard let length = read(UInt32.self) else { return nil }
    return read(count: Int(length))
  }
}

extension Bytes: WireMessage {
  /// The length.
  @inlinable public var wireBytes: Int { count }
  /// Appends the bytes as they are.
  public func encode(into writer: inout ByteWriter) { writer.write(raw: self) }
  /// Any bytes are themselves.
  public static func decode(_ bytes: Bytes) -> Bytes? { bytes }
}
