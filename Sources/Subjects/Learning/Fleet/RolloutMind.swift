// Learners on their own policy, driven from outside.

import LabCore
import LinearAlgebra

/// A learner on its own policy, whose rollouts are stretches of several agents one after another.
struct RolloutMind<Algorithm: RolloutAlgorithm>: FleetMind {
  private var algorithm: Algorithm
  private let settings: Algorithm.Settings
  private let acting: DiscreteActing
  private var waiting: [FleetStep] = []
  private let actionCount: Int

  init(
    _ settings: Algorithm.Settings, _ task: FleetTask, seed: Seed, _ blas: OpenBLAS
  ) throws(LearningError) {
    try settings.check()
    self.settings = settings
    actionCount = task.actions.count
    var start = seed.child("networks").stream()
    let networks = DiscreteActorCritic(
      observationWidth: task.observationWidth, actionCount: actionCount, hidden: settings.hidden,
      &start)
    algorithm = Algorithm(networks, settings, seed: seed, blas)
    acting = DiscreteActing(networks, episodes: 1, blas)
  }

  mutating func choose(for agent: Int, seeing: [Float], _ random: inout RandomStream) -> Int {
    see(seeing)
    return acting.draw(0, &random)
  }

  func predict(seeing: [Float]) -> Int {
    see(seeing)
    return acting.best(0)
  }

  mutating func record(_ step: FleetStep) {
    see(step.observation)
    var step = step
    step.logProbability = acting.logProbability(0, step.action)
    waiting.append(step)
  }

  mutating func train(on count: Int, _ random: inout RandomStream) -> Bool {
    let size = settings.stepsOfRollout
    while waiting.count >= size {
      // Each agent's steps follow one another; among agents the order is theirs of coming.
      let steps = waiting.prefix(size).enumerated()
        .sorted { ($0.element.agent, $0.offset) < ($1.element.agent, $1.offset) }.map(\.element)
      waiting.removeFirst(size)
      guard algorithm.improve(from: rollout(of: steps), left: 1) else { return false }
    }
    return true
  }

  /// A stretch ends where its agent's next step is not at hand; behind it counts what the critic
  /// expects, as behind a limit.
  private func rollout(of steps: [FleetStep]) -> Rollout {
    var rollout = Rollout(
      steps: steps.count, episodes: 1, observationWidth: algorithm.networks.observationWidth)
    for (row, step) in steps.enumerated() {
      see(step.observation)
      rollout.copyObservation(acting.observations, 0, to: row)
      rollout.actions[row] = Int32(step.action)
      rollout.logProbabilities[row] = step.logProbability
      rollout.values[row] = acting.values.number
      rollout.rewards[row] = Float(step.reward)
      rollout.isLast[row] = row + 1 == steps.count || !step.leads(to: steps[row + 1])
      if rollout.isLast[row], step.end != .terminated {
        see(step.next)
        rollout.cutOffValues[row] = acting.values.number
      }
    }
    rollout.judge(
      next: [0], discount: Float(settings.discount), decay: Float(settings.advantageDecay))
    return rollout
  }

  private func see(_ observation: [Float]) {
    acting.observations.set(observation)
    acting.run()
  }

  func keep(in checkpoint: inout Checkpoint) {
    checkpoint.keep("networks", algorithm.networks.parameters)
    checkpoint.keep("waiting", waiting)
    algorithm.keep(in: &checkpoint)
  }

  mutating func restore(from checkpoint: Checkpoint) throws(LearningError) {
    let width = algorithm.networks.observationWidth
    waiting = try checkpoint.steps("waiting", width: width, actions: actionCount)
    try checkpoint.restore("networks", to: algorithm.networks.parameters)
    try algorithm.restore(from: checkpoint)
  }
}
