import LabCore
import LinearAlgebra
import Testing

@testable import Learning

@Suite struct `The selection of tests` {
  private static let selection = TestSelection(count: 8, seed: Seed(12))

  /// What the mean of many episodes is away from what the table says, in standard errors.
  private static func distance(
    _ returns: [Double], from truth: Double
  ) -> Double {
    let mean = returns.reduce(0, +) / Double(returns.count)
    let variance =
      returns.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(returns.count - 1)
    return abs(mean - truth) / (variance / Double(returns.count)).squareRoot()
  }

  /// The returns of a policy over the table, played in an environment that draws.
  private static func returns(
    of policy: [Int], in selection: TestSelection, episodes: Int, seed: UInt64
  ) -> [Double] {
    var episode = Episode(selection, random: Seed(seed).stream())
    return (0..<episodes).map { index in
      if index > 0 { episode.begin() }
      while true {
        let action = policy[selection.number(of: episode.state)]
        if episode.step(action).isLast { return episode.total }
      }
    }
  }

  @Test func `earns what its table says, for the best and for an odd behaviour`() throws {
    let selection = Self.selection
    let model = selection.tabular.model
    let best = try OptimalValues(of: model, discount: 1)
    let flakier = TestSelection(
      selection.tests.map { test in
        var test = test
        test.flakeProbability += 0.3
        return test
      }
    ).tabular
    let odd = (0..<model.stateCount).map { state -> Int in
      // Run, retry once, run alone, and put what still fails into quarantine.
      let failures = state % TestSelection.statesOfTest / 2
      if state % 2 == 1 { return SelectionAction.quarantine.rawValue }
      let actions: [SelectionAction] = [.run, .retry, .isolate, .isolate]
      return actions[failures].rawValue
    }
    for policy in [best.policy, odd] {
      let truth = model.expectedReturn(of: policy, within: 200)
      let played = Self.returns(of: policy, in: selection, episodes: 40_000, seed: 5)
      #expect(Self.distance(played, from: truth) < 4)
      // A table whose tests are far more flaky would be found.
      let wrong = flakier.model.expectedReturn(of: policy, within: 200)
      #expect(Self.distance(played, from: wrong) > 4)
    }
    #expect(model.expectedReturn(of: best.policy, within: 200) == model.bestReturn(within: 200))
  }

  @Test func `loses by skipping everything, and by running everything until it passes`() throws {
    for seed in 1...20 as ClosedRange<UInt64> {
      let model = TestSelection(count: 12, seed: Seed(seed)).tabular.model
      let best = try OptimalValues(of: model, discount: 1)
      func value(_ choose: (_ failures: Int) -> SelectionAction) -> Double {
        let policy = (0..<model.stateCount).map {
          choose($0 % TestSelection.statesOfTest / 2).rawValue
        }
        return model.expectedReturn(of: policy, within: 200)
      }
      let possible = model.expectedReturn(of: best.policy, within: 200)
      let skipping = value { _ in .skip }
      let running = value { $0 == 0 ? .run : .skip }
      #expect(skipping < running && running < possible)
      #expect(value { $0 == 0 ? .run : $0 < TestSelection.runLimit ? .retry : .skip } < possible)
      #expect(value { _ in .quarantine } < skipping)
    }
  }

  @Test func `knows by Bayes' rule how likely the code is broken`() throws {
    let test = SelectableTest(
      duration: .zero, defect: 0.1, detection: 1, flake: 0.2, cause: .order)
    let model = TestSelection([test]).tabular.model
    // One failure: 0.1 against 0.9 · 0.2, so 5 in 14.
    let report = Array(model.outcomes(of: SelectionAction.skip.rawValue, in: 2))
    #expect(abs(report[0].probability - 5.0 / 14) < 1e-12 && report[0].reward == 20)
    #expect(report[1].reward == -15 && report.allSatisfy(\.isTerminal))
    // Alone nothing of the order is left: a failure there proves the defect.
    let proved = Array(model.outcomes(of: SelectionAction.skip.rawValue, in: 1))
    #expect(proved[0].probability == 1)
    let run = Array(model.outcomes(of: SelectionAction.run.rawValue, in: 0))
    #expect(run[0].state == 2 && abs(run[0].probability - 0.28) < 1e-12)
    #expect(run[1].probability == 0 && abs(run[2].probability - 0.72) < 1e-12)
  }

  @Test func `charges actions that do not fit and leaves the test as skipping does`() {
    var random = Seed(1).stream()
    var (unfit, skipping) = (Self.selection, Self.selection)
    unfit.reset(&random)
    skipping.state = unfit.state
    var same = random
    let outcome = unfit.step(SelectionAction.retry.rawValue, &random)
    let skipped = skipping.step(SelectionAction.skip.rawValue, &same)
    #expect(outcome.reward == skipped.reward + unfit.rewards.unfit)
    #expect(unfit.state == skipping.state && unfit.state.test == 1)
    let model = unfit.tabular.model
    for (retry, skip) in zip(
      model.outcomes(of: SelectionAction.retry.rawValue, in: 0),
      model.outcomes(of: SelectionAction.skip.rawValue, in: 0))
    {
      #expect(retry.probability == skip.probability && retry.state == skip.state)
      #expect(retry.reward == skip.reward + unfit.rewards.unfit)
    }
  }

