// A file of vectors, one byte of which is wrong for a moment.

import ArrayFiles
import Foundation
import LabCore
import LabManifest
import LabRunner
import VectorSearch

/// A file that a trial damages and mends, in a folder of its own.
struct DamagedFile {
  /// What a search in a damaged file came to.
  enum Answer {
    case right, wrong, refused
  }

  /// What a flipped byte led to.
  struct Damage {
    /// Whether a check of the whole file refuses it.
    var isFound: Bool
    var answer: Answer
  }

  private let folder: URL
  private let path: String
  private let isIndex: Bool
  private let queries: [[Float]]
  private let bytes: Data
  private let expected: [[Neighbour]]

  private static let neighbours = 10

  /// How many bytes the file has.
  var byteCount: Int { bytes.count }

  /// Makes the file of a trial.
  init(_ trial: Trial) throws {
    isIndex = trial.arm == "index"
    let dimensions = try trial.integer("dimensions")
    let count = try trial.integer("vectors")
    let asked = try trial.integer("queries")
    let storage = VectorStorage(rawValue: try trial.text("storage"))
    let vectors = SyntheticVectors(
      isClustered: true, dimensions: dimensions, seed: trial.seed.child("vectors"))
    func rows(_ numbers: [Float]) -> [[Float]] {
      stride(from: 0, to: numbers.count, by: dimensions).map {
        Array(numbers[$0..<$0 + dimensions])
      }
    }
    queries = rows(vectors.queries(asked))
    folder = FileManager.default.temporaryDirectory.appending(
      path: "fleetlab-damaged-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    path = folder.appending(path: isIndex ? "vectors.index" : "vectors.npy").path
    let base = rows(vectors.base(count))
    if isIndex {
      let index = try HNSWIndex(
        dimensions: dimensions, metric: .innerProduct, storage: storage ?? .float32)
      try index.build(base)
      try index.save(to: path)
    } else {
      try VectorFile.write(base, to: path)
    }
    bytes = try Data(contentsOf: URL(filePath: path))
    expected = try Self.answers(path, isIndex: isIndex, queries)
  }

  /// Takes the folder away.
  func remove() { try? FileManager.default.removeItem(at: folder) }

  /// Flips bits of one byte, sees what that leads to, and flips them back.
  func flip(_ place: Int, by bits: UInt8) throws -> Damage {
    let file = try FileHandle(forUpdating: URL(filePath: path))
    defer { try? file.close() }
    func write(_ byte: UInt8) throws {
      try file.seek(toOffset: UInt64(place))
      try file.write(contentsOf: Data([byte]))
    }
    let byte = bytes[bytes.startIndex + place]
    try write(byte ^ bits)
    let damage = Damage(isFound: isRefused, answer: answer)
    try write(byte)
    return damage
  }

  private var isRefused: Bool {
    do {
      if isIndex {
        try HNSWIndex.verify(path)
      } else {
        _ = try VectorFile.readRows(path, limit: Self.fileLimit)
      }
      return false
    } catch { return true }
  }

  private var answer: Answer {
    do {
      let found = try Self.answers(path, isIndex: isIndex, queries)
      return found == expected ? .right : .wrong
    } catch { return .refused }
  }

  private static let fileLimit = 1 << 32

  private static func answers(
    _ path: String, isIndex: Bool, _ queries: [[Float]]
  ) throws -> [[Neighbour]] {
    let index: any VectorIndex
    if isIndex {
      index = try HNSWIndex(mapping: path)
    } else {
      let rows = try VectorFile.readRows(path, limit: fileLimit)
      index = try ExactIndex(dimensions: rows.first?.count ?? 0, metric: .innerProduct)
      for (key, row) in rows.enumerated() { try index.insert(row, key: UInt64(key)) }
    }
    return try queries.map { try index.search($0, neighbours: neighbours).neighbours }
  }
}
