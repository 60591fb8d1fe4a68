// What a folder of search data says of itself.

import Foundation
import LabGate
import LabRecord

/// Where vectors come from, how many there are, and the digests of their files.
public struct SearchDataAbout: Hashable, Sendable {
  /// What vectors are made of.
  public enum Kind: String, Hashable, Sendable, CaseIterable, Codable {
    /// Real tests, encoded by all-MiniLM-L6-v2; the queries are tests that are not in the base.
    case tests
    /// Real tests as the hashing encoder sees them, which knows no meaning.
    case hashed
    /// Synthetic, in clusters; see ``SyntheticVectors``.
    case clustered
    /// Synthetic, independent and normal, which is the worst case for any index.
    case gaussian
  }

  /// What fixes the vectors.
  public struct Origin: Hashable, Sendable {
    /// What they are made of.
    public var kind: Kind
    /// The root of the random draws.
    public var seed: UInt64
    /// The SHA-256 digest of the texts; `nil` for synthetic vectors.
    public var texts: String?
    /// The exact identity of the encoder; `nil` for synthetic vectors.
    public var encoder: String?

    /// Names an origin.
    public init(_ kind: Kind, seed: UInt64, texts: String? = nil, encoder: String? = nil) {
      self.kind = kind
      self.seed = seed
      self.texts = texts
      self.encoder = encoder
    }
  }

  /// What fixes the vectors.
  public let origin: Origin
  /// How many vectors are searched.
  public let rows: Int
  /// How many numbers a vector has.
  public let dimensions: Int
  /// How many queries there are.
  public let queries: Int
  /// The SHA-256 digest of `base.npy`.
  public let baseSHA256: String
  /// The SHA-256 digest of `queries.npy`.
  public let queriesSHA256: String

  init(
    _ origin: Origin, rows: Int, dimensions: Int, queries: Int, baseSHA256: String,
    queriesSHA256: String
  ) {
    self.origin = origin
    self.rows = rows
    self.dimensions = dimensions
    self.queries = queries
    self.baseSHA256 = baseSHA256
    self.queriesSHA256 = queriesSHA256
  }

  /// The longest `about.json` that is read, in bytes.
  private static let fileLimit = 1 << 16
  private static let version = 1

  private struct Content: Decodable {
    var fleetlab: Int
    var kind: Kind
    var seed: UInt64
    var texts: String?
    var encoder: String?
    var rows: Int
    var dimensions: Int
    var queries: Int
    var baseSHA256: String
    var queriesSHA256: String

    enum CodingKeys: String, CodingKey {
      case fleetlab, kind, seed, texts, encoder, rows, dimensions, queries
      case baseSHA256 = "base_sha256"
      case queriesSHA256 = "queries_sha256"
    }
  }

  /// Reads the file of a folder.
  init(folder: String) throws(SearchDataError) {
    let path = "\(folder)/about.json"
    guard FileManager.default.fileExists(atPath: path) else { throw .missing(path: folder) }
    let bytes: [UInt8]
    do throws(RecordError) { bytes = try RecordFile.read(path, limit: Self.fileLimit) } catch {
      throw .unreadable(path: path, reason: "\(error)")
    }
    let content: Content
    do { content = try JSONDecoder().decode(Content.self, from: Data(bytes)) } catch {
      throw .malformed(path: path, reason: "it lacks a key, or has another value than one expects")
    }
    guard content.fleetlab == Self.version else {
      throw .malformed(path: path, reason: "its version is \(content.fleetlab)")
    }
    guard (1...1 << 32).contains(content.rows), (1...1 << 16).contains(content.dimensions),
      (1...1 << 32).contains(content.queries)
    else { throw .malformed(path: path, reason: "a count in it is none that vectors have") }
    self.init(
      Origin(
        content.kind, seed: content.seed, texts: content.texts, encoder: content.encoder),
      rows: content.rows, dimensions: content.dimensions, queries: content.queries,
      baseSHA256: content.baseSHA256, queriesSHA256: content.queriesSHA256)
  }

  /// The content of the file.
  var text: String {
    let members: [(String, JSONValue)] = [
      ("fleetlab", .integer(Self.version)), ("kind", .string(origin.kind.rawValue)),
      ("rows", .integer(rows)), ("dimensions", .integer(dimensions)),
      ("queries", .integer(queries)),
      ("seed", .integer(Int(clamping: origin.seed))), ("texts", .optional(origin.texts)),
      ("encoder", .optional(origin.encoder)), ("base_sha256", .string(baseSHA256)),
      ("queries_sha256", .string(queriesSHA256)),
    ]
    return JSONValue.object(members.map { JSONValue.Member($0.0, $0.1) }).text
  }
}
