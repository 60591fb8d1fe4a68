/// Why no sample can be loaded from a table of comma-separated values.
///
/// The person who wrote the file or the manifest mends it; lines count from 1.
public enum SampleFileError: Error, Hashable, Sendable {
  /// The system does not let the file be read.
  case unreadable(path: String, reason: String)
  /// The table is longer than allowed, in bytes.
  case tooLarge(limit: Int)
  /// The table has more rows than allowed.
  case tooManyRows(limit: Int)
  /// The table has no first line with the names of the columns.
  case noHeader
  /// No column has the name; the known ones follow.
  case missingColumn(name: String, known: [String])
  /// Two columns have the name.
  case ambiguousColumn(name: String)
  /// A row has more or fewer cells than the header.
  case raggedRow(line: Int, cells: Int, expected: Int)
  /// A quotation mark is never closed, or text follows a closed one.
  case badQuote(line: Int)
  /// A cell of the column is no finite number.
  case notANumber(line: Int, cell: String)
  /// The header stands alone.
  case noRows
}

extension SampleFileError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unreadable(let path, let reason):
      "\(path) cannot be read (\(reason)); a file of comma-separated values was expected; "
        + "check the path"
    case .tooLarge(let limit):
      "the table is longer than \(limit) bytes; a smaller one was expected; thin it out"
    case .tooManyRows(let limit):
      "the table has more than \(limit) rows; fewer were expected; thin it out"
    case .noHeader: "the table is empty; a first line with column names was expected; add it"
    case .missingColumn(let name, let known):
      "there is no column \(name); one of \(known.joined(separator: ", ")) was expected; "
        + "correct the name"
    case .ambiguousColumn(let name):
      "two columns are called \(name); a single one was expected; rename one"
    case .raggedRow(let line, let cells, let expected):
      "line \(line) has \(cells) cells; \(expected) were expected as in the header; mend the row"
    case .badQuote(let line):
      "line \(line) has a quotation mark without its partner; pairs were expected; "
        + "close it or write it twice"
    case .notANumber(let line, let cell):
      "line \(line) holds \"\(cell)\"; a finite number was expected; mend or remove the row"
    case .noRows: "the table has a header only; at least one row was expected; add data"
    }
  }
}
