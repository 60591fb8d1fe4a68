// Who decides about tests: the nine algorithms, and rules that learn nothing.

import LabCore
import Learning

/// An arm of the experiments on selecting tests.
enum SelectionPupil: Hashable {
  /// One of the nine, behind the face of a fleet's learner.
  case learner(LearningAlgorithm)
  /// A rule.
  case rule(SelectionRule)
  /// A planted fault: SAC, trained a hundred times over.
  case slow

  /// The pupil of an arm's name, or nothing where there is none.
  init?(name: String) {
    if let rule = SelectionRule(rawValue: name) {
      self = .rule(rule)
    } else if let algorithm = LearningAlgorithm(rawValue: name) {
      self = .learner(algorithm)
    } else if name == "slow" {
      self = .slow
    } else {
      return nil
    }
  }
}

/// A rule that needs no learning.
enum SelectionRule: String, CaseIterable {
  /// Dynamic programming over chances that are known: the most that can be earned.
  case oracle
  /// Every action is equally likely.
  case random
  /// Always the action that the oracle takes most often.
  case majority
  /// Always the one action that earns most where nothing else is ever done.
  case fixed
  /// Runs every test, and reports what fails.
  case report
  /// Runs every test, and reports what has failed twice.
  case retry

  /// What a simple rule does with a test that has failed so often, or nothing for the other rules.
  func action(failures: Int) -> SelectionAction? {
    switch self {
    case .report: failures == 0 ? .run : .skip
    case .retry: failures == 0 ? .run : failures == 1 ? .retry : .skip
    case .oracle, .random, .majority, .fixed: nil
    }
  }
}
