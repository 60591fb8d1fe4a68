// How the learners of the experiments on selecting tests are set.

import Learning

extension LearningAlgorithm {
  /// Settings that suit the selection of tests.
  ///
  /// They were chosen on seeds that no manifest has, among step sizes of 1e-4 to 1e-2 for networks
  /// and .02 to .5 for tables, batches of 16 to 128, and discounts of .9, .97 and 1.
  var selectionSettings: FleetSettings {
    var settings = FleetSettings()
    settings.discount = 1
    settings.updateFrequency = 1
    switch self {
    case .qLearning, .sarsa: settings.learningRate = 0.05
    case .actorCritic: settings.learningRate = 1e-3
    case .a2c, .ppo: (settings.learningRate, settings.batchSize) = (1e-3, 64)
    case .ddpg, .td3, .sac: (settings.learningRate, settings.batchSize) = (1e-3, 64)
    case .decisionTransformer: settings.learningRate = 1e-3
    }
    return settings
  }
}
