// How a graph is built and searched.

/// The settings of an ``HNSWIndex``.
///
/// | setting | the paper's | hnswlib's |
/// | --- | --- | --- |
/// | ``connectivity`` | M, with 2M on the lowest level | `M` |
/// | ``buildBreadth`` | efConstruction | `ef_construction` |
/// | ``searchBreadth`` | ef | `ef` |
public struct HNSWConfiguration: Hashable, Sendable {
  /// How many links a vector gets when it comes, 2 to 256; twice as many on the lowest level as it
  /// gets known to later ones.
  public var connectivity: Int
  /// How many candidates are kept while the neighbours of a new vector are searched for.
  public var buildBreadth: Int
  /// How many candidates a search keeps when it does not say so itself.
  public var searchBreadth: Int
  /// Decides on which levels vectors stand.
  public var seed: UInt64

  /// Describes a graph; the settings are those that most comparisons use.
  public init(
    connectivity: Int = 16, buildBreadth: Int = 200, searchBreadth: Int = 100, seed: UInt64 = 7
  ) {
    self.connectivity = connectivity
    self.buildBreadth = buildBreadth
    self.searchBreadth = searchBreadth
    self.seed = seed
  }

  /// The links of a row on the lowest level.
  var lowestLinkLimit: Int { 2 * connectivity }

  func validate() throws(VectorError) {
    try Self.check("connectivity", connectivity, 2...VectorLimits.connectivity)
    try Self.check("build breadth", buildBreadth, 1...VectorLimits.breadth)
    try Self.check("search breadth", searchBreadth, 1...VectorLimits.breadth)
  }

  static func check(
    _ name: String, _ value: Int, _ range: ClosedRange<Int>
  ) throws(VectorError) {
    guard range.contains(value) else {
      let expected = "\(range.lowerBound) to \(range.upperBound)"
      throw .badSetting(name: name, value: value, expected: expected)
    }
  }
}
