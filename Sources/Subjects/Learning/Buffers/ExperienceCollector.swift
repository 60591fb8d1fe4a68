// Acting in a box, and remembering it.

import LabCore
import LinearAlgebra

/// One episode after another in an environment whose actions are a box, and a memory of all steps.
struct ExperienceCollector<World: Environment>: ~Copyable where World.Action == [Float] {
  private(set) var replay: ReplayBuffer
  /// What is seen now.
  private(set) var observation: [Float]
  private let box: ActionBox
  private var episode: Episode<World>
  private var returns: [Double] = []

  init(_ world: World, _ box: ActionBox, capacity: Int, seed: Seed) {
    self.box = box
    replay = ReplayBuffer(
      capacity: capacity, observationWidth: world.observationSpace.width, actionWidth: box.width)
    episode = Episode(world, random: seed.child("environment").stream())
    observation = episode.environment.observation()
  }

  /// Takes a step by an action between -1 and 1, and begins anew where the episode is over.
  ///
  /// - Throws: ``StrayNumber`` where the environment gives one; the step is then not remembered.
  mutating func take(_ action: [Float]) throws(StrayNumber) {
    let step = episode.step(box.scaled(action))
    let next = episode.environment.observation()
    try StrayNumber.refuse(reward: step.reward, seeing: observation + next, step: 1)
    replay.append(
      observation, action, reward: step.reward, next, isTerminated: step.isTerminated)
    observation = next
    guard step.isLast else { return }
    returns.append(episode.total)
    episode.begin()
    observation = episode.environment.observation()
  }

  /// Hands over the returns of the episodes that are over, and forgets them.
  mutating func takeReturns() -> [Double] {
    defer { returns.removeAll(keepingCapacity: true) }
    return returns
  }

  /// What a policy earns, in episodes from starts that a seed fixes.
  ///
  /// - Parameters:
  ///   - stepLimit: After how many steps an episode ends where the environment knows no limit.
  ///   - policy: The action, between -1 and 1, for what is seen.
  func returns(
    episodes count: Int, seed: Seed, stepLimit: Int,
    of policy: (_ observation: [Float]) -> [Float]
  ) -> [Double] {
    (0..<count).map { index in
      var episode = Episode(
        episode.environment, random: seed.child(index).stream(),
        stepLimit: episode.environment.stepLimit ?? stepLimit)
      while true {
        let action = policy(episode.environment.observation())
        if episode.step(box.scaled(action)).isLast { return episode.total }
      }
    }
  }
}

extension ExperienceCollector where World.State: KeptState {
  /// Keeps the memory and where the episode stands.
  func keep(in checkpoint: inout Checkpoint) {
    replay.keep(in: &checkpoint)
    checkpoint.keep("episode", episode)
  }

  /// Goes on where they stood.
  mutating func restore(from checkpoint: Checkpoint) throws(LearningError) {
    try replay.restore(from: checkpoint)
    try checkpoint.restore("episode", to: &episode)
    observation = episode.environment.observation()
  }
}
