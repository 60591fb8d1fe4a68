// When a comparison that goes on is looked at, and what each look may cost.

/// The numbers of blocks at which a comparison is judged, and the confidence of each look.
///
/// Whoever looks again and again at 95 % is wrong more often than in 5 % of comparisons. Each look
/// gets a part of the whole error, in proportion to its blocks, and the parts add up to no more
/// than the whole, so that by Bonferroni's inequality all intervals of all looks hold together with
/// the whole confidence.
/// > Source: Spending an error over looks: Lan and DeMets, *Discrete Sequential Boundaries for
/// > Clinical Trials*, Biometrika 70(3), 1983; this plain sum is more cautious than theirs.
public struct LookSchedule: Hashable, Sendable {
  /// The numbers of blocks, ascending.
  public let looks: [Int]
  /// What all intervals together may be wrong with, of both sides.
  public let error: Double

  /// The first look.
  static let first = 6

  /// Plans the looks: at 6 blocks, and whenever there are half as many more.
  ///
  /// - Parameters:
  ///   - blocks: The most blocks that there will be, at least 1; the last look is there.
  ///   - error: Above 0 and below 1.
  public init(blocks: Int, error: Double) {
    self.error = error
    var looks: [Int] = []
    var next = Self.first
    while next < blocks {
      looks.append(next)
      next += (next + 1) / 2
    }
    self.looks = looks + [max(blocks, 1)]
  }

  /// A single look.
  public init(onceAt blocks: Int, error: Double) { self.init(looks: [blocks], error: error) }

  /// The same looks with another error.
  init(looks: [Int], error: Double) {
    self.looks = looks
    self.error = error
  }

  /// The confidence of the look at a number of blocks; `nil` when there is no look at it.
  public func confidence(at blocks: Int) -> Double? {
    guard looks.contains(blocks) else { return nil }
    return 1 - error * Double(blocks) / Double(looks.reduce(0, +))
  }

  /// The confidence of a last look at blocks when no more can come: whatever error the looks up to
  /// there have not spent.
  ///
  /// When the blocks end must not depend on which program they favour; a budget of time does not.
  /// - Returns: `nil` when all is spent.
  public func closingConfidence(at blocks: Int) -> Double? {
    let spent = looks.filter { $0 <= blocks }.reduce(0, +)
    let whole = looks.reduce(0, +)
    return spent < whole ? 1 - error * Double(whole - spent) / Double(whole) : nil
  }

  /// The number of blocks at which to judge what there is: the last look that is not beyond it.
  public func look(within blocks: Int) -> Int? { looks.last { $0 <= blocks } }
}
