// One file of the cache of encodings.

import Glibc
import Journal

/// What a vector is kept under: a SHA-256 digest.
struct EncodingKey: Hashable {
  let bytes: [UInt8]

  static let byteCount = 32

  /// The file that the vector stands in, by the first four bits.
  var shard: Int { Int(bytes[0] >> 4) }
}

/// Vectors by their keys, as a file holds them: a heading, then records of one length, each a key,
/// the numbers (least significant byte first) and the checksum of both.
struct EncodingFile {
  let dimensions: Int
  var vectors: [EncodingKey: [Float]] = [:]
  /// How many records were damaged, a part of one at the end among them.
  private(set) var damaged = 0

  private static let magic = Array("FLENC\u{1}\n\u{0}".utf8)

  private var recordBytes: Int { EncodingKey.byteCount + 4 * dimensions + 4 }

  /// Reads a file, or nothing where there is none.
  ///
  /// - Throws: ``EmbeddingError/badCache(path:reason:)`` for a file that cannot be read or is no
  ///   such file.
  init(path: String, dimensions: Int) throws(EmbeddingError) {
    self.dimensions = dimensions
    let file: MappedFile
    do {
      file = try MappedFile(path: path)
    } catch {
      if case .missingModel = error { return }
      throw .badCache(path: path, reason: "\(error)")
    }
    let bytes = file.bytes
    guard bytes.starts(with: Self.magic) else {
      throw .badCache(path: path, reason: "it is no file of encodings of this version")
    }
    var place = Self.magic.count
    while place + recordBytes <= bytes.count {
      read(UnsafeRawBufferPointer(rebasing: bytes[place..<(place + recordBytes)]))
      place += recordBytes
    }
    if place < bytes.count { damaged += 1 }
  }

  private mutating func read(_ record: UnsafeRawBufferPointer) {
    let content = UnsafeRawBufferPointer(rebasing: record[..<(recordBytes - 4)])
    let checksum = record.loadUnaligned(fromByteOffset: recordBytes - 4, as: UInt32.self)
    var check = CRC32C()
    check.update(content)
    guard UInt32(littleEndian: checksum) == check.checksum else {
      damaged += 1
      return
    }
    let key = EncodingKey(bytes: Array(content[..<EncodingKey.byteCount]))
    vectors[key] = (0..<dimensions).map { index in
      let bits = content.loadUnaligned(
        fromByteOffset: EncodingKey.byteCount + 4 * index, as: UInt32.self)
      return Float(bitPattern: UInt32(littleEndian: bits))
    }
  }

  /// The file's bytes, in the order of the keys.
  var bytes: [UInt8] {
    var bytes = Self.magic
    bytes.reserveCapacity(bytes.count + vectors.count * recordBytes)
    let keys = vectors.keys.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    for key in keys {
      let first = bytes.count
      bytes += key.bytes
      for number in vectors[key] ?? [] {
        withUnsafeBytes(of: number.bitPattern.littleEndian) { bytes += $0 }
      }
      var check = CRC32C()
      bytes.withUnsafeBytes { check.update(UnsafeRawBufferPointer(rebasing: $0[first...])) }
      withUnsafeBytes(of: check.checksum.littleEndian) { bytes += $0 }
    }
    return bytes
  }

  /// Makes a folder and those above it.
  ///
  /// - Throws: ``EmbeddingError/badCache(path:reason:)``.
  static func makeFolder(_ path: String) throws(EmbeddingError) {
    var end = path.startIndex
    while end < path.endIndex {
      end = path[path.index(after: end)...].firstIndex(of: "/") ?? path.endIndex
      guard mkdir(String(path[..<end]), 0o777) == 0 || errno == EEXIST else {
        throw .badCache(
          path: String(path[..<end]), reason: String(cString: strerror(errno)).lowercased())
      }
    }
  }
}
