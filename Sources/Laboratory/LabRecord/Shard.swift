// The part of a plan that one machine runs.

/// One of several parts into which the cells of a plan are cut.
///
/// The cells are dealt in the order of the plan, as cards are, so that slow regions of a sweep are
/// spread; all arms and repetitions of a cell stay together, so that what is paired stays so.
public struct Shard: Codable, Hashable, Sendable {
  /// Which part it is, counted from 1.
  public let index: Int
  /// How many parts there are.
  public let count: Int

  /// The most parts into which a plan may be cut.
  public static let limit = 10_000

  /// Names a part.
  ///
  /// - Returns: `nil` unless `1 <= index <= count <= limit`.
  public init?(_ index: Int, of count: Int) {
    guard (1...Self.limit).contains(count), (1...count).contains(index) else { return nil }
    self.index = index
    self.count = count
  }

  /// Reads `2/4`.
  ///
  /// - Returns: `nil` when the text is anything else.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let index = Int(parts[0]), let count = Int(parts[1]),
      "\(index)/\(count)" == text
    else { return nil }
    self.init(index, of: count)
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let index = try container.decode(Int.self, forKey: .index)
    let count = try container.decode(Int.self, forKey: .count)
    guard let shard = Shard(index, of: count) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "\(index)/\(count) is no shard"))
    }
    self = shard
  }

  /// Whether the cell at a place of the plan, counted from 0, belongs to this part.
  public func holds(_ place: Int) -> Bool { place % count == index - 1 }

  /// The name of its folder below `.shards/<id>`: `2-of-4`.
  public var folder: String { "\(index)-of-\(count)" }
}

extension Shard: CustomStringConvertible {
  public var description: String { "\(index)/\(count)" }
}
