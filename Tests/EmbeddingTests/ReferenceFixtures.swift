// What the reference makes of texts; Experiments/peers/vec/reference_encoder.py wrote the fixtures.
import Foundation

@testable import Embedding

/// The fixtures of the reference.
enum ReferenceFixtures {
  struct Tokens: Decodable {
    let text: String
    let tokens: [Int32]
  }

  struct Vector: Decodable {
    let text: String
    let vector: [Double]
  }

  static func tokens() throws -> [Tokens] { try read("tokens.json") }
  static func vectors() throws -> [Vector] { try read("vectors.json") }
  /// For the first scalar of each block, in hexadecimal digits, a digest of the block's words.
  static func wordsOfBlocks() throws -> [String: String] { try read("words-of-blocks.json") }

  private static func read<Content: Decodable>(_ name: String) throws -> Content {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
    return try JSONDecoder().decode(
      Content.self, from: Data(contentsOf: file.appending(path: name)))
  }
}

/// The model's files on this machine.
enum InstalledModel {
  static let folder = MiniLMEncoder.standardFolder(
    environment: ProcessInfo.processInfo.environment)
  static let isThere = FileManager.default.fileExists(atPath: "\(folder)/model.safetensors")
  /// Why tests that need the weights are left out.
  static let reason = "THE WEIGHTS ARE NOT THERE: run ./Scripts/weights to test the encoder"
  /// The encoder, loaded once for all tests.
  static let encoder = Result { try MiniLMEncoder(folder: folder) }
}
