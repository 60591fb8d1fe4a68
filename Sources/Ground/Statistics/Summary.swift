/// The six figures that describe a sample in a table.
public struct Summary: Hashable, Sendable {
  /// How many numbers there are.
  public let count: Int
  /// The arithmetic mean.
  public let mean: Double
  /// The standard deviation with divisor n − 1; `nil` for a single number.
  public let standardDeviation: Double?
  /// The smallest number.
  public let min: Double
  /// The value that half of the sample does not exceed.
  public let median: Double
  /// The largest number.
  public let max: Double

  /// Describes a sample.
  ///
  /// - Throws: ``StatisticsError/tooFewValues(count:needed:)`` when it is empty,
  ///   ``StatisticsError/notFinite(index:value:)``.
  public init(of sample: some Sequence<Double>) throws(StatisticsError) {
    self.init(of: try SortedSample(sample))
  }

  /// Describes a sample that is already sorted.
  public init(of sample: SortedSample) {
    let moments = RunningMoments(of: sample.values)
    count = sample.count
    mean = moments.mean
    standardDeviation = moments.standardDeviation
    min = sample.min
    median = sample.median
    max = sample.max
  }
}
