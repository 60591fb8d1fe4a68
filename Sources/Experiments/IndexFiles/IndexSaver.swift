// Saves an index over and over, until somebody stops it.

import LabCore
import VectorSearch

/// The program that tests kill while it saves.
public struct IndexSaver {
  private let index: HNSWIndex

  /// How many vectors the index has.
  public static let count = 2_000
  private static let dimensions = 64

  /// The vectors that the index is about: components that the vector's number decides.
  public static func vector(_ number: Int) -> [Float] {
    var stream = Seed(71).child(number).stream()
    return (0..<dimensions).map { _ in Float(stream.unit() - 0.5) }
  }

  /// Takes the index that a file holds, or builds the first one when there is none.
  ///
  /// - Throws: ``IndexFileError`` for a file that is not as written.
  public init(path: String, isNew: Bool) throws {
    if isNew {
      index = try HNSWIndex(
        dimensions: Self.dimensions, metric: .squaredEuclidean,
        configuration: HNSWConfiguration(connectivity: 6, buildBreadth: 20))
      try index.build((0..<Self.count).map(Self.vector))
    } else {
      index = try HNSWIndex(loading: path)
    }
  }

  /// Moves the first vector, to its other place or back, and saves.
  public func saveNext(to path: String) throws {
    let isMoved = try isMoved()
    try index.update(Self.vector(isMoved ? 0 : Self.count), key: 0)
    try index.save(to: path)
  }

  /// Whether the first vector stands at its other place.
  private func isMoved() throws -> Bool {
    let found = try index.search(Self.vector(Self.count), neighbours: 1).neighbours
    return found.first == Neighbour(key: 0, distance: 0)
  }
}
