// From a text to the numbers of word pieces that BERT models read.

/// The tokenizer of models like all-MiniLM-L6-v2: lower-case words, cut into known pieces.
///
/// - Determinism: The text and the vocabulary fix the result.
/// > Reference: Devlin et al., *BERT*, 2019, section 3; Wu et al., *Google's Neural Machine
/// > Translation System*, 2016, section 4.1, for word pieces.
public struct WordPieceTokenizer: Sendable {
  /// The most tokens that a text gives, with the two that frame it.
  public let tokensMax: Int
  private let vocabulary: Vocabulary
  private let beginning: Int32
  private let end: Int32
  private let unknown: Int32
  /// The pieces that stand for themselves wherever a text spells them.
  private let specials: [(spelling: [UInt8], identifier: Int32)]

  /// Longer words are unknown as a whole.
  static let wordScalarsMax = 100

  /// Makes a tokenizer.
  ///
  /// - Parameters:
  ///   - vocabulary: The pieces, with `[PAD]`, `[UNK]`, `[CLS]`, `[SEP]` and `[MASK]` among them.
  ///   - tokensMax: At least 2.
  /// - Throws: ``EmbeddingError/badVocabulary(line:reason:)`` when one of the five is missing.
  public init(_ vocabulary: Vocabulary, tokensMax: Int = 256) throws(EmbeddingError) {
    precondition(tokensMax >= 2, "room for the two tokens that frame a text")
    self.vocabulary = vocabulary
    self.tokensMax = tokensMax
    beginning = try vocabulary.special("[CLS]")
    end = try vocabulary.special("[SEP]")
    unknown = try vocabulary.special("[UNK]")
    var specials: [(spelling: [UInt8], identifier: Int32)] = []
    for piece in ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] {
      specials.append((Array(piece.utf8), try vocabulary.special(piece)))
    }
    self.specials = specials
  }

  /// The tokens of a text: `[CLS]`, the pieces of its words as far as they fit, `[SEP]`.
  ///
  /// - Complexity: O(bytes that are read); what does not fit is not read.
  public func tokens(of text: String) -> [Int32] {
    var tokens = [beginning]
    let room = tokensMax - 1
    let emit: WordSplitter.Emit = { word, scalarCount in
      let pieces = scalarCount > Self.wordScalarsMax ? nil : vocabulary.pieces(of: word)
      tokens += pieces ?? [unknown]
    }
    var text = text
    text.withUTF8 { bytes in
      var splitter = WordSplitter()
      var place = 0
      while place < bytes.count, tokens.count < room {
        if bytes[place] == UInt8(ascii: "["), let special = special(in: bytes[place...]) {
          splitter.finish(emit)
          tokens.append(special.identifier)
          place += special.spelling.count
        } else {
          let (scalar, length) = Self.scalar(in: bytes, at: place)
          splitter.feed(scalar, emit)
          place += length
        }
      }
      if tokens.count < room { splitter.finish(emit) }
    }
    return tokens.prefix(room) + [end]
  }

  private func special(
    in rest: Slice<UnsafeBufferPointer<UInt8>>
  ) -> (spelling: [UInt8], identifier: Int32)? {
    specials.first { rest.starts(with: $0.spelling) }
  }

  /// The scalar at a place of well-formed UTF-8, and how many bytes it takes.
  private static func scalar(
    in bytes: UnsafeBufferPointer<UInt8>, at place: Int
  ) -> (Unicode.Scalar, length: Int) {
    let first = bytes[place]
    guard first >= 0x80 else { return (Unicode.Scalar(first), 1) }
    let length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
    let lead = UInt32(first) & (0xff >> UInt32(length + 1))
    let value = bytes[(place + 1)..<(place + length)].reduce(lead) { $0 << 6 | UInt32($1 & 0x3f) }
    return (Unicode.Scalar(value) ?? "\u{fffd}", length)
  }
}
