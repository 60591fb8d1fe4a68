// The part of the strict YAML profile that only the text itself shows.
//
// A parsed tree no longer tells where an alias stood, and expanding aliases can take exponential
// time. So the text is scanned before it is parsed: for anchors, aliases, tags, directives, further
// documents, tabs in indentation and nesting that is too deep.

/// Finds what the strict profile forbids in a YAML text.
///
/// It knows as much of YAML's grammar as is needed to tell where a scalar begins and ends; what it
/// does not understand it passes, and the parser reports it.
struct YAMLProfileScanner {
  /// How deep brackets may nest.
  static let depthLimit = 32

  private let scalars: [Unicode.Scalar]
  private let path: String
  private let log: ProblemLog
  private var position = 0
  private var line = 1
  private var lineStart = 0
  private var depth = 0
  /// The column of the block in which an open plain scalar goes on, when its lines lie deeper.
  private var plainScalarParent: Int?

  init(_ text: String, path: String, log: ProblemLog) {
    scalars = Array(text.unicodeScalars)
    self.path = path
    self.log = log
  }

  /// Reports everything that is forbidden.
  ///
  /// - Complexity: Linear in the length of the text.
  mutating func scan() {
    if scalars.first?.value == 0xfeff { position = 1 }
    var hasContent = false
    while position < scalars.count {
      if depth == 0, isDocumentMark {
        if hasContent || at(position) == "." { reportDocument() }
        skipToLineEnd()
      } else if depth == 0, at(position) == "%" {
        report(
          "manifest.yaml-directive",
          "a YAML directive; plain YAML without one was expected; "
            + "remove the line")
        skipToLineEnd()
      } else {
        hasContent = scanLine() || hasContent
      }
      if position < scalars.count { newLine() }
    }
  }

  // MARK: Lines

  /// Scans from the start of a line to its end; says whether anything but a comment stood there.
  private mutating func scanLine() -> Bool {
    while at(position) == " " { position += 1 }
    if at(position) == "\t", depth == 0 {
      report("manifest.tab", "a tab stands in the indentation; spaces were expected; replace it")
      skipBlanks()
    }
    guard let first = at(position), !isBreak(first), first != "#" else {
      skipToLineEnd()
      return false
    }
    if depth > 0 {
      scanFlow()
      return true
    }
    if let parent = plainScalarParent, column > parent {
      skipPlain()
      return true
    }
    plainScalarParent = nil
    scanBlock(parent: column - 1)
    return true
  }

  /// Scans what stands on one line outside brackets.
  private mutating func scanBlock(parent: Int) {
    var parent = parent
    while let scalar = at(position), !isBreak(scalar) {
      if (scalar == "-" || scalar == "?" || scalar == ":"), isSeparated(position + 1) {
        if scalar != ":" { parent = column }
        position += 1
        skipBlanks()
      } else if scalar == "#" {
        skipToLineEnd()
      } else if scalar == "|" || scalar == ">" {
        skipBlockScalar(parent: parent)
        return
      } else {
        let start = column
        scanToken()
        skipBlanks()
        if at(position) == ":", isSeparated(position + 1) {
          parent = start
        } else if plainScalarParent != nil {
          plainScalarParent = parent
        }
        if depth > 0 { scanFlow() }
      }
    }
  }

  /// Scans on within brackets up to the end of the line or the last closing bracket.
  private mutating func scanFlow() {
    while depth > 0, let scalar = at(position), !isBreak(scalar) {
      switch scalar {
      case " ", "\t", ",": position += 1
      case ":" where isSeparated(position + 1) || isFlowIndicator(at(position + 1)): position += 1
      case ":" where position > 0 && (at(position - 1) == "\"" || at(position - 1) == "'"):
        position += 1
      case "]", "}":
        depth -= 1
        position += 1
      case "#" where position == lineStart || isBlank(at(position - 1)): skipToLineEnd()
      case "?" where isSeparated(position + 1): position += 1
      default: scanToken()
      }
    }
  }

  /// Scans one token: a quoted or plain scalar, an opening bracket, or something forbidden.
  private mutating func scanToken() {
    plainScalarParent = nil
    switch at(position) {
    case "\"": skipQuoted("\"")
    case "'": skipQuoted("'")
    case "[", "{":
      depth += 1
      if depth == Self.depthLimit + 1 {
        report(
          "manifest.depth",
          "brackets nest more than \(Self.depthLimit) deep; "
            + "a flatter file was expected; split it")
      }
      position += 1
    case "&": reportName("manifest.anchor", "anchor")
    case "*": reportName("manifest.alias", "alias")
    case "!": reportName("manifest.tag", "tag")
    default: skipPlain()
    }
  }

