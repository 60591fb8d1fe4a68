/// Counts of non-negative whole numbers (nanoseconds, bytes, hops) in buckets whose width grows
/// with the value, so that every quantile is right to a number of significant digits.
///
/// Histograms of the same precision merge without loss, in any order. The smallest and the largest
/// value and the sum are kept exactly.
///
/// Layout: values below 2 `halfRow` have a bucket each; above, every power of two is split into
/// `halfRow` buckets of equal width.
/// - Complexity: Recording takes constant time; memory grows with the logarithm of the largest
///   value, at three digits up to 432 KiB.
/// > Source: Tene, *HdrHistogram* (hdrhistogram.org), the log-linear layout with lowest value 1;
/// > departures: the exact extremes and sum, and memory that grows on demand.
public struct LatencyHistogram: Hashable, Sendable {
  /// How many significant decimal digits a quantile keeps: 1 to 5.
  public let significantDigits: Int
  /// How many values were recorded.
  public private(set) var count: Int64 = 0
  /// The smallest recorded value; `nil` when there is none.
  public private(set) var min: Int64?
  /// The largest recorded value; `nil` when there is none.
  public private(set) var max: Int64?
  /// The sum of all recorded values.
  public private(set) var sum: UInt128 = 0

  /// The counts, trailing zeros cut off.
  private(set) var buckets: [Int64] = []
  private let halfRowBits: Int

  /// Starts an empty histogram.
  ///
  /// - Parameter significantDigits: 1 to 5.
  /// - Throws: ``LatencyHistogramError/unsupportedDigits(_:)``.
  public init(significantDigits: Int) throws(LatencyHistogramError) {
    guard let bits = LatencyHistogram.halfRowBits(digits: significantDigits) else {
      throw .unsupportedDigits(significantDigits)
    }
    self.significantDigits = significantDigits
    halfRowBits = bits
  }

  /// Starts an empty histogram of three significant digits.
  public init() {
    significantDigits = 3
    halfRowBits = 10
  }

  /// The bits of the smallest power of two that is at least 10^digits; a bucket of a split power of
  /// two is then at most 10^−digits of its value wide.
  private static func halfRowBits(digits: Int) -> Int? {
    let bits = [4, 7, 10, 14, 17]
    return digits >= 1 && digits <= bits.count ? bits[digits - 1] : nil
  }

  /// Counts a value.
  ///
  /// - Parameters:
  ///   - value: 0 or more.
  ///   - repetitions: How often the value occurred, 0 or more.
  /// - Throws: ``LatencyHistogramError``, and then nothing is recorded.
  public mutating func record(
    _ value: Int64, count repetitions: Int64 = 1
  ) throws(LatencyHistogramError) {
    guard value >= 0 else { throw .negativeValue(value) }
    guard repetitions >= 0 else { throw .negativeCount(repetitions) }
    guard repetitions > 0 else { return }
    let (total, overflow) = count.addingReportingOverflow(repetitions)
    guard !overflow else { throw .countOverflow }
    count = total
    add(repetitions, toBucket: index(of: value))
    sum += UInt128(value) * UInt128(repetitions)
    min = Swift.min(min ?? value, value)
    max = Swift.max(max ?? value, value)
  }

  /// Adds everything that another histogram has recorded.
  ///
  /// - Throws: ``LatencyHistogramError/unequalDigits(_:_:)``,
  ///   ``LatencyHistogramError/countOverflow``; then nothing is added.
  public mutating func merge(_ other: LatencyHistogram) throws(LatencyHistogramError) {
    let filled = other.buckets.enumerated().lazy.filter { $0.element > 0 }
    var extremes: ClosedRange<Int64>?
    if let least = other.min, let greatest = other.max { extremes = least...greatest }
    try merge(
      digits: other.significantDigits, count: other.count, extremes: extremes, sum: other.sum,
      buckets: filled.map { ($0.offset, $0.element) })
  }

  /// Adds what another histogram has recorded, given by those of its buckets that hold something.
  mutating func merge(
    digits: Int, count more: Int64, extremes: ClosedRange<Int64>?, sum moreSum: UInt128,
    buckets filled: [(index: Int, count: Int64)]
  ) throws(LatencyHistogramError) {
    guard significantDigits == digits else { throw .unequalDigits(significantDigits, digits) }
    let (total, overflow) = count.addingReportingOverflow(more)
    guard !overflow else { throw .countOverflow }
    guard let extremes else { return }
    count = total
    for bucket in filled { add(bucket.count, toBucket: bucket.index) }
    sum += moreSum
    min = Swift.min(min ?? extremes.lowerBound, extremes.lowerBound)
    max = Swift.max(max ?? extremes.upperBound, extremes.upperBound)
  }

  private mutating func add(_ repetitions: Int64, toBucket index: Int) {
    if index >= buckets.count {
      buckets.append(contentsOf: repeatElement(0, count: index + 1 - buckets.count))
    }
    buckets[index] += repetitions
  }

  /// The arithmetic mean, from the exact sum; `nil` when nothing is recorded.
  public var mean: Double? { count > 0 ? Double(sum) / Double(count) : nil }

  /// The value at or below which a share of all recorded values lies.
  ///
  /// It is the value of rank ⌈probability × count⌉ (at least 1), raised to the top of its bucket
  /// but never above the largest value: at most 10^−`significantDigits` of itself too high. At 0 it
  /// is the smallest value and at 1 the largest, both exact.
  /// - Throws: ``LatencyHistogramError/empty``, ``LatencyHistogramError/badProbability(_:)``.
  /// - Complexity: Linear in the number of buckets.
  public func quantile(_ probability: Double) throws(LatencyHistogramError) -> Int64 {
    guard probability >= 0, probability <= 1 else { throw .badProbability(probability) }
    guard let min, let max else { throw .empty }
    if probability == 0 { return min }
    // The conversion is safe: a double just below 2^63 is the largest that the clamp lets through.
    let exactRank = (probability * Double(count)).rounded(.up)
    let rank = exactRank >= Double(count) ? count : Swift.max(1, Int64(exactRank))
    var seen: Int64 = 0
    for (index, bucket) in buckets.enumerated() {
      seen += bucket
      if seen >= rank { return Swift.min(Swift.max(range(ofBucket: index).upperBound, min), max) }
    }
    return max
  }

  /// The bucket that a value falls into.
  func index(of value: Int64) -> Int {
    let highestBit = 63 - (value | 1).leadingZeroBitCount
    let shift = Swift.max(0, highestBit - halfRowBits)
    return (shift << halfRowBits) + Int(value >> Int64(shift))
  }

  /// The values that fall into a bucket.
  func range(ofBucket index: Int) -> ClosedRange<Int64> {
    let shift = Swift.max(0, (index >> halfRowBits) - 1)
    let low = Int64(index - (shift << halfRowBits)) << Int64(shift)
    return low...(low + ((1 << Int64(shift)) - 1))
  }

  /// How many buckets hold every value there is.
  var bucketLimit: Int { index(of: .max) + 1 }
}
