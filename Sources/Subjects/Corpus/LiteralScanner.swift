// Tells strings and comments from code in languages with braces: Swift, JavaScript and TypeScript.

/// Finds the strings, comments and regular expressions of a file.
///
/// Code inside interpolations stays code. A string that no quotation mark ends is taken to end with
/// its line, so that a stray mark spoils no more than that. The nesting is kept in a list, so that
/// no depth of it exhausts the stack.
/// - Complexity: O(bytes).
struct LiteralScanner {
  /// What differs between the languages.
  enum Dialect {
    /// Block comments nest; strings may have `#` around them and three marks.
    case swift
    /// Strings in single, double and backward marks.
    case javascript
  }

  /// A string whose interpolation is being read.
  private struct OpenString {
    let begin: Int
    /// How it ends.
    let close: [UInt8]
    /// What begins an interpolation in it, such as `\(`.
    let interpolation: [UInt8]
    /// What makes the byte after it part of the string.
    let escape: [UInt8]
    let mayHoldLineEnds: Bool
    /// How many brackets are open in the interpolation.
    var depth = 0
  }

  /// Longer regular expressions are taken for divisions, so that the search for their ends is
  /// bounded.
  private static let expressionBytesMax = 4096

  private let dialect: Dialect
  private var source: SourceText
  private var index = 0
  private var open: [OpenString] = []

  /// The file with its strings and comments known.
  static func scan(_ bytes: [UInt8], _ dialect: Dialect) -> SourceText {
    var scanner = LiteralScanner(bytes, dialect)
    scanner.scan()
    return scanner.source
  }

  private init(_ bytes: [UInt8], _ dialect: Dialect) {
    self.dialect = dialect
    source = SourceText(bytes)
  }

  private var bytes: [UInt8] { source.bytes }

  private mutating func scan() {
    while index < bytes.count {
      switch bytes[index] {
      case slash where byte(1) == slash:
        comment(until: lineEnd(from: index))
      case slash where byte(1) == star:
        comment(until: endOfBlockComment())
      case slash, hash:
        if !literalWithHashes() { index += 1 }
      case quote, singleQuote, backtick:
        literal()
      case parenthesis, brace:
        countBracket(1)
      case closingParenthesis, closingBrace:
        countBracket(-1)
      default:
        index += 1
      }
    }
  }

  private func byte(_ distance: Int) -> UInt8? {
    index + distance < bytes.count ? bytes[index + distance] : nil
  }

  private func starts(with sign: [UInt8], at place: Int) -> Bool {
    place + sign.count <= bytes.count && bytes[place..<(place + sign.count)].elementsEqual(sign)
  }

  private func lineEnd(from begin: Int) -> Int {
    bytes[begin...].firstIndex(of: newline) ?? bytes.count
  }

  private mutating func comment(until end: Int) {
    source.addComment(index..<end)
    index = end
  }

  private func endOfBlockComment() -> Int {
    var depth = 0
    var place = index
    while place < bytes.count {
      if starts(with: [slash, star], at: place), depth == 0 || dialect == .swift {
        depth += 1
        place += 2
      } else if starts(with: [star, slash], at: place) {
        depth -= 1
        place += 2
        if depth == 0 { return place }
      } else {
        place += 1
      }
    }
    return bytes.count
  }

  /// In an interpolation the bracket that closes it leads back into its string.
  private mutating func countBracket(_ step: Int) {
    let kind = bytes[index]
    index += 1
    guard var string = open.last else { return }
    let isCounted =
      dialect == .swift
      ? kind == parenthesis || kind == closingParenthesis : kind == brace || kind == closingBrace
    guard isCounted else { return }
    string.depth += step
    if string.depth > 0 {
      open[open.count - 1] = string
    } else {
      open.removeLast()
      // The bracket is a part of the string again, as the one that it closes.
      continueString(string, from: index - 1)
    }
  }

  /// Reads what begins with a quotation mark.
  private mutating func literal() {
    let mark = bytes[index]
    if dialect == .swift {
      switch mark {
      case quote: beginSwiftString(hashes: 0)
      case backtick: rawIdentifier()
      default: index += 1
      }
    } else {
      let isTemplate = mark == backtick
      beginString(
        OpenString(
          begin: index, close: [mark], interpolation: isTemplate ? [dollar, brace] : [],
          escape: [backslash], mayHoldLineEnds: isTemplate),
        contentFrom: index + 1)
    }
  }

  /// Reads a string or a regular expression with signs around it, or a plain regular expression.
  private mutating func literalWithHashes() -> Bool {
    var place = index
    while place < bytes.count, bytes[place] == hash { place += 1 }
    let hashes = place - index
    guard place < bytes.count else {
      index = place - 1
      return false
    }
    if bytes[place] == slash, hashes == 0 || dialect == .swift, regularExpression(hashes: hashes) {
      return true
    }
    if dialect == .swift, hashes > 0, bytes[place] == quote {
      beginSwiftString(hashes: hashes)
      return true
    }
    // Signs that begin nothing are passed over at once.
    index = max(index, place - 1)
    return false
  }

