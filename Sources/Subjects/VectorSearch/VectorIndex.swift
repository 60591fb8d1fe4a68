// What every index of vectors can do.

/// Finds the nearest vectors of a set under keys that its user chose.
///
/// Any number of searches may run at once, beside one change.
public protocol VectorIndex: AnyObject, Sendable {
  /// The number of components of each vector.
  var dimensions: Int { get }
  /// What searches rank by.
  var metric: VectorMetric { get }
  /// In which form vectors are kept.
  var storage: VectorStorage { get }
  /// The number of vectors that can be found.
  var count: Int { get }

  /// Finds the nearest vectors, nearest first; of two equally near, the row that was first.
  ///
  /// - Parameters:
  ///   - query: A vector of ``dimensions`` components.
  ///   - neighbours: How many are wanted, from 1; of a smaller index all are found.
  ///   - options: How far the search goes, and which keys may be found.
  /// - Throws: ``VectorError`` for a bad query; ``IndexFileError`` when a page of a mapped file is
  ///   damaged, in which case the file must be built again or restored.
  func search(
    _ query: [Float], neighbours: Int, options: SearchOptions
  ) throws -> SearchResult

  /// Adds a vector under a new key.
  func insert(_ vector: [Float], key: UInt64) throws(VectorError)

  /// Replaces the vector under a key.
  func update(_ vector: [Float], key: UInt64) throws(VectorError)

  /// Takes the vector under a key out; no later search finds it.
  func remove(key: UInt64) throws(VectorError)
}

extension VectorIndex {
  /// Finds the nearest vectors with the index's own settings.
  public func search(_ query: [Float], neighbours: Int) throws -> SearchResult {
    try search(query, neighbours: neighbours, options: SearchOptions())
  }
}

/// How a search goes.
public struct SearchOptions: Sendable {
  /// How many candidates the search keeps (the paper's ef); `nil` for the index's own.
  ///
  /// It is never less than the neighbours that are asked for. The exact index has no use for it.
  public var breadth: Int?
  /// How many of the nearest candidates of int8 storage are ranked again by their given components;
  /// `nil` for four times the neighbours that are asked for, at least 32.
  public var rerankBreadth: Int?
  /// Whether every vector is compared, by its given components where these are kept.
  public var isExact: Bool
  /// The keys that may be found; `nil` for all.
  public var filter: KeyFilter?
  /// How the filter is applied; `nil` lets the index choose the way that should cost least.
  public var filterPlan: FilterPlan?

  /// Describes a search.
  public init(
    breadth: Int? = nil, rerankBreadth: Int? = nil, isExact: Bool = false,
    filter: KeyFilter? = nil, filterPlan: FilterPlan? = nil
  ) {
    self.breadth = breadth
    self.rerankBreadth = rerankBreadth
    self.isExact = isExact
    self.filter = filter
    self.filterPlan = filterPlan
  }
}

/// A vector that was found.
public struct Neighbour: Hashable, Sendable {
  /// The key under which it was inserted.
  public var key: UInt64
  /// How far it is from the query, in the index's metric.
  public var distance: Float

  /// Pairs a key with its distance.
  public init(key: UInt64, distance: Float) {
    self.key = key
    self.distance = distance
  }
}

/// What a search found and what it took.
public struct SearchResult: Hashable, Sendable {
  /// The nearest first.
  public var neighbours: [Neighbour]
  /// What was counted on the way.
  public var counters: SearchCounters
}

/// The work of a search, as counts that do not depend on the machine's speed.
public struct SearchCounters: Hashable, Sendable {
  /// Distances computed between the query and a vector, those of ranking again included.
  public var distanceEvaluations = 0
  /// Vectors whose links were followed, on all levels.
  public var hops = 0

  /// Nothing counted yet.
  public init() {}

  /// Adds the work of another search.
  public static func += (left: inout SearchCounters, right: SearchCounters) {
    left.distanceEvaluations += right.distanceEvaluations
    left.hops += right.hops
  }
}
