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
            test: test, duration: .milliseconds(Int64(1 + random.below(5_000))),
            hasFailed: random.below(3) == 0)
        }[...])
      var order = Array(0..<count)
      random.shuffle(&order)
      let percent = random.below(101)
      let budget = Double(percent) / 100
      #expect(
        cycle.normalisedFaultDetection(order, budget: budget)
          .map { abs($0 - (Self.twin(cycle, order, percent) ?? .infinity)) < 1e-12 } ?? true)
      #expect(
        (cycle.normalisedFaultDetection(order, budget: budget) == nil)
          == (Self.twin(cycle, order, percent) == nil))
    }
  }

  /// The definition, word for word; time is compared in hundredths of milliseconds.
  private static func twin(_ cycle: TestCycle, _ order: [Int], _ percent: Int) -> Double? {
    let all = (0..<cycle.count).filter { cycle[$0].hasFailed }
    if all.isEmpty { return nil }
    let hundredths = (0..<cycle.count).map { Int(cycle[$0].duration.milliseconds) * 100 }
    let available = hundredths.reduce(0, +) / 100 * percent
    var scheduled: [Int] = []
    for test in order
    where (scheduled + [test]).reduce(0, { $0 + hundredths[$1] }) <= available {
      scheduled.append(test)
    }
    let ranks = all.compactMap { test in scheduled.firstIndex(of: test).map { $0 + 1 } }
    let (m, n) = (Double(all.count), Double(cycle.count))
    let share = Double(ranks.count) / m
    return share - Double(ranks.reduce(0, +)) / (m * n) + share / (2 * n)
  }

  @Test(arguments: [(1, 10), (3, 10), (7, 10), (1, 3), (2, 3), (1, 1)])
  func `runs exactly as many equal tests as the budget pays for`(run: Int, of count: Int) {
    // A tenth of a second is no number that adds up in doubles.
    let tests = (0..<(10 * count)).map {
      TestExecution(test: $0, duration: .milliseconds(100), hasFailed: false)
    }
    let order = Array(tests.indices)
    let scheduled = TestCycle(tests[...]).scheduled(order, budget: Double(run) / Double(count))
    #expect(scheduled.count == 10 * run)
  }

  @Test func `of centuries of tests is counted without a trap`() {
    let tests = (0..<200).map {
      TestExecution(test: $0, duration: .seconds(100_000_000), hasFailed: false)
    }
    let cycle = TestCycle(tests[...])
    #expect(cycle.scheduled(Array(0..<200), budget: 1).count == 200)
    #expect(cycle.scheduled(Array(0..<200), budget: 0.5).count == 100)
  }

  @Test func `of tests that nobody measured counts each alike`() throws {
    let cases = (0..<7).map { "<testcase name='t\($0)'/>" }.joined()
    let cycle = try TestHistory(documents: ["<testsuite>\(cases)</testsuite>"]).cycle(0)
    #expect(cycle.scheduled(Array(0..<7), budget: 0.5) == [0, 1, 2])
    #expect(cycle.scheduled(Array(0..<7), budget: 0).isEmpty)
    #expect(cycle.scheduled(Array(0..<7), budget: 1).count == 7)
    // Where one was measured, those that were not cost nothing.
    var mixed = Array(cycle.executions)
    mixed[0].duration = .seconds(1)
    #expect(TestCycle(mixed[...]).scheduled(Array(0..<7), budget: 0.5) == Array(1..<7))
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

  @Test func `by the bound takes the shortest failing test first, to the nanosecond`() {
    let cycle = TestCycle(
      [3, 1, 2].enumerated().map { index, nanoseconds in
        TestExecution(test: index, duration: .nanoseconds(nanoseconds), hasFailed: true)
      }[...])
    let priorities = PrioritisationHeuristic.bound.priorities(of: cycle)
    #expect(priorities[1] > priorities[2] && priorities[2] > priorities[0])
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
