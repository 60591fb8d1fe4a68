// The first bytes of a journal's file: which file it is, and the snapshot.

import LabCore

/// What a journal's file begins with; the snapshot's bytes follow it, and then the frames.
///
/// | Bytes | Field |
/// |---|---|
/// | 8 | the letters `FLEETLOG` |
/// | 4 | version of the format |
/// | 8 | identity: a hash of the name under which the journal was made |
/// | 8 | generation: how many files the journal had before this one, plus one |
/// | 8 | index of the first record |
/// | 4 | 1 when there is a snapshot, else 0 |
/// | 4 | length of the snapshot |
/// | 4 | CRC-32C of the snapshot |
/// | 4 | CRC-32C of the bytes above |
///
/// Integers stand most significant byte first. The file gets its name only when header and snapshot
/// are durable, so a bad one is never a torn write but always a fault of the disk.
struct FileHeader: Hashable, Sendable {
  static let size = 52
  static let version: UInt32 = 1
  /// No index reaches this far; it keeps the arithmetic of hostile files within 64 bits.
  static let indexLimit: UInt64 = 1 << 62
  private static let letters: UInt64 = 0x464c_4545_544c_4f47

  var identity: UInt64
  var generation: UInt64
  var firstIndex: UInt64
  var hasSnapshot = false
  var snapshotLength: UInt32 = 0
  var snapshotChecksum: UInt32 = 0

  /// Where the first frame begins.
  var firstFrame: Int { Self.size + Int(snapshotLength) }

  /// The header of a journal's first file.
  init(name: String) {
    var hasher = StableHasher()
    hasher.combine(name)
    identity = hasher.finalize()
    generation = 1
    firstIndex = 0
  }

  /// The header of the file that follows this one.
  func next(snapshot: Bytes, firstIndex: UInt64) -> FileHeader {
    var next = self
    next.generation = generation &+ 1
    next.firstIndex = firstIndex
    next.hasSnapshot = true
    next.snapshotLength = snapshot.length
    next.snapshotChecksum = CRC32C.checksum(of: snapshot)
    return next
  }

  func encoded() -> Bytes {
    var writer = ByteWriter()
    writer.write(Self.letters)
    writer.write(Self.version)
    writer.write(identity)
    writer.write(generation)
    writer.write(firstIndex)
    writer.write(UInt32(hasSnapshot ? 1 : 0))
    writer.write(snapshotLength)
    writer.write(snapshotChecksum)
    writer.write(CRC32C.checksum(of: writer.finish()))
    return writer.finish()
  }

  /// Reads a header.
  ///
  /// - Parameter file: The name of the file, for errors.
  init(_ bytes: Bytes, file: String) throws(JournalError) {
    var reader = ByteReader(bytes)
    guard let letters = reader.read(UInt64.self), letters == Self.letters,
      let version = reader.read(UInt32.self), let identity = reader.read(UInt64.self),
      let generation = reader.read(UInt64.self), let firstIndex = reader.read(UInt64.self),
      let hasSnapshot = reader.read(UInt32.self), let snapshotLength = reader.read(UInt32.self),
      let snapshotChecksum = reader.read(UInt32.self), let checksum = reader.read(UInt32.self),
      checksum == CRC32C.checksum(of: bytes.slice(0..<Self.size - 4))
    else { throw .corrupt(file: file, offset: 0, reason: "the header is damaged") }
    guard version == Self.version else { throw .unknownVersion(file: file, version: version) }
    guard firstIndex < Self.indexLimit, hasSnapshot <= 1 else {
      throw .corrupt(file: file, offset: 0, reason: "the header contradicts itself")
    }
    self.identity = identity
    self.generation = generation
    self.firstIndex = firstIndex
    self.hasSnapshot = hasSnapshot == 1
    self.snapshotLength = snapshotLength
    self.snapshotChecksum = snapshotChecksum
  }
}
