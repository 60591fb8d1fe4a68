/// A table of aligned columns for a terminal.
///
/// Two spaces stand between columns, the last column is not padded, and line feeds within a field
/// become spaces. A field that carries a colour is as wide as its text.
public struct TextTable: Sendable {
  /// One field with the colour that it has where colours are asked for.
  public struct Field: Sendable, Hashable, ExpressibleByStringLiteral {
    /// What is shown, on one line.
    public var text: String
    /// The colour; `nil` for the terminal's own.
    public var colour: Colour?

    /// Makes a field.
    public init(_ text: String, colour: Colour? = nil) {
      self.text = text.split(whereSeparator: \.isNewline).joined(separator: " ")
      self.colour = colour
    }

    /// Makes a field without a colour.
    public init(stringLiteral text: String) { self.init(text) }
  }

  /// A colour of the terminal's palette.
  public enum Colour: Int, Sendable, Hashable {
    /// For what is not as it should be.
    case red = 31
    /// For what is as it should be.
    case green = 32
    /// For what is not decided.
    case yellow = 33
    /// For what is aside.
    case grey = 90
  }

  private let header: [String]
  private var rows: [[Field]] = []

  /// Starts a table with the names of its columns.
  public init(columns: [String]) { header = columns }

  /// Appends a row.
  ///
  /// - Precondition: There are as many fields as columns.
  public mutating func append(_ fields: [Field]) {
    precondition(fields.count == header.count, "\(fields.count) fields in \(header.count) columns")
    rows.append(fields)
  }

  /// The table as lines, the header in capitals.
  ///
  /// - Parameter colours: Whether fields get their colours by the escape sequences of ECMA-48.
  public func text(colours: Bool) -> String {
    let head = header.map { Field($0.uppercased()) }
    let widths = header.indices.map { column in
      ([head] + rows).map { $0[column].text.count }.max() ?? 0
    }
    return ([head] + rows).map { line($0, widths: widths, colours: colours) + "\n" }.joined()
  }

  private func line(_ fields: [Field], widths: [Int], colours: Bool) -> String {
    let last = fields.lastIndex { !$0.text.isEmpty } ?? 0
    var line = ""
    for (column, field) in fields.enumerated() where column <= last {
      if colours, let colour = field.colour {
        line += "\u{1B}[\(colour.rawValue)m\(field.text)\u{1B}[0m"
      } else {
        line += field.text
      }
      guard column < last else { break }
      line += String(repeating: " ", count: widths[column] - field.text.count + 2)
    }
    return line
  }
}

extension CriterionVerdict {
  /// The colour of the verdict on a terminal.
  public var colour: TextTable.Colour {
    switch self {
    case .pass: .green
    case .fail: .red
    case .inconclusive, .missing: .yellow
    }
  }
}

extension ClaimVerdict {
  /// The colour of the verdict on a terminal.
  public var colour: TextTable.Colour {
    switch self {
    case .supported: .green
    case .refuted: .red
    case .holdsWhen, .inconclusive: .yellow
    case .notTestable, .notYetTested: .grey
    }
  }
}
