// The table of what actions are worth.

public import LabCore

/// The worth of each action in each state, as a tabular learner believes it to be.
public struct ActionValues: Hashable, Sendable {
  /// How many states there are.
  public let stateCount: Int
  /// How many actions there are in every state.
  public let actionCount: Int
  /// State after state, the worth of its actions.
  var numbers: [Double]

  /// Believes everything to be worth nothing.
  public init(states: Int, actions: Int) {
    stateCount = states
    actionCount = actions
    numbers = Array(repeating: 0, count: states * actions)
  }

  /// The worth of an action in a state.
  ///
  /// - Precondition: Both exist.
  public subscript(state: Int, action: Int) -> Double {
    get { numbers[state * actionCount + action] }
    set { numbers[state * actionCount + action] = newValue }
  }

  /// The worth of the best action in a state.
  public func greatest(in state: Int) -> Double {
    let first = state * actionCount
    var greatest = numbers[first]
    for index in (first + 1)..<max(first + actionCount, first + 1) {
      greatest = max(greatest, numbers[index])
    }
    return greatest
  }

  /// The best action in each state, the lowest of those that are equally good.
  public var policy: [Int] { (0..<stateCount).map(best(in:)) }

  /// The best action in a state, the lowest of those that are equally good.
  func best(in state: Int) -> Int {
    (1..<max(actionCount, 1)).reduce(0) { self[state, $1] > self[state, $0] ? $1 : $0 }
  }

  /// A hash of every bit: two tables that agree in it are the same.
  public var fingerprint: UInt64 {
    var hasher = StableHasher()
    for number in numbers { hasher.combine(number.bitPattern) }
    return hasher.finalize()
  }

  /// Chooses ε-greedily: any action with the chance of exploring, else the best; among equally good
  /// ones each is as likely.
  public func choose(
    in state: Int, exploring exploration: Double, _ random: inout RandomStream
  ) -> Int {
    if exploration > 0, random.unit() < exploration { return random.below(actionCount) }
    let first = state * actionCount
    var (best, greatest, equals) = (0, numbers[first], 1)
    for action in 1..<max(actionCount, 1) {
      let number = numbers[first + action]
      if number > greatest {
        (best, greatest, equals) = (action, number, 1)
      } else if number == greatest {
        equals += 1
        // The last of n equals stands with chance 1 / n, which makes all as likely.
        if random.below(equals) == 0 { best = action }
      }
    }
    return best
  }
}

/// Settings that Q-Learning and SARSA share.
public struct TabularSettings: Hashable, Sendable {
  /// How far a value moves towards its target, above 0 and at most 1 (α).
  public var learningRate: Double
  /// How much of a reward is left a step later, from 0 to 1 (γ).
  public var discount: Double
  /// The chance of a random action in the first episode (ε).
  public var firstExploration: Double
  /// The chance of a random action in the last episode; between the two it changes evenly.
  public var lastExploration: Double
  /// For how many episodes it learns in all.
  public var episodes: Int
  /// After how many steps an episode is cut off where the environment knows no limit.
  public var stepLimit = 10_000

  /// Sets what has no standard.
  public init(
    learningRate: Double, discount: Double, exploration: (first: Double, last: Double),
    episodes: Int
  ) {
    self.learningRate = learningRate
    self.discount = discount
    firstExploration = exploration.first
    lastExploration = exploration.last
    self.episodes = episodes
  }

  /// The chance of a random action in an episode, counted from 0.
  func exploration(in episode: Int) -> Double {
    let share = episodes > 1 ? Double(episode) / Double(episodes - 1) : 0
    return firstExploration + (lastExploration - firstExploration) * share
  }

  /// Checks every setting.
  ///
  /// - Throws: ``LearningError/badSetting(name:value:expected:)``.
  func check() throws(LearningError) {
    try LearningError.demand(
      [("the learning rate", learningRate)], "above 0 and at most 1"
    ) { $0 > 0 && $0 <= 1 }
    try LearningError.demand(
      [
        ("the discount", discount), ("the first exploration", firstExploration),
        ("the last exploration", lastExploration),
      ], "0 to 1"
    ) { $0 >= 0 && $0 <= 1 }
    try LearningError.demandPositive([
      ("the number of episodes", episodes), ("the limit of steps", stepLimit),
    ])
  }
}
