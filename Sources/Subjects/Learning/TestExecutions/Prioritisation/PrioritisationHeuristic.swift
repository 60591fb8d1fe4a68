// Orders that need no learning, beside which every learner stands.

import LabCore

/// A rule of one line that orders the tests of a cycle; equal ones stand in any order.
public enum PrioritisationHeuristic: String, CaseIterable, Hashable, Sendable {
  /// Any order is equally likely.
  case random
  /// Tests that failed lately first: the last verdict counts most, then the one before, four in
  /// all; a verdict that is not known counts as a failure.
  case lastFailedFirst = "last-failed-first"
  /// Tests that failed most often first, by (failures + 1) / (runs + 1) over the latest 50 runs, so
  /// that untried ones come before all.
  case failureRate = "failure-rate"
  /// The failure rate, and a tenth of the mean failure rate of the tests whose names stand next.
  ///
  /// It is no rule from elsewhere: it stands here because the learner sees the same signal, so that
  /// nobody takes the worth of the signal for that of learning.
  case relatedFailureRate = "related-failure-rate"
  /// What nobody can beat: failing tests first, and the shortest of them first. It looks at the
  /// verdicts, and at how long the runs take.
  case bound

  /// The priority of each test of a cycle.
  public func priorities(of cycle: TestCycle) -> [Double] {
    switch self {
    case .random: cycle.executions.map { _ in 0 }
    case .lastFailedFirst:
      cycle.executions.map { execution in
        (0..<4).reduce(0) { 2 * $0 + (execution.past[$1] ?? true ? 1 : 0) }
      }
    case .failureRate: cycle.executions.map { $0.past.failureRate }
    case .relatedFailureRate:
      zip(cycle.executions, cycle.relatedFailureRates).map { $0.past.failureRate + 0.1 * $1 }
    case .bound:
      // Failing tests stand at 0, where a nanosecond counts; the order of the others does not.
      cycle.executions.map { ($0.hasFailed ? 0 : -1e12) - $0.duration.seconds }
    }
  }
}

extension PastVerdicts {
  /// The share of failures, as if there had been one more run that failed; 1 for an untried test.
  public var failureRate: Double { Double(failures + 1) / Double(count + 1) }
}

extension PrioritisationHeuristic: PrioritisationAgent {
  /// Learns nothing.
  public mutating func learn(from outcome: CycleOutcome) {}
}