  // MARK: Scalars

  /// Steps over a plain scalar as far as it goes on this line.
  private mutating func skipPlain() {
    let start = position
    while let scalar = at(position), !isBreak(scalar) {
      if scalar == ":" {
        if isSeparated(position + 1) { break }
        if depth > 0, isFlowIndicator(at(position + 1)) { break }
      }
      if scalar == "#", position > start, isBlank(at(position - 1)) {
        plainScalarParent = nil
        skipToLineEnd()
        return
      }
      if depth > 0, isFlowIndicator(scalar) { break }
      position += 1
    }
    if position == start { position += 1 }
    let isOpen = at(position).map(isBreak) ?? true
    if depth == 0 { plainScalarParent = isOpen ? plainScalarParent ?? 0 : nil }
  }

  private mutating func skipQuoted(_ quote: Unicode.Scalar) {
    position += 1
    while let scalar = at(position) {
      if isBreak(scalar) {
        newLine()
      } else if quote == "\"", scalar == "\\" {
        position += 1
        if let next = at(position), !isBreak(next) { position += 1 }
      } else if scalar == quote {
        position += 1
        guard quote == "'", at(position) == "'" else { return }
        position += 1
      } else {
        position += 1
      }
    }
  }

  /// Steps over a block scalar: all following lines that are blank or lie deeper than its parent.
  private mutating func skipBlockScalar(parent: Int) {
    skipToLineEnd()
    while position < scalars.count {
      var next = position + 1
      if scalars[position] == "\r", at(next) == "\n" { next += 1 }
      var cursor = next
      while at(cursor) == " " { cursor += 1 }
      let isEmpty = at(cursor).map { isBreak($0) } ?? true
      guard isEmpty || cursor - next > max(parent, 0) || parent < 1 && cursor > next else { return }
      newLine()
      skipToLineEnd()
    }
  }

  // MARK: Characters

  private var column: Int { position - lineStart }

  private func at(_ index: Int) -> Unicode.Scalar? {
    scalars.indices.contains(index) ? scalars[index] : nil
  }

  private func isBreak(_ scalar: Unicode.Scalar) -> Bool { scalar == "\n" || scalar == "\r" }

  private func isBlank(_ scalar: Unicode.Scalar?) -> Bool { scalar == " " || scalar == "\t" }

  private func isSeparated(_ index: Int) -> Bool {
    at(index).map { isBlank($0) || isBreak($0) } ?? true
  }

  private func isFlowIndicator(_ scalar: Unicode.Scalar?) -> Bool {
    scalar == "," || scalar == "[" || scalar == "]" || scalar == "{" || scalar == "}"
  }

  private var isDocumentMark: Bool {
    guard column == 0, let first = at(position), first == "-" || first == "." else { return false }
    return at(position + 1) == first && at(position + 2) == first && isSeparated(position + 3)
  }

  private mutating func skipBlanks() {
    while isBlank(at(position)) { position += 1 }
  }

  private mutating func skipToLineEnd() {
    while let scalar = at(position), !isBreak(scalar) { position += 1 }
  }

  private mutating func newLine() {
    if at(position) == "\r", at(position + 1) == "\n" { position += 1 }
    position += 1
    line += 1
    lineStart = position
  }

  // MARK: Reports

  private func report(_ code: String, _ message: String) {
    log.report(code, at: SourcePlace(path: path, line: line, column: column + 1), message)
  }

  private mutating func reportName(_ code: String, _ what: String) {
    let start = position
    while let scalar = at(position), !isSeparated(position), !isFlowIndicator(scalar) {
      position += 1
    }
    let name = String(String.UnicodeScalarView(scalars[start..<position]))
    let end = position
    position = start
    report(
      code,
      "'\(shortened(name))' is a YAML \(what); plain values were expected; "
        + "write the value itself, or quote it if it is text")
    position = max(end, start + 1)
    skipBlanks()
  }

  private func reportDocument() {
    report(
      "manifest.documents",
      "a second YAML document begins; one document a file was expected; move it to its own file")
  }
}
