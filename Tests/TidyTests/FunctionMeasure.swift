// Measures functions by their braces.

/// The length of functions, initialisers, deinitialisers and subscripts in lines.
enum FunctionMeasure {
  /// A function with a body.
  struct Function: Hashable {
    let name: String
    /// The line of its first word.
    let line: Int
    /// The lines from there to the closing brace.
    let lines: Int
  }

  /// All functions with a body, outer ones before those inside them.
  static func functions(in tokens: [SwiftText.Token]) -> [Function] {
    tokens.indices.compactMap { index in
      guard isDeclaration(at: index, in: tokens),
        let open = body(after: index, in: tokens),
        let close = end(ofBraceAt: open, in: tokens)
      else { return nil }
      let word = tokens[index].text
      let name = word == "func" ? tokens[index + 1].text : word
      let lines = tokens[close].line - tokens[index].line + 1
      return Function(name: String(name), line: tokens[index].line, lines: lines)
    }
  }

  /// Whether the word here declares a function: `self.init(…)` and `.init` do not.
  private static func isDeclaration(at index: Int, in tokens: [SwiftText.Token]) -> Bool {
    let before = index > 0 ? tokens[index - 1].text : ""
    guard before != ".", index + 1 < tokens.count else { return false }
    switch tokens[index].text {
    case "func", "deinit": return true
    case "init", "subscript": return ["(", "<", "?", "!"].contains(tokens[index + 1].text)
    default: return false
    }
  }

  /// The opening brace of the body; nothing where a protocol only asks for the function.
  private static func body(after index: Int, in tokens: [SwiftText.Token]) -> Int? {
    var depth = 0
    var hadParameters = false
    var position = index + 1
    while position < tokens.count {
      let token = tokens[position]
      switch token.text {
      case "(", "[": depth += 1
      case ")", "]":
        depth -= 1
        hadParameters = hadParameters || token.text == ")"
        if depth < 0 { return nil }
      case "{" where depth == 0: return position
      case "}" where depth == 0: return nil
      default:
        let isNewLine = token.line > tokens[position - 1].line
        let goesOn = continuations.contains(String(token.text))
        let wasOpen = openEnds.contains(String(tokens[position - 1].text))
        if depth == 0 && hadParameters && isNewLine && !goesOn && !wasOpen { return nil }
      }
      position += 1
    }
    return nil
  }

  private static func end(ofBraceAt open: Int, in tokens: [SwiftText.Token]) -> Int? {
    var depth = 0
    for position in open..<tokens.count {
      if tokens[position].text == "{" { depth += 1 }
      if tokens[position].text == "}" { depth -= 1 }
      if depth == 0 { return position }
    }
    return nil
  }

  /// Words and signs that go on with a heading on the next line.
  private static let continuations: Set<String> = [
    "where", "-", "throws", "rethrows", "async", ",", "&", ":", "<", ">",
  ]
  /// Words and signs after which the next line still belongs to the heading.
  private static let openEnds: Set<String> = ["where", ">", ",", "&", ":", "=", "<"]
}
