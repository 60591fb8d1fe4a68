import Foundation
import LinearAlgebra
import Testing

@testable import Embedding

@Suite struct `a tensor file` {
  private let folder = FileManager.default.temporaryDirectory
    .appending(path: "tensor-file-\(ProcessInfo.processInfo.globallyUniqueString)")

  /// The bytes of a file with a header and numbers.
  private func file(_ header: String, numbers: [Float] = [1, 2, 3, 4, 5, 6]) -> Data {
    let padded = header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
    var data = Data()
    withUnsafeBytes(of: UInt64(padded.utf8.count).littleEndian) { data.append(contentsOf: $0) }
    data.append(contentsOf: padded.utf8)
    numbers.withUnsafeBytes { data.append(contentsOf: $0) }
    return data
  }

  private func read(_ data: Data) throws -> TensorFile {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "t.safetensors")
    try data.write(to: path)
    return try TensorFile(MappedFile(path: path.path))
  }

  private static let header = """
    {"__metadata__": {"format": "pt"}, "a": {"dtype": "F32", "shape": [2, 3], \
    "data_offsets": [0, 24]}}
    """

  @Test func `gives its tensors by name and shape`() throws {
    let tensors = try read(file(Self.header))
    let view = try tensors.tensor("a", shape: [2, 3])
    #expect(view.rows == 2 && view.columns == 3)
    #expect((0..<6).map { view.base[$0] } == [1, 2, 3, 4, 5, 6])
    #expect(throws: EmbeddingError.self) { try tensors.tensor("a", shape: [3, 2]) }
    #expect(throws: EmbeddingError.self) { try tensors.tensor("b", shape: [2, 3]) }
  }

  @Test(arguments: [
    "[0, 28]", "[-4, 20]", "[4, 28]", "[24, 0]", "[0]", "[1, 25]",
    "[9223372036854775807, 9223372036854775807]", "[-9223372036854775808, 24]",
  ])
  func `refuses a tensor that lies elsewhere`(offsets: String) throws {
    let header = Self.header.replacing("[0, 24]", with: offsets)
    let tensors = try read(file(header))
    #expect(throws: EmbeddingError.self) { try tensors.tensor("a", shape: [2, 3]) }
  }

  @Test func `refuses what is cut or no such file, at every length`() throws {
    let whole = file(Self.header)
    for length in 0..<whole.count {
      #expect(throws: EmbeddingError.self, "\(length) bytes") {
        try read(whole.prefix(length)).tensor("a", shape: [2, 3])
      }
    }
    #expect(throws: EmbeddingError.self) { try read(Data(repeating: 0xff, count: 64)) }
    #expect(throws: EmbeddingError.self) { try read(file("{\"a\": 1}")) }
  }

  @Test func `that is missing says how to get it`() throws {
    let error = #expect(throws: EmbeddingError.self) {
      try MiniLMEncoder(folder: "no-such-folder")
    }
    #expect(error == .missingModel(path: "no-such-folder/model.safetensors"))
    #expect(try #require(error?.description).contains("./Scripts/weights"))
  }

  @Test func `with another digest is refused`() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for name in ["model.safetensors", "vocab.txt"] {
      try file(Self.header).write(to: folder.appending(path: name))
    }
    let error = #expect(throws: EmbeddingError.self) { try MiniLMEncoder(folder: folder.path) }
    guard case .otherDigest(_, let expected, let found) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(expected == MiniLMEncoder.weightsDigest && found != expected && found.count == 64)
  }
}
