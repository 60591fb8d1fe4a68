// The log itself: what it promises, and the operations that change it.

public import LabCore

/// A checksummed log of records on a disk, with a snapshot in place of its beginning.
///
/// ```swift
/// var journal = try WriteAheadLog(on: FileDisk(folder: "Results/.work"), name: "trials")
/// for record in try journal.contents().records { ... }  // what earlier lives left
/// try journal.append(record)                            // durable when it returns
/// ```
///
/// What it promises, as long as the disk keeps what it synced:
/// 1. An operation that was synced survives every crash.
/// 2. What a crash leaves is the state after some prefix of the operations; a batch is all there or
///    not at all.
/// 3. Damage to what was synced is an error that names file and offset, never a wrong record, and
///    never a record silently missing, with the one exception below.
///
/// How it tells a torn write from damage. Between two snapshots the file only grows: a truncation
/// is an operation like an append, so no frame that was synced is written over, and nothing stale
/// follows the end. A frame (one batch) is written only when every frame before it has been synced.
/// Hence at most one frame of the file is ever in flight, and it is the last one: a bad frame with
/// a valid header after it had been durable, which is damage and refused; a bad frame with none
/// after it is the write that the crash tore, and is cut. The exception is damage to the very last
/// frame, which looks the same: it is cut too and reported in ``recovery``. ``seal()`` closes even
/// this gap: it puts an empty frame behind the last one, which the next append overwrites.
///
/// Opening syncs the file and the folder before it returns, so that records which a killed process
/// wrote but did not sync are durable before anybody acts on them.
///
/// The log is one file, `NAME.journal`. A snapshot writes a new one beside it (`.NAME.journal.new`:
/// header, snapshot, the records that stay), syncs it, renames it over the old one, and syncs the
/// folder; so log and snapshot always agree.
/// - Complexity: Memory of 16 bytes a record beside the batch that waits; the records stay on disk.
public struct WriteAheadLog<Storage: Disk & ~Copyable>: ~Copyable, Sendable {
  /// The disk that the journal lies on; a world changes its behaviour here, never its files.
  public var disk: Storage
  /// The name of the journal among those of its folder.
  public let name: String
  /// When operations become durable.
  public let policy: SyncPolicy
  /// The size of the largest record that is taken or read.
  public let maximumRecord: ByteCount
  /// What opening the journal found and repaired.
  public let recovery: Recovery
  /// The error after which the journal refuses every change, or `nil` while it works.
  ///
  /// After a failed write or sync nobody knows what the disk holds; the caller opens it anew.
  public internal(set) var failure: JournalError?

  var header: FileHeader
  /// Where each record lies, the record at ``firstIndex`` first.
  var locations: [Location]
  /// Where the next frame begins.
  var end: Int
  var nextOrdinal: UInt64
  var pending: PendingFrame

  /// Opens a journal, or makes an empty one, and repairs what a crash left unfinished.
  ///
  /// - Parameters:
  ///   - name: A plain file name; the journal's file is `NAME.journal`.
  ///   - maximumRecord: From 1 B to 1 GiB.
  /// - Throws: ``JournalError``; the disk is then given up and its lock with it. A journal that is
  ///   corrupt is left as it is.
  public init(
    on disk: consuming Storage, name: String, policy: SyncPolicy = .always,
    maximumRecord: ByteCount = ByteCount(64 << 20)
  ) throws(JournalError) {
    precondition(
      maximumRecord > ByteCount(0) && maximumRecord <= ByteCount(1 << 30),
      "the largest record of a journal lies between 1 B and 1 GiB")
    let replay = try Replay(name: name, on: &disk, maximumRecord: maximumRecord)
    self.disk = disk
    self.name = name
    self.policy = policy
    self.maximumRecord = maximumRecord
    recovery = replay.recovery
    header = replay.header
    locations = replay.locations
    end = replay.end
    nextOrdinal = replay.nextOrdinal
    pending = PendingFrame(nextIndex: replay.nextIndex)
  }

  /// The index of the oldest record that is kept.
  public var firstIndex: UInt64 { header.firstIndex }
  /// The index that the next record will get.
  public var nextIndex: UInt64 { firstIndex + UInt64(locations.count) }
  /// How many operations wait in memory for the next sync.
  public var pendingOperations: Int { pending.operations }
  /// The size of the file, without what waits for the next sync.
  public var fileSize: ByteCount { ByteCount(end) }

  /// Adds a record at the end.
  ///
  /// - Returns: The index of the record.
  /// - Throws: ``JournalError``. When the record is too large or the disk full, nothing was
  ///   changed.
  @discardableResult
  public mutating func append(_ record: Bytes) throws(JournalError) -> UInt64 {
    try refuseAfterFailure()
    guard record.count <= maximumRecord.bytes else {
      throw .recordTooLarge(size: ByteCount(record.count), limit: maximumRecord)
    }
    try makeRoom(PendingFrame.appendOverhead + record.count)
    let (index, length) = (nextIndex, pending.payloadLength)
    locations.append(pending.append(record, frameAt: end))
    do throws(JournalError) { try syncIfDue() } catch {
      locations.removeLast()
      pending.removeLast(toPayloadLength: length)
      throw error
    }
    return index
  }

