// Opening a journal: reading it from the disk, and telling a torn write from damage.

import LabCore

/// What a journal's file says, read from its beginning to its end and repaired.
struct Replay: Sendable {
  private(set) var header: FileHeader
  private(set) var locations: [Location] = []
  /// Where the next frame begins.
  private(set) var end: Int
  private(set) var nextOrdinal: UInt64 = 0
  private(set) var recovery = Recovery()
  private let file: String
  private let maximumRecord: ByteCount

  var nextIndex: UInt64 { header.firstIndex + UInt64(locations.count) }

  /// Reads and repairs a journal, or makes an empty one, and makes the result durable.
  init<Storage: Disk & ~Copyable>(
    name: String, on disk: inout Storage, maximumRecord: ByteCount
  ) throws(JournalError) {
    file = WriteAheadLog<Storage>.file(of: name)
    self.maximumRecord = maximumRecord
    header = FileHeader(name: name)
    end = header.firstFrame
    recovery.removedTemporaryFile = try reportingDisk { () throws(DiskError) in
      try disk.removeIfPresent(WriteAheadLog<Storage>.temporaryFile(of: name))
    }
    guard let size = try Self.size(of: file, on: &disk) else {
      recovery.isNew = true
      try reportingDisk { () throws(DiskError) in
        try AtomicFile.write(header.encoded(), as: file, on: &disk)
      }
      return
    }
    try readHeader(from: &disk, size: size)
    try readFrames(from: &disk, size: size)
    let cut = try sizeToCut(from: &disk, size: size)
    recovery.bytesCut = ByteCount(cut)
    recovery.records = locations.count
    try reportingDisk { () throws(DiskError) in
      if cut > 0 { try disk.truncate(file, to: end) }
      // What a killed process had written, but not synced, is about to be relied on.
      try disk.sync(file)
      try disk.syncFolder()
    }
  }

  private mutating func readHeader<Storage: Disk & ~Copyable>(
    from disk: inout Storage, size: Int
  ) throws(JournalError) {
    header = try FileHeader(
      try bytes(from: &disk, at: 0, count: FileHeader.size), file: file)
    guard header.firstFrame <= size else {
      throw corrupt(at: size, "the snapshot is cut off")
    }
    let snapshot = try bytes(from: &disk, at: FileHeader.size, count: Int(header.snapshotLength))
    guard CRC32C.checksum(of: snapshot) == header.snapshotChecksum else {
      throw corrupt(at: FileHeader.size, "the snapshot is damaged")
    }
    end = header.firstFrame
  }

  /// Reads frames up to the first that is not whole, or to the seal.
  private mutating func readFrames<Storage: Disk & ~Copyable>(
    from disk: inout Storage, size: Int
  ) throws(JournalError) {
    let limit = max(maximumRecord.bytes + PendingFrame.appendOverhead, PendingFrame.truncateSize)
    while true {
      let start = try bytes(from: &disk, at: end, count: FrameHeader.size)
      guard let frame = FrameHeader(start, at: end, of: header) else { return }
      guard frame.ordinal == nextOrdinal, frame.nextIndex == nextIndex else {
        throw corrupt(at: end, "the frame does not follow the one before it")
      }
      if frame.isSeal {
        recovery.wasSealed = true
        return
      }
      let length = Int(frame.payloadLength)
      guard length <= limit else {
        throw .recordTooLarge(size: ByteCount(length), limit: maximumRecord)
      }
      guard end + FrameHeader.size + length <= size else { return }
      let payload = try bytes(from: &disk, at: end + FrameHeader.size, count: length)
      guard CRC32C.checksum(of: payload) == frame.payloadChecksum else { return }
      try apply(payload)
      end += FrameHeader.size + length
      nextOrdinal += 1
    }
  }

