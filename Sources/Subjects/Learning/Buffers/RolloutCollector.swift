// Acting on the own policy, a rollout at a time.

import LabCore
import LinearAlgebra

/// Fills rollouts with what the actor of two networks does in several episodes, and judges them.
struct RolloutCollector<World: Environment>: ~Copyable where World.Action == Int {
  private(set) var rollout: Rollout
  private var batch: EpisodeBatch<World>
  private var random: RandomStream
  private let acting: DiscreteActing
  /// For what is seen behind a limit of steps.
  private let single: DiscreteActing

  /// Begins the episodes.
  init(
    _ world: World, _ networks: DiscreteActorCritic, shape: (steps: Int, episodes: Int),
    seed: Seed, _ blas: OpenBLAS
  ) {
    rollout = Rollout(
      steps: shape.steps, episodes: shape.episodes, observationWidth: world.observationSpace.width)
    batch = EpisodeBatch(world, count: shape.episodes, seed: seed.child("environments"))
    random = seed.child("choices").stream()
    acting = DiscreteActing(networks, episodes: shape.episodes, blas)
    single = DiscreteActing(networks, episodes: 1, blas)
    batch.observe(into: acting.observations.values)
  }

  /// Acts for a rollout and judges its steps.
  ///
  /// - Throws: ``StrayNumber`` as soon as the environment gives one; the rollout is then of no use.
  mutating func collect(discount: Double, decay: Double) throws(StrayNumber) {
    for step in 0..<rollout.steps {
      acting.run()
      for episode in 0..<rollout.episodes {
        try act(in: episode, row: step * rollout.episodes + episode)
      }
      batch.observe(into: acting.observations.values)
    }
    acting.run()
    rollout.judge(
      next: acting.values.elements, discount: Float(discount), decay: Float(decay))
  }

  /// Hands over the returns of the episodes that are over, and forgets them.
  mutating func takeReturns() -> [Double] { batch.takeReturns() }

  private mutating func act(in episode: Int, row: Int) throws(StrayNumber) {
    let seen = rollout.copyObservation(acting.observations, episode, to: row)
    let action = acting.draw(episode, &random)
    let step = batch.step(episode, action)
    try StrayNumber.refuse(reward: step.reward, seeing: seen, step: row + 1)
    rollout.actions[row] = Int32(action)
    rollout.logProbabilities[row] = acting.logProbability(episode, action)
    rollout.values[row] = acting.values.values.base[episode]
    rollout.rewards[row] = Float(step.reward)
    rollout.isLast[row] = step.isLast
    rollout.cutOffValues[row] = 0
    guard step.isLast else { return }
    if !step.isTerminated {
      batch.episodes[episode].environment.observe(into: single.observations.values, row: 0)
      single.run()
      rollout.cutOffValues[row] = single.values.number
    }
    batch.beginAnew(episode)
  }
}

extension RolloutCollector where World.State: KeptState {
  /// Keeps where the episodes and the draws of actions stand, between two rollouts.
  func keep(in checkpoint: inout Checkpoint) {
    checkpoint.keep("choices", random)
    for (index, episode) in batch.episodes.enumerated() {
      checkpoint.keep("episode \(index)", episode)
    }
  }

  /// Goes on where they stood.
  mutating func restore(from checkpoint: Checkpoint) throws(LearningError) {
    random = try checkpoint.random("choices")
    for index in 0..<batch.count {
      try checkpoint.restore("episode \(index)", to: &batch.episodes[index])
    }
    batch.observe(into: acting.observations.values)
  }
}
