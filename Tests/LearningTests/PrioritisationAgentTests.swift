import LabCore
import LinearAlgebra
import Testing

@testable import Learning

@Suite struct `An agent that orders tests` {
  private static let history = Result {
    try SyntheticHistory(cycles: 60, tests: 60, weak: 8, seed: Seed(21)).read()
  }

  @Test(arguments: PriorityMethod.allCases)
  func `has a name of its own by which it is found`(method: PriorityMethod) {
    #expect(PriorityMethod(name: method.name) == method)
    #expect(PriorityMethod.allCases.count { $0.name == method.name } == 1)
    #expect(PriorityMethod(name: "nobody") == nil)
  }

  @Test(arguments: PriorityMethod.agents)
  func `gives the same for the same seed, and another order for another`(
    method: PriorityMethod
  ) throws {
    let made = SyntheticHistory(cycles: 12, tests: 40, weak: 6, seed: Seed(4))
    let (history, blas) = (try made.read(), try OpenBLAS.open())
    let one = try method.run(on: history, budget: 0.5, seed: Seed(1), blas)
    #expect(try method.run(on: history, budget: 0.5, seed: Seed(1), blas) == one)
    #expect(try method.run(on: history, budget: 0.5, seed: Seed(2), blas) != one)
    #expect(one.normalised.count == history.failingCycles)
  }

