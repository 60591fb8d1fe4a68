// What a learner keeps on disk, so that it can go on as if nothing had happened.

import Journal
public import LabCore
import LinearAlgebra

/// Named parts of a learner's state, in one file with a checksum.
///
/// | Bytes | Field |
/// |---|---|
/// | 8 | the letters `FLEETLRN` |
/// | 4 | version of the format |
/// | 4 + n | the algorithm's name, behind its length |
/// | 4 | how many parts follow, in the order of their names |
/// | for each: 4 + n, 4 + m | its name and its content, each behind its length |
/// | 4 | CRC-32C of the bytes above |
///
/// Integers stand most significant byte first; numbers are their bit patterns. The same state gives
/// the same bytes. A file is replaced as a whole or not at all.
public struct Checkpoint: Hashable, Sendable {
  /// Which algorithm's state it is.
  public let algorithm: String
  var parts: [String: Bytes] = [:]
  /// The bytes of parts that were left out because a file cannot hold even one of them.
  private var excess = 0

  static let version: UInt32 = 1
  private static let letters: UInt64 = 0x464c_4545_544c_524e
  /// The greatest file that is read, and so the greatest that is written.
  static let sizeLimit = ByteCount(1 << 30)

  /// Begins without parts.
  public init(algorithm: String) { self.algorithm = algorithm }

  // MARK: Parts

  /// Keeps whole numbers.
  public mutating func keep(_ name: String, words: [UInt64]) {
    guard hasRoom(for: 8 * words.count) else { return }
    var writer = ByteWriter()
    for word in words { writer.write(word) }
    parts[name] = writer.finish()
  }

  /// Whole numbers that were kept.
  ///
  /// - Parameter count: How many there must be, where that is known.
  /// - Throws: ``LearningError/otherContent(part:found:expected:)``.
  public func words(_ name: String, count: Int? = nil) throws(LearningError) -> [UInt64] {
    let bytes = try part(name)
    guard bytes.count % 8 == 0, count.map({ bytes.count == 8 * $0 }) ?? true else {
      throw .otherContent(
        part: name, found: "\(bytes.count) B", expected: count.map { "\(8 * $0) B" } ?? "words")
    }
    var reader = ByteReader(bytes)
    return (0..<(bytes.count / 8)).compactMap { _ in reader.read(UInt64.self) }
  }

  /// Keeps a text.
  mutating func keep(_ name: String, text: String) { parts[name] = Bytes(Array(text.utf8)) }

  /// A text that was kept.
  ///
  /// - Throws: ``LearningError/otherContent(part:found:expected:)``.
  func text(_ name: String) throws(LearningError) -> String {
    guard let text = String(validating: try part(name).array, as: UTF8.self) else {
      throw .otherContent(part: name, found: "no text", expected: "text")
    }
    return text
  }

  /// How many bytes a part has.
  ///
  /// - Throws: ``LearningError/otherContent(part:found:expected:)`` where it is missing.
  func size(_ name: String) throws(LearningError) -> Int { try part(name).count }

  /// Keeps the numbers of parameters.
  public mutating func keep(_ name: String, _ parameters: [Parameter]) {
    keep(name, parameters.map(\.values))
  }

  /// Gives parameters the numbers that were kept.
  ///
  /// - Throws: ``LearningError/otherContent(part:found:expected:)`` when there are more or fewer;
  ///   then nothing is changed.
  public func restore(_ name: String, to parameters: [Parameter]) throws(LearningError) {
    try fill(parameters.map(\.values), from: name)
  }

  /// Keeps the first rows of a matrix.
  mutating func keep(_ name: String, _ matrix: UnsafeMatrixView, rows: Int) {
    keep(name, [matrix.rows(0..<rows)])
  }

  /// Gives the first rows of a matrix the numbers that were kept.
  ///
  /// - Throws: ``LearningError/otherContent(part:found:expected:)`` when there are more or fewer;
  ///   then nothing is changed.
  func restore(
    _ name: String, to matrix: UnsafeMatrixView, rows: Int
  ) throws(LearningError) {
    try fill([matrix.rows(0..<rows)], from: name)
  }

  private mutating func keep(_ name: String, _ views: [UnsafeMatrixView]) {
    let size = 4 * views.reduce(0) { $0 + $1.count }
    guard hasRoom(for: size) else { return }
    var content: [UInt8] = []
    content.reserveCapacity(size)
    for view in views {
      for index in 0..<view.count {
        withUnsafeBytes(of: view.base[index].bitPattern.bigEndian) { content += $0 }
      }
    }
    parts[name] = Bytes(content)
  }

  /// Whether a file can hold a part of such a size; one that it cannot is only counted, so that
  /// writing refuses before memory is taken for it.
  private mutating func hasRoom(for size: Int) -> Bool {
    let fits = size <= Self.sizeLimit.bytes
    if !fits { excess += size }
    return fits
  }

  private func fill(_ views: [UnsafeMatrixView], from name: String) throws(LearningError) {
    let bytes = try part(name)
    let count = views.reduce(0) { $0 + $1.count }
    guard bytes.count == 4 * count else {
      throw .otherContent(
        part: name, found: "\(bytes.count / 4) numbers", expected: "\(count) numbers")
    }
    bytes.withUnsafeBytes { content in
      var offset = 0
      for view in views {
        for index in 0..<view.count {
          let pattern = content.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
          view.base[index] = Float(bitPattern: UInt32(bigEndian: pattern))
          offset += 4
        }
      }
    }
  }

