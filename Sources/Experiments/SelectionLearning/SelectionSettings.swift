// How the learners of the experiments on selecting tests are set.

import Learning

extension LearningAlgorithm {
  /// Settings that suit the selection of tests.
  ///
  /// They were chosen on a seed that no manifest has, by what four repetitions earn on average
  /// after 10,000 executions, among step sizes of 3e-4, 1e-3, 3e-3 and 1e-2 (.01, .03, .1 and .3
  /// for tables) and batches of 32 and 128, and for the Decision Transformer training after every
  /// 5, 20 and 100 executions.
  var selectionSettings: FleetSettings {
    var settings = FleetSettings()
    settings.discount = 1
    settings.updateFrequency = 1
    switch self {
    case .qLearning, .sarsa: settings.learningRate = 0.03
    case .actorCritic, .td3: settings.learningRate = 0.001
    case .a2c: settings.learningRate = 0.0003
    case .ppo: (settings.learningRate, settings.batchSize) = (0.0003, 128)
    case .ddpg, .sac: settings.learningRate = 0.003
    case .decisionTransformer: (settings.learningRate, settings.updateFrequency) = (0.003, 20)
    }
    return settings
  }
}
