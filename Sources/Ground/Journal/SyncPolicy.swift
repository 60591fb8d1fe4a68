// When a journal makes its records durable.

public import LabCore

/// When a journal writes and syncs what was asked of it.
///
/// A batch is written by one write and made durable by one sync, and it survives as a whole or not
/// at all. Until then it is kept in memory and ends with the process.
public enum SyncPolicy: Hashable, Sendable {
  /// Each operation is a batch of its own and durable when the call returns.
  case always
  /// A batch is written when it has so many operations or bytes, and when ``WriteAheadLog/sync()``
  /// is called.
  case batch(maxRecords: Int, maxBytes: ByteCount)
  /// A batch is written when ``WriteAheadLog/sync()`` is called, and when it exceeds the largest
  /// record.
  case manual

  /// Whether a batch of a size is to be written now.
  func isDue(operations: Int, bytes: Int) -> Bool {
    switch self {
    case .always: true
    case .batch(let maxRecords, let maxBytes): operations >= maxRecords || bytes >= maxBytes.bytes
    case .manual: false
    }
  }
}
