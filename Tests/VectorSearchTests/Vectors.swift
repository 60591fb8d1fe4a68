// Vectors that tests search among.
import LabCore

@testable import VectorSearch

/// Seeded vectors.
enum Vectors {
  /// Components drawn evenly from −1 to 1.
  static func uniform(_ count: Int, dimensions: Int, seed: UInt64) -> [[Float]] {
    var stream = Seed(seed).stream()
    return (0..<count).map { _ in
      (0..<dimensions).map { _ in Float(2 * stream.unit() - 1) }
    }
  }

  /// Points around some centres, as embeddings are.
  static func clustered(
    _ count: Int, dimensions: Int, clusters: Int = 20, spread: Float = 0.3, seed: UInt64
  ) -> [[Float]] {
    let centres = uniform(clusters, dimensions: dimensions, seed: seed)
    var stream = Seed(seed).child("points").stream()
    return (0..<count).map { _ in
      let centre = centres[stream.below(clusters)]
      return centre.map { $0 + spread * Float(stream.unit() + stream.unit() - 1) }
    }
  }

  /// The share of the true neighbours that were found.
  static func recall(_ found: [[UInt64]], _ truth: [[UInt64]]) -> Double {
    let hits = zip(found, truth).reduce(0) { $0 + Set($1.0).intersection($1.1).count }
    return Double(hits) / Double(max(truth.reduce(0) { $0 + $1.count }, 1))
  }
}

extension VectorIndex {
  /// Inserts rows under their numbers.
  func insertAll(_ rows: [[Float]]) throws {
    for (number, row) in rows.enumerated() { try insert(row, key: UInt64(number)) }
  }

  /// The keys of the nearest, for each query.
  func keys(
    nearest count: Int, to queries: [[Float]], options: SearchOptions = SearchOptions()
  ) throws -> [[UInt64]] {
    try queries.map {
      try search($0, neighbours: count, options: options).neighbours.map(\.key)
    }
  }
}
