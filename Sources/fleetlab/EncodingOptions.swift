// The options of verbs that encode many texts.
import ArgumentParser
public import Embedding
import Foundation

/// How many threads encode, and where what was encoded before is kept.
struct EncodingOptions: ParsableArguments {
  @OptionGroup var encoder: EncoderOptions

  @Option(help: "How many threads compute; the result does not depend on it.")
  var threads = ProcessInfo.processInfo.activeProcessorCount

  @Option(help: "The folder of encodings made before; in the user's cache by default.")
  var cache: String?

  @Flag(help: "Encode everything anew and keep nothing.")
  var noCache = false

  func validate() throws {
    guard (1...1024).contains(threads) else {
      throw ValidationError("--threads is \(threads); 1 to 1024 was expected")
    }
  }

  /// The vectors of texts, with a line of progress.
  ///
  /// - Throws: `EmbeddingError`.
  func encode(
    _ texts: [String], by encoder: any TextEncoder
  ) throws -> (Encodings, EncodingCache.Tally) {
    let bar = CountLine(what: "texts encoded")
    defer { bar.end() }
    guard !noCache else {
      let encodings = encoder.encode(texts, threads: threads) { bar.show($0, of: texts.count) }
      return (encodings, EncodingCache.Tally(encoded: texts.count))
    }
    let folder =
      cache
      ?? MiniLMEncoder.cacheFolder(environment: ProcessInfo.processInfo.environment) + "/encodings"
    return try EncodingCache(folder: folder).encode(texts, by: encoder, threads: threads) {
      bar.show($0, of: $1)
    }
  }

  /// What was done, in words.
  static func words(_ tally: EncodingCache.Tally) -> String {
    let damaged = tally.damaged == 0 ? "" : ", \(tally.damaged) damaged records made anew"
    return "\(tally.kept) from the cache, \(tally.encoded) encoded\(damaged)"
  }
}
