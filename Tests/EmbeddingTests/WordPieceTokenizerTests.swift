import Testing

@testable import Embedding

@Suite struct `a word piece tokenizer` {
  private static let pieces = [
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "un", "##aff", "##able", "##a", "a", "aff", ".",
    "##日", "日", "#", "##",
  ]

  private func tokenizer(tokensMax: Int = 256) throws -> WordPieceTokenizer {
    let lines = Self.pieces.joined(separator: "\n") + "\n"
    return try WordPieceTokenizer(Vocabulary(lines: lines), tokensMax: tokensMax)
  }

  private func pieces(_ text: String, tokensMax: Int = 256) throws -> [String] {
    try tokenizer(tokensMax: tokensMax).tokens(of: text).map { Self.pieces[Int($0)] }
  }

  @Test(arguments: [
    ("", ["[CLS]", "[SEP]"]),
    ("Unaffable.", ["[CLS]", "un", "##aff", "##able", ".", "[SEP]"]),
    ("unaffx aff", ["[CLS]", "[UNK]", "aff", "[SEP]"]),
    ("a日", ["[CLS]", "a", "日", "[SEP]"]),
    ("##", ["[CLS]", "#", "#", "[SEP]"]),
    (
      "a[MASK]a[SEP] [sep]",
      [
        "[CLS]", "a", "[MASK]", "a", "[SEP]", "[UNK]", "[UNK]", "[UNK]", "[SEP]",
      ]
    ),
  ])
  func `takes the longest piece first`(text: String, expected: [String]) throws {
    #expect(try pieces(text) == expected)
  }

  @Test func `takes a word of 100 scalars and no longer one`() throws {
    let long = String(repeating: "a", count: 100)
    #expect(
      try pieces(long, tokensMax: 256) == ["[CLS]", "a"]
        + [String](repeating: "##a", count: 99) + ["[SEP]"])
    #expect(try pieces(long + "a") == ["[CLS]", "[UNK]", "[SEP]"])
  }

  @Test func `ends at its most tokens, whatever is left`() throws {
    let text = String(repeating: "unaffable ", count: 100_000)
    #expect(try pieces(text, tokensMax: 5) == ["[CLS]", "un", "##aff", "##able", "[SEP]"])
    #expect(try pieces(text, tokensMax: 4) == ["[CLS]", "un", "##aff", "[SEP]"])
    #expect(try pieces(text, tokensMax: 2) == ["[CLS]", "[SEP]"])
  }

  @Test(arguments: ["", "[CLS]\n\n[SEP]\n", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n"])
  func `refuses a vocabulary with gaps`(lines: String) {
    #expect(throws: EmbeddingError.self) {
      try WordPieceTokenizer(Vocabulary(lines: lines))
    }
  }

  @Test(.enabled(if: InstalledModel.isThere, "\(InstalledModel.reason)"))
  func `gives the tokens of the reference`() throws {
    let tokenizer = try InstalledModel.encoder.get().tokenizer
    let fixtures = try ReferenceFixtures.tokens()
    #expect(fixtures.count == 29)
    for fixture in fixtures {
      #expect(tokenizer.tokens(of: fixture.text) == fixture.tokens, "\(fixture.text)")
    }
  }
}
