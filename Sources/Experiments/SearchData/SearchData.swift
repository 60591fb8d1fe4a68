// Vectors with queries in a folder, which every arm of a search experiment reads.

import ArrayFiles
import Foundation
import Journal
public import LabManifest
import LabRecord

/// The vectors and the queries of a search experiment.
///
/// They stand in a folder, so that programs from outside read the very same ones: `base.npy` and
/// `queries.npy` in single precision, a row for each vector, all of length 1, and `about.json`,
/// which says what they are. The first rows of a larger folder of one kind and seed are those of a
/// smaller one.
public struct SearchData: Sendable {
  /// What the vectors are.
  public let about: SearchDataAbout
  /// The vectors that are searched, row by row.
  public let base: [Float]
  /// What is searched for, row by row.
  public let queries: [Float]

  /// The parameters of experiments on search data.
  static let parameters = [
    ParameterDescription(
      "data", .text(choices: []), default: .text(".build/search-data/tests-10000x384"),
      "The folder with base.npy, queries.npy and about.json, from the working directory."),
    ParameterDescription(
      "queries", .integer(1...1_000_000), default: .integer(200),
      "How many of the first queries are asked."),
    ParameterDescription(
      "neighbours", .integer(1...1_000), default: .integer(10), "How many neighbours are wanted."),
  ]

  /// The folders that the cells of a plan name in the parameter `data` and that are not there, each
  /// with how to make it.
  public static func missing(for plan: Plan) -> [String] {
    let folders = plan.cells.compactMap { cell -> String? in
      guard case .text(let folder)? = cell.settings.parameters["data"] else { return nil }
      return folder
    }
    return Set(folders).sorted().filter { !FileManager.default.fileExists(atPath: $0) }
      .map { SearchDataError.missing(path: $0).description }
  }

  /// The longest file of vectors that is read, in bytes.
  static let fileLimit = 1 << 34

  /// The rows that are searched, or so many of the first of them.
  public func baseRows(_ count: Int? = nil) -> [[Float]] {
    Self.rows(base, count ?? about.rows, about.dimensions)
  }

  /// The queries, or so many of the first of them.
  public func queryRows(_ count: Int? = nil) -> [[Float]] {
    Self.rows(queries, count ?? about.queries, about.dimensions)
  }

  private static func rows(_ numbers: [Float], _ count: Int, _ length: Int) -> [[Float]] {
    (0..<max(0, min(count, numbers.count / length))).map {
      Array(numbers[$0 * length..<($0 + 1) * length])
    }
  }

  /// Reads a folder and checks that its files are those that `about.json` names by their digests.
  ///
  /// - Parameter folder: A path, absolute or from the working directory.
  /// - Throws: ``SearchDataError``; for a folder that is not there it says how to make it.
  /// - Complexity: O(bytes), each byte read twice.
  public init(folder: String) throws(SearchDataError) {
    about = try SearchDataAbout(folder: folder)
    base = try Self.read("base.npy", of: folder, about.baseSHA256, about.rows, about.dimensions)
    queries = try Self.read(
      "queries.npy", of: folder, about.queriesSHA256, about.queries, about.dimensions)
  }

  private static func read(
    _ name: String, of folder: String, _ digest: String, _ rows: Int, _ dimensions: Int
  ) throws(SearchDataError) -> [Float] {
    let path = "\(folder)/\(name)"
    let found = try self.digest(of: path)
    guard found == digest else {
      throw .otherDigest(path: path, expected: digest, found: found)
    }
    let array: NPYArray
    do throws(ArrayFileError) { array = try NPYArray.read(path, limit: fileLimit) } catch {
      throw .array(error)
    }
    guard case .float32(let numbers) = array.elements, array.shape == [rows, dimensions] else {
      throw .malformed(
        path: path, reason: "its numbers are not \(rows) rows of \(dimensions) in single precision")
    }
    return numbers
  }

  /// The SHA-256 digest of a file, which is read in pieces.
  private static func digest(of path: String) throws(SearchDataError) -> String {
    do {
      let file = try FileHandle(forReadingFrom: URL(filePath: path))
      defer { try? file.close() }
      var digest = ContentDigest()
      while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty {
        digest.update(Array(piece))
      }
      return digest.hexadecimal
    } catch { throw .unreadable(path: path, reason: error.localizedDescription) }
  }

  /// Makes a folder, whole or not at all.
  ///
  /// - Parameters:
  ///   - base: Whole rows of length 1.
  ///   - queries: Likewise, of the same dimensions.
  /// - Throws: ``SearchDataError``, also when something stands there already.
  public static func write(
    base: [Float], queries: [Float], _ origin: SearchDataAbout.Origin, dimensions: Int,
    to folder: String
  ) throws(SearchDataError) {
    let files = FileManager.default
    let place = URL(filePath: folder)
    let parent = place.deletingLastPathComponent()
    let unfinished = parent.appending(path: ".\(place.lastPathComponent).new").path
    guard !files.fileExists(atPath: folder) else { throw .occupied(path: folder) }
    do {
      try files.createDirectory(atPath: unfinished, withIntermediateDirectories: true)
      var digests: [String] = []
      for (name, numbers) in [("base.npy", base), ("queries.npy", queries)] {
        let shape = [numbers.count / max(dimensions, 1), dimensions]
        guard let array = NPYArray(shape: shape, .float32(numbers)) else {
          throw SearchDataError.malformed(path: folder, reason: "there are no whole rows")
        }
        try array.write(to: "\(unfinished)/\(name)")
        digests.append(try digest(of: "\(unfinished)/\(name)"))
      }
      let about = SearchDataAbout(
        origin, rows: base.count / dimensions, dimensions: dimensions,
        queries: queries.count / dimensions, baseSHA256: digests[0], queriesSHA256: digests[1])
      try AtomicFile.write(about.text, to: "\(unfinished)/about.json")
      try files.moveItem(atPath: unfinished, toPath: folder)
    } catch let error as SearchDataError {
      throw error
    } catch let error as ArrayFileError {
      throw .array(error)
    } catch {
      throw .unwritable(path: folder, reason: "\(error)")
    }
  }
}
