// Rows of numbers in files, and what is refused.

import ArrayFiles
import Foundation
import Testing

@Suite struct `Vector files` {
  /// Runs a body with a path in a folder that is removed afterwards.
  private func withPath(_ name: String, _ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.appending(path: name).path)
  }

  private func put(_ bytes: [UInt8], _ path: String) throws {
    try Data(bytes).write(to: URL(filePath: path))
  }

  private static let rows: [[Float]] = [
    [1, -2.5, .leastNonzeroMagnitude], [0, .greatestFiniteMagnitude, -0.0],
  ]
  private static let whole = [[1, 2, 3], [-4, 0, 2_000_000_000]]

  @Test(arguments: ["rows.npy", "rows.fvecs"])
  func `rows are read as they were written`(name: String) throws {
    try withPath(name) { path in
      try VectorFile.write(Self.rows, to: path)
      #expect(try VectorFile.readRows(path, limit: 1 << 20) == Self.rows)
    }
  }

  @Test(arguments: ["rows.npy", "rows.ivecs"])
  func `whole rows are read as they were written`(name: String) throws {
    try withPath(name) { path in
      try VectorFile.write(Self.whole, to: path)
      #expect(try VectorFile.readWholeRows(path, limit: 1 << 20) == Self.whole)
      let floats = Self.whole.map { $0.map { Float($0) } }
      #expect(try VectorFile.readRows(path, limit: 1 << 20) == floats)
    }
  }

  @Test func `records have the bytes that other programs expect`() throws {
    try withPath("rows.fvecs") { path in
      try VectorFile.write([[1, 2], [3, 4]] as [[Float]], to: path)
      let bytes: [UInt8] = [
        2, 0, 0, 0, 0, 0, 128, 63, 0, 0, 0, 64, 2, 0, 0, 0, 0, 0, 64, 64, 0, 0, 128, 64,
      ]
      #expect(Array(try Data(contentsOf: URL(filePath: path))) == bytes)
    }
  }

  @Test func `what is no file of rows is refused with a reason`() throws {
    try withPath("bad.fvecs") { path in
      let whole: [UInt8] = [1, 0, 0, 0, 0, 0, 128, 63, 1, 0, 0, 0, 0, 0, 128, 63]
      for bytes in [[1, 0], [0, 0, 0, 0], Array(whole.dropLast()), [255, 255, 255, 127]] {
        try put(bytes, path)
        #expect(throws: ArrayFileError.self) { try VectorFile.readRows(path, limit: 100) }
      }
      var uneven = whole
      uneven[8] = 2
      try put(uneven, path)
      #expect(throws: ArrayFileError.self) { try VectorFile.readRows(path, limit: 100) }
      try put(whole, path)
      #expect(try VectorFile.readRows(path, limit: 100) == [[1], [1]])
      #expect(throws: ArrayFileError.self) { try VectorFile.readRows(path, limit: 15) }
      #expect(throws: ArrayFileError.self) { try VectorFile.readRows(path + "x", limit: 15) }
      #expect(throws: ArrayFileError.self) {
        try VectorFile.write([[1], []] as [[Float]], to: path)
      }
    }
    try withPath("bad.npy") { path in
      try put(Array("no array".utf8), path)
      #expect(throws: ArrayFileError.self) { try VectorFile.readRows(path, limit: 100) }
      try NPYArray(.float32([1, 2])).write(to: path)
      #expect(throws: ArrayFileError.self) { try VectorFile.readRows(path, limit: 1000) }
      #expect(throws: ArrayFileError.self) { try VectorFile.readWholeRows(path, limit: 1000) }
    }
    try withPath("wide.ivecs") { path in
      #expect(throws: ArrayFileError.self) { try VectorFile.write([[1 << 40]], to: path) }
    }
  }

  @Test func `a refusal names what the file should have been`() throws {
    func text(_ body: () throws -> Void) -> String {
      do { try body() } catch { return "\(error)" }
      return "no refusal"
    }
    // Closures stand outside of expectations: a macro's closure may take the name of another one.
    try withPath("bad.fvecs") { path in
      try put([0, 0, 0, 0], path)
      let empty = text { _ = try VectorFile.readRows(path, limit: 9) }
      let long = text { _ = try VectorFile.readRows(path, limit: 3) }
      #expect(empty.contains("a .fvecs or .ivecs file was expected"))
      #expect(long.contains("has 4 bytes; at most 3 were expected"))
    }
    try withPath("bad.npy") { path in
      try NPYArray(.float32([1, 2])).write(to: path)
      let flat = text { _ = try VectorFile.readRows(path, limit: 999) }
      try VectorFile.write([[0.5]] as [[Float]], to: path)
      let fraction = text { _ = try VectorFile.readWholeRows(path, limit: 999) }
      let uneven = text { try VectorFile.write([[1, 2], [3], [4, 5, 6]] as [[Float]], to: path) }
      #expect(flat.contains("a .npy file with two dimensions was expected"))
      #expect(fraction.contains("int32, int64 or uint8 was expected"))
      #expect(uneven.contains("rows of one length"))
      #expect(try VectorFile.readRows(path, limit: 999) == [[0.5]])
    }
  }
}
