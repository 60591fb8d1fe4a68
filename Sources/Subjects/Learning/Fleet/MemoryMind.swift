// Learners off their policy, driven from outside.

import LabCore
import LinearAlgebra

/// A learner off its policy, whose box has a dimension for each action: its score.
struct MemoryMind<Algorithm: MemoryAlgorithm>: FleetMind {
  private var algorithm: Algorithm
  private var replay: FleetMemory
  private let exploration: Double
  private let actionCount: Int
  /// The scores behind what each agent was last told to try.
  private var proposals: [Int: [Float]] = [:]

  init(
    _ own: Algorithm.Settings, _ task: FleetTask, _ settings: FleetSettings, seed: Seed,
    _ blas: OpenBLAS
  ) throws(LearningError) {
    try own.check()
    actionCount = task.actions.count
    algorithm = Algorithm(
      own, widths: (task.observationWidth, actionCount), seed: seed, blas)
    replay = FleetMemory(
      ReplayBuffer(
        capacity: settings.memory, observationWidth: task.observationWidth,
        actionWidth: actionCount))
    exploration = settings.exploration
  }

  mutating func choose(for agent: Int, seeing: [Float], _ random: inout RandomStream) -> Int {
    let scores =
      random.unit() < exploration
      ? (0..<actionCount).map { _ in Float(random.uniform(-1, 1)) }
      : algorithm.explore(seeing, &random)
    proposals[agent] = scores
    return scores.indexOfGreatest
  }

  func predict(seeing: [Float]) -> Int { algorithm.best(seeing).indexOfGreatest }

  mutating func record(_ step: FleetStep) {
    // An action that was not proposed is remembered as far from all others as can be.
    var scores = (0..<actionCount).map { $0 == step.action ? Float(1) : -1 }
    if let proposed = proposals[step.agent], proposed.indexOfGreatest == step.action {
      scores = proposed
    }
    proposals[step.agent] = nil
    replay.buffer.append(
      step.observation, scores, reward: step.reward, step.next,
      isTerminated: step.end == .terminated)
  }

  mutating func train(on count: Int, _ random: inout RandomStream) -> Bool {
    guard replay.buffer.count > 0 else { return true }
    for _ in 0..<count {
      replay.buffer.draw(into: algorithm.minibatch, &random)
      guard algorithm.learn(&random) else { return false }
    }
    return true
  }

  func keep(in checkpoint: inout Checkpoint) {
    checkpoint.keep("policy", algorithm.policy.network.parameters)
    algorithm.keep(in: &checkpoint)
    replay.buffer.keep(in: &checkpoint)
    checkpoint.keep(
      "proposals",
      words: proposals.sorted { $0.key < $1.key }.flatMap { agent, scores in
        [UInt64(agent)] + scores.map { UInt64($0.bitPattern) }
      })
  }

  mutating func restore(from checkpoint: Checkpoint) throws(LearningError) {
    try checkpoint.restore("policy", to: algorithm.policy.network.parameters)
    try algorithm.restore(from: checkpoint)
    try replay.buffer.restore(from: checkpoint)
    let words = try checkpoint.words("proposals")
    let size = 1 + actionCount
    guard words.count % size == 0 else {
      throw .otherContent(
        part: "proposals", found: "\(words.count) words", expected: "a score for each action")
    }
    proposals = [:]
    for first in stride(from: 0, to: words.count, by: size) {
      proposals[Int(truncatingIfNeeded: words[first])] = words[(first + 1)..<(first + size)].map {
        Float(bitPattern: UInt32(truncatingIfNeeded: $0))
      }
    }
  }
}

/// A replay buffer that several copies of a mind may hold, as they share networks.
private final class FleetMemory {
  var buffer: ReplayBuffer

  init(_ buffer: consuming ReplayBuffer) { self.buffer = buffer }
}
