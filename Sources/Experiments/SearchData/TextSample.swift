// Which texts become vectors that are searched, and which become queries.

public import LabCore
import LabRecord

/// Texts that are searched, and others, held out before, that are searched for.
public struct TextSample: Hashable, Sendable {
  /// What is searched for; none of them is in ``base``.
  public let queries: [String]
  /// What is searched.
  public let base: [String]
  /// The SHA-256 digest of all different texts, in their order.
  public let digest: String

  /// Draws from texts, of which equal ones count once.
  ///
  /// - Throws: ``SearchDataError/tooFewTexts(found:needed:)``.
  /// - Determinism: The texts with their order and the seed fix the sample; of two samples with
  ///   equally many queries the smaller base begins the larger one.
  public init(
    of texts: [String], rows: Int, queries count: Int, seed: Seed
  ) throws(SearchDataError) {
    var known: Set<String> = []
    var different = texts.filter { known.insert($0).inserted }
    guard rows >= 1, count >= 1, different.count - count >= rows else {
      throw .tooFewTexts(found: different.count, needed: rows + count)
    }
    var digest = ContentDigest()
    for text in different { digest.update(Array(text.utf8) + [0]) }
    self.digest = digest.hexadecimal
    // Fisher and Yates, as far as it is needed.
    var stream = seed.child("texts").stream()
    for place in 0..<(rows + count) {
      different.swapAt(place, place + stream.below(different.count - place))
    }
    queries = Array(different[..<count])
    base = Array(different[count..<(count + rows)])
  }
}
