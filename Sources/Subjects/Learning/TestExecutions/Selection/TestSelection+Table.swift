// The selection of tests as a table of chances.

extension TestSelection {
  /// How many states each test has in the table.
  static let statesOfTest = 2 * (runLimit + 1)

  /// The same environment over a table: `8 · test + 2 · failures + hasFailedAlone`.
  ///
  /// What is not seen, whether the code is broken, is taken by its chance given what was seen: how
  /// often the test has failed where it is and alone says all about it, so that the table is exact,
  /// and ``OptimalValues`` of its model gives what the best behaviour earns. Behind the last test
  /// stands a state of its own.
  public var tabular: TabularEnvironment {
    let end = tests.count * Self.statesOfTest
    let model = TransitionModel(
      states: end + 1, actions: SelectionAction.allCases.count, starts: [0]
    ) { state, number in
      guard state < end, let action = SelectionAction(rawValue: number) else {
        return [.init(to: state, reward: 0, isTerminal: true)]
      }
      return outcomes(of: action, in: state, end: end)
    }
    return TabularEnvironment(name: name, model: model, stepLimit: stepLimit)
  }

  /// The number in the table of what is seen of a state.
  public func number(of state: State) -> Int {
    guard state.test < tests.count else { return tests.count * Self.statesOfTest }
    return Self.statesOfTest * state.test + 2 * state.failures + (state.hasFailedAlone ? 1 : 0)
  }

  /// The number of the test that a state of the table belongs to; behind the last, their count.
  public static func test(ofNumber state: Int) -> Int { state / statesOfTest }

  private func outcomes(
    of action: SelectionAction, in state: Int, end: Int
  ) -> [TransitionModel.Outcome] {
    let test = tests[state / Self.statesOfTest]
    let failures = state % Self.statesOfTest / 2
    let hasFailedAlone = state % 2 == 1
    let isFit = fits(action, failures: failures, hasFailedAlone: hasFailedAlone)
    let broken = Self.broken(test, failures: failures, hasFailedAlone: hasFailedAlone)
    let next = (state / Self.statesOfTest + 1) * Self.statesOfTest
    guard isFit, let isIsolated = Self.place(of: action) else {
      let hasFailed = failures > 0 || hasFailedAlone
      return [
        .init(
          broken, to: next,
          reward: rewards.settled(action, isFit: isFit, hasFailed: hasFailed, isBroken: true),
          isTerminal: next == end),
        .init(
          1 - broken, to: next,
          reward: rewards.settled(action, isFit: isFit, hasFailed: hasFailed, isBroken: false),
          isTerminal: next == end),
      ]
    }
    let failsBroken = broken * test.failureProbability(isBroken: true, isIsolated: isIsolated)
    let fails =
      failsBroken + (1 - broken) * test.failureProbability(isBroken: false, isIsolated: isIsolated)
    let cost = rewards.cost(of: test, isIsolated: isIsolated)
    let escapes = broken - failsBroken
    return [
      .init(fails, to: isIsolated ? state + 1 : state + 2, reward: cost, isTerminal: false),
      .init(escapes, to: next, reward: cost + rewards.escaped, isTerminal: next == end),
      .init(max(1 - fails - escapes, 0), to: next, reward: cost, isTerminal: next == end),
    ]
  }

  /// How likely the code is broken, given failures: Bayes' rule, runs being independent where that
  /// is known.
  private static func broken(
    _ test: SelectableTest, failures: Int, hasFailedAlone: Bool
  ) -> Double {
    func weight(_ isBroken: Bool) -> Double {
      var weight = isBroken ? test.defectProbability : 1 - test.defectProbability
      for _ in 0..<failures {
        weight *= test.failureProbability(isBroken: isBroken, isIsolated: false)
      }
      if hasFailedAlone {
        weight *= test.failureProbability(isBroken: isBroken, isIsolated: true)
      }
      return weight
    }
    let (broken, whole) = (weight(true), weight(false))
    // What cannot happen may have any chance.
    return broken + whole > 0 ? broken / (broken + whole) : 0
  }
}
