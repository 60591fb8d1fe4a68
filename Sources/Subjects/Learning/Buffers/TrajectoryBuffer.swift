// The episodes that a Decision Transformer learns from.

import LabCore

/// What somebody did in an episode, well or badly, and what it earned.
public struct Trajectory: Hashable, Sendable {
  /// What was seen before each step.
  public let observations: [[Float]]
  /// What was done in each step.
  public let actions: [Int]
  /// What was earned from each step on, that step included.
  public let returnsToGo: [Float]

  /// Adds rewards up, from the last step to the first.
  ///
  /// - Parameter behind: What is expected to follow the last step where only a limit cut off; 0
  ///   where the episode terminated.
  /// - Throws: ``LearningError/badSetting(name:value:expected:)`` unless there is a step, and as
  ///   many observations and finite rewards as actions.
  public init(
    observations: [[Float]], actions: [Int], rewards: [Double], expecting behind: Double = 0
  ) throws(LearningError) {
    guard !actions.isEmpty, observations.count == actions.count, rewards.count == actions.count
    else {
      throw .badSetting(
        name: "a trajectory",
        value: "\(observations.count), \(actions.count) and \(rewards.count)",
        expected: "as many observations, actions and rewards, at least one,")
    }
    guard rewards.allSatisfy(\.isFinite), behind.isFinite else {
      throw .badSetting(
        name: "a trajectory's reward",
        value: "\((rewards + [behind]).first { !$0.isFinite } ?? behind)",
        expected: "a finite number")
    }
    self.observations = observations
    self.actions = actions
    var (sum, sums) = (behind, [Float]())
    for reward in rewards.reversed() {
      sum += reward
      sums.append(Float(sum))
    }
    returnsToGo = sums.reversed()
  }

  /// How many steps it has.
  public var count: Int { actions.count }
}

/// Trajectories, from which stretches are drawn.
public struct TrajectoryBuffer: Hashable, Sendable {
  /// The trajectories, in the order in which they came.
  public private(set) var trajectories: [Trajectory] = []
  /// For each trajectory, how many steps there are up to its end.
  private var ends: [Int] = []

  /// Begins empty.
  public init() {}

  /// How many steps there are.
  public var steps: Int { ends.last ?? 0 }

  /// The greatest return of a whole trajectory; nothing where there is none.
  public var bestReturn: Float? { trajectories.map { $0.returnsToGo[0] }.max() }

  /// Remembers a trajectory.
  public mutating func append(_ trajectory: Trajectory) {
    trajectories.append(trajectory)
    ends.append(steps + trajectory.count)
  }

  /// Forgets the trajectory that came first.
  ///
  /// - Precondition: There is a trajectory.
  /// - Complexity: O(n) for n trajectories.
  mutating func removeFirst() {
    let count = trajectories.removeFirst().count
    ends = ends.dropFirst().map { $0 - count }
  }

  /// A step that is drawn, each with the same chance: a stretch begins there.
  ///
  /// - Precondition: There is a trajectory.
  /// - Complexity: O(log n) for n trajectories.
  func draw(_ random: inout RandomStream) -> (trajectory: Int, first: Int) {
    let step = random.below(steps)
    var (low, high) = (0, ends.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if ends[middle] > step { high = middle } else { low = middle + 1 }
    }
    return (low, step - (low > 0 ? ends[low - 1] : 0))
  }
}