  /// Changes the verdicts of the last cycle, which no order of it may know.
  @Test(arguments: PriorityMethod.allCases.filter { $0 != .heuristic(.bound) })
  func `does not look at verdicts before it has ordered`(method: PriorityMethod) throws {
    var made = SyntheticHistory(cycles: 10, tests: 20, weak: 5, seed: Seed(6))
    let blas = try OpenBLAS.open()
    func lastOrder() throws -> [Double] {
      let history = try made.read()
      return try method.lastPriorities(on: history, seed: Seed(3), blas)
    }
    let before = try lastOrder()
    for test in made.cycles[9].indices { made.cycles[9][test].hasFailed.toggle() }
    #expect(try lastOrder() == before)
    for test in made.cycles[8].indices { made.cycles[8][test].hasFailed.toggle() }
    // The planted look at an earlier verdict is found where it may be used.
    if method == .heuristic(.failureRate) { #expect(try lastOrder() != before) }
  }

  /// Changes how long the runs of the last cycle take, which no order of it may know either.
  @Test(arguments: PriorityMethod.allCases.filter { $0 != .heuristic(.bound) })
  func `does not look at durations before it has ordered`(method: PriorityMethod) throws {
    var made = SyntheticHistory(cycles: 10, tests: 20, weak: 5, seed: Seed(6))
    let blas = try OpenBLAS.open()
    func lastOrder() throws -> [Double] {
      try method.lastPriorities(on: try made.read(), seed: Seed(3), blas)
    }
    let before = try lastOrder()
    for test in made.cycles[9].indices { made.cycles[9][test].seconds = Double(20 - test) }
    #expect(try lastOrder() == before)
    for test in made.cycles[8].indices { made.cycles[8][test].seconds = Double(20 - test) }
    // The planted look at an earlier duration is found where it may be used.
    if method == .actorCritic(.withoutVerdicts) { #expect(try lastOrder() != before) }
  }

  @Test(arguments: TestSignals.allCases)
  func `sees of a run nothing that changes with its duration`(signals: TestSignals) throws {
    var made = SyntheticHistory(cycles: 4, tests: 12, weak: 2, seed: Seed(9))
    func seen() throws -> [[[Float]]] {
      let history = try made.read()
      return history.cycles.indices.map { signals.numbers(of: history.cycle($0)) }
    }
    let before = try seen()
    made.cycles[2][5].seconds += 100
    let after = try seen()
    #expect(after[0...2] == before[0...2])
    // The next cycle may know it.
    #expect(after[3] != before[3])
  }

  @Test func `takes an unknown last run for the earliest, and none for 1970`() {
    func since(_ days: [Int64]) -> [Float] {
      let executions = days.map {
        TestExecution(
          test: 0, duration: .seconds(1), lastRunSeconds: $0 * 86_400, hasFailed: false)
      }
      return RetecsSignals(of: TestCycle(executions[...])).numbers.map { $0[1] }
    }
    #expect(since([18_000, 18_005, 18_010]) == [1, 0.5, 0])
    #expect(since([18_000, 18_005, 18_010, 0]) == [1, 0.5, 0, 1])
    #expect(since([18_000, 0]) == [0, 1] && since([0, 0]) == [0, 0])
  }

  @Test func `for priorities begins as the heuristic that it knows`() throws {
    let history = try Self.history.get()
    var agent = try PriorityActorCritic(seed: Seed(5), try OpenBLAS.open())
    let cycle = history.cycle(20)
    let priorities = try agent.priorities(of: cycle)
    let rates = PrioritisationHeuristic.failureRate.priorities(of: cycle)
    for left in cycle.executions.indices.map({ $0 - cycle.executions.startIndex }) {
      for right in 0..<cycle.count where rates[left] > 1.3 * rates[right] {
        #expect(priorities[left] > priorities[right])
      }
    }
  }

  @Test func `for priorities comes to more than the heuristics where there is more to know`() throws
  {
    let history = try Self.history.get()
    let blas = try OpenBLAS.open()
    let comparison = try PrioritisationComparison(
      of: [.actorCritic(.all), .actorCritic(.withoutVerdicts)], on: history, budget: 0.5,
      seeds: (3, Seed(17)), blas)
    func mean(_ method: PriorityMethod) -> Double {
      comparison.rows.first { $0.method == method }?.meanNormalised ?? .nan
    }
    let heuristic = try #require(comparison.betterHeuristic).meanNormalised
    #expect(mean(.actorCritic(.all)) > heuristic - 0.01)
    #expect(mean(.actorCritic(.all)) > mean(.heuristic(.random)) + 0.1)
    #expect(mean(.actorCritic(.all)) > mean(.actorCritic(.withoutVerdicts)))
    #expect(mean(.heuristic(.bound)) > mean(.actorCritic(.all)))
  }

  @Test func `is rewarded by wrong pairs, which add up to what the order loses`() {
    var random = Seed(31).stream()
    for _ in 0..<100 {
      let executions = (0..<12).map { test in
        TestExecution(
          test: test, duration: .seconds(1 + Int64(random.below(9))),
          hasFailed: random.below(3) == 0)
      }
      let cycle = TestCycle(executions[...])
      let passing = Double(cycle.count - cycle.failures)
      let remembered = RememberedCycle(
        CycleOutcome(cycle, order: Array(0..<12), budget: 1),
        numbers: executions.map { _ in [0] }, base: executions.map { _ in 0 })
      guard remembered.isInstructive else { continue }
      let priorities = executions.map { _ in random.unit() }
      let order = cycle.order(by: priorities, &random)
      let rewards = remembered.rewards(of: priorities)
      // Each wrong pair is counted at both of its tests; with m failing of n, APFD is
      // 1 - (wrong / m + (m + 1) / 2) / n + 1 / (2 n).
      let wrong = -rewards.reduce(0, +) / 2 * Double(cycle.failures)
      let (m, n) = (Double(cycle.failures), Double(cycle.count))
      let expected = 1 - (wrong / m + (m + 1) / 2) / n + 1 / (2 * n)
      #expect(abs(expected - (cycle.faultDetection(order) ?? .nan)) < 1e-9)
      #expect(wrong <= m * passing)
    }
  }

  @Test func `pays for a failing test that the budget leaves out`() {
    let executions = [(6, false), (5, true), (1, false)].map { seconds, fails in
      TestExecution(test: 0, duration: .seconds(seconds), hasFailed: fails)
    }
    let remembered = RememberedCycle(
      CycleOutcome(TestCycle(executions[...]), order: [0, 1, 2], budget: 0.5),
      numbers: executions.map { _ in [0] }, base: [0, 0, 0])
    // The long one takes all 6 seconds: the failing one stands last, after one wrong pair, and the
    // two further ranks are charged to the long one.
    #expect(remembered.rewards(of: [3, 2, 1]) == [-1 - 2, -3, 0])
    // In the best order the failing one comes first, and the short one still fits.
    #expect(remembered.rewards(of: [1, 3, 2]) == [0, 0, 0])
  }

  @Test func `does not pay for a passing test that the budget leaves out`() {
    let executions = [(4, false), (1, true), (1, false)].map { seconds, fails in
      TestExecution(test: 0, duration: .seconds(seconds), hasFailed: fails)
    }
    let remembered = RememberedCycle(
      CycleOutcome(TestCycle(executions[...]), order: [0, 1, 2], budget: 0.5),
      numbers: executions.map { _ in [0] }, base: [0, 0, 0])
    // Of 3 seconds the long one gets none, and so it stands before nothing.
    #expect(remembered.rewards(of: [3, 2, 1]) == [0, 0, 0])
    // The short one before the failing one is a wrong pair.
    #expect(remembered.rewards(of: [3, 1, 2]) == [0, -1, -1])
  }

  @Test func `remembers as many tests as it is told, in whole cycles, and learns from them`() throws
  {
    let history = try Self.history.get()
    let blas = try OpenBLAS.open()
    func result(_ memory: Int) throws -> PrioritisationResult {
      var settings = PriorityActorCriticSettings()
      (settings.memory, settings.updates, settings.minibatch) = (memory, 2, 64)
      var agent = try PriorityActorCritic(settings, seed: Seed(5), blas)
      return try PrioritisationResult(of: &agent, on: history, budget: 0.5, seed: Seed(1))
    }
    // A cycle has 60 tests: room for one test, for 119 or for the latest cycle is the same.
    let one = try result(60)
    #expect(try result(1) == one)
    #expect(try result(119) == one)
    #expect(try result(120) != one)
    // All cycles fit, and more room changes nothing.
    let all = try result(3_600)
    #expect(try result(200_000) == all)
  }

  @Test func `over a history as an environment sees each test once and earns by its verdict`()
    throws
  {
    let history = try SyntheticHistory(cycles: 5, tests: 12, weak: 3, seed: Seed(2)).read()
    var episode = Episode(TestPrioritisation(history), random: Seed(1).stream())
    for cycle in history.cycles.indices {
      #expect(episode.environment.state.cycle == cycle)
      for (place, execution) in history.executions(of: cycle).enumerated() {
        #expect(
          episode.environment.observation()
            == TestSignals.all.numbers(of: history.cycle(cycle))[place])
        let step = episode.step([execution.hasFailed ? 1 : -1])
        #expect(step.reward == 0 && step.isTerminated == (place == 11) && !step.isTruncated)
      }
      episode.begin()
    }
    #expect(episode.environment.state.cycle == 0)
    #expect(episode.step([2]).reward < 0)
  }

  @Test func `over a history as an environment goes on where its state is set`() throws {
    let history = try SyntheticHistory(cycles: 5, tests: 12, weak: 3, seed: Seed(2)).read()
    var environment = TestPrioritisation(history)
    let state = try #require(TestPrioritisation.State(words: [3, 4, 30, 10]))
    environment.state = state
    #expect(environment.observation() == TestSignals.all.numbers(of: history.cycle(3))[4])
    #expect(TestPrioritisation.State(words: state.words) == state)
    // More tests gone through than counted, and counts that cannot be counted on.
    #expect(TestPrioritisation.State(words: [3, 4, 1, 2]) == nil)
    #expect(TestPrioritisation.State(words: [3, 4, 1 << 62, 2]) == nil)
  }

  @Test func `over a history as an environment is told apart by the history and the signals`()
    throws
  {
    let history = try SyntheticHistory(cycles: 5, tests: 12, weak: 3, seed: Seed(2)).read()
    let other = try SyntheticHistory(cycles: 5, tests: 12, weak: 3, seed: Seed(3)).read()
    let identity = TestPrioritisation(history).identity
    #expect(identity == TestPrioritisation(history).identity)
    #expect(identity != TestPrioritisation(other).identity)
    #expect(identity != TestPrioritisation(history, seeing: .published).identity)
  }

  @Test func `finds signals that are finite for tests of one kind, one test and no time`() throws {
    for executions in [
      [TestExecution(test: 0, duration: .zero, hasFailed: true)],
      (0..<5).map { TestExecution(test: $0, duration: .zero, hasFailed: false) },
    ] {
      for signals in TestSignals.allCases {
        let numbers = signals.numbers(of: TestCycle(executions[...]))
        #expect(numbers.allSatisfy { $0.count == signals.width && $0.allSatisfy(\.isFinite) })
      }
    }
  }

  @Test func `deals with one test, one class and runs that never fail`() throws {
    let blas = try OpenBLAS.open()
    let heading = "Name;Duration;Verdict;Cycle\n"
    let one = try TestHistory(table: heading + "a;1;1;1\na;1;0;2\na;1;1;3\n")
    let failing = try TestHistory(table: heading + "a;1;1;1\nb;1;1;1\na;1;1;2\nb;1;1;2\n")
    for method in PriorityMethod.allCases {
      for history in [one, failing] {
        let result = try method.run(on: history, budget: 1, seed: Seed(1), blas)
        #expect(result.normalised.count == 2 && result.normalised.allSatisfy { $0 == 0.5 })
      }
    }
    let passing = try TestHistory(table: heading + "a;1;0;1\nb;1;0;1\n")
    let error = #expect(throws: LearningError.self) {
      try PrioritisationComparison(
        of: [], on: passing, budget: 0.5, seeds: (1, Seed(1)), blas)
    }
    #expect(error.map { "\($0)" }?.contains("a failed run at least was expected") == true)
    #expect(throws: LearningError.self) {
      try PrioritisationComparison(of: [], on: one, budget: 2, seeds: (1, Seed(1)), blas)
    }
    #expect(throws: LearningError.self) {
      try PrioritisationComparison(of: [], on: one, budget: 0.5, seeds: (0, Seed(1)), blas)
    }
  }
}

