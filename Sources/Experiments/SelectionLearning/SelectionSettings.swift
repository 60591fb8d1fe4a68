// How the learners of the experiments on selecting tests are set.

import Learning

extension LearningAlgorithm {
  /// Settings that suit the selection of tests.
  ///
  /// They were chosen on a seed that no manifest has, for 10,000 executions, among step sizes of
  /// 3e-4, 1e-3, 3e-3 and 1e-2 (.03, .1 and .3 for tables) and batches of 32 and 128, and for the
  /// Decision Transformer training after every 20 and every 100 executions.
  var selectionSettings: FleetSettings {
    var settings = FleetSettings()
    settings.discount = 1
    settings.updateFrequency = 1
    switch self {
    case .qLearning, .sarsa: settings.learningRate = 0.1
    case .actorCritic: settings.learningRate = 0.01
    case .a2c: (settings.learningRate, settings.batchSize) = (0.003, 128)
    case .ppo: settings.learningRate = 0.0003
    case .ddpg, .td3, .sac: settings.learningRate = 0.003
    case .decisionTransformer: (settings.learningRate, settings.updateFrequency) = (0.001, 20)
    }
    return settings
  }
}
