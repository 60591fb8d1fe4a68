// The tests of a Swift file: XCTest's methods and Swift Testing's functions.

/// Finds test functions in Swift.
///
/// With XCTest a test is a method of a class or an extension, not static nor private, without
/// parameters, whose name begins with `test`, in a file that imports XCTest. With Swift Testing it
/// is a function with the attribute `@Test`, whose name may be a raw identifier.
struct SwiftTests {
  /// What a pair of braces encloses.
  private struct Scope {
    let isClassOrExtension: Bool
  }

  /// An attribute `@Test` whose function has not come yet.
  private struct Attribute {
    let begin: Int
    let title: String
  }

  private let source: SourceText
  private let ends: [Int: Int]
  private let path: String
  private let importsXCTest: Bool
  private var scopes: [Scope] = []
  private var nextScope = Scope(isClassOrExtension: false)
  private var attribute: Attribute?
  private var found: [TestFunction] = []

  /// The test functions of a file, in its order.
  static func find(in bytes: [UInt8], path: String) -> [TestFunction] {
    var finder = SwiftTests(LiteralScanner.scan(bytes, .swift), path: path)
    finder.find()
    return finder.found
  }

  private init(_ source: SourceText, path: String) {
    self.source = source
    self.path = path
    ends = source.bracketEnds()
    importsXCTest = source.places(of: "import").contains { place in
      source.hasWord("XCTest", at: source.skipSpace(from: place + 6))
    }
  }

  private mutating func find() {
    let code = source.code
    var index = 0
    while index < code.count {
      switch code[index] {
      case UInt8(ascii: "{"):
        scopes.append(nextScope)
        nextScope = Scope(isClassOrExtension: false)
        attribute = nil
        index += 1
      case UInt8(ascii: "}"):
        _ = scopes.popLast()
        attribute = nil
        index += 1
      case UInt8(ascii: "@"):
        index = readAttribute(at: index)
      case let byte where byte.isWordPart:
        let end = source.endOfWord(from: index)
        readWord(index..<end)
        index = end
      default:
        index += 1
      }
    }
  }

  /// Reads `@Test` with its arguments; of others only the sign.
  private mutating func readAttribute(at sign: Int) -> Int {
    guard source.hasWord("Test", at: sign + 1) else { return sign + 1 }
    let open = source.skipSpace(from: sign + 5)
    guard open < source.code.count, source.code[open] == UInt8(ascii: "("), let end = ends[open]
    else {
      attribute = Attribute(begin: sign, title: "")
      return sign + 5
    }
    let title = source.strings[source.skipSpace(from: open + 1)]
    attribute = Attribute(begin: sign, title: title.map { source.text($0.content) } ?? "")
    return end
  }

  private mutating func readWord(_ word: Range<Int>) {
    switch source.text(word) {
    case "func": readFunction(at: word.lowerBound)
    case "class", "extension":
      let next = source.skipSpace(from: word.upperBound)
      let isMember = ["func", "var", "let", "subscript"].contains {
        source.text(next..<source.endOfWord(from: next)) == $0
      }
      if !isMember { nextScope = Scope(isClassOrExtension: true) }
    case "struct", "enum", "actor", "protocol", "var", "let":
      nextScope = Scope(isClassOrExtension: false)
    default: break
    }
  }

  private mutating func readFunction(at begin: Int) {
    let test = attribute
    attribute = nil
    nextScope = Scope(isClassOrExtension: false)
    let first = source.skipSpace(from: begin + 4)
    let nameRange = first..<source.endOfWord(from: first)
    guard !nameRange.isEmpty, let end = endOfFunction(from: nameRange.upperBound) else { return }
    let name = source.text(nameRange).filter { $0 != "`" }
    let head = headBegin(before: begin)
    guard test != nil || isXCTest(name, head: head..<begin, after: nameRange.upperBound) else {
      return
    }
    let comment = documentation(above: test.map { min($0.begin, head) } ?? head)
    let parts = [test?.title ?? "", comment].filter { !$0.isEmpty }
    found.append(
      TestFunction(
        name: name, body: source.text(begin..<end), documentation: parts.joined(separator: "\n"),
        language: .swift, framework: test == nil ? .xctest : .swiftTesting, file: path,
        line: source.line(of: begin)))
  }

