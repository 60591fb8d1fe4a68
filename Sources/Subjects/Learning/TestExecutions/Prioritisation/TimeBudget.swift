// The time that there is for the tests of a cycle.

import LabCore

/// What each test of a cycle takes of a budget of time, and what there is, in whole nanoseconds, so
/// that no sum is rounded.
///
/// Where no test of the cycle was measured, each counts as one of a second: else every budget would
/// let all of them run.
struct TimeBudget {
  /// What each test takes, by its place in the cycle.
  let costs: [Int64]
  /// What there is.
  private let available: Int128
  /// What has been taken.
  private(set) var used: Int128 = 0

  /// Begins with nothing taken.
  ///
  /// - Parameter share: The share of the time of all runs that there is, from 0 to 1.
  init(of cycle: TestCycle, share: Double) {
    let measured = cycle.executions.map(\.duration.nanoseconds)
    let isMeasured = measured.contains { $0 > 0 }
    costs = isMeasured ? measured : measured.map { _ in Duration.seconds(1).nanoseconds }
    let total = costs.reduce(0) { $0 + Int128($1) }
    available = share < 1 ? Int128((share * Double(total)).rounded()) : total
  }

  /// Runs a test where its time is still there.
  ///
  /// - Returns: Whether it is.
  mutating func run(_ place: Int) -> Bool {
    let cost = Int128(costs[place])
    guard used + cost <= available else { return false }
    used += cost
    return true
  }

  /// The share of a test that was run in the time that has been taken; 0 where none was.
  func shareOfUsed(_ place: Int) -> Double { Double(costs[place]) / Double(max(used, 1)) }
}
