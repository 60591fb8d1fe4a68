// Reads tables in the one form that records have, and refuses any other.

/// How large a table may be.
public struct CSVLimits: Hashable, Sendable {
  /// The longest file, in bytes.
  public var file: Int
  /// The longest field, in bytes.
  public var field: Int
  /// The most columns.
  public var columns: Int

  /// Describes limits; the defaults hold for records.
  public init(file: Int = 1 << 30, field: Int = 4 << 20, columns: Int = 256) {
    self.file = file
    self.field = field
    self.columns = columns
  }
}

/// One row of a table.
public struct CSVRow: Hashable, Sendable {
  /// The line on which the row begins, counted from 1.
  public var line: Int
  /// The fields, as many as the table has columns.
  public var fields: [String]
}

/// Reads a table in the form of RFC 4180, strictly: UTF-8, LF after every row and the last one too,
/// every row as wide as the header, quotation marks only around whole fields.
///
/// - Complexity: One pass over the bytes.
public struct CSVReader: Sendable {
  /// The path that errors name.
  public let path: String
  /// The names of the columns.
  public private(set) var columns: [String] = []
  private let bytes: [UInt8]
  private let limits: CSVLimits
  private var offset = 0
  private var line = 1
  /// The last row's unquoted fields: where each one's bytes stand, and its text.
  ///
  /// Most fields of a record are those of the row above; they share one text.
  private var above: [(bytes: Range<Int>, text: String)] = []

  /// Starts to read a table by its header.
  ///
  /// - Throws: ``RecordError`` for a file that is too long or has a bad header.
  public init(
    _ bytes: [UInt8], path: String, limits: CSVLimits = CSVLimits()
  ) throws(RecordError) {
    self.path = path
    self.bytes = bytes
    self.limits = limits
    guard bytes.count <= limits.file else {
      throw RecordError(path: path, .tooLong(what: "the table", limit: limits.file))
    }
    guard let header = try row() else {
      throw error(.malformed(reason: "the table is empty"))
    }
    columns = header.fields
    var seen: Set<String> = []
    for column in columns where !seen.insert(column).inserted {
      throw RecordError(path: path, line: 1, .unexpectedColumn(column))
    }
  }

  /// Checks that the table has exactly the given columns in the given order.
  ///
  /// - Parameter open: Whether further columns may follow.
  /// - Throws: ``RecordError`` that names the first column which is missing or unexpected.
  public func expect(_ expected: [String], open: Bool = false) throws(RecordError) {
    for column in expected where !columns.contains(column) {
      throw RecordError(path: path, line: 1, .missingColumn(column))
    }
    for (index, column) in columns.enumerated() {
      if index < expected.count ? column != expected[index] : !open {
        throw RecordError(path: path, line: 1, .unexpectedColumn(column))
      }
    }
  }

  /// The next row, or `nil` after the last.
  ///
  /// - Throws: ``RecordError`` with the line of the row.
  public mutating func next() throws(RecordError) -> CSVRow? {
    guard let row = try row() else { return nil }
    guard row.fields.count == columns.count else {
      let problem = RecordError.Problem.fieldCount(
        expected: columns.count, found: row.fields.count)
      throw RecordError(path: path, line: row.line, problem)
    }
    return row
  }

  private mutating func row() throws(RecordError) -> CSVRow? {
    guard offset < bytes.count else { return nil }
    let first = line
    var fields: [String] = []
    fields.reserveCapacity(columns.count)
    while true {
      guard fields.count < limits.columns else {
        throw error(.malformed(reason: "the row has more than \(limits.columns) fields"))
      }
      let isQuoted = offset < bytes.count && bytes[offset] == UInt8(ascii: "\"")
      fields.append(isQuoted ? try quotedField() : try plainField(column: fields.count))
      guard offset < bytes.count else {
        throw error(.malformed(reason: "the file ends in the middle of a row"))
      }
      let separator = bytes[offset]
      offset += 1
      if separator == UInt8(ascii: "\n") {
        line += 1
        return CSVRow(line: first, fields: fields)
      }
    }
  }

  /// Reads up to the comma or line end that follows, which stays unread.
  private mutating func plainField(column: Int) throws(RecordError) -> String {
    let start = offset
    scan: while offset < bytes.count {
      switch bytes[offset] {
      case UInt8(ascii: ","), UInt8(ascii: "\n"): break scan
      case UInt8(ascii: "\""):
        throw error(.malformed(reason: "a quotation mark stands inside an unquoted field"))
      case UInt8(ascii: "\r"):
        throw error(.malformed(reason: "a carriage return stands outside quotation marks"))
      default: offset += 1
      }
    }
    return try shared(start..<offset, column: column)
  }

  /// The text of a field: that of the row above where its bytes are the same.
  private mutating func shared(
    _ range: Range<Int>, column: Int
  ) throws(RecordError) -> String {
    guard column < above.count else {
      let text = try text(bytes[range])
      // A quoted field leaves no text behind, and the columns after it none either.
      if column == above.count { above.append((range, text)) }
      return text
    }
    if isSame(above[column].bytes, range) { return above[column].text }
    let text = try text(bytes[range])
    above[column] = (range, text)
    return text
  }

  private func isSame(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
    guard left.count == right.count else { return false }
    for place in 0..<left.count
    where bytes[left.lowerBound + place] != bytes[right.lowerBound + place] {
      return false
    }
    return true
  }

  /// Reads from the opening quotation mark up to what follows the closing one.
  private mutating func quotedField() throws(RecordError) -> String {
    let quote = UInt8(ascii: "\"")
    let opening = line
    var content: [UInt8] = []
    offset += 1
    while offset < bytes.count {
      let byte = bytes[offset]
      offset += 1
      if byte == quote {
        guard offset < bytes.count, bytes[offset] == quote else {
          try checkEndOfQuoted()
          return try text(content[...])
        }
        offset += 1
      }
      if byte == UInt8(ascii: "\n") { line += 1 }
      content.append(byte)
      guard content.count <= limits.field else {
        throw error(.tooLong(what: "a field", limit: limits.field))
      }
    }
    line = opening
    throw error(.malformed(reason: "a quotation mark is never closed"))
  }

  private func checkEndOfQuoted() throws(RecordError) {
    guard offset < bytes.count else { return }
    guard bytes[offset] == UInt8(ascii: ",") || bytes[offset] == UInt8(ascii: "\n") else {
      throw error(.malformed(reason: "text follows a closing quotation mark"))
    }
  }

  private func text(_ bytes: ArraySlice<UInt8>) throws(RecordError) -> String {
    guard bytes.count <= limits.field else {
      throw error(.tooLong(what: "a field", limit: limits.field))
    }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw error(.notText) }
    return text
  }

  private func error(_ problem: RecordError.Problem) -> RecordError {
    RecordError(path: path, line: line, problem)
  }
}
