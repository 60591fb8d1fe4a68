// Who learns from a log alone.

import LabCore
import Learning
import LinearAlgebra

/// A way to make a policy of a log.
enum LogLearner: String, CaseIterable {
  /// The face of a fleet's plug-in, with the document's settings.
  case plugIn = "plug-in"
  /// Q-Learning that goes through the log again and again.
  case qLearning = "q-learning"
  /// The best policy in the world that the log shows.
  case model
  /// The same, where the logging policy is left only on evidence.
  case cautious

  /// What it is, in a sentence.
  var summary: String {
    switch self {
    case .plugIn:
      "The plug-in's Q-Learning with the document's settings, which records the log once and "
        + "trains."
    case .qLearning: "Q-Learning that goes through the log many times."
    case .model: "The best policy in the world that the log shows, of the actions it shows."
    case .cautious:
      "The same, but actions with little evidence are taken as often as the log took them."
    }
  }
}

/// How a log is learnt from.
struct LogLearning {
  /// How far a value of Q-Learning moves.
  var learningRate: Double
  /// How often Q-Learning goes through the log.
  var sweeps: Int
  /// How often the cautious learner must have seen an action.
  var evidence: Int
  /// The tests that the log is of, as a table.
  var world: TabularEnvironment
  /// The policy that wrote the log.
  var logging: StochasticPolicy
  private var actions: Int { world.model.actionCount }
  private var limit: Int { world.stepLimit ?? 200 }

  /// The policy that a learner makes of a log; nothing is drawn, for nobody explores.
  ///
  /// - Throws: `LearningError`, and `LinearAlgebraError` where the plug-in finds no OpenBLAS.
  func policy(of learner: LogLearner, from log: [LoggedEpisode]) throws -> StochasticPolicy {
    switch learner {
    case .plugIn: try greedy(plugIn(log))
    case .qLearning: try greedy(qLearning(log))
    case .model: try planned(log, evidence: 1, doubt: .avoid)
    case .cautious: try planned(log, evidence: evidence, doubt: .keep)
    }
  }

  private func greedy(_ policy: [Int]) -> StochasticPolicy {
    StochasticPolicy(of: policy, actions: actions, exploring: 0)
  }

  private func planned(
    _ log: [LoggedEpisode], evidence: Int, doubt: LoggedModel.Doubt
  ) throws(LearningError) -> StochasticPolicy {
    try LoggedModel(of: log, states: world.model.stateCount, actions: actions)
      .policy(improving: logging, evidence: evidence, doubt: doubt, within: limit)
  }

  private func qLearning(_ log: [LoggedEpisode]) throws(LearningError) -> [Int] {
    let settings = TabularSettings(
      learningRate: learningRate, discount: 1, exploration: (0, 0), episodes: 1)
    var learner = try QLearning(world, settings, seed: Seed(0))
    for _ in 0..<sweeps {
      for episode in log {
        for (index, step) in episode.steps.enumerated() {
          let next = index + 1 < episode.steps.count ? episode.steps[index + 1].state : nil
          try learner.learn(
            from: step.state, step.action, reward: step.reward, to: next ?? step.state, next == nil)
        }
      }
    }
    return learner.values.policy
  }

  private func plugIn(_ log: [LoggedEpisode]) throws -> [Int] {
    let names = SelectionAction.allCases.map { "\($0)" }
    var learner = try FleetLearner(
      .qLearning, FleetTask(observationWidth: 1, actions: names), FleetSettings(), seed: Seed(0),
      try OpenBLAS.open())
    learner.attach("log")
    for episode in log {
      for (index, step) in episode.steps.enumerated() {
        let next = index + 1 < episode.steps.count ? episode.steps[index + 1].state : nil
        try learner.record(
          FleetExperience(
            [Float(step.state)], names[step.action], reward: step.reward,
            next: [Float(next ?? step.state)], end: next == nil ? .terminated : .none),
          of: "log")
      }
    }
    try learner.train()
    return try (0..<world.model.stateCount).map { state in
      let name = try learner.predict(seeing: [Float(state)])
      return names.firstIndex(of: name) ?? 0
    }
  }
}
