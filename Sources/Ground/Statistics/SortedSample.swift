/// A sample of finite numbers in ascending order, at least one: what quantiles are read from.
///
/// - Complexity: Sorting once takes O(n log n); every question after that O(1) or O(log n).
public struct SortedSample: Hashable, Sendable {
  /// The numbers, smallest first.
  public let values: [Double]

  /// Sorts a sample.
  ///
  /// - Throws: ``StatisticsError/tooFewValues(count:needed:)`` when it is empty,
  ///   ``StatisticsError/notFinite(index:value:)`` for NaN and infinities.
  public init(_ sample: some Sequence<Double>) throws(StatisticsError) {
    let values = Array(sample)
    try values.requireFinite(atLeast: 1)
    self.init(finite: values)
  }

  /// Sorts numbers of which the caller knows that they are finite and at least one.
  init(finite values: [Double]) { self.values = values.sorted() }

  /// How many numbers there are.
  @inlinable public var count: Int { values.count }
  /// The smallest number.
  @inlinable public var min: Double { values[0] }
  /// The largest number.
  @inlinable public var max: Double { values[values.count - 1] }
  /// The arithmetic mean.
  public var mean: Double { RunningMoments(of: values).mean }
  /// The mean squared distance from the mean: the sample taken as the whole population.
  public var populationVariance: Double { RunningMoments(of: values).populationVariance }

  /// The quantile by linear interpolation between the two nearest numbers.
  ///
  /// It is type 7, the default of R and NumPy: the quantile of p lies at position (n − 1) p,
  /// counted from 0.
  /// - Parameter probability: A number from 0 to 1.
  /// - Throws: ``StatisticsError/outOfRange(argument:value:expected:)``.
  /// > Source: Hyndman and Fan, *Sample Quantiles in Statistical Packages*, The American
  /// > Statistician 50(4), 1996, definition 7.
  public func quantile(_ probability: Double) throws(StatisticsError) -> Double {
    try requireProbability(probability)
    return interpolated(at: probability)
  }

  /// The middle number, or the mean of the two middle ones.
  public var median: Double { interpolated(at: 0.5) }

  /// The mean of what is left when a quarter of the numbers is cut off at each end, rounded down.
  public var interquartileMean: Double {
    let cut = values.count / 4
    return RunningMoments(of: values[cut..<(values.count - cut)]).mean
  }

  private func interpolated(at probability: Double) -> Double {
    let position = Double(values.count - 1) * probability
    let index = Int(position)
    guard index + 1 < values.count else { return values[values.count - 1] }
    let fraction = position - Double(index)
    return fraction == 0
      ? values[index] : values[index] * (1 - fraction) + values[index + 1] * fraction
  }

  /// The share of numbers that are at most `x`.
  public func fraction(atMost x: Double) -> Double {
    var low = 0
    var high = values.count
    while low < high {
      let middle = (low + high) / 2
      if values[middle] <= x { low = middle + 1 } else { high = middle }
    }
    return Double(low) / Double(values.count)
  }

  /// The smallest of the numbers for which ``fraction(atMost:)`` reaches a probability.
  func value(coveringFraction probability: Double) -> Double {
    let rank = (probability * Double(values.count)).rounded(.up)
    var index = Swift.min(Swift.max(Int(rank) - 1, 0), values.count - 1)
    // The product may be rounded across a whole number; the division that `fraction` does decides.
    while index > 0, Double(index) / Double(values.count) >= probability { index -= 1 }
    while index < values.count - 1, Double(index + 1) / Double(values.count) < probability {
      index += 1
    }
    return values[index]
  }
}
