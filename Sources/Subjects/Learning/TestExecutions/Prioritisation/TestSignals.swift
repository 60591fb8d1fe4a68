// What an agent sees of a test before it is run.

import Glibc
import LabCore

/// Which signals of a test an agent is given.
///
/// All of them are known before the cycle is ordered: durations are those that were to be expected,
/// see ``TestExecution/expectedDuration``.
public enum TestSignals: String, CaseIterable, Hashable, Sendable {
  /// Everything: what the heuristics rank by, and more.
  case all
  /// What RETECS sees: durations, the time since the last run, and the last four verdicts, but no
  /// rate of failures.
  ///
  /// The authors' program takes the duration of the very run that is ordered, and verdicts of its
  /// own cycle where the table states them; here both are of earlier cycles.
  case published
  /// Nothing that either heuristic ranks by: no verdicts, only durations, times, and the place in
  /// the listing.
  case withoutVerdicts = "without-verdicts"

  /// How many numbers there are for a test.
  var width: Int {
    switch self {
    case .all: 19
    case .published: 6
    case .withoutVerdicts: 5
    }
  }

  /// Whether ``base(of:)`` tells anything.
  var knowsRate: Bool { self == .all }

  /// The numbers for each test of a cycle, each of the order of 1.
  func numbers(of cycle: TestCycle) -> [[Float]] {
    let plain = Self.plain(cycle)
    switch self {
    case .withoutVerdicts: return plain
    case .published: return RetecsSignals(of: cycle).numbers
    case .all:
      let rates = cycle.executions.map { $0.past.failureRate }
      let related = cycle.relatedFailureRates
      return cycle.executions.enumerated().map { place, execution in
        plain[place] + Self.verdicts(of: execution.past)
          + [
            Float(rates.mean(around: place, reach: 3)), Float(related[place]),
            Float(log(related[place])) / 4,
          ]
      }
    }
  }

  /// The logarithm of the failure rate, from -4 to 0, where the agent may know it.
  func base(of cycle: TestCycle) -> [Float] {
    cycle.executions.map { knowsRate ? Float(log($0.past.failureRate)) : 0 }
  }

  /// The expected duration, its rank in the cycle, the time since the last run, the place in the
  /// listing, and how often the test has been run.
  private static func plain(_ cycle: TestCycle) -> [[Float]] {
    let count = Double(max(cycle.count - 1, 1))
    let seconds = cycle.executions.map(\.expectedDuration.seconds)
    var ranks = [Double](repeating: 0, count: cycle.count)
    let byDuration = seconds.indices.sorted { (seconds[$0], $0) < (seconds[$1], $1) }
    for (rank, place) in byDuration.enumerated() { ranks[place] = Double(rank) / count }
    let since = RetecsSignals(of: cycle).numbers
    return cycle.executions.enumerated().map { place, execution in
      [
        Float(log(1 + seconds[place]) / 5), Float(ranks[place]), since[place][1],
        Float(Double(place) / count),
        Float(execution.past.count) / Float(PastVerdicts.limit),
      ]
    }
  }

  /// The rate of failures, over all and over the latest runs, the last four verdicts, and how long
  /// ago the latest failure was.
  private static func verdicts(of past: PastVerdicts) -> [Float] {
    let untried: Float = past.count == 0 ? 1 : 0
    var recent: [Float] = []
    for decay in [0.5, 0.8, 0.95] {
      var (sum, weights, weight) = (0.0, 0.0, 1.0)
      for age in 0..<past.count {
        sum += past[age] == true ? weight : 0
        weights += weight
        weight *= decay
      }
      recent.append(weights > 0 ? Float(sum / weights) : 1)
    }
    let last = (0..<4).map { past[$0].map { $0 ? 1 : 0 } ?? 0.5 as Float }
    let age = (0..<past.count).first { past[$0] == true } ?? PastVerdicts.limit
    return [untried, Float(past.failureRate), Float(log(past.failureRate)) / 4] + recent + last
      + [Float(log(Double(1 + age))) / 4]
  }
}

extension TestCycle {
  /// For each test the mean failure rate of the seven tests whose names stand next to it, itself
  /// among them: what stands together was often written together and breaks together.
  ///
  /// - Complexity: O(n log n) in the count of tests.
  var relatedFailureRates: [Double] {
    let order = executions.indices.sorted { (executions[$0].test, $0) < (executions[$1].test, $1) }
    let rates = order.map { executions[$0].past.failureRate }
    var related = [Double](repeating: 0, count: count)
    for (rank, index) in order.enumerated() {
      related[index - executions.startIndex] = rates.mean(around: rank, reach: 3)
    }
    return related
  }
}

extension [Double] {
  /// The mean of the numbers that stand no further away than the reach.
  fileprivate func mean(around place: Int, reach: Int) -> Double {
    let range = Swift.max(place - reach, 0)..<Swift.min(place + reach + 1, count)
    return self[range].reduce(0, +) / Double(range.count)
  }
}
