// What somebody else did, and how likely it was.

public import LabCore

/// An episode of a behaviour, kept to judge another one by.
public struct LoggedEpisode: Hashable, Sendable {
  /// One step of it.
  public struct Step: Hashable, Sendable, BitwiseCopyable {
    /// Where it was.
    public var state: Int
    /// What was done.
    public var action: Int
    /// How likely that was.
    public var probability: Double
    /// What it earned.
    public var reward: Double

    /// Combines them.
    ///
    /// - Precondition: The probability is above 0 and at most 1, for it has happened.
    public init(state: Int, action: Int, probability: Double, reward: Double) {
      precondition(probability > 0 && probability <= 1, "what has happened was possible")
      self.state = state
      self.action = action
      self.probability = probability
      self.reward = reward
    }
  }

  /// The steps, from the first on.
  public var steps: [Step]

  /// Takes steps.
  public init(steps: [Step]) { self.steps = steps }

  /// The episode cut into pieces, each of which ends before a step to a state that begins another.
  ///
  /// Where what happens after a cut does not depend on what happened before it, each piece may be
  /// judged by itself, with the chances of its own steps alone.
  public func cut(
    where isBoundary: (_ state: Int, _ next: Int) -> Bool
  ) -> [LoggedEpisode] {
    var pieces: [LoggedEpisode] = []
    for (index, step) in steps.enumerated() {
      if index == 0 || isBoundary(steps[index - 1].state, step.state) {
        pieces.append(LoggedEpisode(steps: []))
      }
      pieces[pieces.count - 1].steps.append(step)
    }
    return pieces
  }
}

/// The chances of each action in each state, `[state][action]`.
public struct StochasticPolicy: Hashable, Sendable {
  /// For each state, the chance of each action.
  public let probabilities: [[Double]]

  /// Takes chances.
  ///
  /// - Precondition: Those of each state are not negative and add up to 1.
  public init(_ probabilities: [[Double]]) {
    precondition(
      probabilities.allSatisfy { row in
        row.allSatisfy { $0 >= 0 } && abs(row.reduce(0, +) - 1) < 1e-9
      }, "chances that add up to 1")
    self.probabilities = probabilities
  }

  /// Does what a policy says, and with a chance anything, all actions being equally likely then.
  public init(of policy: [Int], actions: Int, exploring exploration: Double) {
    self.init(
      policy.map { best in
        (0..<actions).map {
          exploration / Double(actions) + ($0 == best ? 1 - exploration : 0)
        }
      })
  }

  /// Draws an action.
  public func draw(in state: Int, _ random: inout RandomStream) -> Int {
    let row = probabilities[state]
    var remaining = random.unit()
    for action in row.indices.dropLast() {
      remaining -= row[action]
      if remaining < 0 { return action }
    }
    return row.lastIndex { $0 > 0 } ?? 0
  }

  /// Acts for an episode in a table, and keeps what happens.
  public func log(
    in environment: TabularEnvironment, _ random: inout RandomStream
  ) -> LoggedEpisode {
    var episode = Episode(environment, random: RandomStream(seed: Seed(random.next())))
    var steps: [LoggedEpisode.Step] = []
    while true {
      let state = episode.state
      let action = draw(in: state, &random)
      let step = episode.step(action)
      steps.append(
        .init(
          state: state, action: action, probability: probabilities[state][action],
          reward: step.reward))
      if step.isLast { return LoggedEpisode(steps: steps) }
    }
  }
}

extension TransitionModel {
  /// What each action in each state is worth to someone who follows a policy of chances for at most
  /// so many further steps, without discount: `[state][action]`.
  ///
  /// It is the truth beside which estimates from logs stand.
  /// - Complexity: O(steps · outcomes).
  public func actionValues(of policy: StochasticPolicy, within steps: Int) -> [[Double]] {
    var worth = [Double](repeating: 0, count: stateCount)
    var values: [[Double]] = []
    for _ in 0..<steps {
      values = (0..<stateCount).map { state in
        (0..<actionCount).map {
          expectedReturn(of: $0, in: state, discount: 1, worth: worth)
        }
      }
      worth = (0..<stateCount).map { policy.mean(of: values[$0], in: $0) }
    }
    return values
  }

  /// What a policy of chances earns on average in an episode of at most so many steps.
  public func expectedReturn(of policy: StochasticPolicy, within steps: Int) -> Double {
    let values = actionValues(of: policy, within: steps)
    return starts.reduce(0) { $0 + policy.mean(of: values[$1], in: $1) } / Double(starts.count)
  }
}

extension StochasticPolicy: StableHashable {
  /// Feeds every chance.
  public func hash(into hasher: inout StableHasher) {
    for row in probabilities { for chance in row { hasher.combine(chance) } }
  }

  /// The mean of what actions are worth in a state.
  func mean(of values: [Double], in state: Int) -> Double {
    zip(probabilities[state], values).reduce(0) { $0 + $1.0 * $1.1 }
  }
}