extension PriorityMethod {
  /// The priorities of the last cycle, after all before it have been learnt from.
  fileprivate func lastPriorities(
    on history: TestHistory, seed: Seed, _ blas: OpenBLAS
  ) throws -> [Double] {
    func last<Agent: PrioritisationAgent & ~Copyable>(_ agent: inout Agent) throws -> [Double] {
      var random = seed.child("ties").stream()
      for number in history.cycles.indices.dropLast() {
        let cycle = history.cycle(number)
        let order = cycle.order(by: try agent.priorities(of: cycle), &random)
        try agent.learn(from: CycleOutcome(cycle, order: order, budget: 0.5))
      }
      return try agent.priorities(of: history.cycle(history.cycles.count - 1))
    }
    switch self {
    case .heuristic(var heuristic): return try last(&heuristic)
    case .retecsTableau:
      var agent = RetecsTableau(seed: seed)
      return try last(&agent)
    case .retecsNetwork:
      var agent = RetecsNetwork(seed: seed, blas)
      return try last(&agent)
    case .actorCritic(let signals):
      var agent = try PriorityActorCritic(seeing: signals, seed: seed, blas)
      return try last(&agent)
    case .softActorCritic(let signals):
      var agent = try PrioritySAC(on: history, seeing: signals, seed: seed, blas)
      return try last(&agent)
    }
  }
}
