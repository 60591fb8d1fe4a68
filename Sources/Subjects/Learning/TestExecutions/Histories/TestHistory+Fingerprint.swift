// Which history it is.

public import LabCore

extension TestHistory: StableHashable {
  /// Feeds the names of the tests and everything that is known of each run, but for the durations
  /// that were to be expected: they follow from the others.
  public func hash(into hasher: inout StableHasher) {
    hasher.combine(tests.count)
    for test in tests { hasher.combine(test) }
    hasher.combine(cycles.count)
    for cycle in cycles {
      hasher.combine(cycle.count)
      for execution in executions[cycle] {
        hasher.combine(Int(execution.test))
        hasher.combine(execution.duration.nanoseconds)
        hasher.combine(execution.lastRunSeconds)
        hasher.combine(execution.hasFailed ? 1 : 0)
        hasher.combine(execution.past.count)
        for age in 0..<execution.past.count { hasher.combine(execution.past[age] == true ? 1 : 0) }
      }
    }
  }

  /// A hash of everything in it: two histories that agree in it are the same.
  ///
  /// - Complexity: O(runs).
  public var fingerprint: UInt64 {
    var hasher = StableHasher()
    hasher.combine(self)
    return hasher.finalize()
  }
}
