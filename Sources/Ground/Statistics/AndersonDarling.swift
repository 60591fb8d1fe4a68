// The test of a sample against a fully specified law that looks hard at both tails.
import Glibc

/// The distance between a sample's step function and a law, squared and weighted so that the tails
/// count as much as the middle.
///
/// > Source: Anderson and Darling, *A Test of Goodness of Fit*, Journal of the American Statistical
/// > Association 49(268), 1954; its law by Marsaglia and Marsaglia, *Evaluating the
/// > Anderson-Darling Distribution*, Journal of Statistical Software 9(2), 2004.
public struct AndersonDarling: Hashable, Sendable {
  /// The weighted squared distance; infinite when a value lies where the law has no chance.
  public let statistic: Double
  /// The chance, if the sample comes from the law, of a statistic at least as great.
  ///
  /// It is right to about 10^−5 (10^−4 for fewer than 20 values) and below that means nothing but
  /// "small".
  public let pValue: Double

  /// Holds a sample against a continuous law whose parameters were not taken from the sample.
  ///
  /// - Throws: ``StatisticsError/tooFewValues(count:needed:)`` below eight values, where the
  ///   approximation loses its digits; ``StatisticsError/invalidLaw(problems:)``,
  ///   ``StatisticsError/gsl(_:)``.
  /// - Complexity: n evaluations of the law.
  public init(_ sample: SortedSample, law: Law) throws(StatisticsError) {
    guard sample.count >= 8 else { throw .tooFewValues(count: sample.count, needed: 8) }
    var probabilities: [Double] = []
    probabilities.reserveCapacity(sample.count)
    for value in sample.values { probabilities.append(try law.cumulative(value)) }
    self.init(sortedProbabilities: probabilities)
  }

  /// Holds ascending cumulative probabilities against the uniform law.
  init(sortedProbabilities: [Double]) {
    let count = sortedProbabilities.count
    var sum = 0.0
    for (index, probability) in sortedProbabilities.enumerated() {
      let opposite = 1 - sortedProbabilities[count - 1 - index]
      sum += Double(2 * index + 1) * (log(probability) + log(opposite))
    }
    statistic = -Double(count) - sum / Double(count)
    pValue = AndersonDarling.exceedance(statistic, count: count)
  }

  /// The chance of a statistic of at least `statistic` among `count` values.
  static func exceedance(_ statistic: Double, count: Int) -> Double {
    guard statistic > 0 else { return 1 }
    guard statistic < 100 else { return 0 }
    let limit = limitCumulative(statistic)
    return min(1, max(0, 1 - (limit + correction(limit, Double(count)))))
  }

  /// The law of the statistic for ever larger samples (`adinf` in the paper).
  private static func limitCumulative(_ z: Double) -> Double {
    if z < 2 {
      let series = polynomial(
        z, [2.00012, 0.247105, -0.0649821, 0.0347962, -0.011672, 0.00168691])
      return exp(-1.2337141 / z) / z.squareRoot() * series
    }
    let exponent = polynomial(z, [1.0776, -2.30695, 0.43424, -0.082433, 0.008056, -0.0003146])
    return exp(-exp(exponent))
  }

  /// What a finite sample adds to the limit law at chance `x` (`errfix` in the paper).
  private static func correction(_ x: Double, _ n: Double) -> Double {
    if x > 0.8 {
      return polynomial(x, [-130.2137, 745.2337, -1705.091, 1950.646, -1116.360, 255.7844]) / n
    }
    let crossing = 0.01265 + 0.1757 / n
    if x < crossing {
      let t = x / crossing
      let shape = t.squareRoot() * (1 - t) * (49 * t - 102)
      return shape * (0.0037 / (n * n) + 0.00078 / n + 0.00006) / n
    }
    let t = (x - crossing) / (0.8 - crossing)
    let shape = polynomial(t, [-0.00022633, 6.54034, -14.6538, 14.458, -8.259, 1.91864])
    return shape * (0.04213 + 0.01365 / n) / n
  }

  /// The sum of coefficient × x^index.
  private static func polynomial(_ x: Double, _ coefficients: [Double]) -> Double {
    coefficients.reversed().reduce(0) { $0 * x + $1 }
  }
}
