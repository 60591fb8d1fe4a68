// What can be wrong with a baseline on disk.

public import LabRecord

/// Why a baseline cannot be read, written or changed; the old file is intact.
public enum BaselineError: Error, Hashable, Sendable {
  /// The content is not what its checksum vouches for, or no baseline at all.
  case damaged(path: String, reason: String)
  /// The file has a format that this program does not know yet.
  case newer(path: String, format: Int)
  /// The file cannot be read.
  case unreadable(RecordError)
  /// The file or its folder cannot be written; the text is the operating system's.
  case unwritable(path: String, reason: String)
  /// Entries would be loosened and nobody said why.
  case reasonNeeded(path: String, loosened: [String])
}

extension BaselineError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .damaged(let path, let reason):
      "\(path): error: \(reason); a baseline as this program writes it was expected; restore it "
        + "from version control, or remove it and run 'fleetlab baseline update'"
    case .newer(let path, let format):
      "\(path): error: the baseline has format \(format); at most \(Baseline.currentFormat) was "
        + "expected; use the program that wrote it, or a newer one"
    case .unreadable(let error): error.description
    case .unwritable(let path, let reason):
      "\(path): error: cannot be written: \(reason); a writable folder with room was expected; "
        + "mend the cause and try again"
    case .reasonNeeded(let path, let loosened):
      "\(path): error: \(loosened.count) \(loosened.count == 1 ? "entry" : "entries") would be "
        + "loosened and no reason is given; a reason was expected; add --reason TEXT, or keep the "
        + "baseline\n" + loosened.map { "  \($0)" }.joined(separator: "\n")
    }
  }
}
