// What can be wrong with a record on disk.

public import LabManifest

/// Why a record could not be read or written, with the file and, where it has one, the line.
public struct RecordError: Error, Hashable, Sendable {
  /// The path of the file or folder.
  public var path: String
  /// The line, counted from 1; `nil` when the whole file is meant.
  public var line: Int?
  /// What is wrong.
  public var problem: Problem

  /// Describes an error.
  public init(path: String, line: Int? = nil, _ problem: Problem) {
    self.path = path
    self.line = line
    self.problem = problem
  }

  /// The kinds of error.
  public enum Problem: Hashable, Sendable {
    /// The file or folder cannot be read; the text is the operating system's.
    case unreadable(reason: String)
    /// The file or folder cannot be written; the old content is still there.
    case unwritable(reason: String)
    /// The file, a field or a row is longer than a record may be.
    case tooLong(what: String, limit: Int)
    /// A field is not UTF-8.
    case notText
    /// A column that the table must have is not there.
    case missingColumn(String)
    /// The table has a column that it must not have, or has it twice.
    case unexpectedColumn(String)
    /// A row has too many or too few fields.
    case fieldCount(expected: Int, found: Int)
    /// Quotation marks or line ends stand where RFC 4180 has none.
    case malformed(reason: String)
    /// A field does not hold what its column holds.
    case badValue(column: String, text: String, expected: String)
    /// `run.json` is not what it must be; the text says where.
    case badDescription(reason: String)
    /// `run.json` has a form that this program does not read; the text says which one does.
    case otherFormat(String)
    /// The file is not the one that `run.json` names by its digest.
    case changed
    /// The folder holds the record of a larger run.
    case smaller(RunSize, than: RunSize)
  }
}

extension RecordError: CustomStringConvertible {
  public var description: String {
    let place = line.map { "\(path):\($0)" } ?? path
    return "\(place): error: \(problem)"
  }
}

extension RecordError.Problem: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unreadable(let reason):
      "cannot be read: \(reason); a readable record was expected; correct the path or run again"
    case .unwritable(let reason):
      "cannot be written: \(reason); a writable folder with room was expected; "
        + "the old record is intact, so mend the cause and resume"
    case .tooLong(let what, let limit):
      "\(what) is longer than \(limit) bytes; a record of bounded size was expected; run again"
    case .notText:
      "a field is not UTF-8; text in UTF-8 was expected; restore the file or run again"
    case .missingColumn(let name):
      "column '\(name)' is missing; the columns of the data dictionary were expected; run again"
    case .unexpectedColumn(let name):
      "column '\(name)' is unknown or repeated; the columns of the data dictionary were expected; "
        + "run again"
    case .fieldCount(let expected, let found):
      "the row has \(found) fields; \(expected) were expected; restore the file or run again"
    case .malformed(let reason):
      "\(reason); a table in the form of RFC 4180 was expected; restore the file or run again"
    case .badValue(let column, let text, let expected):
      "'\(text.prefix(80))' stands in column '\(column)'; \(expected) was expected; "
        + "restore the file or run again"
    case .badDescription(let reason):
      "\(reason); the description of a run was expected; restore the file or run again"
    case .otherFormat(let reason):
      "\(reason); a record that this program reads was expected; use the newer program, or "
        + "another results folder"
    case .changed:
      "the content differs from the digest in run.json; files of one run were expected; "
        + "resume the run that was interrupted, restore the file or run again"
    case .smaller(let size, let existing):
      "a \(size) run would replace the record of a \(existing) run; a record is only replaced by "
        + "one of its size or larger; choose another results folder"
    }
  }
}
