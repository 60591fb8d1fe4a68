// What can go wrong while a tree is read.

/// Why a corpus cannot be made.
public enum CorpusError: Error, Equatable, CustomStringConvertible {
  /// The folder cannot be read: its path and the system's reason.
  case unreadable(path: String, reason: String)
  /// The tree has more files than the bound: the bound.
  case tooManyFiles(bound: Int)

  /// What is wrong; what was expected; what to do.
  public var description: String {
    switch self {
    case .unreadable(let path, let reason):
      "'\(path)' cannot be read (\(reason)); a folder of sources was expected; check the path"
    case .tooManyFiles(let bound):
      "the tree has more than \(bound) source files; fewer were expected; name a part of it"
    }
  }
}
