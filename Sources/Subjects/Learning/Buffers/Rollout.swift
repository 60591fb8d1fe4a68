// What several episodes brought over a few steps, for learners on their own policy.

public import LinearAlgebra

/// Steps of several episodes side by side, with what they were judged to be worth.
///
/// Row `step · episodes + episode` holds what was seen, done and earned there. A step that was cut
/// off by the limit of steps carries what was expected to follow; one that terminated expects
/// nothing.
public struct Rollout: ~Copyable {
  /// How many steps each episode has.
  public let steps: Int
  /// How many episodes stand side by side.
  public let episodes: Int
  /// What was seen before each step.
  public let observations: Matrix
  /// What was done.
  public var actions: [Int32]
  /// The logarithm of how likely that was.
  public var logProbabilities: [Float]
  /// What was expected from there on.
  public var values: [Float]
  /// What was earned.
  public var rewards: [Float]
  /// What was expected to follow a step that the limit cut off; 0 elsewhere.
  public var cutOffValues: [Float]
  /// Whether the episode was over after the step, by either end.
  public var isLast: [Bool]
  /// How much better a step was than expected.
  public private(set) var advantages: [Float]
  /// What a step was worth after all: the advantage and what was expected.
  public private(set) var targets: [Float]

  /// Makes room.
  public init(steps: Int, episodes: Int, observationWidth: Int) {
    self.steps = steps
    self.episodes = episodes
    let count = steps * episodes
    observations = Matrix(rows: count, columns: observationWidth)
    actions = Array(repeating: 0, count: count)
    logProbabilities = Array(repeating: 0, count: count)
    values = logProbabilities
    rewards = logProbabilities
    cutOffValues = logProbabilities
    isLast = Array(repeating: false, count: count)
    advantages = logProbabilities
    targets = logProbabilities
  }

  /// How many rows there are.
  public var count: Int { steps * episodes }

  /// Takes over what is seen in an episode.
  ///
  /// - Returns: The numbers, valid as long as the tensor.
  /// - Precondition: The tensor has a row for each episode and is as wide as the observations.
  @discardableResult
  func copyObservation(
    _ seen: Tensor, _ episode: Int, to row: Int
  ) -> UnsafeBufferPointer<Float> {
    precondition(
      seen.columns == observations.columns && episode < seen.rows && row < count,
      "a row of the observations' width")
    let numbers = UnsafeBufferPointer(
      start: seen.values.base + episode * seen.columns, count: seen.columns)
    (observations.view.base + row * seen.columns)
      .update(from: seen.values.base + episode * seen.columns, count: seen.columns)
    return numbers
  }

  /// Hands all rows to the inputs of a graph.
  ///
  /// - Precondition: They have a row for each of the rollout's, of the observations' width.
  func copy(
    observations seen: Tensor, actions done: Choices, advantages gains: Tensor, targets aims: Tensor
  ) {
    precondition(
      seen.rows == count && seen.columns == observations.columns && done.indices.count == count
        && gains.rows == count && aims.rows == count, "a row for each of the rollout's")
    seen.values.base.update(from: observations.view.base, count: count * seen.columns)
    done.indices = actions
    for row in 0..<count {
      gains.values.base[row] = advantages[row]
      aims.values.base[row] = targets[row]
    }
  }

  /// Judges every step by generalised advantage estimation: the sum over what follows in its
  /// episode of (γλ)ᵏ δ, with δ = reward + γ · value after − value before.
  ///
  /// - Parameters:
  ///   - next: What is expected after the last step, for each episode.
  ///   - discount: How much of a reward is left a step later (γ).
  ///   - decay: How far the judgement looks beyond the next step (λ).
  /// - Precondition: There is a value for each episode.
  /// > Reference: Schulman et al., *High-Dimensional Continuous Control Using Generalized Advantage
  /// > Estimation*, 2016, equation 16.
  public mutating func judge(next: [Float], discount: Float, decay: Float) {
    precondition(next.count == episodes, "a value for each episode")
    for episode in 0..<episodes {
      var (advantage, valueAfter) = (Float(0), next[episode])
      for step in (0..<steps).reversed() {
        let row = step * episodes + episode
        let expected = isLast[row] ? cutOffValues[row] : valueAfter
        let surprise = rewards[row] + discount * expected - values[row]
        advantage = surprise + (isLast[row] ? 0 : discount * decay * advantage)
        advantages[row] = advantage
        targets[row] = advantage + values[row]
        valueAfter = values[row]
      }
    }
  }
}
