// What a log tells of the world that it comes from.

/// The chances and rewards of a table as a log shows them, and policies that are planned from it.
///
/// - Complexity: O(steps) to count; planning takes O(limit · states · actions · outcomes).
public struct LoggedModel: Sendable {
  /// How often each action was taken in each state, `[state][action]`.
  public let counts: [[Int]]
  /// The world in which each logged next state is as likely as it was frequent, and earns the mean
  /// of what was logged on the way there; an action that was never taken ends the episode there and
  /// earns nothing.
  public let model: TransitionModel

  /// Counts what happened.
  ///
  /// The last step of an episode counts as one that ends it.
  /// - Parameters:
  ///   - states: How many states there are.
  ///   - actions: How many actions there are in each.
  /// - Throws: ``LearningError/badSetting(name:value:expected:)`` where there is no episode with a
  ///   step, a step names a state or an action that is not there, or rewards or their sum are no
  ///   finite numbers.
  public init(
    of log: [LoggedEpisode], states: Int, actions: Int
  ) throws(LearningError) {
    var seen = [[Int: Seen]](repeating: [:], count: states * actions)
    var starts: Set<Int> = []
    for episode in log {
      if let first = episode.steps.first { starts.insert(first.state) }
      for (index, step) in episode.steps.enumerated() {
        guard (0..<states).contains(step.state), (0..<actions).contains(step.action) else {
          throw .badSetting(
            name: "a logged step", value: "action \(step.action) in state \(step.state)",
            expected: "one of \(actions) actions in one of \(states) states")
        }
        let next = index + 1 < episode.steps.count ? episode.steps[index + 1].state : Self.end
        let cell = step.state * actions + step.action
        seen[cell][next, default: Seen()].count += 1
        seen[cell][next, default: Seen()].reward += step.reward
        let sum = seen[cell][next, default: Seen()].reward
        guard sum.isFinite else {
          throw .badSetting(
            name: "the sum of the logged rewards of action \(step.action) in state \(step.state)",
            value: "\(sum)", expected: "a finite number")
        }
      }
    }
    try LearningError.demandPositive([("the number of logged episodes with steps", starts.count)])
    counts = (0..<states).map { state in
      (0..<actions).map { seen[state * actions + $0].values.reduce(0) { $0 + $1.count } }
    }
    model = TransitionModel(
      states: states, actions: actions, starts: starts.sorted()
    ) { state, action in
      Self.outcomes(seen[state * actions + action], in: state)
    }
  }

  /// The outcomes of an action in a state, with chances that add up to 1.
  private static func outcomes(
    _ seen: [Int: Seen], in state: Int
  ) -> [TransitionModel.Outcome] {
    guard !seen.isEmpty else { return [.init(to: state, reward: 0, isTerminal: true)] }
    let total = Double(seen.values.reduce(0) { $0 + $1.count })
    var outcomes: [TransitionModel.Outcome] = []
    var sum = 0.0
    // Sorted, since sums of rounded numbers depend on their order.
    for (next, some) in seen.sorted(by: { $0.key < $1.key }) {
      // The last one gets what is left, so that rounding does not add up.
      let isLast = outcomes.count + 1 == seen.count
      let chance = isLast ? max(1 - sum, 0) : Double(some.count) / total
      sum += chance
      outcomes.append(
        .init(
          chance, to: next == end ? state : next, reward: some.reward / Double(some.count),
          isTerminal: next == end))
    }
    return outcomes
  }

  /// What to do about actions of which the log tells too little.
  public enum Doubt: Hashable, Sendable {
    /// They are not taken, where any other may be.
    case avoid
    /// They are taken as often as the logging policy takes them.
    case keep
  }

  /// The best policy by what the log shows of actions that were taken often enough.
  ///
  /// Where no action of a state was, the logging policy's chances stand.
  /// - Parameters:
  ///   - logging: The policy that wrote the log.
  ///   - evidence: How often an action must have been taken in a state to be trusted, 1 or more.
  ///   - limit: How many steps an episode has at most.
  /// > Reference: Laroche, Trichelair and Tachet des Combes, *Safe Policy Improvement with Baseline
  /// > Bootstrapping*, ICML 2019, algorithm 1, for ``Doubt/keep``.
  public func policy(
    improving logging: StochasticPolicy, evidence: Int, doubt: Doubt, within limit: Int
  ) -> StochasticPolicy {
    var worth = [Double](repeating: 0, count: model.stateCount)
    var chances = logging.probabilities
    for _ in 0..<limit {
      let values = (0..<model.stateCount).map { state in
        (0..<model.actionCount).map {
          model.expectedReturn(of: $0, in: state, discount: 1, worth: worth)
        }
      }
      for state in chances.indices {
        let trusted = counts[state].indices.filter { counts[state][$0] >= max(evidence, 1) }
        guard let first = trusted.first else { continue }
        let best = trusted.reduce(first) {
          values[state][$1] > values[state][$0] ? $1 : $0
        }
        chances[state] = logging.probabilities[state].enumerated().map { action, chance in
          doubt == .keep && !trusted.contains(action) ? chance : 0
        }
        chances[state][best] = 0
        chances[state][best] = max(1 - chances[state].reduce(0, +), 0)
      }
      worth = zip(chances, values).map { row, values in
        zip(row, values).reduce(0) { $0 + $1.0 * $1.1 }
      }
    }
    return StochasticPolicy(chances)
  }

  /// What stands for the end of an episode in place of a next state.
  private static let end = -1

  /// The steps of an action in a state that led to the same next state.
  private struct Seen {
    var count = 0
    /// What all of them earned together.
    var reward = 0.0
  }
}
