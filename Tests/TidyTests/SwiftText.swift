// A Swift file taken apart just far enough for the rules: code without comments and strings, words
// and signs with their lines, and comments.

/// A Swift file as lines, tokens and comments.
struct SwiftText: Sendable {
  /// A word, a number, a single sign, or `""` for a whole string.
  struct Token: Hashable, Sendable {
    let text: Substring
    let line: Int
  }

  /// One line of a comment, with its slashes.
  struct Comment: Hashable, Sendable {
    let text: String
    let line: Int
    /// Whether nothing but spaces stands before it.
    let standsAlone: Bool
  }

  let path: String
  /// The lines as written.
  let lines: [String]
  /// The lines with comments and the inside of strings blanked; line for line the same.
  let code: [String]
  let comments: [Comment]
  let tokens: [Token]

  init(path: String, _ text: String) {
    self.path = path
    lines = Self.split(text)
    var scanner = SwiftScanner(Array(text.utf8))
    scanner.scan()
    code = Self.split(String(decoding: scanner.code, as: UTF8.self))
    tokens = code.enumerated().flatMap { Self.tokens(of: $1, line: $0 + 1) }
    comments = zip(lines, Self.split(String(decoding: scanner.comments, as: UTF8.self)))
      .enumerated().compactMap { index, pair in
        let text = pair.1.trimmed
        let before = pair.0.prefix { $0 == " " }.count
        let isFirst = pair.1.prefix { $0 == " " }.count == before
        return text.isEmpty ? nil : Comment(text: text, line: index + 1, standsAlone: isFirst)
      }
  }

  private static func split(_ text: String) -> [String] {
    text.enumeratedLines().map { String($0.line) }
  }

  private static func tokens(of code: String, line: Int) -> [Token] {
    var tokens: [Token] = []
    var rest = code[...]
    while let first = rest.first {
      if first.isWordPart {
        let word = rest.prefix { $0.isWordPart }
        tokens.append(Token(text: word, line: line))
        rest = rest[word.endIndex...]
      } else if rest.hasPrefix("\"\"") {
        tokens.append(Token(text: rest.prefix(2), line: line))
        rest = rest.dropFirst(2)
      } else {
        if first != " " && first != "\t" {
          tokens.append(Token(text: rest.prefix(1), line: line))
        }
        rest = rest.dropFirst()
      }
    }
    return tokens
  }
}

extension Character {
  /// Whether it may stand inside a name or a number.
  var isWordPart: Bool { self == "_" || isLetter || isNumber }
}

extension StringProtocol {
  /// Without the spaces at both ends.
  var trimmed: String {
    String(
      drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
  }
}
