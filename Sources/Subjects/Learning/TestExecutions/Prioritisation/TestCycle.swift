// The tests that one build wants to run, and what comes of an order of them.

public import LabCore

/// The runs of one cycle, to be put into an order.
///
/// Verdicts and durations stand in it, for it comes from a history; who orders honestly looks only
/// at what is known beforehand: when, how long and with which verdicts tests ran before.
public struct TestCycle: Hashable, Sendable {
  /// The runs, as the history lists them.
  public let executions: ArraySlice<TestExecution>

  /// Takes runs.
  public init(_ executions: ArraySlice<TestExecution>) { self.executions = executions }

  /// How many there are.
  public var count: Int { executions.count }

  /// A run by its place in the cycle, from 0.
  ///
  /// - Precondition: The place exists.
  public subscript(place: Int) -> TestExecution { executions[executions.startIndex + place] }

  /// How many of them failed.
  public var failures: Int { executions.count { $0.hasFailed } }

  /// The places in the order of their priorities, the highest first; those of equal priority stand
  /// in an order of which all are equally likely.
  ///
  /// - Precondition: There is a priority for each run, and each is a number.
  /// - Complexity: O(n log n) in the count of runs.
  public func order(by priorities: [Double], _ random: inout RandomStream) -> [Int] {
    precondition(priorities.count == count, "a priority for each run")
    let ties = priorities.map { _ in random.next() }
    return priorities.indices.sorted { left, right in
      if priorities[left] != priorities[right] { return priorities[left] > priorities[right] }
      return ties[left] == ties[right] ? left < right : ties[left] < ties[right]
    }
  }

  /// The places that are run in an order before the time is up, in that order.
  ///
  /// A run that does not fit any more is left out, while shorter ones after it may still fit, as in
  /// RETECS. Time is counted in whole nanoseconds. Where no run of the cycle was measured, all
  /// count alike, so that half of the time lets half of the runs through.
  /// - Parameter budget: The share of the time of all runs that there is, from 0 to 1.
  public func scheduled(_ order: [Int], budget: Double) -> [Int] {
    var time = TimeBudget(of: self, share: budget)
    return order.filter { time.run($0) }
  }

  /// How early an order finds failures within a budget of time: NAPFD.
  ///
  /// With n runs, m failing ones, p the share of these that the budget lets run, and r their ranks
  /// among the runs that the budget lets run: p − Σ r / (m n) + p / (2 n).
  /// - Returns: Nothing where no run failed.
  /// > Reference: Qu, Cohen and Rothermel, *Combinatorial Interaction Regression Testing*, ICSM
  /// > 2007; Spieker et al., ISSTA 2017, definition 1.
  public func normalisedFaultDetection(_ order: [Int], budget: Double) -> Double? {
    let failing = Double(failures)
    guard failing > 0 else { return nil }
    var found = 0.0
    var ranks = 0.0
    for (index, place) in scheduled(order, budget: budget).enumerated()
    where self[place].hasFailed {
      found += 1
      ranks += Double(index + 1)
    }
    let share = found / failing
    return share - ranks / (failing * Double(count)) + share / (2 * Double(count))
  }

  /// How early an order finds failures when everything runs: APFD.
  ///
  /// - Returns: Nothing where no run failed.
  /// > Reference: Rothermel, Untch, Chu and Harrold, *Test Case Prioritization*, ICSM 1999.
  public func faultDetection(_ order: [Int]) -> Double? {
    let failing = Double(failures)
    guard failing > 0 else { return nil }
    var ranks = 0.0
    for (index, place) in order.enumerated() where self[place].hasFailed {
      ranks += Double(index + 1)
    }
    return 1 - ranks / (failing * Double(count)) + 1 / (2 * Double(count))
  }
}

extension TestHistory {
  /// A cycle by its number, from 0.
  ///
  /// - Precondition: The cycle exists.
  public func cycle(_ number: Int) -> TestCycle { TestCycle(executions(of: number)) }
}
