// Histories that are drawn, where there is none of a real project.

public import LabCore

/// Runs of tests that are drawn: some tests are broken for cycles in a row again and again, the
/// others fail seldom.
///
/// - Determinism: The counts and the seed fix every run.
public struct SyntheticHistory: Hashable, Sendable {
  /// One run of one test.
  public struct Run: Hashable, Sendable {
    /// The name of the test.
    public var name: String
    /// How long it took.
    public var seconds: Double
    /// Whether it failed.
    public var hasFailed: Bool
  }

  /// The runs of each cycle.
  public var cycles: [[Run]] = []

  /// Draws cycles.
  ///
  /// - Parameter weak: How many tests break; they stand next to each other from the eleventh on, so
  ///   that names tell something.
  public init(cycles count: Int, tests: Int, weak: Int, seed: Seed) {
    var random = seed.stream()
    let seconds = (0..<tests).map { _ in random.uniform(0.5, 4) }
    var isBroken = [Bool](repeating: false, count: tests)
    for _ in 0..<count {
      cycles.append(
        (0..<tests).map { test in
          if (10..<(10 + weak)).contains(test) {
            isBroken[test] = random.unit() < (isBroken[test] ? 0.6 : 0.08)
          }
          let hasFailed = isBroken[test] || random.unit() < 0.001
          return Run(name: "suite.test\(test)", seconds: seconds[test], hasFailed: hasFailed)
        })
    }
  }

  /// The history as it would be read from files, a cycle a day.
  public var history: TestHistory {
    let builder = TestHistoryBuilder()
    for (cycle, runs) in cycles.enumerated() {
      for run in runs {
        builder.append(
          TestExecution(
            test: 0, duration: Duration(seconds: run.seconds) ?? .zero,
            lastRunSeconds: Int64(cycle) * 86_400, hasFailed: run.hasFailed),
          of: run.name, in: cycle)
      }
    }
    return builder.finish()
  }
}
