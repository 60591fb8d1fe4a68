// The sweep of a manifest: which settings vary, and through which values.

import LabCore

/// Settings that vary together: the points of one factor of a sweep.
struct SweepFactor {
  /// The settings.
  let keys: [SettingKey]
  /// The points: one value for each key.
  let points: [[SettingValue]]
}

/// All points of a sweep, not yet multiplied.
struct Sweep {
  /// The factors, whose points multiply; the last one turns fastest.
  var factors: [SweepFactor] = []
  /// What a point must meet.
  var conditions: [SweepCondition] = []
  /// Points to leave out: texts by key.
  var exclusions: [[(key: SettingKey, text: String)]] = []
  /// Which points are drawn.
  var sample: Sample?
  /// Where it is written.
  var place: SourcePlace

  /// Which points of a sweep are drawn.
  struct Sample {
    /// How many.
    let count: Int
    /// The root of the draws.
    let seed: UInt64
    /// Whether by latin hypercube.
    let isLatinHypercube: Bool
    /// Where it is written.
    let place: SourcePlace
  }

  /// The swept settings in order.
  var keys: [SettingKey] { factors.flatMap(\.keys) }

  /// How many points there are before any is left out; `nil` when there are more than can be
  /// counted.
  var count: Int? {
    var product = 1
    for factor in factors {
      let (next, overflow) = product.multipliedReportingOverflow(by: factor.points.count)
      if overflow { return nil }
      product = next
    }
    return product
  }

  /// The texts of all values of a key.
  func texts(of key: SettingKey) -> Set<String> {
    for factor in factors {
      if let index = factor.keys.firstIndex(of: key) {
        return Set(factor.points.map { $0[index].text })
      }
    }
    return []
  }

  /// The number of the point of each factor, for the point of a number.
  func indices(of number: Int) -> [Int] {
    var rest = number
    var indices = Array(repeating: 0, count: factors.count)
    for index in factors.indices.reversed() {
      let count = factors[index].points.count
      indices[index] = rest % count
      rest /= count
    }
    return indices
  }

  /// The values of a point, in the order of ``keys``.
  func values(at indices: [Int]) -> [SettingValue] {
    zip(factors, indices).flatMap { $0.points[$1] }
  }

  /// Where in ``values(at:)`` the value of a key stands.
  func slot(of key: SettingKey) -> Int? { keys.firstIndex(of: key) }
}
