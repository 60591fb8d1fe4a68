// Laws of growth, and where a speed-up reaches a level.

import Glibc
import Statistics

/// Compares two laws of growth.
enum GrowthFit {
  /// The values of a planted law; `nil` when its name says that none is planted.
  static func values(of law: String, at x: [Double]) -> [Double]? {
    switch law {
    case "logarithm": x.map { 100 * log($0) }
    case "power": x.map { pow($0, 0.35) }
    default: nil
    }
  }

  /// The least sums of squared relative errors with which y = a · x^b and y = a + b ln x fit.
  ///
  /// The power is fitted on logarithms, whose differences are relative errors as long as these are
  /// small; the logarithm by least squares with weights of 1/y².
  /// - Precondition: At least two different x, all above 0, and as many y above 0.
  static func errors(
    _ x: [Double], _ y: [Double]
  ) -> (power: Double, logarithm: Double) {
    let logarithms = x.map { log($0) }
    let power = line(logarithms, y.map { log($0) }, weights: y.map { _ in 1 })
    let straight = line(logarithms, y, weights: y.map { 1 / ($0 * $0) })
    var sums = (power: 0.0, logarithm: 0.0)
    for (place, value) in zip(logarithms, y) {
      let one = exp(power.start + power.slope * place) / value - 1
      let other = (straight.start + straight.slope * place) / value - 1
      sums.power += one * one
      sums.logarithm += other * other
    }
    // A law that the values follow exactly leaves only rounding.
    let least = 1e-24 * Double(x.count)
    return (max(sums.power, least), max(sums.logarithm, least))
  }

  private static func line(
    _ x: [Double], _ y: [Double], weights: [Double]
  ) -> (start: Double, slope: Double) {
    let total = weights.reduce(0, +)
    let meanX = zip(weights, x).reduce(0) { $0 + $1.0 * $1.1 } / total
    let meanY = zip(weights, y).reduce(0) { $0 + $1.0 * $1.1 } / total
    var (products, squares) = (0.0, 0.0)
    for place in x.indices {
      products += weights[place] * (x[place] - meanX) * (y[place] - meanY)
      squares += weights[place] * (x[place] - meanX) * (x[place] - meanX)
    }
    let slope = products / squares
    return (meanY - slope * meanX, slope)
  }
}

/// Where the speed-up of a graph over a scan reaches a level.
struct SpeedUpCrossing {
  /// What is said where a level is never reached.
  static let never = 1e15

  /// Growing numbers of rows.
  let rows: [Double]
  /// The speed-up at each.
  let speedUps: [Double]
  /// From how many rows on points count for the extrapolation.
  let fitFrom: Double

  /// The number of rows at which a level is reached and not lost again.
  ///
  /// - Returns: The fewest rows where it is reached at all of them; else interpolated between two
  ///   measured points on logarithmic axes, or extrapolated by the power law that fits the points
  ///   from `fitFrom` on, at most ``never``.
  /// - Throws: ``StatisticsError`` when fewer than three points count.
  func rows(at level: Double) throws(StatisticsError) -> Double {
    if speedUps.allSatisfy({ $0 >= level }) { return rows.first ?? Self.never }
    for place in speedUps.indices.dropLast().reversed() {
      let (before, after) = (speedUps[place], speedUps[place + 1])
      guard before < level, after >= level, speedUps[place...].dropFirst().min() ?? 0 >= level
      else { continue }
      let share = log(level / before) / log(after / before)
      return rows[place] * pow(rows[place + 1] / rows[place], share)
    }
    let counted = zip(rows, speedUps).filter { $0.0 >= fitFrom }
    let fit = try LogLogSlope(x: counted.map(\.0), y: counted.map(\.1))
    let slope = fit.slope.estimate
    guard slope > 0 else { return Self.never }
    return min(exp((log(level) - fit.intercept) / slope), Self.never)
  }
}
