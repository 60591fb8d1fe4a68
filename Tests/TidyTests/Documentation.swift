// Every public declaration has a doc comment, and the comment says more than the name.

/// The rule for doc comments.
///
/// A member that a protocol of the checkout asks for may leave its comment to the protocol, and a
/// member that the standard library asks for to the standard library.
struct Documentation {
  /// The members whose meaning a protocol of the standard library fixes.
  private static let witnesses: Set<String> = [
    "==", "<", "+", "-", "*", "/", "+=", "-=", "*=", "/=", "hash", "description",
    "debugDescription", "errorDescription", "startIndex", "endIndex", "index", "makeIterator",
    "next", "encode", "id", "rawValue", "allCases", "init(from", "init(stringLiteral",
    "init(integerLiteral", "init(arrayLiteral", "init(dictionaryLiteral", "init(rawValue",
    "subscript(position",
  ]
  private static let fillers: Set<String> = [
    "a", "an", "the", "of", "this", "that", "its", "is", "are", "for", "to", "in", "gets", "sets",
    "returns", "value", "property", "function", "method", "initializer", "instance",
  ]

  private let files: [(text: SwiftText, declarations: [Declaration])]
  /// For each protocol, the members that it documents.
  private var requirements: [String: Set<String>] = [:]
  /// For each type, what it conforms to, by any heading.
  private var conformances: [String: Set<String>] = [:]

  init(_ texts: [SwiftText]) {
    files = texts.map { ($0, DeclarationReader.declarations(in: $0)) }
    let declared = files.flatMap { file in file.declarations.map { (file.text, $0) } }
    let protocols = Set(declared.filter { $0.1.keyword == "protocol" }.map(\.1.name))
    for (text, declaration) in declared {
      conformances[declaration.name, default: []].formUnion(declaration.inherited)
      guard let container = declaration.container, protocols.contains(container),
        !Self.comment(above: declaration.line, in: text).isEmpty
      else { continue }
      requirements[container, default: []].insert(declaration.name)
    }
  }

  /// The public declarations without a doc comment, or with one that only repeats the name.
  func findings() -> [Finding] {
    files.flatMap { text, declarations in
      declarations.filter { $0.isPublic && $0.keyword != "extension" }
        .compactMap { problem(with: $0, in: text) }
    }
  }

  private func problem(with declaration: Declaration, in file: SwiftText) -> Finding? {
    let name = declaration.name
    let comment = Self.comment(above: declaration.line, in: file)
    if comment.isEmpty {
      guard !Self.witnesses.contains(name), !isDocumentedByProtocol(declaration) else {
        return nil
      }
      let what = "public \(declaration.keyword) '\(name)' has no doc comment"
      return Finding(file.path, declaration.line, what, expected: "one directly above it")
    }
    guard Self.repeats(comment, name) else { return nil }
    let what = "the comment of '\(name)' repeats its name"
    let expected = "what the name does not say, or a better name"
    return Finding(file.path, declaration.line, what, expected: expected)
  }

  private func isDocumentedByProtocol(_ declaration: Declaration) -> Bool {
    guard let container = declaration.container else { return false }
    var reached: Set<String> = [container]
    while true {
      let further = reached.union(reached.flatMap { conformances[$0] ?? [] })
      if further == reached { break }
      reached = further
    }
    return reached.contains { requirements[$0]?.contains(declaration.name) == true }
  }

  /// The doc comment above a declaration and its attributes, as one text.
  private static func comment(above line: Int, in file: SwiftText) -> String {
    var index = line - 2
    while index >= 0, file.code[index].trimmed.hasPrefix("@") { index -= 1 }
    var lines: [String] = []
    while index >= 0, file.lines[index].trimmed.hasPrefix("///") {
      lines.append(String(file.lines[index].trimmed.dropFirst(3)))
      index -= 1
    }
    return lines.reversed().joined(separator: " ").trimmed
  }

  /// Whether every word of the comment stands in the name or says nothing.
  private static func repeats(_ comment: String, _ name: String) -> Bool {
    let named = Set(words(of: name))
    return words(of: comment).filter { !fillers.contains($0) }.allSatisfy(named.contains)
  }

  /// The words of a sentence or of a name in camel case, in lower case.
  private static func words(of text: String) -> [String] {
    var words: [String] = []
    var last: Character = " "
    for character in text {
      let begins = !last.isWordPart || (character.isUppercase && !last.isUppercase)
      if character.isLetter || character.isNumber {
        if begins || words.isEmpty { words.append("") }
        words[words.count - 1] += character.lowercased()
      }
      last = character
    }
    return words
  }
}