  private mutating func beginSwiftString(hashes: Int) {
    let signs = [UInt8](repeating: hash, count: hashes)
    let isBlock = starts(with: [quote, quote, quote], at: index + hashes)
    let marks = [UInt8](repeating: quote, count: isBlock ? 3 : 1)
    let escape = [backslash] + signs
    beginString(
      OpenString(
        begin: index, close: marks + signs, interpolation: escape + [parenthesis], escape: escape,
        mayHoldLineEnds: isBlock),
      contentFrom: index + hashes + marks.count)
  }

  private mutating func beginString(_ string: OpenString, contentFrom content: Int) {
    source.addString(string.begin..<content, content: content..<content)
    continueString(string, from: content)
  }

  /// Reads on in a string until it ends or until code is interpolated.
  private mutating func continueString(_ string: OpenString, from begin: Int) {
    let first = source.strings[string.begin]?.content.lowerBound ?? begin
    var place = begin
    while place < bytes.count {
      if starts(with: string.close, at: place) {
        return finish(string, first..<place, blankFrom: begin, end: place + string.close.count)
      }
      if bytes[place] == newline, !string.mayHoldLineEnds {
        return finish(string, first..<place, blankFrom: begin, end: place)
      }
      if !string.interpolation.isEmpty, starts(with: string.interpolation, at: place) {
        let code = place + string.interpolation.count
        source.blank(max(begin, string.begin + 1)..<code)
        var string = string
        string.depth = 1
        open.append(string)
        index = code
        return
      }
      place += starts(with: string.escape, at: place) ? string.escape.count + 1 : 1
    }
    finish(string, first..<bytes.count, blankFrom: begin, end: bytes.count)
  }

  private mutating func finish(
    _ string: OpenString, _ content: Range<Int>, blankFrom begin: Int, end: Int
  ) {
    source.endString(string.begin, content: content, blankFrom: begin, end: end)
    index = end
  }

  private mutating func rawIdentifier() {
    let end = bytes[(index + 1)...].firstIndex { $0 == backtick || $0 == newline } ?? bytes.count
    if end < bytes.count, bytes[end] == backtick {
      source.addRawIdentifier(index..<(end + 1))
      index = end + 1
    } else {
      index += 1
    }
  }

  /// Reads a regular expression, if one begins here.
  ///
  /// A plain slash begins one only where no value can stand before it; the brackets of a class may
  /// hold slashes in JavaScript.
  private mutating func regularExpression(hashes: Int) -> Bool {
    let begin = index + hashes + 1
    if hashes == 0, !mayBeginExpression() { return false }
    let close = [slash] + [UInt8](repeating: hash, count: hashes)
    var place = begin
    var isInClass = false
    let limit = min(bytes.count, begin + Self.expressionBytesMax)
    while place < limit, hashes > 0 || bytes[place] != newline {
      if bytes[place] == backslash {
        place += 2
        continue
      }
      if dialect == .javascript, bytes[place] == bracket { isInClass = true }
      if dialect == .javascript, bytes[place] == closingBracket { isInClass = false }
      if !isInClass, starts(with: close, at: place) {
        source.addString(index..<(place + close.count), content: begin..<place)
        index = place + close.count
        return true
      }
      place += 1
    }
    return false
  }

  private func mayBeginExpression() -> Bool {
    if dialect == .swift, byte(1) == 0x20 || byte(1) == newline { return false }
    guard let before = bytes[..<index].lastIndex(where: { !$0.isSpace }) else { return true }
    if "(,=:[{}&|!?;<>+-*%~^".utf8.contains(bytes[before]) {
      return bytes[before] != closingBrace || dialect == .javascript
    }
    guard bytes[before].isWordPart else { return false }
    let first = bytes[..<before].lastIndex { !$0.isWordPart }.map { $0 + 1 } ?? 0
    let word = String(decoding: bytes[first...before], as: UTF8.self)
    return ["return", "typeof", "case", "in", "of", "await", "yield", "try"].contains(word)
  }
}

private let newline = UInt8(ascii: "\n")
private let hash = UInt8(ascii: "#")
private let slash = UInt8(ascii: "/")
private let star = UInt8(ascii: "*")
private let backslash = UInt8(ascii: "\\")
private let quote = UInt8(ascii: "\"")
private let singleQuote = UInt8(ascii: "'")
private let backtick = UInt8(ascii: "`")
private let dollar = UInt8(ascii: "$")
private let parenthesis = UInt8(ascii: "(")
private let closingParenthesis = UInt8(ascii: ")")
private let brace = UInt8(ascii: "{")
private let closingBrace = UInt8(ascii: "}")
private let bracket = UInt8(ascii: "[")
private let closingBracket = UInt8(ascii: "]")