  @Test func `prefers isolation where it helps, and quarantine where nothing does`() throws {
    func best(_ cause: FlakinessCause, flake: Double, defect: Double) throws -> [Int] {
      let test = SelectableTest(
        duration: .seconds(1), defect: defect, detection: 1, flake: flake, cause: cause)
      return try OptimalValues(of: TestSelection([test]).tabular.model, discount: 1).policy
    }
    // Nine of ten failures mean nothing where it is, and all mean a defect alone.
    let order = try best(.order, flake: 0.9, defect: 0.05)
    #expect(order[0] == SelectionAction.isolate.rawValue)
    let time = try best(.time, flake: 0.3, defect: 0.05)
    #expect(![time[0], time[2], time[4]].contains(SelectionAction.isolate.rawValue))
    // A test that fails nearly always and finds nearly nothing: its reports cost more than it.
    let useless = try best(.time, flake: 0.95, defect: 0.001)
    #expect(
      [SelectionAction.skip, .quarantine].map(\.rawValue).contains(useless[0]))
  }

  @Test func `is learnt by a table to what dynamic programming says`() throws {
    let world = Self.selection.tabular
    var settings = TabularSettings(
      learningRate: 0.05, discount: 1, exploration: (1, 0.1), episodes: 30_000)
    settings.stepLimit = 200
    var learner = try QLearning(world, settings, seed: Seed(3))
    try learner.train()
    let earned = world.model.expectedReturn(of: learner.values.policy, within: 200)
    let best = world.model.bestReturn(within: 200)
    let random = world.model.randomReturn(within: 200)
    // Nine tenths of the way from chance to the best.
    #expect(earned > random + 0.9 * (best - random))
  }

  @Test func `offers a few actions and a box to learners with networks`() throws {
    let blas = try OpenBLAS.open()
    var settings = PPOSettings()
    settings.steps = 512
    var few = try PPO(Self.selection, settings, seed: Seed(1), blas)
    #expect(try !few.train(steps: 512).isEmpty)
    var soft = SACSettings()
    (soft.steps, soft.hidden, soft.minibatch) = (300, [16], 16)
    var box = try SAC(TestSelectionBox(Self.selection), soft, seed: Seed(1), blas)
    let returns = try box.train(steps: 300)
    // A step in the box deals with a whole test.
    #expect(returns.count == 300 / Self.selection.tests.count)
  }

  @Test func `means by two numbers how often to run and what follows`() {
    func actions(_ action: [Float], failures: [Int]) -> [SelectionAction] {
      failures.map { count in
        var state = TestSelection.State()
        state.failures = count
        return TestSelectionBox.next(after: state, action)
      }
    }
    #expect(actions([-1, 0], failures: [0]) == [.skip])
    #expect(actions([-0.4, 0], failures: [0, 1]) == [.run, .skip])
    #expect(actions([1, -1], failures: [0, 1, 2, 3]) == [.run, .retry, .retry, .quarantine])
    #expect(actions([0.2, 1], failures: [0, 1, 2]) == [.run, .retry, .isolate])
    #expect(actions([.infinity, 9], failures: [3]) == [.isolate])
    #expect(actions([.nan, .nan], failures: [0]) == [.skip])
  }

  @Test func `is told apart by its tests and its rewards`() {
    let identity = TestSelection(count: 8, seed: Seed(12)).identity
    #expect(identity == Self.selection.identity)
    #expect(identity != TestSelection(count: 8, seed: Seed(13)).identity)
    var rewards = SelectionRewards()
    rewards.unfit -= 1
    let other = TestSelection(Self.selection.tests, rewards: rewards)
    #expect(identity != other.identity)
    #expect(TestSelectionBox(other).identity != TestSelectionBox(Self.selection).identity)
    #expect(TestSelectionBox(other).identity != other.identity)
  }

  @Test func `by a box never earns more than the table's best`() throws {
    let selection = Self.selection
    let best = selection.tabular.model.bestReturn(within: 200)
    var random = Seed(8).stream()
    for _ in 0..<12 {
      let action = [Float(random.uniform(-1, 1)), Float(random.uniform(-1, 1))]
      var episode = Episode(TestSelectionBox(selection), random: Seed(random.next()).stream())
      var returns: [Double] = []
      for _ in 0..<4_000 {
        while !episode.step(action).isLast {}
        returns.append(episode.total)
        episode.begin()
      }
      let mean = returns.reduce(0, +) / Double(returns.count)
      #expect(mean < best || Self.distance(returns, from: best) < 4)
    }
  }
}
