// Text files that a program has left.
import Foundation
import LabRecord

/// Reads what programs have written, within bounds.
enum BoundedText {
  /// The end of a text.
  static func tail(of path: String) throws -> String {
    let bytes = try RecordFile.read(path, limit: 16 << 20)
    return String(decoding: bytes.suffix(500), as: UTF8.self)
  }

  /// How many lines of a file are as wanted.
  static func lines(of path: String, where isWanted: (Substring) -> Bool) throws -> Int {
    let text = String(decoding: try RecordFile.read(path, limit: 256 << 20), as: UTF8.self)
    return text.split(separator: "\n").count { isWanted($0) }
  }
}
