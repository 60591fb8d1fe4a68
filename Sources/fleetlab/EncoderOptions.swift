// The options of verbs that turn texts into vectors.
import ArgumentParser
import Embedding
import Foundation

/// Which encoder, and where its files are.
struct EncoderOptions: ParsableArguments {
  @Option(help: "The folder of the weights; where ./Scripts/weights puts them by default.")
  var model: String?

  /// all-MiniLM-L6-v2, or an end of the program that says what is missing.
  func miniLM() throws -> MiniLMEncoder {
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
