// Tells the code of a Swift file from its comments and strings, byte by byte.

/// Copies a Swift text twice, once with only its code and once with only its comments.
///
/// Every byte that is left out becomes a space and line ends stay, so lines and columns agree. A
/// string leaves two quotation marks where it begins; interpolated code counts as string.
struct SwiftScanner {
  private let text: [UInt8]
  private(set) var code: [UInt8]
  private(set) var comments: [UInt8]
  private var index = 0

  init(_ text: [UInt8]) {
    self.text = text
    let blank = text.map { $0 == newline ? newline : space }
    code = blank
    comments = blank
  }

  /// Reads the whole text.
  mutating func scan() {
    while index < text.count {
      if starts(with: "//") {
        keepComment(until: text[index...].firstIndex(of: newline) ?? text.count)
      } else if starts(with: "/*") {
        keepComment(until: endOfBlockComment())
      } else if let end = endOfString(from: index) {
        keepQuotationMarks(until: end)
      } else if let end = endOfRegularExpression() {
        keepQuotationMarks(until: end)
      } else if text[index] == backtick {
        keepRawIdentifier()
      } else {
        if text[index] != newline { code[index] = text[index] }
        index += 1
      }
    }
  }

  private func starts(with sign: StaticString, at position: Int? = nil) -> Bool {
    let begin = position ?? index
    guard begin + sign.utf8CodeUnitCount <= text.count else { return false }
    return sign.withUTF8Buffer { text[begin..<begin + $0.count].elementsEqual($0) }
  }

  private mutating func keepComment(until end: Int) {
    comments[index..<end] = text[index..<end]
    index = end
  }

  private mutating func keepQuotationMarks(until end: Int) {
    code[index] = quote
    if end > index + 1, text[index + 1] != newline { code[index + 1] = quote }
    index = end
  }

  /// Keeps a name in backticks as one word, whatever stands in it.
  private mutating func keepRawIdentifier() {
    let begin = index + 1
    let end = text[begin...].firstIndex(where: { $0 == backtick || $0 == newline }) ?? text.count
    for position in begin..<end {
      code[position] = isWordPart(text[position]) ? text[position] : underscore
    }
    index = min(end + 1, text.count)
  }

  /// Block comments nest.
  private func endOfBlockComment() -> Int {
    var depth = 0
    var position = index
    while position < text.count {
      if starts(with: "/*", at: position) {
        depth += 1
        position += 2
      } else if starts(with: "*/", at: position) {
        depth -= 1
        position += 2
        if depth == 0 { return position }
      } else {
        position += 1
      }
    }
    return text.count
  }

  /// The end of the string that begins here, if one does: with any number of `#`, on one line or
  /// between three quotation marks, with interpolations and strings in them.
  private func endOfString(from begin: Int) -> Int? {
    let hashes = text[begin...].prefix { $0 == hash }.count
    var position = begin + hashes
    guard position < text.count, text[position] == quote else { return nil }
    let isBlock = starts(with: "\"\"\"", at: position)
    let close =
      Array(repeating: quote, count: isBlock ? 3 : 1)
      + Array(repeating: hash, count: hashes)
    let escape = [backslash] + Array(repeating: hash, count: hashes)
    position += isBlock ? 3 : 1
    while position < text.count {
      let rest = text[position...]
      if rest.starts(with: close) { return position + close.count }
      if !isBlock && text[position] == newline { return position }
      if rest.starts(with: escape) {
        position += escape.count
        let opens = position < text.count && text[position] == parenthesis
        position = opens ? endOfInterpolation(from: position) : position + 1
      } else {
        position += 1
      }
    }
    return text.count
  }

  /// The position after the parenthesis that closes the one here.
  private func endOfInterpolation(from begin: Int) -> Int {
    var depth = 0
    var position = begin
    while position < text.count {
      if let end = endOfString(from: position) {
        position = end
        continue
      }
      if text[position] == parenthesis { depth += 1 }
      if text[position] == closingParenthesis { depth -= 1 }
      position += 1
      if depth == 0 { return position }
    }
    return text.count
  }

  /// The end of the regular expression that begins here, if one does.
  ///
  /// A single slash begins one only where no value can stand before it, as the compiler has it.
  private func endOfRegularExpression() -> Int? {
    let hashes = text[index...].prefix { $0 == hash }.count
    let begin = index + hashes
    guard begin + 1 < text.count, text[begin] == slash else { return nil }
    let close = [slash] + Array(repeating: hash, count: hashes)
    if hashes == 0 {
      let before = text[..<index].last { $0 != space && $0 != newline } ?? newline
      let mayBegin = "(,=:[{&|!?;\n".utf8.contains(before) && text[begin + 1] != space
      guard mayBegin else { return nil }
    }
    var position = begin + 1
    while position < text.count, hashes > 0 || text[position] != newline {
      if text[position] == backslash {
        position += 2
      } else if text[position...].starts(with: close) {
        return position + close.count
      } else {
        position += 1
      }
    }
    return nil
  }

  private func isWordPart(_ byte: UInt8) -> Bool {
    byte < 0x80 && Character(UnicodeScalar(byte)).isWordPart
  }
}

private let newline = UInt8(ascii: "\n")
private let space = UInt8(ascii: " ")
private let hash = UInt8(ascii: "#")
private let quote = UInt8(ascii: "\"")
private let backtick = UInt8(ascii: "`")
private let backslash = UInt8(ascii: "\\")
private let slash = UInt8(ascii: "/")
private let underscore = UInt8(ascii: "_")
private let parenthesis = UInt8(ascii: "(")
private let closingParenthesis = UInt8(ascii: ")")
