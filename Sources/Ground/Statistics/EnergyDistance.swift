public import LabCore

/// The test by permutation of whether two samples of anything that has distances come from one law.
///
/// Values lie farther from those of the other sample than from those of their own where the laws
/// differ; the same figure after the samples' members are dealt out anew says how far it comes by
/// chance.
/// - Determinism: The seed fixes every order.
/// > Source: Székely and Rizzo, *Testing for Equal Distributions in High Dimension*, InterStat 5,
/// > 2004; the p-value counts the order that was seen, as Phipson and Smyth, *Permutation P-values
/// > Should Never Be Zero*, Statistical Applications in Genetics and Molecular Biology 9(1), 2010.
public struct EnergyDistance: Hashable, Sendable {
  /// Twice the mean distance between the samples, less the mean distances within each, every value
  /// with itself included; 0 or more for distances of negative type, as Euclid's.
  public let statistic: Double
  /// The chance, were both samples from one law, of a statistic at least as great.
  public let pValue: Double

  /// Compares two independent samples.
  ///
  /// - Parameters:
  ///   - orders: How often the members are dealt out anew; the least p-value is 1 / (orders + 1).
  ///   - distance: Symmetric, and 0 between equal values.
  /// - Throws: ``StatisticsError/tooFewValues(count:needed:)`` for a sample of fewer than two, and
  ///   ``StatisticsError/outOfRange(argument:value:expected:)`` for orders below 1 or a distance
  ///   that is no finite number.
  /// - Complexity: O(orders · (n + m)²), and (n + m)² distances.
  public init<Value>(
    _ first: [Value], _ second: [Value], orders: Int, seed: Seed,
    distance: (Value, Value) -> Double
  ) throws(StatisticsError) {
    for sample in [first, second] where sample.count < 2 {
      throw .tooFewValues(count: sample.count, needed: 2)
    }
    guard orders >= 1 else {
      throw .outOfRange(argument: "orders", value: Double(orders), expected: "1 or more")
    }
    let all = first + second
    var distances = [[Double]](repeating: Array(repeating: 0, count: all.count), count: all.count)
    for left in all.indices {
      for right in 0..<left {
        let between = distance(all[left], all[right])
        guard between.isFinite else {
          throw .outOfRange(argument: "distance", value: between, expected: "a finite number")
        }
        (distances[left][right], distances[right][left]) = (between, between)
      }
    }
    var members = Array(all.indices)
    statistic = Self.statistic(distances, members, first.count)
    // Sums in another order round otherwise.
    let level = statistic - 1e-12 * abs(statistic)
    var (random, asFar) = (seed.stream(), 1)
    for _ in 0..<orders {
      for place in 0..<first.count {
        members.swapAt(place, place + random.below(members.count - place))
      }
      if Self.statistic(distances, members, first.count) >= level { asFar += 1 }
    }
    pValue = Double(asFar) / Double(orders + 1)
  }

  /// The statistic where the first so many members are one sample and the rest the other.
  private static func statistic(
    _ distances: [[Double]], _ members: [Int], _ count: Int
  ) -> Double {
    var (within, beyond, between) = (0.0, 0.0, 0.0)
    for (place, member) in members.enumerated() {
      let row = distances[member]
      if place < count {
        for other in members[..<place] { within += row[other] }
      } else {
        for other in members[..<count] { between += row[other] }
        for other in members[count..<place] { beyond += row[other] }
      }
    }
    let (n, m) = (Double(count), Double(members.count - count))
    return 2 * between / (n * m) - 2 * within / (n * n) - 2 * beyond / (m * m)
  }
}
