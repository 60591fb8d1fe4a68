// Loading a sample from one column of a table of comma-separated values, within bounds.
import Glibc

extension SortedSample {
  /// How long a table may be and how many rows it may have.
  public struct TableLimits: Hashable, Sendable {
    /// The greatest length of the whole table.
    public var bytes: Int
    /// The greatest number of rows below the header.
    public var rows: Int

    /// Sets both bounds; the usual ones are 64 MiB and four million rows.
    public init(bytes: Int = 64 << 20, rows: Int = 4_000_000) {
      self.bytes = bytes
      self.rows = rows
    }
  }

  /// Takes the numbers of one named column of a table with a header line.
  ///
  /// - Parameter table: UTF-8 text; cells may be quoted. Lines end in LF or CRLF, and lines without
  ///   any character are skipped.
  /// - Throws: ``SampleFileError``, for the first fault from the top.
  /// - Complexity: One pass over the table, then sorting.
  /// > Source: The format is RFC 4180.
  public init(
    table: some Collection<UInt8>, column: String, limits: TableLimits = TableLimits()
  ) throws(SampleFileError) {
    guard table.count <= limits.bytes else { throw .tooLarge(limit: limits.bytes) }
    var reader = TableReader(Array(table))
    guard let header = try reader.nextRow() else { throw .noHeader }
    let names = header.map { $0.trimmed }
    guard let index = names.firstIndex(of: column) else {
      throw .missingColumn(name: column, known: names)
    }
    guard names.lastIndex(of: column) == index else { throw .ambiguousColumn(name: column) }
    var numbers: [Double] = []
    while let row = try reader.nextRow() {
      guard numbers.count < limits.rows else { throw .tooManyRows(limit: limits.rows) }
      guard row.count == names.count else {
        throw .raggedRow(line: reader.rowLine, cells: row.count, expected: names.count)
      }
      guard let number = Double(row[index].trimmed), number.isFinite else {
        throw .notANumber(line: reader.rowLine, cell: String(row[index].prefix(40)))
      }
      numbers.append(number)
    }
    guard !numbers.isEmpty else { throw .noRows }
    self.init(finite: numbers)
  }

  /// Takes the numbers of one named column of a file.
  ///
  /// - Throws: ``SampleFileError``, for the first fault from the top.
  public init(
    tableAt path: String, column: String, limits: TableLimits = TableLimits()
  ) throws(SampleFileError) {
    let bytes = try SortedSample.read(path, limit: limits.bytes)
    try self.init(table: bytes, column: column, limits: limits)
  }

  /// Reads a file, but never more than one byte beyond the limit.
  private static func read(_ path: String, limit: Int) throws(SampleFileError) -> [UInt8] {
    func failure() -> SampleFileError {
      .unreadable(path: path, reason: String(cString: strerror(errno)))
    }
    guard let file = fopen(path, "rb") else { throw failure() }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count <= limit {
      let count = fread(&block, 1, block.count, file)
      if count == 0 { break }
      bytes.append(contentsOf: block[..<count])
    }
    guard ferror(file) == 0 else { throw failure() }
    return bytes
  }
}

/// Splits a table into rows of cells.
private struct TableReader {
  private let bytes: [UInt8]
  private var position = 0
  private var line = 1
  /// The line on which the row that was read last begins.
  private(set) var rowLine = 1

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { position = 3 }
  }

  /// The cells of the next row that is not empty; `nil` at the end of the table.
  mutating func nextRow() throws(SampleFileError) -> [String]? {
    while position < bytes.count, skipLineEnd() {}
    guard position < bytes.count else { return nil }
    rowLine = line
    var cells: [String] = []
    while true {
      cells.append(try nextCell())
      if position == bytes.count || skipLineEnd() { return cells }
      position += 1
    }
  }

  /// Steps over one line end when it stands here.
  private mutating func skipLineEnd() -> Bool {
    let width = lineEndWidth
    position += width
    line += width > 0 ? 1 : 0
    return width > 0
  }

  private var lineEndWidth: Int {
    if bytes[position] == UInt8(ascii: "\n") { return 1 }
    let isPair =
      bytes[position] == UInt8(ascii: "\r") && position + 1 < bytes.count
      && bytes[position + 1] == UInt8(ascii: "\n")
    return isPair ? 2 : 0
  }

  /// Reads up to a comma, a line end or the end of the table, and stops there.
  private mutating func nextCell() throws(SampleFileError) -> String {
    if position < bytes.count, bytes[position] == UInt8(ascii: "\"") { return try quotedCell() }
    let start = position
    while position < bytes.count, bytes[position] != UInt8(ascii: ","), lineEndWidth == 0 {
      position += 1
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func quotedCell() throws(SampleFileError) -> String {
    var content: [UInt8] = []
    let openingLine = line
    position += 1
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if byte == UInt8(ascii: "\n") { line += 1 }
      if byte != UInt8(ascii: "\"") {
        content.append(byte)
      } else if position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
        content.append(byte)
        position += 1
      } else {
        let isEnd =
          position == bytes.count || bytes[position] == UInt8(ascii: ",") || lineEndWidth > 0
        guard isEnd else { throw .badQuote(line: openingLine) }
        return String(decoding: content, as: UTF8.self)
      }
    }
    throw .badQuote(line: openingLine)
  }
}

extension String {
  /// The text without spaces and tabs at both ends.
  fileprivate var trimmed: String {
    var part = self[...]
    while let first = part.first, first == " " || first == "\t" { part.removeFirst() }
    while let last = part.last, last == " " || last == "\t" { part.removeLast() }
    return String(part)
  }
}
