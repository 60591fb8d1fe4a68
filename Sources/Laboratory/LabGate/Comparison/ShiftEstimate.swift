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
    try of(blocks.flatMap(headPairs), confidence)
  }

  /// The ratio of the control to the base, which are one program, by the same choice of methods:
  /// its interval should hold 1.
  public static func ofControl(
    _ blocks: [ComparisonBlock], confidence: Double
  ) throws(StatisticsError) -> ShiftEstimate? {
    try of(blocks.flatMap(controlPairs), confidence)
  }

  /// The logarithms of head to base in each two neighbouring slots.
  public static func pairRatios(_ block: ComparisonBlock) -> [Double] {
    headPairs(block).map(\.logRatio)
  }

  /// The logarithms of control to base in each half of the block.
  public static func controlRatios(_ block: ComparisonBlock) -> [Double] {
    controlPairs(block).map(\.logRatio)
  }

  /// The processor times of two slots that stand near each other.
  private struct Pair {
    var second: Double
    var base: Double

    var logRatio: Double { log(second / base) }
  }

  private static func headPairs(_ block: ComparisonBlock) -> [Pair] {
    stride(from: 0, to: block.slots.count - 1, by: 2).map { place in
      let (first, second) = (block.slots[place], block.slots[place + 1])
      return first.role == .head
        ? Pair(second: first.cpuSeconds, base: second.cpuSeconds)
        : Pair(second: second.cpuSeconds, base: first.cpuSeconds)
    }
  }

  private static func controlPairs(_ block: ComparisonBlock) -> [Pair] {
    let half = block.slots.count / 2
    return [block.slots.prefix(half), block.slots.suffix(half)].compactMap { slots in
      guard let control = slots.first(where: { $0.role == .control }),
        let base = slots.first(where: { $0.role == .base })
      else { return nil }
      return Pair(second: control.cpuSeconds, base: base.cpuSeconds)
    }
  }

  /// The estimate by the method that says most.
  private static func of(
    _ pairs: [Pair], _ confidence: Double
  ) throws(StatisticsError) -> ShiftEstimate? {
    let fewest = SignedRank.fewest(confidence: confidence)
    guard pairs.count >= fewest else { return nil }
    let logarithms = pairs.map(\.logRatio)
    let mean = try estimate(of: logarithms, .mean, confidence)
    let ranks = try estimate(of: logarithms, .ranks, confidence)
    let best = ranks.logWidth <= ranksShare * mean.logWidth ? ranks : mean
    guard pairs.count > fewest else { return best }
    let minima = try estimate(
      of: minimaRatios(pairs, groups: fewest + 1), .minima, confidence)
    return minima.logWidth <= minimaShare * best.logWidth ? minima : best
  }

  /// The logarithms of the quickest second to the quickest base of each group of neighbouring
  /// pairs, of which there are at least as many as groups.
  private static func minimaRatios(_ pairs: [Pair], groups: Int) -> [Double] {
    (0..<groups).compactMap { group in
      let members = pairs[(group * pairs.count / groups)..<((group + 1) * pairs.count / groups)]
      guard let second = members.map(\.second).min(), let base = members.map(\.base).min()
      else { return nil }
      return log(second / base)
    }
  }

  private var logWidth: Double { log(interval.upperBound / interval.lowerBound) }

  private static func estimate(
    of logarithms: [Double], _ method: Method, _ confidence: Double
  ) throws(StatisticsError) -> ShiftEstimate {
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
