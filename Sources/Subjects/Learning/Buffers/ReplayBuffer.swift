// The steps that learners off their policy remember.

public import LabCore
import LinearAlgebra

/// The latest steps, of which any may be learnt from again.
///
/// When it is full, the oldest step makes way for the next one.
/// - Determinism: What is drawn depends on the steps and the stream alone.
/// > Reference: Lin, *Self-Improving Reactive Agents Based On Reinforcement Learning, Planning and
/// > Teaching*, Machine Learning 8, 1992.
public struct ReplayBuffer: ~Copyable {
  /// How many steps it holds at most.
  public let capacity: Int
  /// How many steps it holds.
  public private(set) var count = 0
  private let observations: Matrix
  private let actions: Matrix
  private let nextObservations: Matrix
  /// For each step what it earned, and 1 where it did not terminate, else 0.
  private let outcomes: Matrix
  private var place = 0

  /// Makes room.
  ///
  /// - Precondition: The capacity is positive.
  public init(capacity: Int, observationWidth: Int, actionWidth: Int) {
    precondition(capacity > 0, "room for a step")
    self.capacity = capacity
    observations = Matrix(rows: capacity, columns: observationWidth)
    nextObservations = Matrix(rows: capacity, columns: observationWidth)
    actions = Matrix(rows: capacity, columns: actionWidth)
    outcomes = Matrix(rows: capacity, columns: 2)
  }

  /// Remembers a step.
  ///
  /// - Parameter isTerminated: Whether nothing followed; false where only the limit cut off.
  /// - Precondition: Observations and actions have their widths.
  public mutating func append(
    _ observation: [Float], _ action: [Float], reward: Double, _ next: [Float],
    isTerminated: Bool
  ) {
    write(observation, to: observations.view)
    write(action, to: actions.view)
    write(next, to: nextObservations.view)
    outcomes.view.base[2 * place] = Float(reward)
    outcomes.view.base[2 * place + 1] = isTerminated ? 0 : 1
    place = (place + 1) % capacity
    count = min(count + 1, capacity)
  }

  /// Draws steps, each with the same chance and any of them again.
  ///
  /// - Precondition: There is a step; the minibatch has the widths of the steps.
  public func draw(into minibatch: Minibatch, _ random: inout RandomStream) {
    precondition(count > 0, "a step to draw")
    for row in 0..<minibatch.count {
      let index = random.below(count)
      copy(observations.view, index, to: minibatch.observations, row)
      copy(actions.view, index, to: minibatch.actions, row)
      copy(nextObservations.view, index, to: minibatch.nextObservations, row)
      minibatch.rewards[row] = outcomes.view.base[2 * index]
      minibatch.continuations[row] = outcomes.view.base[2 * index + 1]
    }
  }

  /// Keeps all steps that it holds.
  func keep(in checkpoint: inout Checkpoint) {
    checkpoint.keep("memory.counts", words: [UInt64(count), UInt64(place)])
    for (name, matrix) in matrices { checkpoint.keep("memory." + name, matrix, rows: count) }
  }

  /// Takes up the steps that were kept.
  ///
  /// - Throws: ``LearningError/otherContent(part:found:expected:)``.
  mutating func restore(from checkpoint: Checkpoint) throws(LearningError) {
    let words = try checkpoint.words("memory.counts", count: 2)
    guard let count = Int(exactly: words[0]), let place = Int(exactly: words[1]),
      count <= capacity, place < capacity
    else {
      throw .otherContent(
        part: "memory.counts", found: "\(words)", expected: "at most \(capacity) steps")
    }
    for (name, matrix) in matrices {
      try checkpoint.restore("memory." + name, to: matrix, rows: count)
    }
    (self.count, self.place) = (count, place)
  }

  private var matrices: [(name: String, view: UnsafeMatrixView)] {
    [
      ("observations", observations.view), ("actions", actions.view),
      ("next observations", nextObservations.view), ("outcomes", outcomes.view),
    ]
  }

  private func write(_ numbers: [Float], to view: UnsafeMatrixView) {
    precondition(numbers.count == view.columns, "numbers of the buffer's width")
    for (column, number) in numbers.enumerated() {
      view.base[place * view.columns + column] = number
    }
  }

  private func copy(_ view: UnsafeMatrixView, _ index: Int, to tensor: Tensor, _ row: Int) {
    precondition(tensor.columns == view.columns, "tensors of the buffer's widths")
    (tensor.values.base + row * view.columns)
      .update(from: view.base + index * view.columns, count: view.columns)
  }
}

/// Where drawn steps go: inputs of graphs, and numbers for the targets.
public final class Minibatch {
  /// What was seen.
  public let observations: Tensor
  /// What was done, between -1 and 1.
  public let actions: Tensor
  /// What was seen then.
  public let nextObservations: Tensor
  /// What was earned.
  public var rewards: [Float]
  /// 1 where something followed, 0 where the step terminated.
  public var continuations: [Float]

  /// Names the inputs.
  ///
  /// - Precondition: All three have as many rows.
  public init(observations: Tensor, actions: Tensor, nextObservations: Tensor) {
    precondition(
      observations.rows == actions.rows && actions.rows == nextObservations.rows,
      "inputs of as many rows")
    self.observations = observations
    self.actions = actions
    self.nextObservations = nextObservations
    rewards = Array(repeating: 0, count: actions.rows)
    continuations = rewards
  }

  /// How many steps it holds.
  public var count: Int { rewards.count }

  /// Writes what each step was worth after all: reward + γ · what is expected then.
  ///
  /// - Precondition: Both tensors have a row of one number for each step.
  func writeTargets(into targets: Tensor, expecting next: Tensor, discount: Float) {
    precondition(targets.rows == count && next.rows == count, "a number for each step")
    for row in 0..<count {
      targets.values.base[row] =
        rewards[row] + discount * continuations[row] * next.values.base[row]
    }
  }
}
