/// The greatest distance between a sample's step function and a law, or another sample's.
///
/// > Source: Kolmogorov, *Sulla determinazione empirica di una legge di distribuzione*, 1933;
/// > Smirnov, *Table for Estimating the Goodness of Fit of Empirical Distributions*, Annals of
/// > Mathematical Statistics 19(2), 1948.
public struct KolmogorovSmirnov: Hashable, Sendable {
  /// The greatest distance between the two step functions, or between step function and law.
  public let statistic: Double
  /// The chance, if the null hypothesis holds, of a distance at least as great.
  public let pValue: Double

  /// The largest product of two sample sizes for which the exact law is computed.
  public static let exactProductLimit = 10_000

  /// Holds a sample against a continuous law whose parameters were not taken from the sample.
  ///
  /// The p-value is exact for up to 140 values and right to 0.0002 beyond. For a law with weight on
  /// single points it is too large.
  /// - Throws: ``StatisticsError/invalidLaw(problems:)``, ``StatisticsError/gsl(_:)``.
  /// - Complexity: n evaluations of the law.
  public init(_ sample: SortedSample, law: Law) throws(StatisticsError) {
    var probabilities: [Double] = []
    probabilities.reserveCapacity(sample.count)
    for value in sample.values { probabilities.append(try law.cumulative(value)) }
    self.init(sortedProbabilities: probabilities)
  }

  /// Holds ascending cumulative probabilities, at least one, against the uniform law.
  init(sortedProbabilities: [Double]) {
    let count = Double(sortedProbabilities.count)
    var greatest = 0.0
    for (index, probability) in sortedProbabilities.enumerated() {
      let above = Double(index + 1) / count - probability
      let below = probability - Double(index) / count
      greatest = max(greatest, above, below)
    }
    statistic = greatest
    pValue = KolmogorovLaw.exceedance(distance: greatest, count: sortedProbabilities.count)
  }

  /// Holds two independent samples against each other.
  ///
  /// The p-value is exact when all values differ and the product of the sizes is at most
  /// ``exactProductLimit``. Otherwise it is that of the limit law, which for ties and small samples
  /// is too large.
  /// - Complexity: Linear; the exact law O(n m).
  public init(_ first: SortedSample, _ second: SortedSample) {
    let (left, right) = (first.values, second.values)
    let (n, m) = (left.count, right.count)
    // The distance in units of 1 / (n m) is a whole number, so nothing is rounded.
    var (i, j, greatest) = (0, 0, 0)
    var hasTies = false
    while i < n, j < m {
      let value = min(left[i], right[j])
      let before = i + j
      while i < n, left[i] == value { i += 1 }
      while j < m, right[j] == value { j += 1 }
      hasTies = hasTies || i + j > before + 1
      greatest = max(greatest, abs(i * m - j * n))
    }
    hasTies = hasTies || zip(left[i...], left[i...].dropFirst()).contains { $0 == $1 }
    hasTies = hasTies || zip(right[j...], right[j...].dropFirst()).contains { $0 == $1 }
    statistic = Double(greatest) / (Double(n) * Double(m))
    if !hasTies, n <= KolmogorovSmirnov.exactProductLimit / m {
      pValue = KolmogorovSmirnov.exactExceedance(greatest, n, m)
    } else {
      let size = Double(n) * Double(m) / Double(n + m)
      pValue = KolmogorovLaw.limitExceedance(statistic * size.squareRoot())
    }
  }

  /// The share of paths from (0, 0) to (n, m) that reach a distance, in units of 1 / (n m).
  ///
  /// Each entry is the chance that a random order of the values has stayed below the distance so
  /// far, given how many of each sample have passed.
  /// > Source: Hodges, *The Significance Probability of the Smirnov Two-Sample Test*, Arkiv för
  /// > Matematik 3(43), 1958.
  private static func exactExceedance(_ distance: Int, _ n: Int, _ m: Int) -> Double {
    // reached[j] is the chance that a path which ends at (i, j) has reached the distance.
    var reached = [Double](repeating: 0, count: m + 1)
    for i in 0...n {
      for j in 0...m where i + j > 0 {
        if abs(i * m - j * n) >= distance {
          reached[j] = 1
          continue
        }
        let fromLeft = i > 0 ? reached[j] * Double(i) : 0
        let fromBelow = j > 0 ? reached[j - 1] * Double(j) : 0
        reached[j] = (fromLeft + fromBelow) / Double(i + j)
      }
    }
    return distance == 0 ? 1 : reached[m]
  }
}
