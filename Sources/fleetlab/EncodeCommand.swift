// fleetlab encode
import ArgumentParser
import ArrayFiles
import Embedding
import Foundation

/// Turns texts into vectors.
struct EncodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "encode",
    abstract: "Encode texts as vectors of length 1, a row of a .npy file for each.",
    discussion: """
      Each line of the input is a JSON object with the key 'text', or a JSON string, as 'fleetlab \
      corpus' writes them. What was encoded before comes from the cache.

      EXAMPLES
        ./Scripts/weights
        fleetlab corpus .build/checkouts --out tests.jsonl
        fleetlab encode --in tests.jsonl --out E.npy
        fleetlab encode --in tests.jsonl --out E.npy --encoder hashing --no-cache
      """)

  @Option(name: .customLong("in"), help: "The texts, one a line.")
  var input: String

  @Option(name: .customLong("out"), help: "The .npy file to write or replace.")
  var output: String

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

  func run() throws {
    do {
      let texts = try TextLines.read(input)
      let encoder = try encoder.makeEncoder()
      let (encodings, tally) = try encode(texts, by: encoder)
      guard
        let array = NPYArray(
          shape: [encodings.count, encodings.dimensions], .float32(encodings.numbers))
      else { throw Failure(.failed, "the vectors are no matrix; this is a defect; report it") }
      try array.write(to: output)
      let damaged = tally.damaged == 0 ? "" : ", \(tally.damaged) damaged records made anew"
      Console.say(
        "\(texts.count) texts by \(encoder.exactIdentity): \(tally.kept) from the cache, "
          + "\(tally.encoded) encoded\(damaged)")
    } catch let error as EmbeddingError {
      throw Failure(.failed, "\(error)")
    } catch let error as ArrayFileError {
      throw Failure(.failed, "\(error)")
    }
  }

  private func encode(
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
}
