// Typed access to the fields of one row.

/// Takes the fields of a row from left to right.
struct FieldReader {
  private let row: CSVRow
  private let columns: [String]
  private let path: String
  private var place = 0

  init(_ row: CSVRow, of reader: CSVReader) {
    self.row = row
    columns = reader.columns
    path = reader.path
  }

  /// The next field as it is.
  mutating func text() -> String {
    defer { place += 1 }
    return row.fields[place]
  }

  /// The next field, which must hold something.
  mutating func name() throws(RecordError) -> String {
    let field = text()
    guard !field.isEmpty else { throw error(field, "a name") }
    return field
  }

  /// The next field as a whole number that is not negative, or `nil` when it is empty.
  mutating func count() throws(RecordError) -> Int? {
    let field = text()
    if field.isEmpty { return nil }
    guard let number = Int(field), number >= 0, "\(number)" == field else {
      throw error(field, "a whole number that is not negative")
    }
    return number
  }

  /// The next field as a number that is not negative, or `nil` when it is empty.
  mutating func amount() throws(RecordError) -> Double? {
    let field = text()
    if field.isEmpty { return nil }
    guard let number = Double(field), number.isFinite, number >= 0 else {
      throw error(field, "a number that is not negative")
    }
    return number
  }

  /// The next field as one of the words of an enumeration.
  mutating func word<Word: RawRepresentable<String> & CaseIterable>(
    _ type: Word.Type
  ) throws(RecordError) -> Word {
    let field = text()
    guard let word = Word(rawValue: field) else {
      throw error(field, "one of \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return word
  }

  /// The error that the field which was read last does not hold what it should.
  func error(_ field: String, _ expected: String) -> RecordError {
    RecordError(
      path: path, line: row.line,
      .badValue(column: columns[place - 1], text: field, expected: expected))
  }
}
