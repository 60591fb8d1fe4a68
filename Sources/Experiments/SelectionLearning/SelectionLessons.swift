// Builds of tests that learners live through.

import LabCore
import Learning
import LinearAlgebra

/// How tests are drawn.
struct SelectionDrawing: Hashable {
  /// How likely at most the code behind a test is broken.
  var defects = 0.15
  /// How many of the tests are flaky.
  var flaky = 0.4

  /// So many suites of ten tests.
  func suites(_ count: Int, seed: Seed) -> [TestSelection] {
    var random = seed.stream()
    return (0..<count).map { _ in
      TestSelection(
        (0..<10).map { _ in SelectableTest.drawn(defects: defects, flaky: flaky, &random) })
    }
  }
}

/// Builds of some suites of tests, one after another in an order that a seed draws.
struct SelectionLessons {
  private let executions: Int
  private let suites: [TestSelection]
  private let coarse: CoarseView
  private static let words = SelectionAction.allCases.map { "\($0)" }

  /// Takes suites.
  ///
  /// - Parameter executions: How many decisions are lived through.
  init(executions: Int, _ suites: [TestSelection]) {
    self.executions = executions
    self.suites = suites
    coarse = CoarseView(of: suites, levels: 2)
  }

  /// A learner that has lived through builds until the budget was spent.
  ///
  /// - Parameter look: Is told the number of each action that the learner takes.
  /// - Throws: `LearningError`.
  func taught(
    _ algorithm: LearningAlgorithm, _ settings: FleetSettings, seed: Seed, _ blas: OpenBLAS,
    look: (Int) -> Void = { _ in }
  ) throws -> FleetLearner {
    let task = FleetTask(
      observationWidth: suites[0].observationSpace.width, actions: Self.words)
    var learner = try FleetLearner(algorithm, task, settings, seed: seed, blas)
    let agent = "worker"
    learner.attach(agent)
    var (random, taken) = (seed.child("builds").stream(), 0)
    while taken < executions {
      let suite = suites[random.below(suites.count)]
      var episode = Episode(suite, random: RandomStream(seed: Seed(random.next())))
      var isLast = false
      while !isLast {
        let seen = view(of: algorithm, episode.environment.observation())
        let word = try learner.choose(for: agent, seeing: seen)
        let action = Self.action(of: word)
        look(action)
        let step = episode.step(action)
        taken += 1
        isLast = step.isLast || taken == executions
        // Networks learn best from rewards about 1, so learners are told hours and not minutes.
        let experience = FleetExperience(
          seen, word, reward: step.reward / 60,
          next: view(of: algorithm, episode.environment.observation()),
          end: step.isTerminated ? .terminated : isLast ? .truncated : .none)
        try learner.record(experience, of: agent)
      }
    }
    try learner.train()
    return learner
  }

  /// What a learner would do in a state of a suite, as the number of an action.
  func decision(
    of learner: borrowing FleetLearner, in state: TestSelection.State, of suite: TestSelection
  ) throws -> Int {
    let seen = view(of: learner.algorithm, suite.observation(in: state))
    return Self.action(of: try learner.predict(seeing: seen))
  }

  /// The number of an action.
  private static func action(of word: String) -> Int {
    guard let action = words.firstIndex(of: word) else {
      preconditionFailure("a learner answers with one of its task's actions")
    }
    return action
  }

  /// Tables see tests in few ways, networks as they are.
  private func view(of algorithm: LearningAlgorithm, _ observation: [Float]) -> [Float] {
    switch algorithm {
    case .qLearning, .sarsa: coarse(observation)
    default: observation
    }
  }
}

extension TestSelection {
  /// What is seen in a state.
  func observation(in state: State) -> [Float] {
    var there = self
    there.state = state
    return there.observation()
  }

  /// The states of the table but the last, in the order of their numbers.
  var tableStates: [State] {
    tests.indices.flatMap { test in
      (0...Self.runLimit).flatMap { failures in
        [false, true].map { isAlone in
          var state = State()
          (state.test, state.failures, state.hasFailedAlone) = (test, failures, isAlone)
          return state
        }
      }
    }
  }
}
