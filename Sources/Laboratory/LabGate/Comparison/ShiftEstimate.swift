// By what factor one program is slower than another, from blocks in which they took turns.

import Glibc
public import LabRecord
public import Statistics

/// A ratio of processor times with its interval.
public struct ShiftEstimate: Hashable, Sendable {
  /// What is compared within a block.
  public enum Unit: String, Hashable, Sendable {
    /// Neighbouring slots, one of each program.
    case pairs
    /// The quickest slot of each program in a block.
    case minima
  }

  /// The ratio: above 1 the second is slower.
  public var ratio: Double
  /// The interval of the ratio.
  public var interval: ClosedRange<Double>
  /// The median of the ratios that went in, beside the estimate.
  public var plainMedian: Double
  /// What the ratios are of.
  public var unit: Unit
  /// How many ratios went in.
  public var count: Int

  /// Whether the interval holds 1.
  public var holdsOne: Bool { interval.contains(1) }
  /// How far the interval reaches from the ratio to the further side.
  public var reach: Double { max(interval.upperBound - ratio, ratio - interval.lowerBound) }

  /// The minima are taken when their interval has at most this share of the width of the pairs'.
  ///
  /// A share of 1 would choose them on clean data too whenever they look narrower by luck.
  static let minimaShare = 0.75

  /// The ratio of head to base, where the control counts as base.
  ///
  /// Ratios of neighbours use every slot and cancel drift; where most slots are prolonged by other
  /// work of the machine, the quickest slots of a block say more. Both are judged by signed ranks
  /// of their logarithms, and the one with the clearly narrower interval stands. A width does not
  /// depend on the shift, so choosing by it favours no direction; that the choice costs next to no
  /// coverage is measured by the tests of this file.
  /// - Returns: `nil` when the blocks are too few for an interval of the confidence.
  /// - Throws: `StatisticsError` for times that are not above 0.
  /// > Source: The choice among estimates by their estimated spread follows Jaeckel, *Some Flexible
  /// > Estimates of Location*, Annals of Mathematical Statistics 42(5), 1971.
  public static func ofHead(
    _ blocks: [ComparisonBlock], confidence: Double
  ) throws(StatisticsError) -> ShiftEstimate? {
    let pairs = try estimate(of: blocks.flatMap(Self.pairRatios), .pairs, confidence)
    let minima = try estimate(of: blocks.compactMap(Self.minimaRatio), .minima, confidence)
    guard let pairs, let minima else { return pairs ?? minima }
    return minima.logWidth <= minimaShare * pairs.logWidth ? minima : pairs
  }

  /// The ratio of the control to the base, which are one program: its interval should hold 1.
  public static func ofControl(
    _ blocks: [ComparisonBlock], confidence: Double
  ) throws(StatisticsError) -> ShiftEstimate? {
    try estimate(of: blocks.flatMap(controlRatios), .pairs, confidence)
  }

  /// The logarithms of head to base in each two neighbouring slots.
  public static func pairRatios(_ block: ComparisonBlock) -> [Double] {
    stride(from: 0, to: block.slots.count - 1, by: 2).map { place in
      let (first, second) = (block.slots[place], block.slots[place + 1])
      return first.role == .head
        ? log(first.cpuSeconds / second.cpuSeconds)
        : log(second.cpuSeconds / first.cpuSeconds)
    }
  }

  /// The logarithm of the quickest head to the quickest base of the block.
  static func minimaRatio(_ block: ComparisonBlock) -> Double? {
    let head = block.slots.filter { $0.role == .head }.map(\.cpuSeconds).min()
    let base = block.slots.filter { $0.role != .head }.map(\.cpuSeconds).min()
    guard let head, let base else { return nil }
    return log(head / base)
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

  private static func estimate(
    of logarithms: [Double], _ unit: Unit, _ confidence: Double
  ) throws(StatisticsError) -> ShiftEstimate? {
    guard logarithms.count >= SignedRank.fewest(confidence: confidence) else { return nil }
    let interval = try SignedRank.interval(logarithms, confidence: confidence)
    return ShiftEstimate(
      ratio: exp(interval.estimate),
      interval: exp(interval.low)...exp(interval.high),
      plainMedian: exp(try SortedSample(logarithms).median), unit: unit,
      count: logarithms.count)
  }
}
