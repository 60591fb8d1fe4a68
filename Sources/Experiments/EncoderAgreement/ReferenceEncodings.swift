// What the reference makes of texts, as files of JSON hold it.

import Foundation
import LabRecord

/// The tokens and the vectors of the reference.
struct ReferenceEncodings {
  /// Why there is nothing to compare with.
  struct Problem: Error, CustomStringConvertible {
    let description: String
  }

  struct Tokens: Decodable {
    let text: String
    let tokens: [Int32]
  }

  struct Vector: Decodable {
    let text: String
    let vector: [Double]
  }

  let tokens: [Tokens]
  let vectors: [Vector]

  /// The longest file that is read, in bytes.
  private static let fileLimit = 64 << 20
  private static let dimensions = 384

  /// Reads `tokens.json` and `vectors.json` of a folder.
  ///
  /// - Throws: ``Problem``, also for a folder without a text.
  init(folder: String) throws(Problem) {
    tokens = try Self.read("\(folder)/tokens.json")
    vectors = try Self.read("\(folder)/vectors.json")
    guard vectors.allSatisfy({ $0.vector.count == Self.dimensions }) else {
      throw Problem(
        description: "a vector in '\(folder)/vectors.json' has not \(Self.dimensions) numbers; "
          + "those of all-MiniLM-L6-v2 were expected; make them by reference_encoder.py")
    }
  }

  private static func read<Content: Decodable>(_ path: String) throws(Problem) -> [Content] {
    let bytes: [UInt8]
    do throws(RecordError) { bytes = try RecordFile.read(path, limit: fileLimit) } catch {
      throw Problem(description: "\(error)")
    }
    guard let content = try? JSONDecoder().decode([Content].self, from: Data(bytes)),
      !content.isEmpty
    else {
      throw Problem(
        description: "'\(path)' is no list of texts of the reference; what reference_encoder.py "
          + "writes was expected; make it anew")
    }
    return content
  }
}
