// Short ways for tests to write bytes, and a folder that ends with its test.

import Foundation
import Journal
import LabCore

/// The UTF-8 bytes of a text.
func bytes(_ text: String) -> Bytes { Bytes(Array(text.utf8)) }

/// A folder of its own for one test.
struct TemporaryFolder: ~Copyable {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("journal-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The names of everything in the folder.
  func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path).sorted()
  }

  func read(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")))
  }

  func write(_ content: [UInt8], to name: String) throws {
    try Data(content).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
  }
}
