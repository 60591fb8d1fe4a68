// How good decisions about tests are, computed exactly from their true chances.

import LabCore
import Learning

/// Suites of tests, with what the best behaviour does and earns there.
///
/// Nothing is sampled: tables of chances give what a behaviour earns, and how often the best one
/// comes to each state, which is what agreement is weighted by.
struct SelectionExam {
  /// How decisions compare with the oracle's.
  struct Marks: Hashable {
    /// How often the decision is one that the oracle might take, where the oracle comes.
    var agreement = 0.0
    /// The mean over the oracle's actions of how often that action is met.
    var balancedAccuracy = 0.0
    /// The correlation of both decisions as classes (Gorodkin 2004); 0 where one is constant.
    var correlation = 0.0
    /// What is lost beside the oracle for each test, in minutes of people's time.
    var regret = 0.0
    /// What is earned, if random actions earn 0 and the oracle's earn 1.
    var normalisedReturn = 0.0
  }

  private struct Suite {
    let selection: TestSelection
    let table: TabularEnvironment
    let values: OptimalValues
    /// How often the oracle comes to each state in an episode.
    let visits: [Double]
    let best, anything: Double
  }

  /// After how many decisions an episode ends at the latest.
  private static func limit(of table: TabularEnvironment) -> Int {
    table.stepLimit ?? GreedyEpisodes.endlessLimit
  }

  /// The numbers of actions.
  static let actions = SelectionAction.allCases.count

  private let suites: [Suite]

  /// Takes suites of tests.
  init(_ suites: [TestSelection]) throws {
    self.suites = try suites.map { selection in
      let table = selection.tabular
      let values = try OptimalValues(of: table.model, discount: 1)
      let limit = Self.limit(of: table)
      return Suite(
        selection: selection, table: table, values: values,
        visits: table.model.visits(of: values.policy, within: limit),
        best: table.model.expectedReturn(of: values.policy, within: limit),
        anything: table.model.randomReturn(within: limit))
    }
  }

  /// Marks a behaviour.
  ///
  /// - Parameters:
  ///   - confusion: The share of decisions that are replaced by any action.
  ///   - decide: The action in a state of a suite.
  func marks(
    confusion: Double = 0, _ decide: (TestSelection, TestSelection.State) throws -> Int
  ) throws -> Marks {
    try marks(confusion: confusion) { suite in
      // Behind the last test nothing is done.
      try suite.selection.tableStates.map { try decide(suite.selection, $0) } + [0]
    }
  }

  /// Marks a rule.
  func marks(of rule: SelectionRule) throws -> Marks {
    switch rule {
    case .oracle: return try marks { $0.values.policy }
    case .random: return try marks(confusion: 1) { $0.values.policy }
    case .majority:
      let shares = shares
      let action = shares.firstIndex(of: shares.max() ?? 0) ?? 0
      return try marks { _, _ in action }
    case .fixed:
      let all = try (0..<Self.actions).map { action in try marks { _, _ in action } }
      return all.max { $0.normalisedReturn < $1.normalisedReturn } ?? Marks()
    case .report, .retry:
      return try marks { _, state in (rule.action(failures: state.failures) ?? .skip).rawValue }
    }
  }

  /// How often the oracle takes each action.
  private var shares: [Double] {
    var shares = [Double](repeating: 0, count: Self.actions)
    for suite in suites {
      for (action, visits) in zip(suite.values.policy, suite.visits) { shares[action] += visits }
    }
    return shares
  }

  private func marks(
    confusion: Double = 0, _ policy: (Suite) throws -> [Int]
  ) throws -> Marks {
    var matrix = ConfusionMatrix(classes: Self.actions)
    var (earned, best, anything, tests) = (0.0, 0.0, 0.0, 0)
    for suite in suites {
      let policy = try policy(suite)
      let chances = StochasticPolicy(of: policy, actions: Self.actions, exploring: confusion)
      let (model, limit) = (suite.table.model, Self.limit(of: suite.table))
      earned +=
        confusion > 0
        ? model.expectedReturn(of: chances, within: limit)
        : model.expectedReturn(of: policy, within: limit)
      best += suite.best
      anything += suite.anything
      tests += suite.selection.tests.count
      for (state, visits) in suite.visits.enumerated() where visits > 0 {
        let worth = suite.values.ofActions[state]
        let greatest = worth.max() ?? 0
        for (action, chance) in chances.probabilities[state].enumerated() where chance > 0 {
          // Of equally good actions, the one that is taken counts as the oracle's.
          let isBest = worth[action] >= greatest - 1e-9
          matrix.count(
            truth: isBest ? action : suite.values.policy[state], answer: action, visits * chance)
        }
      }
    }
    return Marks(
      agreement: matrix.accuracy, balancedAccuracy: matrix.balancedAccuracy,
      correlation: matrix.correlation, regret: (best - earned) / Double(tests),
      normalisedReturn: (earned - anything) / (best - anything))
  }
}
