// How often a shift of a mean is found, and how many repetitions that takes.

/// The power of the one-sided test of ``MeanShift`` on paired differences.
///
/// > Source: the noncentral t law, integrated over the law of the standard deviation; the upper
/// > limit of a deviation that a pilot run estimated after Browne, *On the Use of a Pilot Sample
/// > for Sample Size Determination*, Statistics in Medicine 14(17), 1995.
public struct ShiftPower: Hashable, Sendable {
  /// How far the true mean difference lies beyond the null hypothesis; in the unit of the values.
  public var effect: Double
  /// The standard deviation of one difference, in the same unit.
  public var deviation: Double
  /// The p-value at which a shift counts as found, above 0 and below 1.
  public var level: Double

  /// The most repetitions that are thought of.
  public static let repetitionsMax = 1_000_000

  /// Asks about a shift.
  public init(effect: Double, deviation: Double, level: Double) {
    self.effect = effect
    self.deviation = deviation
    self.level = level
  }

  /// The fewest differences with which an exact sign-flip test can reach the level.
  public var repetitionsMin: Int {
    var count = 2
    while MeanShift.signFlipFloor(count: count) > level, count < 1_000 { count += 1 }
    return count
  }

  /// The chance that the shift is found with a number of repetitions.
  ///
  /// - Complexity: Constant: a sum over 200 equally likely deviations.
  public func power(repetitions: Int) throws(StatisticsError) -> Double {
    guard repetitions >= repetitionsMin, effect > 0 else { return 0 }
    guard deviation > 0 else { return 1 }
    let freedom = Double(repetitions - 1)
    let limit = -(try StudentT(degreesOfFreedom: freedom).quantile(level))
    let distance = effect / deviation * Double(repetitions).squareRoot()
    let parts = 200
    var sum = 0.0
    for part in 0..<parts {
      let chance = (Double(part) + 0.5) / Double(parts)
      let square = try GSL.chiSquareQuantile(chance, degreesOfFreedom: freedom)
      sum += try GSL.normalCumulative(distance - limit * (square / freedom).squareRoot())
    }
    return sum / Double(parts)
  }

  /// The fewest repetitions that find the shift with a chance; `nil` when
  /// ``repetitionsMax`` do not.
  public func repetitions(power wanted: Double) throws(StatisticsError) -> Int? {
    guard effect > 0 else { return nil }
    var high = repetitionsMin
    while try power(repetitions: high) < wanted {
      guard high < Self.repetitionsMax else { return nil }
      high = min(2 * high, Self.repetitionsMax)
    }
    var low = max(repetitionsMin, high / 2)
    while low < high {
      let middle = (low + high) / 2
      if try power(repetitions: middle) >= wanted { high = middle } else { low = middle + 1 }
    }
    return high
  }

  /// The value that the true standard deviation does not exceed with a confidence, by a normal
  /// sample.
  ///
  /// - Parameters:
  ///   - deviation: The standard deviation of the sample.
  ///   - count: How many values the sample has, at least 2.
  public static func deviationLimit(
    _ deviation: Double, count: Int, confidence: Double
  ) throws(StatisticsError) -> Double {
    guard count >= 2 else { throw .tooFewValues(count: count, needed: 2) }
    try requireConfidence(confidence)
    let freedom = Double(count - 1)
    let square = try GSL.chiSquareQuantile(1 - confidence, degreesOfFreedom: freedom)
    return deviation * (freedom / square).squareRoot()
  }
}
