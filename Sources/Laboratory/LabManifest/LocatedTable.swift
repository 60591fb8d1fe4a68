// Tables of comma-separated values that remember where each cell stands.

/// A table whose first line names the columns.
struct LocatedTable {
  /// The names of the columns with their places.
  let header: [YAMLTree]
  /// The lines below, all as long as the header.
  let rows: [[YAMLTree]]

  /// The most bytes of a file.
  static let byteLimit = 64 << 20
  /// The most rows of a file.
  static let rowLimit = 1_000_000

  /// Reads a file, and reports what is wrong with it.
  ///
  /// - Parameters:
  ///   - path: The file as it is opened and named in messages.
  ///   - reference: The place in the manifest that names the file.
  init?(file path: String, reference: SourcePlace, log: ProblemLog) {
    let bytes: [UInt8]
    switch BoundedFile.read(path, limit: Self.byteLimit) {
    case .success(let content): bytes = content
    case .failure(let failure):
      log.report(failure.code, at: reference, failure.message)
      return nil
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      log.report(
        "manifest.encoding", at: reference,
        "'\(path)' is not UTF-8; UTF-8 text was expected; convert it")
      return nil
    }
    self.init(text: text, path: path, log: log)
  }

  /// Reads a text, and reports what is wrong with it.
  init?(text: String, path: String, log: ProblemLog) {
    var reader = CellReader(text, path: path)
    var lines: [[YAMLTree]] = []
    while let line = reader.nextLine() {
      if let problem = reader.problem {
        log.report(
          "manifest.csv", at: problem,
          "a quotation mark has no partner or text follows "
            + "it; pairs were expected; close it or write it twice")
        return nil
      }
      lines.append(line)
      if let first = lines.first, line.count != first.count {
        log.report(
          "manifest.csv", at: line.first?.place ?? SourcePlace(path: path, line: 1, column: 1),
          "the line has \(line.count) cells; \(first.count) were expected as in the first line; "
            + "mend it")
        return nil
      }
      guard lines.count <= Self.rowLimit + 1 else {
        log.report(
          "manifest.csv", at: SourcePlace(path: path, line: 1, column: 1),
          "the table has more than \(Self.rowLimit) rows; fewer were expected; thin it out")
        return nil
      }
    }
    guard let header = lines.first, lines.count > 1 else {
      log.report(
        "manifest.csv", at: SourcePlace(path: path, line: 1, column: 1),
        "the table has \(lines.count) lines; a line of names and at least one row were expected; "
          + "add them")
      return nil
    }
    self.header = header
    rows = Array(lines.dropFirst())
  }

  /// The cells of a column, by its name or, without one, of the only column.
  func column(_ name: YAMLTree?, reference: SourcePlace, log: ProblemLog) -> [YAMLTree]? {
    let names = header.map { $0.text ?? "" }
    guard let wanted = name?.text else {
      guard names.count == 1 else {
        log.report(
          "manifest.csv-column", at: reference,
          "the table has the columns \(quoted(names)) and none is chosen; a name was expected; "
            + "add 'column: \(names.first ?? "")'")
        return nil
      }
      return rows.map { $0[0] }
    }
    guard let index = names.firstIndex(of: wanted) else {
      log.report(
        "manifest.csv-column", at: name?.place ?? reference,
        "the table has no column '\(shortened(wanted))'; one of its columns was expected; "
          + suggestion(for: wanted, among: names))
      return nil
    }
    return rows.map { $0[index] }
  }
}

/// Splits a text into lines of cells.
private struct CellReader {
  private let scalars: [Unicode.Scalar]
  private let path: String
  private var position = 0
  private var line = 1
  private var lineStart = 0
  /// Where a quotation mark has no partner.
  private(set) var problem: SourcePlace?

  init(_ text: String, path: String) {
    scalars = Array(text.unicodeScalars)
    self.path = path
    if scalars.first?.value == 0xfeff { (position, lineStart) = (1, 1) }
  }

  mutating func nextLine() -> [YAMLTree]? {
    while position < scalars.count, isBreak { step() }
    guard position < scalars.count, problem == nil else { return nil }
    var cells: [YAMLTree] = []
    while true {
      cells.append(nextCell())
      guard position < scalars.count, problem == nil, !isBreak else { return cells }
      position += 1
    }
  }

  private mutating func nextCell() -> YAMLTree {
    let place = SourcePlace(path: path, line: line, column: position - lineStart + 1)
    var cell = String.UnicodeScalarView()
    guard position < scalars.count, scalars[position] == "\"" else {
      while position < scalars.count, scalars[position] != ",", !isBreak {
        cell.append(scalars[position])
        position += 1
      }
      let words = String(cell).split(separator: " ", omittingEmptySubsequences: true)
      return .scalar(words.joined(separator: " "), at: place)
    }
    position += 1
    while position < scalars.count {
      if scalars[position] == "\"" {
        position += 1
        guard position < scalars.count, scalars[position] == "\"" else {
          let isEnd = position == scalars.count || scalars[position] == "," || isBreak
          if !isEnd { problem = place }
          return .scalar(String(cell), at: place)
        }
      }
      cell.append(scalars[position])
      step()
    }
    problem = place
    return .scalar(String(cell), at: place)
  }

  private var isBreak: Bool { scalars[position] == "\n" || scalars[position] == "\r" }

  private mutating func step() {
    let isLineEnd = scalars[position] == "\n"
    position += 1
    if isLineEnd { (line, lineStart) = (line + 1, position) }
  }
}
