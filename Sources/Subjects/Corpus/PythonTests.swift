// The tests of a Python file: pytest's functions and unittest's methods.

/// Finds test functions in Python.
///
/// With unittest a test is a method whose name begins with `test`, of a class that has `TestCase`
/// in the name of a base, or such a class of the file as a base. With pytest it is a function whose
/// name begins with `test`, at the top or in a class whose name begins with `Test`, in a file named
/// `test_*.py` or `*_test.py`. Functions in functions are none.
struct PythonTests {
  /// A class or a function whose lines are being read.
  private struct Block {
    enum Kind {
      case plainClass, pytestClass, unittestClass
      case function
      /// A test function, by its place in what was found.
      case test(Int)
    }

    let indentation: Int
    let kind: Kind
    /// Whether the next line may be the documentation.
    var awaitsDocumentation = true
  }

  /// A test whose end is not known yet.
  private struct Found {
    let name: String
    let begin: Int
    let framework: TestFramework
    var end = 0
    var documentation = ""
  }

  private let bytes: [UInt8]
  private let isPytestFile: Bool
  private var index = 0
  private var blocks: [Block] = []
  private var unittestClasses: Set<String> = []
  private var found: [Found] = []
  private var lastLineEnd = 0

  /// The test functions of a file, in its order.
  static func find(in bytes: [UInt8], path: String) -> [TestFunction] {
    let name = path.split(separator: "/").last ?? ""
    let isPytestFile = name.hasPrefix("test_") || name.hasSuffix("_test.py")
    var finder = PythonTests(bytes, isPytestFile: isPytestFile)
    finder.find()
    let source = SourceText(bytes)
    return finder.found.map { test in
      TestFunction(
        name: test.name, body: source.text(test.begin..<test.end),
        documentation: test.documentation, language: .python, framework: test.framework,
        file: path, line: source.line(of: test.begin))
    }
  }

  private init(_ bytes: [UInt8], isPytestFile: Bool) {
    self.bytes = bytes
    self.isPytestFile = isPytestFile
  }

  /// Reads logical lines until the end.
  private mutating func find() {
    while index < bytes.count {
      let indentation = readIndentation()
      guard index < bytes.count else { break }
      if bytes[index] == hash || bytes[index] == newline || bytes[index] == 0x0d {
        skipLine()
        continue
      }
      closeBlocks(from: indentation)
      let begin = index
      skipLogicalLine()
      read(begin..<index, indentation)
      lastLineEnd = index
      if index < bytes.count { index += 1 }
    }
    closeBlocks(from: 0)
  }

  /// The columns that a line is indented by; tabulators go to the next multiple of eight.
  private mutating func readIndentation() -> Int {
    var columns = 0
    while index < bytes.count {
      switch bytes[index] {
      case 0x20: columns += 1
      case 0x09: columns = (columns / 8 + 1) * 8
      case 0x0c: columns = 0
      default: return columns
      }
      index += 1
    }
    return columns
  }

  private mutating func skipLine() {
    index = bytes[index...].firstIndex(of: newline).map { $0 + 1 } ?? bytes.count
  }

  /// Ends what is indented as far or farther.
  private mutating func closeBlocks(from indentation: Int) {
    while let block = blocks.last, block.indentation >= indentation {
      if case .test(let place) = block.kind { found[place].end = lastLineEnd }
      blocks.removeLast()
    }
  }

  /// Goes to the line end that ends the statement: none in brackets, strings or after a backslash.
  private mutating func skipLogicalLine() {
    var depth = 0
    while index < bytes.count {
      switch bytes[index] {
      case newline where depth <= 0: return
      case hash: index = bytes[index...].firstIndex(of: newline) ?? bytes.count
      case backslash: index = min(index + 2, bytes.count)
      case quote, singleQuote: index = endOfString(from: index).end
      case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"):
        depth += 1
        index += 1
      case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
        depth -= 1
        index += 1
      default: index += 1
      }
    }
  }

