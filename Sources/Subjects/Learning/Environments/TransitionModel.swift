// What may happen in a world of few states, written out.

public import LabCore

/// A Markov decision process with few states, every outcome of which is known.
///
/// A tabular environment draws from it, and dynamic programming computes from it exactly what an
/// agent could at best earn there.
public struct TransitionModel: Hashable, Sendable {
  /// One thing that may happen.
  public struct Outcome: Hashable, Sendable, BitwiseCopyable {
    /// How likely it is.
    public let probability: Double
    /// Where it leads.
    public let state: Int
    /// What it earns.
    public let reward: Double
    /// Whether it ends the episode, so that the state that it leads to is worth nothing.
    public let isTerminal: Bool

    /// Combines the four.
    public init(_ probability: Double = 1, to state: Int, reward: Double, isTerminal: Bool) {
      self.probability = probability
      self.state = state
      self.reward = reward
      self.isTerminal = isTerminal
    }
  }

  /// How many states there are, numbered from 0.
  public let stateCount: Int
  /// How many actions there are in every state, numbered from 0.
  public let actionCount: Int
  /// The states in which episodes begin, all equally likely.
  public let starts: [Int]
  private let outcomes: [Outcome]
  /// Where the outcomes of each state and action begin, and last where all end.
  private let firsts: [Int]

  /// Writes out a process.
  ///
  /// - Parameter outcomes: What may happen for an action in a state.
  /// - Precondition: There is a start; starts and outcomes lie among the states; the probabilities
  ///   for each action in each state are not negative and add up to 1.
  public init(
    states: Int, actions: Int, starts: [Int],
    outcomes: (_ state: Int, _ action: Int) -> [Outcome]
  ) {
    precondition(
      !starts.isEmpty && starts.allSatisfy { (0..<states).contains($0) }, "starts among the states")
    stateCount = states
    actionCount = actions
    self.starts = starts
    var all: [Outcome] = []
    var firsts = [0]
    for state in 0..<states {
      for action in 0..<actions {
        let some = outcomes(state, action)
        let total = some.reduce(0) { $0 + $1.probability }
        precondition(
          abs(total - 1) < 1e-12
            && some.allSatisfy { $0.probability >= 0 && (0..<states).contains($0.state) },
          "probabilities of states that add up to 1 for action \(action) in state \(state)")
        all += some
        firsts.append(all.count)
      }
    }
    self.outcomes = all
    self.firsts = firsts
  }

  /// A hash of every bit: two processes that agree in it are the same.
  ///
  /// - Complexity: O(outcomes).
  public var fingerprint: UInt64 {
    var hasher = StableHasher()
    for count in [stateCount, actionCount, starts.count] + starts + firsts { hasher.combine(count) }
    for outcome in outcomes {
      hasher.combine(outcome.probability)
      hasher.combine(outcome.state)
      hasher.combine(outcome.reward)
      hasher.combine(outcome.isTerminal ? 1 : 0)
    }
    return hasher.finalize()
  }

  /// What may happen for an action in a state.
  ///
  /// - Precondition: Both exist.
  public func outcomes(of action: Int, in state: Int) -> ArraySlice<Outcome> {
    outcomes[range(of: action, in: state)]
  }

  /// Draws what happens for an action in a state; where only one thing may, nothing is drawn.
  ///
  /// - Precondition: Both exist.
  public func sample(
    _ action: Int, in state: Int, _ random: inout RandomStream
  ) -> Outcome {
    let range = range(of: action, in: state)
    let last = range.upperBound - 1
    if range.lowerBound == last { return outcomes[last] }
    var remaining = random.unit()
    for index in range.lowerBound..<last {
      remaining -= outcomes[index].probability
      if remaining < 0 { return outcomes[index] }
    }
    return outcomes[last]
  }

  /// What an action in a state earns on average, where the state behind it has a known worth.
  ///
  /// - Parameter worth: For each state, what is earned from there on.
  func expectedReturn(
    of action: Int, in state: Int, discount: Double, worth: [Double]
  ) -> Double {
    range(of: action, in: state).reduce(0) { sum, index in
      let outcome = outcomes[index]
      let later = outcome.isTerminal ? 0 : discount * worth[outcome.state]
      return sum + outcome.probability * (outcome.reward + later)
    }
  }

  private func range(of action: Int, in state: Int) -> Range<Int> {
    precondition(
      (0..<stateCount).contains(state) && (0..<actionCount).contains(action),
      "a state and an action that exist")
    let cell = state * actionCount + action
    return firsts[cell]..<firsts[cell + 1]
  }
}