  /// Keeps the moments, the count of steps and the rate of an optimiser, but not what it moves.
  public mutating func keep(_ name: String, _ optimiser: Optimiser) {
    keep(name, optimiser.means + optimiser.squares)
    keep(name + ".steps", words: [UInt64(optimiser.steps), optimiser.rate.bitPattern])
  }

  /// Gives an optimiser what was kept of it.
  ///
  /// - Throws: ``LearningError/otherContent(part:found:expected:)``; then nothing is changed.
  public func restore(_ name: String, to optimiser: inout Optimiser) throws(LearningError) {
    let words = try words(name + ".steps", count: 2)
    guard words[0] <= Self.greatestCount else {
      throw .otherContent(
        part: name, found: "\(words[0]) steps", expected: "a count of steps up to 2^53")
    }
    try restore(name, to: optimiser.means + optimiser.squares)
    optimiser.steps = Int(words[0])
    optimiser.rate = Double(bitPattern: words[1])
  }

  /// Keeps where a random stream stands.
  public mutating func keep(_ name: String, _ random: RandomStream) {
    keep(name, words: random.words)
  }

  /// A random stream that goes on where a kept one stood.
  ///
  /// - Throws: ``LearningError/otherContent(part:found:expected:)``.
  public func random(_ name: String) throws(LearningError) -> RandomStream {
    guard let stream = RandomStream(words: try words(name, count: 4)) else {
      throw .otherContent(part: name, found: "zeros", expected: "a random stream")
    }
    return stream
  }

  private func part(_ name: String) throws(LearningError) -> Bytes {
    guard let bytes = parts[name] else {
      throw .otherContent(part: name, found: "missing", expected: "that it is there")
    }
    return bytes
  }

  // MARK: Files

  /// Replaces or makes a file that holds the parts.
  ///
  /// - Throws: ``LearningError/tooLarge(path:size:limit:)`` for more than is ever read again, and
  ///   ``LearningError/disk(_:)``; the old file is then intact.
  public func write(to path: String) throws(LearningError) {
    try write(to: path, limit: Self.sizeLimit)
  }

  /// Writes a file of no more than a limit.
  func write(to path: String, limit: ByteCount) throws(LearningError) {
    guard size <= limit else { throw .tooLarge(path: path, size: size, limit: limit) }
    do throws(DiskError) { try AtomicFile.write(encoded, to: path) } catch {
      throw .disk(error)
    }
  }

  /// How many bytes the file has.
  var size: ByteCount {
    // Letters, version, the name's length, the number of parts and the checksum.
    let frame = 8 + 4 + 4 + algorithm.utf8.count + 4 + 4
    return ByteCount(parts.reduce(frame + excess) { $0 + 8 + $1.key.utf8.count + $1.value.count })
  }

  /// The bytes of the file.
  var encoded: Bytes {
    var writer = ByteWriter()
    writer.write(Self.letters)
    writer.write(Self.version)
    writer.write(counted: Bytes(Array(algorithm.utf8)))
    writer.write(UInt32(parts.count))
    for (name, bytes) in parts.sorted(by: { $0.key < $1.key }) {
      writer.write(counted: Bytes(Array(name.utf8)))
      writer.write(counted: bytes)
    }
    writer.write(CRC32C.checksum(of: writer.finish()))
    return writer.finish()
  }

  /// Reads a file.
  ///
  /// - Parameter algorithm: Which algorithm's state it must be; nothing for any.
  /// - Throws: ``LearningError`` for a file that is missing, damaged, or of another version or
  ///   algorithm.
  public init(contentsOf path: String, algorithm: String? = nil) throws(LearningError) {
    let bytes: Bytes
    do throws(DiskError) { bytes = try FileDisk.contents(of: path, limit: Self.sizeLimit) } catch {
      throw .disk(error)
    }
    try self.init(bytes, path: path, algorithm: algorithm)
  }

  /// Reads the bytes of a file.
  init(_ bytes: Bytes, path: String, algorithm expected: String? = nil) throws(LearningError) {
    func damage(_ reason: String) -> LearningError { .damaged(path: path, reason: reason) }
    var reader = ByteReader(bytes)
    guard reader.read(UInt64.self) == Self.letters else { throw damage("it begins otherwise") }
    guard let version = reader.read(UInt32.self) else { throw damage("it is cut off") }
    guard version == Self.version else { throw .otherVersion(path: path, version: version) }
    var end = ByteReader(bytes.slice(max(bytes.count - 4, 0)..<bytes.count))
    let content = bytes.slice(0..<max(bytes.count - 4, 0))
    guard end.read(UInt32.self) == CRC32C.checksum(of: content) else {
      throw damage("its checksum does not fit, so bytes have changed or are missing")
    }
    func text(_ bytes: Bytes?) -> String? {
      bytes.flatMap { String(validating: $0.array, as: UTF8.self) }
    }
    guard let algorithm = text(reader.readCounted()), let count = reader.read(UInt32.self) else {
      throw damage("its heading is malformed")
    }
    if let expected, algorithm != expected {
      throw .otherAlgorithm(path: path, found: algorithm, expected: expected)
    }
    self.algorithm = algorithm
    for _ in 0..<count {
      guard let name = text(reader.readCounted()), let part = reader.readCounted() else {
        throw damage("a part is malformed")
      }
      parts[name] = part
    }
    guard reader.remaining == 4 else { throw damage("bytes follow the last part") }
  }
}