  /// The end of the string that begins here, and its content.
  private func endOfString(from begin: Int) -> (end: Int, content: Range<Int>) {
    let mark = bytes[begin]
    let isTriple =
      begin + 2 < bytes.count && bytes[begin + 1] == mark && bytes[begin + 2] == mark
    let first = begin + (isTriple ? 3 : 1)
    var place = first
    while place < bytes.count {
      if bytes[place] == backslash {
        place += 2
      } else if bytes[place] == mark {
        if !isTriple { return (place + 1, first..<place) }
        if place + 2 < bytes.count, bytes[place + 1] == mark, bytes[place + 2] == mark {
          return (place + 3, first..<place)
        }
        place += 1
      } else if bytes[place] == newline, !isTriple {
        return (place, first..<place)
      } else {
        place += 1
      }
    }
    return (bytes.count, first..<max(first, bytes.count))
  }

  /// Reads a statement: a class, a function, the documentation of one, or another.
  private mutating func read(_ line: Range<Int>, _ indentation: Int) {
    readDocumentation(line)
    var place = line.lowerBound
    var word = nextWord(&place, line)
    if word == "async" { word = nextWord(&place, line) }
    guard word == "def" || word == "class" else { return }
    let name = nextWord(&place, line)
    let kind =
      word == "class" ? classKind(name, bases: place..<line.upperBound) : functionKind(name)
    if case .test = kind {
      let framework: TestFramework = isInUnittestClass ? .unittest : .pytest
      found.append(Found(name: name, begin: line.lowerBound, framework: framework))
    }
    // What follows a colon on the line itself is the whole body.
    blocks.append(Block(indentation: indentation, kind: kind))
  }

  private var isInUnittestClass: Bool {
    if case .unittestClass = blocks.last?.kind { true } else { false }
  }

  private func functionKind(_ name: String) -> Block.Kind {
    guard name.hasPrefix("test") else { return .function }
    switch blocks.last?.kind {
    case .unittestClass: return .test(found.count)
    case nil, .pytestClass: return isPytestFile ? .test(found.count) : .function
    case .plainClass, .function, .test: return .function
    }
  }

  private mutating func classKind(_ name: String, bases: Range<Int>) -> Block.Kind {
    let end = bytes[bases].firstIndex(of: UInt8(ascii: ")")) ?? bases.upperBound
    let words = bytes[bases.lowerBound..<end].split { !$0.isWordPart }
      .map { String(decoding: $0, as: UTF8.self) }
    if words.contains(where: { $0.contains("TestCase") || unittestClasses.contains($0) }) {
      unittestClasses.insert(name)
      return .unittestClass
    }
    if case .function = blocks.last?.kind { return .plainClass }
    if case .test = blocks.last?.kind { return .plainClass }
    return name.hasPrefix("Test") ? .pytestClass : .plainClass
  }

  /// The first statement of a test, when it is a string.
  private mutating func readDocumentation(_ line: Range<Int>) {
    guard let block = blocks.last, block.awaitsDocumentation else { return }
    blocks[blocks.count - 1].awaitsDocumentation = false
    guard case .test(let test) = block.kind else { return }
    var place = line.lowerBound
    while place < line.upperBound, "rRuU".utf8.contains(bytes[place]) { place += 1 }
    guard place < line.upperBound, bytes[place] == quote || bytes[place] == singleQuote else {
      return
    }
    let content = endOfString(from: place).content
    let lines = String(decoding: bytes[content], as: UTF8.self).split(separator: "\n")
    found[test].documentation =
      lines.map { $0.drop { $0 == " " || $0 == "\t" } }
      .filter { !$0.isEmpty }.joined(separator: "\n")
  }

  /// The word at a place behind spaces; the place goes behind it.
  private func nextWord(_ place: inout Int, _ line: Range<Int>) -> String {
    while place < line.upperBound, bytes[place] == 0x20 || bytes[place] == 0x09 { place += 1 }
    let begin = place
    while place < line.upperBound, bytes[place].isWordPart { place += 1 }
    return String(decoding: bytes[begin..<place], as: UTF8.self)
  }
}

private let newline = UInt8(ascii: "\n")
private let hash = UInt8(ascii: "#")
private let backslash = UInt8(ascii: "\\")
private let quote = UInt8(ascii: "\"")
private let singleQuote = UInt8(ascii: "'")
