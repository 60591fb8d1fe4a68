// Why a journal could not be opened or changed.

public import LabCore

/// Why a journal could not be opened, read or changed.
public enum JournalError: Error, Hashable, Sendable {
  /// The disk refused. After ``DiskError/full`` nothing was changed and the request may be made
  /// again; after anything else the journal is to be opened anew.
  case disk(DiskError)
  /// Bytes that were durable are damaged; nothing was changed, and the caller asks a person.
  case corrupt(file: String, offset: Int, reason: String)
  /// The file is of another version of the format.
  case unknownVersion(file: String, version: UInt32)
  /// A record is larger than the journal takes.
  case recordTooLarge(size: ByteCount, limit: ByteCount)
  /// A request names a record that it cannot concern.
  case indexOutOfRange(index: UInt64, valid: ClosedRange<UInt64>)
}

extension JournalError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .disk(let error): error.description
    case .corrupt(let file, let offset, let reason):
      "\(file) is corrupt at byte \(offset): \(reason); "
        + "the bytes that were once durable were expected; "
        + "restore the file from a copy, or remove it and lose what it holds"
    case .unknownVersion(let file, let version):
      "\(file) has format version \(version); version \(FileHeader.version) was expected; "
        + "open it with the program that wrote it"
    case .recordTooLarge(let size, let limit):
      "a record has \(size); at most \(limit) was expected; split it or raise the limit"
    case .indexOutOfRange(let index, let valid):
      "index \(index) does not fit; \(valid.lowerBound) to \(valid.upperBound) was expected; "
        + "ask for an index in this range"
    }
  }
}
