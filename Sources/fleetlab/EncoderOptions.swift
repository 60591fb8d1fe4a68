// The options of verbs that turn texts into vectors.
import ArgumentParser
import Embedding
import Foundation

/// The encoders that a person can ask for.
enum EncoderName: String, ExpressibleByArgument, CaseIterable {
  case minilm, hashing
}

/// Which encoder, and where its files are.
struct EncoderOptions: ParsableArguments {
  @Option(help: "minilm, or hashing, which needs no weights and knows no meaning.")
  var encoder: EncoderName = .minilm

  @Option(help: "The folder of the weights; where ./Scripts/weights puts them by default.")
  var model: String?

  /// The encoder that was asked for, or an end of the program that says what is missing.
  func makeEncoder() throws -> any TextEncoder {
    switch encoder {
    case .minilm: try makeMiniLM()
    case .hashing: HashingEncoder()
    }
  }

  /// all-MiniLM-L6-v2, or an end of the program that says what is missing.
  func makeMiniLM() throws -> MiniLMEncoder {
    let folder =
      model
      ?? MiniLMEncoder.standardFolder(environment: ProcessInfo.processInfo.environment)
    do throws(EmbeddingError) {
      return try MiniLMEncoder(folder: folder)
    } catch {
      throw Failure(.failed, "\(error)")
    }
  }
}
