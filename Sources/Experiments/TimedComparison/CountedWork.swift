// Work whose amount can be raised by any share.
import LabCore

/// A known number of rounds of work on the processor alone.
public struct CountedWork: Hashable, Sendable {
  /// How many rounds there are; the time is in proportion to it.
  public var rounds: Int

  /// Chooses the amount.
  public init(rounds: Int) { self.rounds = rounds }

  /// Does the work.
  ///
  /// - Returns: A number that depends on every round, so that none can be left out.
  /// - Complexity: One draw and one hash step a round.
  public func run() -> UInt64 {
    var random = Seed(UInt64(1)).stream()
    var hasher = StableHasher()
    for _ in 0..<rounds { hasher.combine(random.next()) }
    return hasher.finalize()
  }
}
