// By what factor one program is slower than another, from blocks in which they took turns.

import Glibc
public import LabRecord
public import Statistics

/// A ratio of processor times with its interval.
public struct ShiftEstimate: Hashable, Sendable {
  /// How the ratio and its interval come from the slots.
  public enum Method: String, Hashable, Sendable {
    /// The mean of the logarithms of neighbouring slots' ratios, and Student's t.
    case mean = "mean of pairs"
    /// The signed ranks of the same logarithms.
    case ranks = "ranks of pairs"
    /// The signed ranks of the logarithms of the ratios of the quickest slots of groups.
    case minima = "ranks of minima"
  }

  /// The ratio: above 1 the second is slower.
  public var ratio: Double
  /// The interval of the ratio.
  public var interval: ClosedRange<Double>
  /// The median of the ratios that went in, beside the estimate.
  public var plainMedian: Double
  /// How they come from the slots.
  public var method: Method
  /// How many ratios went in.
  public var count: Int

  /// Whether the interval holds 1.
  public var holdsOne: Bool { interval.contains(1) }
  /// How far the interval reaches from the ratio to the further side.
  public var reach: Double { max(interval.upperBound - ratio, ratio - interval.lowerBound) }

  /// The ranks are taken when their interval has at most this share of the width of the mean's.
  ///
  /// For normal noise theirs is the wider one by 2 %, and by chance narrower by as much.
  static let ranksShare = 0.95
  /// The minima are taken when their interval has at most this share of the width of the pairs'.
  ///
  /// A share of 1 would choose them on clean data too whenever they look narrower by luck.
  static let minimaShare = 0.75

  /// The ratio of head to base, where the control counts as base.
  ///
  /// Ratios of neighbours use every slot and cancel drift. Their mean says most where the noise is
  /// normal, their ranks where some slots are far off, and the quickest slots of groups of pairs
  /// where most slots are prolonged by other work of the machine; the groups are as long as one
  /// more than the fewest that have an interval allow. The one with the clearly narrower interval
  /// stands. A width does not depend on the shift, so choosing by it favours no direction; that
  /// the choice costs next to no coverage is measured by the tests of this file.
  /// - Returns: `nil` when the blocks are too few for an interval of the confidence.
  /// - Throws: `StatisticsError` for times that are not above 0.
  /// > Source: The choice among estimates by their estimated spread follows Jaeckel, *Some Flexible
  /// > Estimates of Location*, Annals of Mathematical Statistics 42(5), 1971.
  public static func ofHead(
    _ blocks: [ComparisonBlock], confidence: Double
  ) throws(StatisticsError) -> ShiftEstimate? {
    let pairs = try ofPairs(blocks.flatMap(Self.pairRatios), confidence)
    let groups = SignedRank.fewest(confidence: confidence) + 1
    let minima = try estimate(of: minimaRatios(blocks, groups: groups), .minima, confidence)
    guard let pairs, let minima else { return pairs ?? minima }
    return minima.logWidth <= minimaShare * pairs.logWidth ? minima : pairs
  }

  /// The ratio of the control to the base, which are one program: its interval should hold 1.
  public static func ofControl(
    _ blocks: [ComparisonBlock], confidence: Double
  ) throws(StatisticsError) -> ShiftEstimate? {
    try ofPairs(blocks.flatMap(controlRatios), confidence)
  }

  /// The logarithms of head to base in each two neighbouring slots.
  public static func pairRatios(_ block: ComparisonBlock) -> [Double] {
    pairs(block).map { log($0.head / $0.base) }
  }

  /// The logarithms of the quickest head to the quickest base of each group of neighbouring pairs;
  /// none when there are fewer pairs than groups.
  static func minimaRatios(_ blocks: [ComparisonBlock], groups: Int) -> [Double] {
    let pairs = blocks.flatMap(Self.pairs)
    guard pairs.count >= groups else { return [] }
    return (0..<groups).compactMap { group in
      let members = pairs[(group * pairs.count / groups)..<((group + 1) * pairs.count / groups)]
      guard let head = members.map(\.head).min(), let base = members.map(\.base).min()
      else { return nil }
      return log(head / base)
    }
  }

  /// The processor times of each two neighbouring slots, one of each program.
  private static func pairs(_ block: ComparisonBlock) -> [(head: Double, base: Double)] {
    stride(from: 0, to: block.slots.count - 1, by: 2).map { place in
      let (first, second) = (block.slots[place], block.slots[place + 1])
      return first.role == .head
        ? (first.cpuSeconds, second.cpuSeconds) : (second.cpuSeconds, first.cpuSeconds)
    }
  }

  /// The logarithms of control to base in each half of the block.
  public static func controlRatios(_ block: ComparisonBlock) -> [Double] {
    let half = block.slots.count / 2
    return [block.slots.prefix(half), block.slots.suffix(half)].compactMap { slots in
      guard let control = slots.first(where: { $0.role == .control }),
        let base = slots.first(where: { $0.role == .base })
      else { return nil }
      return log(control.cpuSeconds / base.cpuSeconds)
    }
  }

  private var logWidth: Double { log(interval.upperBound / interval.lowerBound) }

  private static func ofPairs(
    _ logarithms: [Double], _ confidence: Double
  ) throws(StatisticsError) -> ShiftEstimate? {
    guard let ranks = try estimate(of: logarithms, .ranks, confidence),
      let mean = try estimate(of: logarithms, .mean, confidence)
    else { return nil }
    return ranks.logWidth <= ranksShare * mean.logWidth ? ranks : mean
  }

  private static func estimate(
    of logarithms: [Double], _ method: Method, _ confidence: Double
  ) throws(StatisticsError) -> ShiftEstimate? {
    guard logarithms.count >= SignedRank.fewest(confidence: confidence) else { return nil }
    let interval =
      try method == .mean
      ? StudentT.meanInterval(logarithms, confidence: confidence)
      : SignedRank.interval(logarithms, confidence: confidence)
    return ShiftEstimate(
      ratio: exp(interval.estimate),
      interval: exp(interval.low)...exp(interval.high),
      plainMedian: exp(try SortedSample(logarithms).median), method: method,
      count: logarithms.count)
  }
}
