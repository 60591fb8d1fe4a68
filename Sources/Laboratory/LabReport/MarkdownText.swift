// Words from outside as plain Markdown.

/// Writes texts so that Markdown shows them letter by letter.
enum MarkdownText {
  /// A text on one line, with every character that means something to Markdown or HTML made plain.
  ///
  /// It is safe within a cell of a table, a heading and a list. Line ends become spaces.
  static func plain(_ text: String) -> String {
    var result = ""
    for character in text.split(whereSeparator: \.isNewline).joined(separator: " ") {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "|", "\\", "`", "*", "_", "[", "]", "$", "~", "#": result += "\\\(character)"
      default: result.append(character)
      }
    }
    return result
  }

  /// A text on one line in the type of code; backticks become apostrophes.
  ///
  /// - Parameter inTable: Whether it stands in a table, where a bar would end the cell.
  static func code(_ text: String, inTable: Bool = true) -> String {
    let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
      .map { $0 == "`" ? "'" : String($0) }.joined()
    guard !line.isEmpty else { return "" }
    let parts = inTable ? line.split(separator: "|", omittingEmptySubsequences: false) : [line[...]]
    return "`\(parts.joined(separator: "\\|"))`"
  }

  /// A link whose text is made plain; the address is a path of the repository.
  static func link(_ text: String, _ address: String) -> String {
    "[\(plain(text))](\(path(address)))"
  }

  /// A path as an address: what cannot stand in one is written as its bytes.
  static func path(_ path: String) -> String {
    var result = ""
    for byte in path.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
        UInt8(ascii: "."), UInt8(ascii: "/"):
        result.unicodeScalars.append(UnicodeScalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        result += "%" + (digits.count == 1 ? "0" : "") + digits
      }
    }
    return result
  }

  /// A block of code between fences that are longer than any run of backticks within.
  static func block(_ text: String) -> String {
    var longest = 0
    var run = 0
    for character in text {
      run = character == "`" ? run + 1 : 0
      longest = max(longest, run)
    }
    let fence = String(repeating: "`", count: max(3, longest + 1))
    return "\(fence)\n\(text)\(text.hasSuffix("\n") ? "" : "\n")\(fence)\n"
  }
}

/// A table in Markdown, built row by row from cells that are Markdown already.
struct MarkdownTable {
  private var text: String
  private let width: Int

  /// Starts a table.
  ///
  /// - Parameter numeric: The columns that are set to the right.
  init(columns: [String], numeric: Set<Int> = []) {
    width = columns.count
    let rules = columns.indices.map { numeric.contains($0) ? "---:" : "---" }
    text = "| \(columns.joined(separator: " | ")) |\n| \(rules.joined(separator: " | ")) |\n"
  }

  /// Appends a row.
  ///
  /// - Precondition: There are as many cells as columns.
  mutating func append(_ cells: [String]) {
    precondition(cells.count == width, "\(cells.count) cells in \(width) columns")
    text += "| \(cells.joined(separator: " | ")) |\n"
  }

  /// The table with a line feed at its end.
  var markdown: String { text }
}
