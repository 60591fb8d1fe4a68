// The bytes of a source file beside its code alone, with strings and comments blanked.

/// A source file in which code is told from strings and comments.
struct SourceText {
  /// The bytes as they are.
  let bytes: [UInt8]
  /// As many bytes: line ends and code as they are, a space for each byte of comments and strings,
  /// and a quotation mark for the first byte of each string.
  private(set) var code: [UInt8]
  /// For the first byte of a string: the bytes of the literal, and those of its content.
  private(set) var strings: [Int: (whole: Range<Int>, content: Range<Int>)] = [:]
  /// The comments, each with its signs, in the order of the file.
  private(set) var comments: [Range<Int>] = []
  /// Where lines begin.
  private let lineBeginnings: [Int]

  /// What stands in ``code`` where a string begins.
  static let stringMark = UInt8(ascii: "\"")

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    code = bytes
    lineBeginnings = [0] + bytes.indices.filter { bytes[$0] == 0x0a }.map { $0 + 1 }
  }

  /// Blanks a comment.
  mutating func addComment(_ range: Range<Int>) {
    comments.append(range)
    blank(range)
  }

  /// Blanks a string, but for its mark.
  mutating func addString(_ whole: Range<Int>, content: Range<Int>) {
    strings[whole.lowerBound] = (whole, content)
    blank(whole)
    if !whole.isEmpty { code[whole.lowerBound] = Self.stringMark }
  }

  /// Ends a string that was begun with its opening marks, and blanks what was not yet.
  mutating func endString(_ begin: Int, content: Range<Int>, blankFrom: Int, end: Int) {
    strings[begin] = (begin..<end, content)
    blank(max(blankFrom, begin + 1)..<end)
  }

  /// Makes a name in backward marks one word of the code, whatever stands in it.
  mutating func addRawIdentifier(_ range: Range<Int>) {
    for index in range where !code[index].isWordPart { code[index] = UInt8(ascii: "_") }
  }

  /// Blanks a part of a string that is no whole one, as between interpolations.
  mutating func blank(_ range: Range<Int>) {
    for index in range where code[index] != 0x0a { code[index] = 0x20 }
  }

  /// The number of a byte's line, from 1.
  func line(of index: Int) -> Int {
    var (low, high) = (0, lineBeginnings.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineBeginnings[middle] <= index { low = middle } else { high = middle }
    }
    return low + 1
  }

  /// Some bytes as a text.
  func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  /// Whether a word of the code begins and ends here.
  func hasWord(_ word: StaticString, at index: Int) -> Bool {
    let end = index + word.utf8CodeUnitCount
    guard end <= code.count, index == 0 || !code[index - 1].isWordPart,
      end == code.count || !code[end].isWordPart
    else { return false }
    return word.withUTF8Buffer { code[index..<end].elementsEqual($0) }
  }

  /// The places where a word of the code stands.
  func places(of word: StaticString) -> [Int] {
    let first = word.utf8Start[0]
    return code.indices.filter { code[$0] == first && hasWord(word, at: $0) }
  }

  /// The first byte from here on that is no white space.
  func skipSpace(from index: Int) -> Int {
    var index = index
    while index < code.count, code[index].isSpace { index += 1 }
    return index
  }

  /// The end of the word that begins here.
  func endOfWord(from index: Int) -> Int {
    var index = index
    while index < code.count, code[index].isWordPart { index += 1 }
    return index
  }

  /// For each opening bracket that is closed, the place behind the bracket that closes it; each of
  /// the three kinds is counted by itself.
  ///
  /// - Complexity: O(bytes).
  func bracketEnds() -> [Int: Int] {
    var ends: [Int: Int] = [:]
    var open: [UInt8: [Int]] = [:]
    for (index, byte) in code.enumerated() {
      switch byte {
      case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"):
        open[byte, default: []].append(index)
      case UInt8(ascii: ")"):
        if let begin = open[UInt8(ascii: "(")]?.popLast() { ends[begin] = index + 1 }
      case UInt8(ascii: "]"):
        if let begin = open[UInt8(ascii: "[")]?.popLast() { ends[begin] = index + 1 }
      case UInt8(ascii: "}"):
        if let begin = open[UInt8(ascii: "{")]?.popLast() { ends[begin] = index + 1 }
      default: break
      }
    }
    return ends
  }
}

extension UInt8 {
  /// Whether it may stand in a name; bytes of other scripts' letters may.
  var isWordPart: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...:
      true
    default: false
    }
  }

  /// Whether it is a space, a tabulator or a line end.
  var isSpace: Bool { self == 0x20 || self == 0x09 || self == 0x0a || self == 0x0d }
}
