// The pieces of words that a model knows, and the longest of them that a word begins with.

/// A list of word pieces, each numbered by its place.
///
/// Pieces that continue a word are written with `##` in front.
/// - Complexity: The longest piece is found in as many steps as it has bytes.
public struct Vocabulary: Sendable {
  /// How many pieces it has.
  public let count: Int
  /// For a node and the byte that follows, the next node.
  ///
  /// Node 0 begins words, node 1 continues them.
  private var next: [UInt64: Int32] = [:]
  /// For each node, the piece that ends there, or -1.
  private var ends: [Int32] = [-1, -1]
  /// The pieces that begin with a bracket, in ASCII; others might be canonically equal, so one key.
  private var bracketed: [String: Int32] = [:]

  private static let pieceBytesMax = 1024
  private static let piecesMax = 1_000_000

  /// Reads a list with one piece on a line.
  ///
  /// - Throws: ``EmbeddingError/badVocabulary(line:reason:)`` for a list that is no such list.
  public init(lines text: String) throws(EmbeddingError) {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    guard lines.count <= Self.piecesMax else {
      throw .badVocabulary(line: Self.piecesMax + 1, reason: "too many pieces")
    }
    count = lines.count
    next.reserveCapacity(lines.count * 5)
    for (index, line) in lines.enumerated() {
      guard !line.isEmpty, line.utf8.count <= Self.pieceBytesMax else {
        throw .badVocabulary(
          line: index + 1, reason: line.isEmpty ? "an empty piece" : "a piece that is too long")
      }
      if line.utf8.first == UInt8(ascii: "["), line.utf8.allSatisfy({ $0 < 0x80 }) {
        bracketed[String(line)] = Int32(index)
      }
      let isContinuation = line.utf8.starts(with: "##".utf8) && line.utf8.count > 2
      insert(
        line.utf8.dropFirst(isContinuation ? 2 : 0), from: isContinuation ? 1 : 0,
        as: Int32(index))
    }
  }

  /// The number of a special piece such as `[CLS]`.
  ///
  /// - Throws: ``EmbeddingError/badVocabulary(line:reason:)`` when the list lacks it.
  func special(_ piece: String) throws(EmbeddingError) -> Int32 {
    guard let identifier = bracketed[piece] else {
      throw .badVocabulary(line: count, reason: "no piece '\(piece)'")
    }
    return identifier
  }

  /// Cuts a word into its longest pieces from the left; nothing when a part of it is unknown.
  func pieces(of word: [UInt8]) -> [Int32]? {
    var found: [Int32] = []
    var place = 0
    while place < word.count {
      var node: Int32 = place == 0 ? 0 : 1
      var longest: (piece: Int32, end: Int)?
      var index = place
      while index < word.count, let following = next[Self.key(node, word[index])] {
        node = following
        index += 1
        let piece = ends[Int(node)]
        if piece >= 0 { longest = (piece, index) }
      }
      guard let longest else { return nil }
      found.append(longest.piece)
      place = longest.end
    }
    return found
  }

  private mutating func insert(
    _ piece: some Sequence<UInt8>, from root: Int32, as identifier: Int32
  ) {
    var node = root
    for byte in piece {
      let key = Self.key(node, byte)
      if let following = next[key] {
        node = following
      } else {
        let following = Int32(ends.count)
        ends.append(-1)
        next[key] = following
        node = following
      }
    }
    ends[Int(node)] = identifier
  }

  private static func key(_ node: Int32, _ byte: UInt8) -> UInt64 {
    UInt64(UInt32(bitPattern: node)) << 8 | UInt64(byte)
  }
}
