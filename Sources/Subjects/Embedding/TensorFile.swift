// Named tensors in a file, in the format safetensors.

import Foundation
import LinearAlgebra

/// A safetensors file, mapped into memory: a header that names tensors, then their numbers.
///
/// > Reference: the format's description in the repository huggingface/safetensors: eight bytes
/// > with the header's length, least significant first; the header in JSON; the data.
struct TensorFile: Sendable {
  private let file: MappedFile
  private let entries: [String: Entry]
  private let dataOffset: Int

  static let headerBytesMax = 1 << 20

  /// A tensor as the header describes it.
  private struct Entry: Decodable {
    let dtype: String
    let shape: [Int]
    let data_offsets: [Int]
  }

  /// The header: tensors by name, beside notes that nobody reads.
  private struct Header: Decodable {
    struct Name: CodingKey {
      let stringValue: String
      var intValue: Int? { nil }
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }

    var entries: [String: Entry] = [:]

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Name.self)
      for key in container.allKeys where key.stringValue != "__metadata__" {
        entries[key.stringValue] = try container.decode(Entry.self, forKey: key)
      }
    }
  }

  /// Reads the header.
  ///
  /// - Throws: ``EmbeddingError/badTensorFile(path:reason:)`` for a header that is too long, cut or
  ///   no such JSON. What it says of a tensor is checked when the tensor is asked for.
  init(_ file: MappedFile) throws(EmbeddingError) {
    self.file = file
    guard file.bytes.count >= 8 else {
      throw .badTensorFile(path: file.path, reason: "it has \(file.bytes.count) bytes")
    }
    let length = UInt64(littleEndian: file.bytes.loadUnaligned(as: UInt64.self))
    guard length <= Self.headerBytesMax, Int(length) <= file.bytes.count - 8 else {
      throw .badTensorFile(path: file.path, reason: "its header is said to have \(length) bytes")
    }
    dataOffset = 8 + Int(length)
    let header = Data(file.bytes[8..<dataOffset])
    do {
      entries = try JSONDecoder().decode(Header.self, from: header).entries
    } catch {
      throw .badTensorFile(path: file.path, reason: "its header names no tensors in JSON")
    }
  }

  /// The numbers of a tensor of single precision; one dimension is one row.
  ///
  /// They may only be read, and only while the file's object lives.
  /// - Throws: ``EmbeddingError/badTensorFile(path:reason:)`` when there is none of this name and
  ///   shape, or its place is not inside the file.
  func tensor(_ name: String, shape: [Int]) throws(EmbeddingError) -> UnsafeMatrixView {
    guard let entry = entries[name] else {
      throw .badTensorFile(path: file.path, reason: "it has no tensor '\(name)'")
    }
    guard entry.dtype == "F32", entry.shape == shape else {
      let found = "\(entry.dtype) \(entry.shape)"
      throw .badTensorFile(
        path: file.path, reason: "its tensor '\(name)' is \(found) in place of F32 \(shape)")
    }
    let dataBytes = file.bytes.count - dataOffset
    let bytes = shape.reduce(MemoryLayout<Float>.size, *)
    guard entry.data_offsets.count == 2, entry.data_offsets[0] >= 0,
      entry.data_offsets[0] <= dataBytes, entry.data_offsets[1] <= dataBytes,
      entry.data_offsets[1] - entry.data_offsets[0] == bytes,
      (dataOffset + entry.data_offsets[0]) % MemoryLayout<Float>.alignment == 0,
      let base = file.bytes.baseAddress
    else {
      throw .badTensorFile(
        path: file.path, reason: "its tensor '\(name)' lies at \(entry.data_offsets)")
    }
    let numbers = (base + dataOffset + entry.data_offsets[0])
      .bindMemory(to: Float.self, capacity: bytes / MemoryLayout<Float>.size)
    return UnsafeMatrixView(
      base: UnsafeMutablePointer(mutating: numbers), rows: shape.count == 1 ? 1 : shape[0],
      columns: shape.last ?? 1, stride: shape.last ?? 1)
  }
}
