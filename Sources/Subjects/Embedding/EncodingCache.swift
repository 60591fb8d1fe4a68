// Vectors that were computed before, by what they are vectors of.

import Crypto
import Journal
import LabCore
import Synchronization

/// Keeps encodings in a folder, so that nothing is encoded twice.
///
/// A vector's key is the SHA-256 digest of the encoder's exact identity and the text. Vectors stand
/// in 16 files by the first digit of their keys, each record with a checksum; a file is replaced as
/// a whole. A record that its checksum does not fit is counted, dropped and computed anew. Two
/// writers at a time may lose each other's records, never damage them.
public struct EncodingCache: Sendable {
  private let folder: String

  /// How many texts are encoded before the files are written, so that little is lost at an
  /// interruption.
  private static let textsPerStep = 4_096

  /// Names the folder, which is made when there is something to keep.
  public init(folder: String) { self.folder = folder }

  /// Where the vectors came from.
  public struct Tally: Hashable, Sendable {
    /// Texts whose vector was there.
    public var kept = 0
    /// Texts that were encoded; equal texts count once.
    public var encoded = 0
    /// Records that a checksum told to be damaged.
    public var damaged = 0

    /// Counts what was done without a cache.
    public init(kept: Int = 0, encoded: Int = 0, damaged: Int = 0) {
      self.kept = kept
      self.encoded = encoded
      self.damaged = damaged
    }
  }

  /// The vectors of texts, in their order, from the cache or by the encoder.
  ///
  /// - Parameter progress: Is told how many of how many texts that were not in the cache are done.
  /// - Throws: ``EmbeddingError/badCache(path:reason:)``; what was written before stays.
  public func encode(
    _ texts: [String], by encoder: some TextEncoder, threads: Int,
    progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void
  ) throws(EmbeddingError) -> (Encodings, Tally) {
    let keys = texts.map { Self.key(of: $0, by: encoder) }
    var tally = Tally()
    var known = try load(Set(keys), dimensions: encoder.dimensions, &tally)
    var missing: [(key: EncodingKey, text: String)] = []
    var asked: Set<EncodingKey> = []
    for (key, text) in zip(keys, texts) where known[key] == nil && asked.insert(key).inserted {
      missing.append((key, text))
    }
    tally.encoded = missing.count
    tally.kept = keys.count { known[$0] != nil }
    for first in stride(from: 0, to: missing.count, by: Self.textsPerStep) {
      let step = missing[first..<min(first + Self.textsPerStep, missing.count)]
      let total = missing.count
      let encodings = encoder.encode(step.map(\.text), threads: threads) { done in
        progress(first + done, total)
      }
      var fresh: [EncodingKey: [Float]] = [:]
      for (place, entry) in step.enumerated() { fresh[entry.key] = Array(encodings[place]) }
      try keep(fresh, dimensions: encoder.dimensions)
      known.merge(fresh) { $1 }
    }
    let numbers = keys.flatMap { known[$0] ?? [] }
    return (Encodings(dimensions: encoder.dimensions, numbers: numbers), tally)
  }

  private static func key(of text: String, by encoder: some TextEncoder) -> EncodingKey {
    var hash = SHA256()
    hash.update(data: Array(encoder.exactIdentity.utf8) + [0])
    hash.update(data: Array(text.utf8))
    return EncodingKey(bytes: Array(hash.finalize()))
  }

  /// The vectors of keys that are there.
  private func load(
    _ keys: Set<EncodingKey>, dimensions: Int, _ tally: inout Tally
  ) throws(EmbeddingError) -> [EncodingKey: [Float]] {
    var known: [EncodingKey: [Float]] = [:]
    for shard in Set(keys.map(\.shard)).sorted() {
      let file = try read(shard, dimensions: dimensions)
      tally.damaged += file.damaged
      for (key, vector) in file.vectors where keys.contains(key) { known[key] = vector }
    }
    return known
  }

  private func keep(
    _ vectors: [EncodingKey: [Float]], dimensions: Int
  ) throws(EmbeddingError) {
    try EncodingFile.makeFolder(folder)
    for shard in Set(vectors.keys.map(\.shard)).sorted() {
      var file = try read(shard, dimensions: dimensions)
      for (key, vector) in vectors where key.shard == shard { file.vectors[key] = vector }
      do {
        try AtomicFile.write(Bytes(file.bytes), to: path(of: shard, dimensions))
      } catch {
        throw .badCache(path: path(of: shard, dimensions), reason: "\(error)")
      }
    }
  }

  private func read(_ shard: Int, dimensions: Int) throws(EmbeddingError) -> EncodingFile {
    try EncodingFile(path: path(of: shard, dimensions), dimensions: dimensions)
  }

  private func path(of shard: Int, _ dimensions: Int) -> String {
    "\(folder)/\(dimensions)-\(String(shard, radix: 16)).encodings"
  }
}
