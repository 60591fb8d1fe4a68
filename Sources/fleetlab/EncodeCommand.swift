// fleetlab encode
import ArgumentParser
import ArrayFiles
import Embedding

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

  @OptionGroup var options: EncodingOptions

  func run() throws {
    do {
      let texts = try TextLines.read(input)
      let encoder = try options.encoder.makeEncoder()
      let (encodings, tally) = try options.encode(texts, by: encoder)
      guard
        let array = NPYArray(
          shape: [encodings.count, encodings.dimensions], .float32(encodings.numbers))
      else { throw Failure(.failed, "the vectors are no matrix; this is a defect; report it") }
      try array.write(to: output)
      Console.say(
        "\(texts.count) texts by \(encoder.exactIdentity): \(EncodingOptions.words(tally))")
    } catch let error as EmbeddingError {
      throw Failure(.failed, "\(error)")
    } catch let error as ArrayFileError {
      throw Failure(.failed, "\(error)")
    }
  }
}
