/// The rank test of whether values of one sample tend to be greater than those of another.
///
/// > Source: Mann and Whitney, *On a Test of Whether One of Two Random Variables Is Stochastically
/// > Larger than the Other*, Annals of Mathematical Statistics 18(1), 1947; tie correction after
/// > Lehmann, *Nonparametrics*, 1975, section 1.3.
public struct MannWhitney: Hashable, Sendable {
  /// How the p-value is found.
  public enum Method: Hashable, Sendable {
    /// From the law of U over all orders; needs values that all differ.
    case exact
    /// From the normal law with tie correction and continuity correction.
    case normal
  }

  /// How many pairs have the first greater than the second; a tie counts one half.
  public let statistic: Double
  /// The chance that a value of the first sample is greater than one of the second: U / (n m).
  public let superiority: Double
  /// The chance, were both samples from one law, of a statistic at least as far out.
  public let pValue: Double
  /// How the p-value was found.
  public let method: Method

  /// The largest size of either sample for which the exact law is the default.
  public static let exactLimit = 20
  /// The largest product of the sizes for which the exact law can be asked for.
  public static let exactProductLimit = 10_000

  /// Compares two independent samples.
  ///
  /// - Parameters:
  ///   - alternative: ``Alternative/greater`` asks whether the first tends to be greater.
  ///   - method: `nil` takes the exact law when all values differ and both samples have at most
  ///     ``exactLimit`` values, and the normal law otherwise.
  /// - Throws: ``StatisticsError/tooFewValues(count:needed:)`` for an empty sample,
  ///   ``StatisticsError/notFinite(index:value:)``; when the exact law is asked for,
  ///   ``StatisticsError/degenerate(reason:)`` for ties and
  ///   ``StatisticsError/tooManyValues(count:limit:)`` beyond ``exactProductLimit``.
  /// - Complexity: O((n + m) log (n + m)); the exact law O((n m)²) in the worst case.
  public init(
    _ first: [Double], _ second: [Double], alternative: Alternative = .twoSided,
    method: Method? = nil
  ) throws(StatisticsError) {
    try first.requireFinite(atLeast: 1)
    try second.requireFinite(atLeast: 1)
    let ranks = MannWhitney.rankSum(first, second)
    let (n, m) = (first.count, second.count)
    statistic = ranks.sum - Double(n) * Double(n + 1) / 2
    superiority = statistic / (Double(n) * Double(m))
    let isSmall = max(n, m) <= MannWhitney.exactLimit
    self.method = method ?? (isSmall && ranks.tieTerm == 0 ? .exact : .normal)
    switch self.method {
    case .exact:
      guard ranks.tieTerm == 0 else { throw .degenerate(reason: "some values are equal") }
      let (product, overflow) = n.multipliedReportingOverflow(by: m)
      guard !overflow, product <= MannWhitney.exactProductLimit else {
        throw .tooManyValues(count: overflow ? .max : product, limit: MannWhitney.exactProductLimit)
      }
      pValue = MannWhitney.exactPValue(Int(statistic), n, m, alternative)
    case .normal:
      pValue = try MannWhitney.normalPValue(statistic, n, m, ranks.tieTerm, alternative)
    }
  }

  /// The sum of the first sample's ranks, ties at their mean rank, and Σ (t³ − t) over groups of t
  /// equal values.
  private static func rankSum(
    _ first: [Double], _ second: [Double]
  ) -> (sum: Double, tieTerm: Double) {
    let all = (first.map { ($0, true) } + second.map { ($0, false) }).sorted { $0.0 < $1.0 }
    var sum = 0.0
    var tieTerm = 0.0
    var start = 0
    while start < all.count {
      var end = start + 1
      while end < all.count, all[end].0 == all[start].0 { end += 1 }
      let rank = Double(start + 1 + end) / 2
      for position in start..<end where all[position].1 { sum += rank }
      let size = Double(end - start)
      tieTerm += size * (size * size - 1)
      start = end
    }
    return (sum, tieTerm)
  }

  /// The chance of every value of U from 0 to n m over all orders of n + m values.
  ///
  /// The greatest value of k and l belongs to the first sample with chance k / (k + l), and then it
  /// beats all l of the second: f(k, l, u) = k/(k+l) f(k − 1, l, u − l) + l/(k+l) f(k, l − 1, u).
  static func probabilities(_ n: Int, _ m: Int) -> [Double] {
    let (short, long) = (min(n, m), max(n, m))
    var laws = [[Double]](repeating: [1], count: short + 1)
    for l in 1...long {
      for k in 1...short {
        var law = [Double](repeating: 0, count: k * l + 1)
        let total = Double(k + l)
        for (u, chance) in laws[k - 1].enumerated() { law[u + l] += chance * Double(k) / total }
        for (u, chance) in laws[k].enumerated() { law[u] += chance * Double(l) / total }
        laws[k] = law
      }
    }
    return laws[short]
  }

  private static func exactPValue(
    _ u: Int, _ n: Int, _ m: Int, _ alternative: Alternative
  ) -> Double {
    let law = probabilities(n, m)
    let atMost = min(1, law[...u].reduce(0, +))
    let atLeast = min(1, law[u...].reduce(0, +))
    switch alternative {
    case .less: return atMost
    case .greater: return atLeast
    case .twoSided: return min(1, 2 * min(atMost, atLeast))
    }
  }

  private static func normalPValue(
    _ u: Double, _ n: Int, _ m: Int, _ tieTerm: Double, _ alternative: Alternative
  ) throws(StatisticsError) -> Double {
    let (first, second) = (Double(n), Double(m))
    let total = first + second
    let variance = first * second / 12 * (total + 1 - tieTerm / (total * (total - 1)))
    // All values equal: the samples cannot be told apart.
    guard variance > 0 else { return 1 }
    let distance = u - first * second / 2
    let outward =
      switch alternative {
      case .less: -distance
      case .greater: distance
      case .twoSided: abs(distance)
      }
    let tail = try GSL.normalExceedance((outward - 0.5) / variance.squareRoot())
    return alternative == .twoSided ? min(1, 2 * tail) : tail
  }
}