  /// Drops every record from an index on; the next record gets that index.
  ///
  /// An index beyond the last record drops nothing.
  /// - Throws: ``JournalError``. When the index lies before ``firstIndex`` or the disk is full,
  ///   nothing was changed.
  public mutating func truncate(from index: UInt64) throws(JournalError) {
    try refuseAfterFailure()
    guard index >= firstIndex else {
      throw .indexOutOfRange(index: index, valid: firstIndex...nextIndex)
    }
    guard index < nextIndex else { return }
    try makeRoom(PendingFrame.truncateSize)
    let length = pending.payloadLength
    let dropped = locations[Int(index - firstIndex)...]
    locations.removeLast(dropped.count)
    pending.truncate(from: index)
    do throws(JournalError) { try syncIfDue() } catch {
      locations.append(contentsOf: dropped)
      pending.removeLast(toPayloadLength: length)
      throw error
    }
  }

  /// Writes what waits, and returns when it is durable.
  ///
  /// - Throws: ``JournalError``. When the disk is full, the batch still waits and may be synced
  ///   again.
  public mutating func sync() throws(JournalError) {
    try refuseAfterFailure()
    guard pending.operations > 0 else { return }
    let frame = pending.sealed(at: end, ordinal: nextOrdinal, of: header)
    try writeAtEnd(frame)
    end += frame.count
    nextOrdinal += 1
    pending = PendingFrame(nextIndex: nextIndex)
  }

  /// Syncs, and then marks the end of the log, so that damage to its last record cannot pass for an
  /// unfinished write.
  ///
  /// For the end of a run; the journal can be written to afterwards, which removes the seal.
  /// - Throws: ``JournalError``. When the disk is full, the log is as durable as before.
  public mutating func seal() throws(JournalError) {
    try sync()
    var frame = PendingFrame(nextIndex: nextIndex)
    try writeAtEnd(frame.sealed(at: end, ordinal: nextOrdinal, of: header))
  }

  /// Carries out what an Instance asks of its world.
  ///
  /// - Returns: What became of it, or `nil` when it waits in a batch and is durable after the next
  ///   ``sync()`` that succeeds. ``failure`` says why an operation failed.
  /// - Throws: ``JournalError/recordTooLarge(size:limit:)`` or
  ///   ``JournalError/indexOutOfRange(index:valid:)`` for a request that no disk could carry out.
  public mutating func perform(
    _ operation: StorageOperation
  ) throws(JournalError) -> StorageOutcome? {
    do throws(JournalError) {
      switch operation {
      case .append(let record): try append(record)
      case .truncate(let index): try truncate(from: index)
      case .snapshot(let bytes, let index): try snapshot(bytes, upTo: index)
      }
      return pending.operations == 0 ? .durable : nil
    } catch {
      switch error {
      case .disk(.full): return .full
      case .recordTooLarge, .indexOutOfRange: throw error
      case .disk, .corrupt, .unknownVersion: return .failed
      }
    }
  }

  /// Gives up the journal without writing what waits, as the end of a process does, and returns its
  /// disk.
  public consuming func abandon() -> Storage { disk }
}

extension WriteAheadLog: Copyable where Storage: Copyable {}

extension WriteAheadLog where Storage: ~Copyable {
  /// The name of the file that holds a journal.
  static func file(of name: String) -> String { "\(name).journal" }
  /// The name of the file that is to replace it.
  static func temporaryFile(of name: String) -> String {
    AtomicFile.temporaryName(of: file(of: name))
  }

  var file: String { Self.file(of: name) }

  func refuseAfterFailure() throws(JournalError) {
    if let failure { throw failure }
  }

  /// Remembers an error after which the state of the disk is unknown.
  mutating func stop(_ error: JournalError) -> JournalError {
    failure = error
    return error
  }

  /// Writes and syncs the batch that waits if an operation would make it too large for a frame.
  private mutating func makeRoom(_ size: Int) throws(JournalError) {
    let limit = max(maximumRecord.bytes + PendingFrame.appendOverhead, PendingFrame.truncateSize)
    if pending.payloadLength + size > limit { try sync() }
  }

  private mutating func syncIfDue() throws(JournalError) {
    if policy.isDue(operations: pending.operations, bytes: pending.payloadLength) { try sync() }
  }

  /// Writes and syncs a frame; when the disk is full, the file ends where it ended before.
  private mutating func writeAtEnd(_ frame: Bytes) throws(JournalError) {
    do throws(DiskError) { try disk.write(frame, to: file, at: end) } catch {
      guard error == .full else { throw stop(.disk(error)) }
      do throws(DiskError) { try disk.truncate(file, to: end) } catch { throw stop(.disk(error)) }
      throw .disk(.full)
    }
    do throws(DiskError) { try disk.sync(file) } catch { throw stop(.disk(error)) }
  }
}
