// A snapshot in place of the log's beginning, and reading what the log holds.

public import LabCore

extension WriteAheadLog where Storage: ~Copyable {
  /// Replaces the snapshot, drops the records before an index, and syncs everything.
  ///
  /// An index beyond the last record drops all records, and the next one gets that index.
  /// - Throws: ``JournalError``. When the index lies before ``firstIndex`` or the disk is full,
  ///   nothing was changed; the new file needs room beside the old one.
  /// - Complexity: Writes the snapshot and every record that stays.
  public mutating func snapshot(
    _ snapshot: Bytes, upTo index: UInt64
  ) throws(JournalError) {
    try refuseAfterFailure()
    guard index >= firstIndex, index < FileHeader.indexLimit else {
      throw .indexOutOfRange(index: index, valid: firstIndex...FileHeader.indexLimit - 1)
    }
    try sync()
    let successor = header.next(snapshot: snapshot, firstIndex: index)
    let dropped = Int(min(index - firstIndex, UInt64(locations.count)))
    let written: (locations: [Location], end: Int, ordinals: UInt64)
    do throws(JournalError) {
      written = try writeTemporary(successor, snapshot, keeping: locations[dropped...])
      try reportingDisk { () throws(DiskError) in
        try disk.publish(Self.temporaryFile(of: name), as: file)
      }
    } catch {
      guard error == .disk(.full) else { throw stop(error) }
      do throws(DiskError) { try disk.removeIfPresent(Self.temporaryFile(of: name)) } catch {
        throw stop(.disk(error))
      }
      throw error
    }
    header = successor
    (locations, end, nextOrdinal) = written
    pending = PendingFrame(nextIndex: nextIndex)
  }

  /// Everything that the journal holds: what survives a crash, and what still waits for a sync.
  ///
  /// - Throws: ``JournalError/corrupt(file:offset:reason:)`` when bytes have rotted since it was
  ///   opened.
  /// - Complexity: Reads the snapshot and every record from the disk.
  public mutating func contents() throws(JournalError) -> Durable {
    var durable = Durable(firstIndex: firstIndex)
    if header.hasSnapshot {
      durable.snapshot = try read(
        Location(
          offset: FileHeader.size, length: header.snapshotLength,
          checksum: header.snapshotChecksum))
    }
    durable.records.reserveCapacity(locations.count)
    for location in locations { durable.records.append(try read(location)) }
    return durable
  }

  /// Reads one record.
  ///
  /// - Returns: `nil` when no record has the index.
  /// - Throws: ``JournalError/corrupt(file:offset:reason:)`` when its bytes have rotted.
  public mutating func record(at index: UInt64) throws(JournalError) -> Bytes? {
    guard index >= firstIndex, index < nextIndex else { return nil }
    return try read(locations[Int(index - firstIndex)])
  }

  /// Reads and checks bytes that lie in the file or in the batch that waits.
  private mutating func read(_ location: Location) throws(JournalError) -> Bytes {
    let count = Int(location.length)
    if location.offset >= end {
      let start = location.offset - end
      return Bytes(Array(pending.bytes[start..<start + count]))
    }
    let bytes: Bytes
    do throws(DiskError) {
      bytes = try disk.read(file, at: location.offset, count: count)
    } catch { throw .disk(error) }
    guard CRC32C.checksum(of: bytes) == location.checksum else {
      throw .corrupt(
        file: file, offset: location.offset,
        reason: "the bytes have changed since they were written")
    }
    return bytes
  }

  /// Writes the file that is to follow this one.
  ///
  /// It may hold several frames that were never synced one by one, for it gets its name only when
  /// all of it is durable. It ends with a seal, so that none of them can be missing unnoticed.
  private mutating func writeTemporary(
    _ successor: FileHeader, _ snapshot: Bytes, keeping kept: ArraySlice<Location>
  ) throws(JournalError) -> (locations: [Location], end: Int, ordinals: UInt64) {
    let temporary = Self.temporaryFile(of: name)
    try reportingDisk { () throws(DiskError) in
      try disk.create(temporary)
      try disk.write(successor.encoded(), to: temporary, at: 0)
      try disk.write(snapshot, to: temporary, at: FileHeader.size)
    }
    var written = (locations: [Location](), end: successor.firstFrame, ordinals: 0 as UInt64)
    var frame = PendingFrame(nextIndex: successor.firstIndex)
    let frameSize = min(maximumRecord.bytes, 1 << 20)
    for location in kept {
      let record = try read(location)
      if frame.operations > 0, frame.payloadLength + record.count > frameSize {
        try write(&frame, to: temporary, of: successor, &written)
      }
      written.locations.append(frame.append(record, frameAt: written.end))
    }
    if frame.operations > 0 { try write(&frame, to: temporary, of: successor, &written) }
    let seal = frame.sealed(at: written.end, ordinal: written.ordinals, of: successor)
    let end = written.end
    try reportingDisk { () throws(DiskError) in try disk.write(seal, to: temporary, at: end) }
    return written
  }

  /// Writes a frame at the end of the file that is to follow, and begins the next one.
  private mutating func write(
    _ frame: inout PendingFrame, to temporary: String, of successor: FileHeader,
    _ written: inout (locations: [Location], end: Int, ordinals: UInt64)
  ) throws(JournalError) {
    let bytes = frame.sealed(at: written.end, ordinal: written.ordinals, of: successor)
    let end = written.end
    try reportingDisk { () throws(DiskError) in try disk.write(bytes, to: temporary, at: end) }
    written.end += bytes.count
    written.ordinals += 1
    frame = PendingFrame(nextIndex: successor.firstIndex + UInt64(written.locations.count))
  }
}
