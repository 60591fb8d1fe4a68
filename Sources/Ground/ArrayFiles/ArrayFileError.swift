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
    /// The content is not of the form that its reader expects; the text says why.
    case malformed(Form, reason: String)
    /// What was to be written does not fit the file's form; nothing is written.
    case unfit(reason: String)
  }

  /// What a reader expects of a file.
  public enum Form: Hashable, Sendable {
    /// An array in a `.npy` file.
    case array
    /// An array of two dimensions in a `.npy` file.
    case rows
    /// An array of whole numbers with two dimensions in a `.npy` file.
    case wholeRows
    /// Rows in a `.fvecs` or `.ivecs` file.
    case records
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
    case .malformed(let form, let reason): "\(reason); \(form)"
    case .unfit(let reason):
      "\(reason); rows of one length, with numbers that the file has room for, were expected; "
        + "correct the rows"
    }
  }
}

extension ArrayFileError.Form: CustomStringConvertible {
  public var description: String {
    switch self {
    case .array:
      "a .npy file of format 1.0 or 2.0 was expected, little-endian, in C order, with one or two "
        + "dimensions; write it with numpy.save"
    case .rows:
      "a .npy file with two dimensions was expected, a row for each vector; reshape the array and "
        + "write it with numpy.save"
    case .wholeRows:
      "a .npy file of the type int32, int64 or uint8 was expected; convert the array and write it "
        + "with numpy.save"
    case .records:
      "a .fvecs or .ivecs file was expected, in which the length, from 1 to 1048576, stands before "
        + "each row and is the same in all; write it anew, or as a .npy file"
    }
  }
}
