import Crypto
import Testing

@testable import Embedding

@Suite struct `the words of a text` {
  private func words(_ text: String) -> [String] {
    var words: [String] = []
    let emit: WordSplitter.Emit = { word, _ in words.append(String(decoding: word, as: UTF8.self)) }
    var splitter = WordSplitter()
    for scalar in text.unicodeScalars { splitter.feed(scalar, emit) }
    splitter.finish(emit)
    return words
  }

  @Test(arguments: [
    ("", []),
    (" \t\r\n ", []),
    ("Crème BRÛLÉE", ["creme", "brulee"]),
    ("a_b(c)", ["a", "_", "b", "(", "c", ")"]),
    ("1$2«3»", ["1", "$", "2", "«", "3", "»"]),
    ("ab日本c", ["ab", "日", "本", "c"]),
    ("a\u{0}b\u{b}c\u{ad}d\u{200b}e\u{fffd}f\u{85}g", ["abcdefg"]),
    ("a\u{a0}b\u{3000}c\u{2028}d", ["a", "b", "c", "d"]),
    ("İΣ≠", ["iσ", "="]),
    ("\u{37e}\u{212a}", [";", "k"]),
  ])
  func `are clean, lower-case and without accents`(text: String, expected: [String]) {
    #expect(words(text) == expected)
  }

  @Test func `are counted in scalars`() {
    var counts: [Int] = []
    let emit: WordSplitter.Emit = { _, count in counts.append(count) }
    var splitter = WordSplitter()
    for scalar in "añb 𝔘x".unicodeScalars { splitter.feed(scalar, emit) }
    splitter.finish(emit)
    #expect(counts == [3, 2])
  }

  @Test func `are those of the reference around every scalar`() throws {
    let expected = try ReferenceFixtures.wordsOfBlocks()
    #expect(expected.count == 66)
    for (block, digest) in expected {
      let first = try #require(UInt32(block, radix: 16))
      var hash = SHA256()
      for value in first..<(first + 4096) {
        guard let scalar = Unicode.Scalar(value) else { continue }
        hash.update(data: Array(words("a\(scalar)b").joined(separator: " ").utf8) + [0x0a])
      }
      let found = hexadecimal(hash.finalize()).prefix(16)
      #expect(found == digest, "the block from U+\(block)")
    }
  }
}
