// Several episodes side by side, so that a network answers for all at once.

public import LabCore
public import LinearAlgebra

/// Episodes in as many copies of an environment, each with a stream of its own.
///
/// Whoever acts begins an episode anew where it is over, and may look at what was seen last before.
/// - Determinism: What happens in one does not depend on how many there are.
public struct EpisodeBatch<World: Environment>: Sendable {
  /// Where each copy stands, in the order of their streams.
  public internal(set) var episodes: [Episode<World>]
  /// The returns of the episodes that are over, in the order of their ends.
  public private(set) var returns: [Double] = []

  /// Begins an episode in each of several copies.
  ///
  /// - Precondition: There is a copy at least.
  public init(_ world: World, count: Int, seed: Seed) {
    precondition(count > 0, "an episode at least")
    episodes = (0..<count).map { Episode(world, random: seed.child($0).stream()) }
  }

  /// How many there are.
  public var count: Int { episodes.count }

  /// Writes what is seen in each episode, a row for each.
  ///
  /// - Precondition: There is a row for each episode, as wide as the observation space, without
  ///   gaps.
  public func observe(into observations: UnsafeMatrixView) {
    for (row, episode) in episodes.enumerated() {
      episode.environment.observe(into: observations, row: row)
    }
  }

  /// Acts once in one episode.
  ///
  /// - Precondition: The episode exists and is not over, and the action fits.
  public mutating func step(_ index: Int, _ action: World.Action) -> EpisodeStep {
    episodes[index].step(action)
  }

  /// Notes what an episode earned that is over, and begins it anew.
  ///
  /// - Precondition: The episode exists.
  public mutating func beginAnew(_ index: Int) {
    returns.append(episodes[index].total)
    episodes[index].begin()
  }

  /// Hands over the returns of the episodes that are over, and forgets them.
  public mutating func takeReturns() -> [Double] {
    defer { returns.removeAll(keepingCapacity: true) }
    return returns
  }
}

extension Environment {
  /// Writes what is seen into a row of a matrix without gaps.
  ///
  /// - Precondition: The row exists and is as wide as the observation space.
  func observe(into observations: UnsafeMatrixView, row: Int) {
    precondition(
      row >= 0 && row < observations.rows && observations.isContiguous,
      "a row of a matrix without gaps")
    let numbers = UnsafeMutableBufferPointer(
      start: observations.base + row * observations.columns, count: observations.columns)
    var span = numbers.mutableSpan
    observe(into: &span)
  }
}
