// The first half of BERT's tokenizer: from a text to clean words.

import Foundation

/// Cleans a text and cuts it into words, one scalar at a time.
///
/// Control characters go; white space ends a word; ideographs and punctuation signs are words of
/// their own; accents go; letters become lower-case ones. The categories are those of Unicode 8, as
/// the tables of the reference are (Rust's `unicode_categories` under the `tokenizers` library,
/// version 0.23), so that newer characters come out alike.
///
/// A scalar is decomposed by itself. The order of several combining marks other than accents, which
/// the decomposition of a whole text might change, stays as written.
/// > Reference: Devlin et al., *BERT*, 2019, and its published tokenizer. The range of ideographs
/// > from U+2B920 follows `tokenizers`; the original begins at U+2B820.
struct WordSplitter {
  /// The word so far, in UTF-8.
  private(set) var word: [UInt8] = []
  /// How many scalars the word has.
  private(set) var scalarCount = 0

  /// What ends with a scalar: the word before it, then perhaps the scalar as a word of its own.
  typealias Emit = (_ word: [UInt8], _ scalarCount: Int) -> Void

  /// Takes the next scalar of the text.
  mutating func feed(_ scalar: Unicode.Scalar, _ emit: Emit) {
    if scalar.value < 0x80 { return feed(ascii: UInt8(scalar.value), emit) }
    if scalar.value == 0xfffd || scalar.isWhiteSpace { return feedSpecial(scalar, emit) }
    guard !scalar.isBERTControl else { return }
    if scalar.isIdeograph {
      finish(emit)
      feedDecomposed(scalar, emit)
      finish(emit)
    } else {
      feedDecomposed(scalar, emit)
    }
  }

  /// Ends the word.
  mutating func finish(_ emit: Emit) {
    guard scalarCount > 0 else { return }
    emit(word, scalarCount)
    word.removeAll(keepingCapacity: true)
    scalarCount = 0
  }

  private mutating func feed(ascii byte: UInt8, _ emit: Emit) {
    switch byte {
    case 0x41...0x5a: append(ascii: byte | 0x20)
    case 0x30...0x39, 0x61...0x7a: append(ascii: byte)
    // Tabulator to carriage return, and space. The vertical tabulator and the form feed are control
    // characters, which go without a trace.
    case 0x09, 0x0a, 0x0d, 0x20: finish(emit)
    case 0x00...0x1f, 0x7f: break
    default:
      finish(emit)
      append(ascii: byte)
      finish(emit)
    }
  }

  private mutating func append(ascii byte: UInt8) {
    word.append(byte)
    scalarCount += 1
  }

  /// The replacement character goes; white space ends the word, unless it is a control character.
  private mutating func feedSpecial(_ scalar: Unicode.Scalar, _ emit: Emit) {
    guard scalar.value != 0xfffd, !scalar.isBERTControl else { return }
    finish(emit)
  }

  private mutating func feedDecomposed(_ scalar: Unicode.Scalar, _ emit: Emit) {
    guard scalar.mayDecompose else { return feedLowered(scalar, emit) }
    for part in String(scalar).decomposedStringWithCanonicalMapping.unicodeScalars {
      if !part.isBERTAccent { feedLowered(part, emit) }
    }
  }

  private mutating func feedLowered(_ scalar: Unicode.Scalar, _ emit: Emit) {
    guard scalar.value >= 0x80 else { return feed(ascii: UInt8(scalar.value), emit) }
    for part in scalar.properties.lowercaseMapping.unicodeScalars {
      if part.isBERTPunctuation {
        finish(emit)
        append(part)
        finish(emit)
      } else {
        append(part)
      }
    }
  }

  private mutating func append(_ scalar: Unicode.Scalar) {
    word.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
    scalarCount += 1
  }
}

extension Unicode.Scalar {
  /// The general category that the scalar had in Unicode 8, where it had one and as far as the
  /// words of a text depend on it.
  private var categoryInUnicode8: Unicode.GeneralCategory? {
    switch value {
    // Those that were put into another category later.
    case 0x166d, 0x111c9: return .otherPunctuation
    case 0x1734, 0x1171e: return .nonspacingMark
    case 0x1885, 0x1886, 0xa9bd: return .spacingMark
    default:
      guard let age = properties.age, age.major <= 8 else { return nil }
      return properties.generalCategory
    }
  }

  fileprivate var isWhiteSpace: Bool { properties.isWhitespace }

  fileprivate var isBERTControl: Bool {
    switch categoryInUnicode8 {
    case .control, .format, .privateUse, .surrogate: true
    default: false
    }
  }

  fileprivate var isBERTAccent: Bool { categoryInUnicode8 == .nonspacingMark }

  fileprivate var isBERTPunctuation: Bool {
    switch categoryInUnicode8 {
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
      .initialPunctuation, .finalPunctuation, .otherPunctuation:
      true
    default: false
    }
  }

  fileprivate var isIdeograph: Bool {
    switch value {
    case 0x3400...0x4dbf, 0x4e00...0x9fff, 0xf900...0xfaff, 0x20000...0x2a6df, 0x2a700...0x2b73f,
      0x2b740...0x2b81f, 0x2b920...0x2ceaf, 0x2f800...0x2fa1f:
      true
    default: false
    }
  }

  /// Whether a canonical decomposition is to be looked up: neither for unified ideographs, which
  /// have none, nor for what the reference's tables do not know.
  fileprivate var mayDecompose: Bool {
    if (0x3400...0x9fff).contains(value) || (0x20000...0x2f7ff).contains(value) { return false }
    guard let age = properties.age else { return false }
    return age.major <= 9
  }
}
