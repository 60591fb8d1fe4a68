// The law of Kolmogorov's statistic: exact for small samples, its limit with correction for large.
import Glibc

/// The chance that the greatest distance between a sample's step function and the law that it comes
/// from reaches a value.
enum KolmogorovLaw {
  /// The largest sample for which the exact law is computed.
  static let exactLimit = 140

  /// The chance of a two-sided distance of at least `distance` among `count` values.
  ///
  /// Up to ``exactLimit`` values the chance is exact to about 12 digits below the point; in the far
  /// tail it is twice the one-sided chance, which is relatively exact there. Beyond, the limit law
  /// is taken at a corrected argument, with an error below 0.0002.
  /// > Source: Marsaglia, Tsang and Wang, *Evaluating Kolmogorov's Distribution*, Journal of
  /// > Statistical Software 8(18), 2003; the choice of the tail after Simard and L'Ecuyer, same
  /// > journal 39(11), 2011; the correction by Vrbik, *Small-Sample Corrections to
  /// > Kolmogorov-Smirnov Test Statistic*, Pioneer Journal of Theoretical and Applied Statistics
  /// > 15, 2018.
  static func exceedance(distance: Double, count: Int) -> Double {
    let n = Double(count)
    if distance >= 1 { return 0 }
    if distance * n <= 0.5 { return 1 }
    guard count <= exactLimit else {
      let root = n.squareRoot()
      let scaled = distance * root
      return limitExceedance(scaled + 1 / (6 * root) + (scaled - 1) / (4 * n))
    }
    if n * distance * distance >= 4 { return 2 * oneSidedExceedance(distance, count) }
    return max(0, 1 - exactCumulative(distance, count))
  }

  /// The limit law for large samples: 2 Σ (−1)^(k−1) e^(−2 k² x²).
  static func limitExceedance(_ x: Double) -> Double {
    if x <= 0 { return 1 }
    if x < 1 {
      // The same function by Jacobi's identity, which converges fast for small x.
      let unit = Double.pi * Double.pi / (8 * x * x)
      var sum = 0.0
      for odd in stride(from: 1.0, through: 9, by: 2) { sum += exp(-odd * odd * unit) }
      return 1 - (2 * Double.pi).squareRoot() / x * sum
    }
    var sum = 0.0
    for k in 1...6 {
      let term = exp(-2 * Double(k * k) * x * x)
      sum += k.isMultiple(of: 2) ? -term : term
    }
    return min(1, 2 * sum)
  }

  /// The exact chance that the step function rises above the law by `distance` or more.
  ///
  /// > Source: Birnbaum and Tingey, *One-Sided Confidence Contours for Probability Distribution
  /// > Functions*, Annals of Mathematical Statistics 22(4), 1951.
  static func oneSidedExceedance(_ distance: Double, _ count: Int) -> Double {
    let n = Double(count)
    var sum = 0.0
    for j in 0...Int(n * (1 - distance)) {
      let share = Double(j) / n
      let rest = 1 - distance - share
      guard rest > 0 else { continue }
      let ways = lgamma(n + 1) - lgamma(Double(j) + 1) - lgamma(n - Double(j) + 1)
      sum += exp(ways + (Double(j) - 1) * log(distance + share) + (n - Double(j)) * log(rest))
    }
    return min(1, distance * sum)
  }

  /// The exact chance of a two-sided distance below `distance`: n! / n^n times an entry of the n-th
  /// power of a matrix of order 2⌈n distance⌉ − 1.
  private static func exactCumulative(_ distance: Double, _ count: Int) -> Double {
    let steps = Int(distance * Double(count)) + 1
    let excess = Double(steps) - distance * Double(count)
    let matrix = transitions(order: 2 * steps - 1, excess: excess)
    var (power, exponent) = matrix.power(count)
    var result = power[steps - 1, steps - 1]
    for i in 1...count {
      result *= Double(i) / Double(count)
      if result < 1e-140 {
        result *= 1e140
        exponent -= 140
      }
    }
    return result * pow(10, Double(exponent))
  }

  /// The matrix H of Marsaglia, Tsang and Wang, with `excess` for their h.
  private static func transitions(order: Int, excess: Double) -> SquareMatrix {
    var matrix = SquareMatrix(order: order)
    for row in 0..<order {
      for column in 0..<order where row - column + 1 >= 0 { matrix[row, column] = 1 }
    }
    for i in 0..<order {
      matrix[i, 0] -= pow(excess, Double(i + 1))
      matrix[order - 1, i] -= pow(excess, Double(order - i))
    }
    matrix[order - 1, 0] += 2 * excess - 1 > 0 ? pow(2 * excess - 1, Double(order)) : 0
    for row in 0..<order {
      for column in 0..<order where row - column + 1 > 0 {
        for factor in 1...(row - column + 1) { matrix[row, column] /= Double(factor) }
      }
    }
    return matrix
  }
}

/// A small dense square matrix.
private struct SquareMatrix {
  let order: Int
  var entries: [Double]

  init(order: Int) {
    self.order = order
    entries = [Double](repeating: 0, count: order * order)
  }

  subscript(row: Int, column: Int) -> Double {
    get { entries[row * order + column] }
    set { entries[row * order + column] = newValue }
  }

  func times(_ other: SquareMatrix) -> SquareMatrix {
    var product = SquareMatrix(order: order)
    for row in 0..<order {
      for inner in 0..<order {
        let factor = self[row, inner]
        if factor == 0 { continue }
        for column in 0..<order { product[row, column] += factor * other[inner, column] }
      }
    }
    return product
  }

  /// The power by repeated squaring, as a matrix and a power of ten that keeps it in range.
  func power(_ count: Int) -> (matrix: SquareMatrix, exponent: Int) {
    if count == 1 { return (self, 0) }
    var (result, exponent) = power(count / 2)
    result = result.times(result)
    exponent *= 2
    if !count.isMultiple(of: 2) { result = times(result) }
    if result[order / 2, order / 2] > 1e140 {
      for index in result.entries.indices { result.entries[index] *= 1e-140 }
      exponent += 140
    }
    return (result, exponent)
  }
}
