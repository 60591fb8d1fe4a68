// What can be wrong with the history of a project's tests.

/// Why a history cannot be read; trying again changes nothing.
public enum TestHistoryError: Error, Hashable, Sendable {
  /// Something in a file is not as it must be.
  ///
  /// Line and column count from 1, the column in bytes; the message says what is wrong, what was
  /// expected and what to do.
  case malformed(path: String, line: Int, column: Int, message: String)
  /// A file cannot be opened or read; the reason is the system's.
  case unreadable(path: String, reason: String)
  /// There is no file to read, or the folder holds none.
  case nothing(path: String)
}

extension TestHistoryError: CustomStringConvertible {
  /// What is wrong; what was expected; what to do.
  public var description: String {
    switch self {
    case .malformed(let path, let line, let column, let message):
      "\(path):\(line):\(column): error: \(message)"
    case .unreadable(let path, let reason):
      "'\(path)' cannot be read (\(reason)); a history of tests was expected; check the path"
    case .nothing(let path):
      "'\(path)' holds no history; a .csv file of RETECS' form, a JUnit .xml file or a folder of "
        + "those was expected; name one"
    }
  }
}

/// How large a history may be.
public struct TestHistoryLimits: Hashable, Sendable {
  /// The most runs of tests.
  public var executions = 20_000_000
  /// The longest line of a table, in bytes.
  public var lineBytes = 1 << 16
  /// The largest JUnit file, in bytes.
  public var documentBytes = 1 << 28
  /// The deepest nesting of a JUnit file.
  public var depth = 64
  /// The longest duration, in seconds.
  public var seconds = 1e8

  /// Standard limits: no project's history that is known comes near them.
  public init() {}
}
