import LabCore
import LinearAlgebra
import Testing

@testable import Learning

@Suite struct `An order of tests` {
  /// Four tests of 1, 2, 3 and 4 seconds, of which the second and the last fail.
  private static let cycle = TestCycle(
    [1, 2, 3, 4].enumerated().map { index, seconds in
      TestExecution(test: index, duration: .seconds(seconds), hasFailed: index % 2 == 1)
    }[...])

  @Test func `is judged as by hand`() throws {
    let cycle = Self.cycle
    // Ranks 1 and 2 of 4: 1 - 3/8 + 1/8.
    #expect(cycle.faultDetection([1, 3, 0, 2]) == 0.75)
    #expect(cycle.normalisedFaultDetection([1, 3, 0, 2], budget: 1) == 0.75)
    // 5 seconds: 2 s fits, 4 s does not any more, 1 s fits. One of two found, at rank 1.
    #expect(cycle.scheduled([1, 3, 0, 2], budget: 0.5) == [1, 0])
    #expect(
      cycle.normalisedFaultDetection([1, 3, 0, 2], budget: 0.5) == 0.5 - 1.0 / 8 + 0.5 / 8)
    // Ranks 3 and 4.
    #expect(cycle.faultDetection([0, 2, 1, 3]) == 1 - 7.0 / 8 + 1.0 / 8)
    // 1 and 3 s use 4 of 5 s, and neither failing test fits.
    #expect(cycle.normalisedFaultDetection([0, 2, 1, 3], budget: 0.5) == 0)
    let passing = TestCycle(cycle.executions.filter { !$0.hasFailed }[...])
    #expect(passing.faultDetection([0, 1]) == nil)
    #expect(passing.normalisedFaultDetection([0, 1], budget: 0.5) == nil)
  }

  @Test func `is judged as the definition says, for drawn cycles`() throws {
    var random = Seed(11).stream()
    for _ in 0..<200 {
      let count = 1 + random.below(12)
      let cycle = TestCycle(
        (0..<count).map { test in
          TestExecution(
            test: test, duration: .milliseconds(Int64(random.below(5_000))),
            hasFailed: random.below(3) == 0)
        }[...])
      var order = Array(0..<count)
      random.shuffle(&order)
      let budget = random.unit()
      #expect(
        cycle.normalisedFaultDetection(order, budget: budget)
          .map { abs($0 - (Self.twin(cycle, order, budget) ?? .infinity)) < 1e-12 } ?? true)
      #expect(
        (cycle.normalisedFaultDetection(order, budget: budget) == nil)
          == (Self.twin(cycle, order, budget) == nil))
    }
  }

  /// The definition, word for word.
  private static func twin(_ cycle: TestCycle, _ order: [Int], _ budget: Double) -> Double? {
    let all = (0..<cycle.count).filter { cycle[$0].hasFailed }
    if all.isEmpty { return nil }
    let available = budget * (0..<cycle.count).map { cycle[$0].duration.seconds }.reduce(0, +)
    var (used, scheduled): (Double, [Int]) = (0, [])
    for test in order where used + cycle[test].duration.seconds <= available {
      used += cycle[test].duration.seconds
      scheduled.append(test)
    }
    let ranks = all.compactMap { test in scheduled.firstIndex(of: test).map { $0 + 1 } }
    let (m, n) = (Double(all.count), Double(cycle.count))
    let share = Double(ranks.count) / m
    return share - Double(ranks.reduce(0, +)) / (m * n) + share / (2 * n)
  }

  @Test func `by priorities breaks ties evenly and nothing else`() {
    var random = Seed(2).stream()
    var first = [0, 0, 0, 0]
    for _ in 0..<4_000 {
      let order = Self.cycle.order(by: [1, 2, 2, 0], &random)
      #expect(order[2] == 0 && order[3] == 3)
      first[order[0]] += 1
    }
    // Six deviations of a fair coin in 4,000 throws.
    #expect(first[0] == 0 && first[3] == 0 && abs(first[1] - 2_000) < 190)
  }

  @Test func `by a heuristic follows its rule`() {
    func execution(_ past: [Bool], _ seconds: Int64, fails: Bool = false) -> TestExecution {
      TestExecution(
        test: 0, duration: .seconds(seconds), hasFailed: fails,
        past: PastVerdicts(newestFirst: past))
    }
    let cycle = TestCycle(
      [
        execution([false, true, true, true], 1), execution([true, false, false, false], 2),
        execution([], 9, fails: true), execution([false, false, false, false], 4, fails: true),
      ][...])
    func priorities(_ heuristic: PrioritisationHeuristic) -> [Double] {
      heuristic.priorities(of: cycle)
    }
    #expect(priorities(.lastFailedFirst) == [7, 8, 15, 0])
    let rates: [Double] = [0.8, 0.4, 1, 0.2]
    #expect(priorities(.failureRate) == rates)
    #expect(Set(priorities(.random)) == [0])
    let bound = priorities(.bound)
    #expect(bound[3] > bound[2] && bound[2] > bound[0] && bound[0] > bound[1])
  }

  @Test func `can never be better than the bound, within no budget or any`() throws {
    let history = try SyntheticHistory(cycles: 40, tests: 30, weak: 6, seed: Seed(8)).read()
    for budget in [0.2, 0.5, 1] {
      var bound = PrioritisationHeuristic.bound
      let best = try PrioritisationResult(of: &bound, on: history, budget: budget, seed: Seed(1))
      for heuristic in PrioritisationHeuristic.allCases {
        var heuristic = heuristic
        let result = try PrioritisationResult(
          of: &heuristic, on: history, budget: budget, seed: Seed(1))
        #expect(zip(result.unlimited, best.unlimited).allSatisfy { $0 <= $1 + 1e-12 })
        #expect((result.meanNormalised ?? 2) <= (best.meanNormalised ?? 0) + 1e-12)
      }
    }
  }
}
