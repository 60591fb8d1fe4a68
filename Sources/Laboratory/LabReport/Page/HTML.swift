// Pages as text, with every word from outside made plain.

/// Builds HTML from texts that are escaped and from HTML that is not.
enum HTML {
  /// A text as the content of an element or the value of a quoted attribute.
  static func text(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      // What is no character of HTML is shown as one that cannot be shown.
      case _ where scalar.value < 0x20 && !"\t\n\r".unicodeScalars.contains(scalar),
        "\u{7f}":
        result += "\u{fffd}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// An element around HTML.
  ///
  /// - Parameter attributes: Names and values; the values are escaped.
  static func element(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ content: String
  ) -> String {
    "\(tag(name, attributes))\(content)</\(name)>"
  }

  /// The opening tag of an element.
  static func tag(_ name: String, _ attributes: KeyValuePairs<String, String> = [:]) -> String {
    "<\(name)" + attributes.map { " \($0.key)=\"\(text($0.value))\"" }.joined() + ">"
  }

  /// A text in the type of code.
  static func code(_ content: String) -> String { element("code", text(content)) }

  /// An element around HTML, without attributes.
  static func element(_ name: String, _ content: String) -> String { element(name, [:], content) }

  /// A verdict as a badge; the class gives it its colour.
  static func badge(_ verdict: String) -> String {
    element("span", ["class": "verdict", "data-verdict": verdict], text(verdict))
  }

  /// JSON that a script of the page reads; nothing in it can end the element.
  static func data(_ json: String, id: String) -> String {
    let safe = json.replacing("<", with: "\\u003c")
    return element("script", ["type": "application/json", "id": id], safe)
  }
}

/// A table in a box of its own, which scrolls where the table is wider than the page.
struct HTMLTable {
  private let caption: String
  private let columns: [String]
  private let numeric: Set<Int>
  private let name: String
  private var rows = ""

  /// Starts a table.
  ///
  /// - Parameters:
  ///   - name: What the style calls it.
  ///   - caption: What it shows, as a text.
  ///   - columns: The names of the columns, as texts.
  ///   - numeric: The columns that are set to the right.
  init(_ name: String, caption: String, columns: [String], numeric: Set<Int> = []) {
    self.name = name
    self.caption = caption
    self.columns = columns
    self.numeric = numeric
  }

  /// Appends a row of HTML; its first cell names it, and its last one takes what room is left.
  ///
  /// - Parameter label: What scripts tell the row by.
  mutating func append(_ cells: [String], label: String? = nil) {
    rows += label.map { HTML.tag("tr", ["data-label": $0]) } ?? "<tr>"
    for (column, cell) in cells.enumerated() {
      var kind = numeric.contains(column) ? " class=\"figure\"" : ""
      if column == cells.count - 1, cells.count < columns.count {
        kind += " colspan=\"\(columns.count - column)\""
      }
      rows += column == 0 ? "<th scope=\"row\"\(kind)>\(cell)</th>" : "<td\(kind)>\(cell)</td>"
    }
    rows += "</tr>\n"
  }

  /// The table in its box.
  var html: String {
    let head = columns.enumerated().map { column, title in
      "<th scope=\"col\"\(numeric.contains(column) ? " class=\"figure\"" : "")>"
        + "\(HTML.text(title))</th>"
    }
    let table =
      HTML.element("caption", HTML.text(caption))
      + "<thead><tr>\(head.joined())</tr></thead>\n<tbody>\n\(rows)</tbody>"
    return HTML.element(
      "div", ["class": "box", "role": "region", "tabindex": "0", "aria-label": caption],
      HTML.element("table", ["class": name], table))
  }
}
