// An encoder without weights, for tests and for questions that need no meaning.

public import LabCore

/// Counts words and parts of words in hashed places: texts that share words are near one another.
///
/// It knows nothing of meaning, and is never used in place of another encoder unless it is asked
/// for by name.
/// - Determinism: The text, the dimensions and the seed fix the vector, on every machine.
/// > Reference: Weinberger et al., *Feature Hashing for Large Scale Multitask Learning*, ICML 2009,
/// > section 2.
public struct HashingEncoder: TextEncoder {
  public let dimensions: Int
  private let seed: Seed

  /// Makes an encoder.
  ///
  /// - Parameter dimensions: How many numbers a vector has, at least 1.
  public init(dimensions: Int = 384, seed: Seed = Seed(0)) {
    precondition(dimensions >= 1, "at least one dimension")
    self.dimensions = dimensions
    self.seed = seed
  }

  public var identity: String { "hashing-\(dimensions):\(String(seed.value, radix: 16))" }
  public var exactIdentity: String { identity }

  public func encode(
    _ texts: [String], threads: Int, progress: @escaping @Sendable (Int) -> Void
  ) -> Encodings {
    var numbers: [Float] = []
    numbers.reserveCapacity(texts.count * dimensions)
    for (index, text) in texts.enumerated() {
      numbers += vector(of: text)
      progress(index + 1)
    }
    return Encodings(dimensions: dimensions, numbers: numbers)
  }

  /// The vector of a text: each word, and each three bytes of a word with its ends marked, adds or
  /// takes one at a place; then the length is made 1.
  private func vector(of text: String) -> [Float] {
    var counts = [Int](repeating: 0, count: dimensions)
    let emit: WordSplitter.Emit = { word, _ in
      add(word, to: &counts)
      let marked = [0x5e] + word + [0x24]
      for first in 0..<max(marked.count - 2, 0) {
        add([0] + marked[first..<(first + 3)], to: &counts)
      }
    }
    var splitter = WordSplitter()
    for scalar in text.unicodeScalars { splitter.feed(scalar, emit) }
    splitter.finish(emit)
    if counts.allSatisfy({ $0 == 0 }) { add([], to: &counts) }
    let length = counts.reduce(0.0) { $0 + Double($1 * $1) }.squareRoot()
    return counts.map { Float(Double($0) / length) }
  }

  private func add(_ feature: [UInt8], to counts: inout [Int]) {
    var hasher = StableHasher(seed: seed.value)
    feature.withUnsafeBytes { hasher.combine(bytes: $0) }
    let hash = hasher.finalize()
    counts[Int((hash >> 1) % UInt64(dimensions))] += hash & 1 == 0 ? 1 : -1
  }
}