  /// Carries out the operations of a frame whose checksum is right.
  private mutating func apply(_ payload: Bytes) throws(JournalError) {
    var reader = ByteReader(payload)
    while let mark = reader.read(UInt8.self) {
      switch mark {
      case PendingFrame.appendMark:
        guard let record = reader.readCounted() else {
          throw corrupt(at: end, "a record is cut off")
        }
        locations.append(
          Location(
            offset: end + FrameHeader.size + payload.count - reader.remaining - record.count,
            length: record.length, checksum: CRC32C.checksum(of: record)))
      case PendingFrame.truncateMark:
        guard let index = reader.read(UInt64.self), index >= header.firstIndex, index < nextIndex
        else { throw corrupt(at: end, "a truncation names no record") }
        locations.removeLast(Int(nextIndex - index))
      default: throw corrupt(at: end, "operation \(mark) is unknown")
      }
    }
  }

  /// How many bytes at the end of the file are an unfinished write.
  ///
  /// - Throws: ``JournalError/corrupt(file:offset:reason:)`` when a later frame proves that they
  ///   had been durable.
  private func sizeToCut<Storage: Disk & ~Copyable>(
    from disk: inout Storage, size: Int
  ) throws(JournalError) -> Int {
    let sealed = recovery.wasSealed
    guard size != end, !sealed || size != end + FrameHeader.size else { return 0 }
    var search = FrameSearch(file: file, header: header, from: end + 1)
    if let later = try search.next(on: &disk, after: nextOrdinal) {
      throw corrupt(at: end, "no frame can be read, though a later one begins at byte \(later)")
    }
    return size - end
  }

  private func bytes<Storage: Disk & ~Copyable>(
    from disk: inout Storage, at offset: Int, count: Int
  ) throws(JournalError) -> Bytes {
    try reportingDisk { () throws(DiskError) in
      try disk.read(file, at: offset, count: count)
    }
  }

  private func corrupt(at offset: Int, _ reason: String) -> JournalError {
    .corrupt(file: file, offset: offset, reason: reason)
  }

  private static func size<Storage: Disk & ~Copyable>(
    of file: String, on disk: inout Storage
  ) throws(JournalError) -> Int? {
    do throws(DiskError) { return try disk.size(of: file) } catch {
      if case .notFound = error { return nil }
      throw .disk(error)
    }
  }
}

/// Looks for the header of a later frame behind a bad one, at any byte.
struct FrameSearch: Sendable {
  private static let windowSize = 1 << 20
  private let file: String
  private let header: FileHeader
  private var offset: Int

  init(file: String, header: FileHeader, from offset: Int) {
    self.file = file
    self.header = header
    self.offset = offset
  }

  /// The offset of the next frame whose ordinal lies beyond a given one, if there is any.
  ///
  /// - Complexity: One pass over the rest of the file, a window at a time.
  mutating func next<Storage: Disk & ~Copyable>(
    on disk: inout Storage, after ordinal: UInt64
  ) throws(JournalError) -> Int? {
    while true {
      let (file, start) = (file, offset)
      let window = try reportingDisk { () throws(DiskError) in
        try disk.read(file, at: start, count: Self.windowSize)
      }
      for place in Self.marks(in: window) {
        let frame = FrameHeader(
          window.slice(place..<place + FrameHeader.size), at: start + place, of: header)
        if let frame, frame.ordinal > ordinal { return start + place }
      }
      guard window.count == Self.windowSize else { return nil }
      offset += Self.windowSize - (FrameHeader.size - 1)
    }
  }

  /// Where a frame may begin that has room for its whole header.
  private static func marks(in window: Bytes) -> [Int] {
    window.withUnsafeBytes { buffer in
      guard buffer.count >= FrameHeader.size else { return [] }
      return (0...buffer.count - FrameHeader.size).filter { place in
        UInt32(bigEndian: buffer.loadUnaligned(fromByteOffset: place, as: UInt32.self))
          == FrameHeader.mark
      }
    }
  }
}

/// Turns the errors of a disk into those of a journal.
func reportingDisk<Result>(
  _ body: () throws(DiskError) -> Result
) throws(JournalError) -> Result {
  do throws(DiskError) { return try body() } catch { throw .disk(error) }
}
