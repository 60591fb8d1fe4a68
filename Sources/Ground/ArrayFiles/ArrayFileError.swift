// What can be wrong with a file of an array.

/// Why a file was not read or written.
public struct ArrayFileError: Error, Hashable, Sendable {
  /// The path, as it was given.
  public var path: String
  /// What is wrong.
  public var problem: Problem

  /// The kinds of problem.
  public enum Problem: Hashable, Sendable {
    /// The operating system refused; the text is its own.
    case unreadable(reason: String)
    /// The file cannot be written; the old content is still there.
    case unwritable(reason: String)
    /// The file is longer than its reader allows.
    case tooLong(bytes: Int, limit: Int)
    /// The content is not of the file's form; the text says why.
    case malformed(reason: String)
  }
}

extension ArrayFileError: CustomStringConvertible {
  public var description: String { "\(path): error: \(problem)" }
}

extension ArrayFileError.Problem: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unreadable(let reason):
      "cannot be read: \(reason); a readable file was expected; correct the path"
    case .unwritable(let reason):
      "cannot be written: \(reason); a writable folder with room was expected; "
        + "the old file is intact, so mend the cause and try again"
    case .tooLong(let bytes, let limit):
      "has \(bytes) bytes; at most \(limit) were expected; split the array"
    case .malformed(let reason):
      "\(reason); a little-endian .npy file of format 1.0 or 2.0 in C order with one or two "
        + "dimensions, or a .fvecs or .ivecs file, was expected; write it with numpy.save"
    }
  }
}
