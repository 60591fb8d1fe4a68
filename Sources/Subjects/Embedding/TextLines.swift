// Texts in a file with one JSON value on a line.

import Foundation

/// Reads the texts of a file in which each line is an object with the key `text`, or a string.
public enum TextLines {
  /// The longest line that is read, in bytes.
  static let lineBytesMax = 16 << 20

  /// What a line holds.
  private struct Line: Decodable {
    let text: String

    private enum Key: CodingKey { case text }

    init(from decoder: any Decoder) throws {
      if let text = try? decoder.singleValueContainer().decode(String.self) {
        self.text = text
      } else {
        text = try decoder.container(keyedBy: Key.self).decode(String.self, forKey: .text)
      }
    }
  }

  /// The texts of a file, in its order; an empty line at the end is none.
  ///
  /// - Throws: ``EmbeddingError/badTexts(path:line:reason:)`` for the first line that is no such
  ///   value, and ``EmbeddingError/unreadable(path:reason:)``.
  public static func read(_ path: String) throws(EmbeddingError) -> [String] {
    let file: MappedFile
    do {
      file = try MappedFile(path: path)
    } catch {
      guard case .missingModel = error else { throw error }
      throw .unreadable(path: path, reason: "there is no such file")
    }
    let decoder = JSONDecoder()
    var texts: [String] = []
    var begin = 0
    while begin < file.bytes.count {
      let end = file.bytes[begin...].firstIndex(of: 0x0a) ?? file.bytes.count
      guard end - begin <= lineBytesMax else {
        throw .badTexts(
          path: path, line: texts.count + 1, reason: "is longer than \(lineBytesMax) bytes")
      }
      do {
        texts.append(
          try decoder.decode(Line.self, from: Data(file.bytes[begin..<end])).text)
      } catch {
        throw .badTexts(
          path: path, line: texts.count + 1, reason: "is no JSON string or object with a text")
      }
      begin = end + 1
    }
    return texts
  }
}
