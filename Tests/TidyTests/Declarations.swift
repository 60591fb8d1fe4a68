// Finds the declarations of a Swift file line by line: enough to tell what is public and what it
// belongs to.

/// One declaration.
struct Declaration {
  let keyword: Substring
  /// The name; initialisers and subscripts with their first label, as in `init(from`.
  let name: String
  /// The line, from 1.
  let line: Int
  /// Whether another module sees it, by its own word or as a member of what encloses it.
  let isPublic: Bool
  /// The type or extended type that it is a direct member of.
  let container: String?
  /// What a type or an extension names after its colon.
  let inherited: [String]
}

/// Reads the declarations of one file.
struct DeclarationReader {
  /// What a pair of braces encloses.
  private enum Scope {
    /// A type or an extension, by its keyword and name.
    case type(keyword: Substring, name: String, isPublic: Bool)
    case other
  }

  /// The words of a line that begin a declaration.
  private struct Heading {
    var isPublic = false
    var keyword: Substring?
    var name = ""
    /// What follows the name.
    var rest: Substring = ""
  }

  private static let types: Set<Substring> = [
    "struct", "enum", "class", "actor", "protocol", "extension",
  ]
  private static let members: Set<Substring> = [
    "func", "var", "let", "init", "typealias", "subscript", "associatedtype", "case", "macro",
  ]
  private static let modifiers: Set<Substring> = [
    "public", "open", "package", "internal", "fileprivate", "private", "static", "final",
    "mutating", "nonmutating", "override", "lazy", "weak", "unowned", "indirect", "convenience",
    "required", "nonisolated", "consuming", "borrowing", "prefix", "postfix", "infix", "dynamic",
    "isolated", "distributed", "class",
  ]

  private let file: SwiftText
  private var scopes: [Scope] = []
  private var pending = Scope.other

  /// All declarations of a file but local ones.
  static func declarations(in file: SwiftText) -> [Declaration] {
    var reader = DeclarationReader(file: file)
    return file.code.indices.compactMap { reader.read(line: $0) }
  }

  private init(file: SwiftText) { self.file = file }

  private mutating func read(line index: Int) -> Declaration? {
    defer { follow(braces: file.code[index]) }
    let heading = Self.heading(of: file.code[index])
    guard let keyword = heading.keyword else { return nil }
    pending = .other
    var container: String?
    var isPublic = heading.isPublic
    switch scopes.last {
    case .type(let outer, let name, let isOuterPublic):
      container = name
      if keyword == "case" && outer != "enum" { return nil }
      isPublic = isPublic || (isOuterPublic && (keyword == "case" || outer == "protocol"))
    case .other: return nil
    case nil: break
    }
    var inherited: [String] = []
    if Self.types.contains(keyword) {
      pending = .type(keyword: keyword, name: heading.name, isPublic: isPublic)
      inherited = inheritance(from: index, after: heading.rest)
    }
    return Declaration(
      keyword: keyword, name: heading.name, line: index + 1, isPublic: isPublic,
      container: container, inherited: inherited)
  }

  private mutating func follow(braces code: String) {
    for sign in code where sign == "{" || sign == "}" {
      if sign == "}" { _ = scopes.popLast() } else { scopes.append(pending) }
      pending = .other
    }
  }

  /// The names between the colon of a heading and its brace, which may be some lines below.
  private func inheritance(from index: Int, after rest: Substring) -> [String] {
    var heading = String(rest)
    for code in file.code[(index + 1)...].prefix(9) where !heading.contains("{") {
      heading += " " + code
    }
    let ahead = heading.prefix { $0 != "{" }
    var depth = 0
    var names = [""]
    var isAfterColon = false
    for word in ahead.split(separator: " ") {
      if word == "where" { break }
      for sign in word {
        if sign == "<" || sign == "(" { depth += 1 }
        if sign == ">" || sign == ")" { depth -= 1 }
        guard depth == 0 else { continue }
        if sign == ":" {
          isAfterColon = true
        } else if isAfterColon && (sign == "," || sign == "&") {
          names.append("")
        } else if isAfterColon && sign != ">" {
          names[names.count - 1].append(sign)
        }
      }
    }
    return names.filter { !$0.isEmpty }
  }

  private static func heading(of code: String) -> Heading {
    var heading = Heading()
    var rest = code[...].drop { $0 == " " }
    while true {
      if rest.first == "@" {
        rest = rest.dropFirst().drop { $0.isWordPart }
        if rest.first == "(" { rest = rest.drop { $0 != ")" }.dropFirst() }
        rest = rest.drop { $0 == " " }
        continue
      }
      let word = rest.prefix { $0.isWordPart }
      let after = rest[word.endIndex...]
      guard modifiers.contains(word), !(word == "class" && namesType(after)) else {
        return finish(heading, word, after)
      }
      // `private(set)` and `nonisolated(unsafe)` narrow the word before them.
      let isNarrowed = after.first == "("
      heading.isPublic = heading.isPublic || (!isNarrowed && (word == "public" || word == "open"))
      rest = (isNarrowed ? after.drop { $0 != ")" }.dropFirst() : after).drop { $0 == " " }
    }
  }

  /// Whether what follows the word `class` is the name of a type.
  private static func namesType(_ after: Substring) -> Bool {
    let word = after.drop { $0 == " " }.prefix { $0.isWordPart }
    return !members.contains(word) && !modifiers.contains(word)
  }

  private static func finish(
    _ begun: Heading, _ word: Substring, _ after: Substring
  ) -> Heading {
    var heading = begun
    guard types.contains(word) || members.contains(word) else { return heading }
    heading.keyword = word
    heading.rest = after
    if word == "init" || word == "subscript" {
      let label = after.drop { $0 != "(" }.dropFirst().prefix { $0.isWordPart }
      heading.name = label.isEmpty ? String(word) : "\(word)(\(label)"
      return heading
    }
    let name = after.drop { $0 == " " }
    if word == "extension" {
      // `extension A.B` extends B.
      let path = name.prefix { $0.isWordPart || $0 == "." }
      heading.name = path.split(separator: ".").last.map(String.init) ?? ""
      heading.rest = name[path.endIndex...]
    } else {
      let isOperator = !(name.first?.isWordPart ?? true)
      let whole =
        isOperator ? name.prefix { $0 != " " && $0 != "(" } : name.prefix(while: \.isWordPart)
      heading.name = String(whole)
      heading.rest = name[whole.endIndex...]
    }
    return heading
  }
}
