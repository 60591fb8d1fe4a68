import Glibc

/// Where the mean of a series of measurements steps.
///
/// The series is cut into segments of one mean each so that the squared distances from the means,
/// in units of the noise, plus a penalty for each cut are as small as they can be. The noise is
/// read from the differences of neighbours, which a step barely touches. A series without noise, as
/// of an exact metric, is cut wherever it changes.
///
/// The penalty is 3 ln n + 2, with the noise raised by 4/(n − 1) of itself for what a median of few
/// differences may miss: of independent normal series of 6 to 100 values without a step, about one
/// in twenty or fewer is cut anywhere. A single far value is cut out on both sides. Neighbours that
/// depend on each other, as on one busy machine, are cut more often.
/// - Complexity: Time is the square of the number of values, space linear.
/// > Source: Jackson et al., *An Algorithm for Optimal Partitioning of Data on an Interval*, IEEE
/// > Signal Processing Letters 12(2), 2005. The penalty is ours, calibrated by simulation.
public struct ChangePoints: Hashable, Sendable {
  /// The index of the first value after each step, ascending.
  public let places: [Int]
  /// The standard deviation of the noise; 0 where more than half of the neighbours are equal.
  public let noise: Double

  /// The fewest values of a noisy series in which a step can be told from noise.
  public static let fewest = 6

  /// Finds the steps of a series.
  ///
  /// - Throws: ``StatisticsError/notFinite(index:value:)``.
  public init(of series: [Double]) throws(StatisticsError) {
    try series.requireFinite(atLeast: 0)
    noise = Self.noise(of: series)
    if noise == 0 {
      places = series.indices.dropFirst().filter { series[$0] != series[$0 - 1] }
    } else if series.count < Self.fewest {
      places = []
    } else {
      let count = Double(series.count)
      let scale = noise * (1 + 4 / (count - 1))
      places = Self.cuts(series.map { $0 / scale }, penalty: 3 * log(count) + 2)
    }
  }

  /// The noise by the median distance of neighbours, for which the normal law gives 0.6745 √2 σ.
  private static func noise(of series: [Double]) -> Double {
    let distances = zip(series, series.dropFirst()).map { abs($1 - $0) }
    guard let sorted = try? SortedSample(distances) else { return 0 }
    return sorted.median / (0.674_489_750_196_081_7 * 2.0.squareRoot())
  }

  /// The cuts of least cost; of equal ones those that come first.
  static func cuts(_ series: [Double], penalty: Double) -> [Int] {
    // Sums of distances from the first value stay small where all values are large.
    let origin = series.first ?? 0
    var sums = [0.0]
    var squares = [0.0]
    for value in series {
      let distance = value - origin
      sums.append((sums.last ?? 0) + distance)
      squares.append((squares.last ?? 0) + distance * distance)
    }
    func cost(_ start: Int, _ end: Int) -> Double {
      let sum = sums[end] - sums[start]
      return squares[end] - squares[start] - sum * sum / Double(end - start)
    }
    var best = [-penalty]
    var starts = [0]
    for end in series.indices.map({ $0 + 1 }) {
      var (least, start) = (Double.infinity, 0)
      for candidate in 0..<end {
        let total = best[candidate] + penalty + cost(candidate, end)
        if total < least { (least, start) = (total, candidate) }
      }
      best.append(least)
      starts.append(start)
    }
    var cuts: [Int] = []
    var end = series.count
    while end > 0, starts[end] > 0 {
      end = starts[end]
      cuts.append(end)
    }
    return cuts.reversed()
  }
}
