// What can be wrong with the file of an index.

/// Why a file is not opened, or a search in it ends: nothing in it is believed unchecked.
public struct IndexFileError: Error, Hashable, Sendable {
  /// The path, as it was given.
  public var path: String
  /// What is wrong.
  public var problem: Problem

  /// The kinds of problem.
  public enum Problem: Hashable, Sendable {
    /// The operating system refused; the text is its own.
    case unreadable(reason: String)
    /// The file cannot be written; the old one is still there.
    case unwritable(reason: String)
    /// The file is no index.
    case notAnIndex
    /// The file has a form that this version does not know.
    case unknownVersion(UInt32)
    /// The file was written on a machine of the other byte order.
    case otherByteOrder
    /// The file has another size than its header says.
    case wrongSize(found: Int, expected: Int)
    /// A checksum is wrong, or what stands there contradicts itself.
    case damaged(part: String)
  }
}

extension IndexFileError: CustomStringConvertible {
  public var description: String { "\(path): error: \(problem)" }
}

extension IndexFileError.Problem: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unreadable(let reason):
      "cannot be read: \(reason); the file of an index was expected; correct the path"
    case .unwritable(let reason):
      "cannot be written: \(reason); a writable folder with room was expected; "
        + "the old file is intact, so mend the cause and save again"
    case .notAnIndex:
      "does not begin as the file of an index does; one was expected; build it first"
    case .unknownVersion(let version):
      "has form \(version); form \(IndexFileHeader.version) was expected; "
        + "build it again with this program"
    case .otherByteOrder:
      "was written on a machine of the other byte order; this machine's was expected; "
        + "build it again here"
    case .wrongSize(let found, let expected):
      "has \(found) bytes; \(expected) were expected; restore the file or build it again"
    case .damaged(let part):
      "is damaged in its \(part); the content that was written was expected; "
        + "restore the file or build it again"
    }
  }
}
