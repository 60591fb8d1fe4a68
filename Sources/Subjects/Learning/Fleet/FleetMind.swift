// How each family of algorithms takes to being driven from outside.

import LabCore
import LinearAlgebra

/// An algorithm behind the face of a fleet's learner.
protocol FleetMind {
  /// An action to try.
  mutating func choose(for agent: Int, seeing: [Float], _ random: inout RandomStream) -> Int
  /// The best action.
  func predict(seeing: [Float]) -> Int
  /// Notes a step.
  ///
  /// - Throws: ``LearningError/badSetting(name:value:expected:)``; then nothing is noted.
  mutating func record(_ step: FleetStep) throws(LearningError)
  /// Learns, after so many more steps.
  ///
  /// - Returns: Whether every loss and the length of every gradient was a finite number.
  mutating func train(on count: Int, _ random: inout RandomStream) -> Bool
  func keep(in checkpoint: inout Checkpoint)
  mutating func restore(from checkpoint: Checkpoint) throws(LearningError)
}

extension LearningAlgorithm {
  /// What learns behind the face.
  func mind(
    for task: FleetTask, _ settings: FleetSettings, seed: Seed, _ blas: OpenBLAS
  ) throws(LearningError) -> any FleetMind {
    switch self {
    case .qLearning, .sarsa:
      return TableMind(isOnPolicy: self == .sarsa, actions: task.actions.count, settings)
    case .actorCritic:
      var own = ActorCriticSettings()
      own.criticRate = settings.learningRate
      // The actor must be slower than the critic by far; the standard settings say how far.
      own.actorRate = settings.learningRate * own.actorRate / ActorCriticSettings().criticRate
      own.discount = settings.discount
      own.hidden = settings.hidden
      return try RolloutMind<OneStepUpdate>(own, task, seed: seed, blas)
    case .a2c:
      var own = A2CSettings()
      (own.episodes, own.stepsOfRollout) = (1, settings.batchSize)
      own.learningRate = settings.learningRate
      own.discount = settings.discount
      own.hidden = settings.hidden
      return try RolloutMind<AdvantageUpdate>(own, task, seed: seed, blas)
    case .ppo:
      var own = PPOSettings()
      (own.episodes, own.stepsOfRollout) = (1, settings.batchSize)
      own.minibatch = settings.batchSize
      own.learningRate = settings.learningRate
      own.fades = false
      own.discount = settings.discount
      own.hidden = settings.hidden
      return try RolloutMind<ClippedSurrogate>(own, task, seed: seed, blas)
    case .ddpg:
      return try MemoryMind<DeterministicGradient>(
        settings.deterministic, task, settings, seed: seed, blas)
    case .td3:
      var own = TD3Settings()
      own.common = settings.deterministic
      return try MemoryMind<TwinDelayedGradient>(own, task, settings, seed: seed, blas)
    case .sac:
      var own = SACSettings()
      own.minibatch = settings.batchSize
      own.learningRate = settings.learningRate
      own.discount = settings.discount
      own.hidden = settings.hidden
      return try MemoryMind<SoftActorCritic>(own, task, settings, seed: seed, blas)
    case .decisionTransformer:
      guard settings.memory >= settings.randomSteps else {
        throw .badSetting(
          name: "the memory", value: "\(settings.memory)",
          expected: "at least the \(settings.randomSteps) random steps")
      }
      var own = DecisionTransformerSettings()
      (own.width, own.blocks) = (32, 1)
      own.updates = .max
      own.minibatch = settings.batchSize
      own.learningRate = settings.learningRate
      return SequenceMind(
        try DecisionTransformer(
          observationWidth: task.observationWidth, actionCount: task.actions.count, own,
          seed: seed, blas),
        settings)
    }
  }
}

extension FleetSettings {
  fileprivate var deterministic: DDPGSettings {
    var own = DDPGSettings()
    own.minibatch = batchSize
    own.learningRate = learningRate
    own.discount = discount
    own.hidden = hidden
    return own
  }
}
