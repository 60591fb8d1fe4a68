// Stopping at a precision: how often the interval at the moment of stopping covers the truth.

import LabCore
import Testing

@testable import Statistics

@Suite struct `Relative precision` {
  private static let mean = 10.0
  private static let deviation = 2.0

  /// What many sequential measurements of the same normal law come to.
  private struct Outcome {
    var covered = 0
    var trials = 0
    var values = 0

    func interval() throws -> ConfidenceInterval {
      try Wilson.interval(successes: covered, trials: trials, confidence: 0.99)
    }
  }

  /// Measures until a rule stops, over and over, and counts how often the interval of 95 % there
  /// covers the true mean.
  private func measure(
    _ trials: Int, seed: UInt64, until isDone: (RunningMoments) throws -> Bool
  ) throws -> Outcome {
    let law = Law.normal(mean: Self.mean, standardDeviation: Self.deviation)
    var outcome = Outcome()
    for trial in 0..<trials {
      var random = Seed(seed).child(trial).stream()
      var moments = RunningMoments()
      repeat { moments.add(law.sample(&random)) } while try !isDone(moments)
      let error = try #require(moments.standardDeviation) / Double(moments.count).squareRoot()
      let quantile = try StudentT(degreesOfFreedom: Double(moments.count - 1)).quantile(0.975)
      outcome.trials += 1
      outcome.values += moments.count
      if abs(moments.mean - Self.mean) <= quantile * error { outcome.covered += 1 }
    }
    return outcome
  }

  @Test func `at a fine precision the interval covers as often as it says, within a point`() throws
  {
    let rule = try RelativePrecision(share: 0.04)
    let outcome = try measure(1_000, seed: 11) { try rule.isReached(by: $0) }
    let coverage = try outcome.interval()
    #expect(coverage.high >= 0.94, "\(coverage)")
    #expect(coverage.low >= 0.90, "\(coverage)")
    // (1.96 · 2 / 0.4)² values would do if the spread were known.
    #expect((85...105).contains(outcome.values / outcome.trials), "\(outcome)")
  }

  @Test func `at a rough precision it covers less often, as the documentation says`() throws {
    let rule = try RelativePrecision(share: 0.1)
    let outcome = try measure(4_000, seed: 12) { try rule.isReached(by: $0) }
    let coverage = try outcome.interval()
    #expect(coverage.low >= 0.90 && coverage.high <= 0.945, "\(coverage)")
  }

  @Test func `a rule that goes on until the interval says what it wants is caught`() throws {
    // The planted fault: it stops as soon as the interval excludes the true mean.
    let outcome = try measure(400, seed: 13) { moments in
      guard let deviation = moments.standardDeviation else { return false }
      let error = deviation / Double(moments.count).squareRoot()
      let quantile = try StudentT(degreesOfFreedom: Double(moments.count - 1)).quantile(0.975)
      return moments.count == 60 || abs(moments.mean - Self.mean) > quantile * error
    }
    #expect(try outcome.interval().high < 0.9)
  }

  @Test func `the rule waits for five values and stops there when they do not differ`() throws {
    let rule = try RelativePrecision(share: 0.01)
    for (values, stops) in [
      ([3, 3, 3, 3], false), ([3, 3, 3, 3, 3], true), ([0, 0, 0, 0, 0], true),
      ([-1, 0, 1, -1, 1], false), ([-3, -3, -3, -3, -3], true), ([1, 2, 3, 4, 5], false),
    ] as [([Double], Bool)] {
      #expect(try rule.isReached(by: RunningMoments(of: values)) == stops, "\(values)")
    }
  }

  @Test func `a rule that makes no sense is refused`() {
    for (share, confidence) in [
      (0, 0.95), (-1, 0.95), (.nan, 0.95), (.infinity, 0.95), (0.1, 0), (0.1, 1), (0.1, .nan),
    ] as [(Double, Double)] {
      #expect(throws: StatisticsError.self) {
        try RelativePrecision(share: share, confidence: confidence)
      }
    }
  }
}