  private func isXCTest(_ name: String, head: Range<Int>, after nameEnd: Int) -> Bool {
    guard importsXCTest, name.hasPrefix("test"), scopes.last?.isClassOrExtension == true,
      nameEnd < source.code.count, source.code[nameEnd] == UInt8(ascii: "("),
      ends[nameEnd] == source.skipSpace(from: nameEnd + 1) + 1
    else { return false }
    let modifiers = Set(source.text(head).split { !$0.isLetter })
    return modifiers.isDisjoint(with: ["static", "class", "private", "fileprivate"])
  }

  /// The place behind the brace that closes the function whose name ends here, if it has a body.
  private func endOfFunction(from nameEnd: Int) -> Int? {
    var index = nameEnd
    while index < source.code.count {
      switch source.code[index] {
      case UInt8(ascii: "{"): return ends[index]
      case UInt8(ascii: "("), UInt8(ascii: "["): index = ends[index] ?? source.code.count
      case UInt8(ascii: "}"), UInt8(ascii: ";"), UInt8(ascii: "@"): return nil
      default:
        if source.code[index].isWordPart {
          let end = source.endOfWord(from: index)
          if ["func", "var", "let", "init", "class", "struct", "enum", "extension"]
            .contains(source.text(index..<end))
          {
            return nil
          }
          index = end
        } else {
          index += 1
        }
      }
    }
    return nil
  }

  /// Where the words and attributes begin that stand before `func` and belong to it.
  private func headBegin(before begin: Int) -> Int {
    var head = begin
    while let last = source.code[..<head].lastIndex(where: { !$0.isSpace }),
      source.code[last].isWordPart
    {
      var first = last
      while first > 0, source.code[first - 1].isWordPart { first -= 1 }
      let isAttribute = first > 0 && source.code[first - 1] == UInt8(ascii: "@")
      guard isAttribute || Self.modifiers.contains(source.text(first..<(last + 1))) else { break }
      head = isAttribute ? first - 1 : first
    }
    return head
  }

  private static let modifiers: Set<String> = [
    "public", "open", "package", "internal", "fileprivate", "private", "static", "class", "final",
    "override", "mutating", "nonmutating", "nonisolated", "dynamic", "distributed", "isolated",
  ]

  /// The documentation that ends directly above a place.
  private func documentation(above place: Int) -> String {
    var lines: [String] = []
    var place = place
    while let comment = comment(endingBefore: place) {
      let text = source.text(comment)
      guard text.hasPrefix("///") || text.hasPrefix("/**") else { break }
      lines.append(Self.cleaned(text))
      place = comment.lowerBound
    }
    return lines.reversed().joined(separator: "\n")
  }

  /// The comment before a place with nothing but white space, and no empty line, between them.
  private func comment(endingBefore place: Int) -> Range<Int>? {
    var (low, high) = (0, source.comments.count)
    while low < high {
      let middle = (low + high) / 2
      if source.comments[middle].upperBound <= place { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return nil }
    let comment = source.comments[low - 1]
    let between = source.bytes[comment.upperBound..<place]
    guard between.allSatisfy({ $0.isSpace }), between.count(where: { $0 == 0x0a }) <= 1 else {
      return nil
    }
    return comment
  }

  /// A comment's text without its signs and the spaces around its lines.
  private static func cleaned(_ comment: String) -> String {
    comment.split(separator: "\n").map { line in
      let text = line.drop { " \t\r/*".contains($0) }
      return String(text.reversed().drop { " \t\r/*".contains($0) }.reversed())
    }
    .filter { !$0.isEmpty }.joined(separator: "\n")
  }
}
