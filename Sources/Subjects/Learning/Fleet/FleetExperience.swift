// What agents of a fleet live through, and how a learner for them is set.

/// The algorithms, by the names of checkpoints and the command line.
public enum LearningAlgorithm: String, Hashable, Sendable, CaseIterable {
  /// A table, off its policy: ``QLearning``.
  case qLearning = "q-learning"
  /// A table, on its policy: ``SARSA``.
  case sarsa
  /// ``ActorCritic``, one step at a time.
  case actorCritic = "actor-critic"
  /// Rollouts with advantages: ``A2C``.
  case a2c
  /// Rollouts used several times over: ``PPO``.
  case ppo
  /// A deterministic actor with a memory: ``DDPG``.
  case ddpg
  /// The same with two critics: ``TD3``.
  case td3
  /// A random actor with a memory: ``SAC``.
  case sac
  /// Episodes read as sentences: ``DecisionTransformer``.
  case decisionTransformer = "decision-transformer"
}

/// What a fleet's agents see and may do.
public struct FleetTask: Hashable, Sendable {
  /// How many numbers an agent sees.
  public var observationWidth: Int
  /// The names of the actions.
  public var actions: [String]

  /// Combines both.
  public init(observationWidth: Int, actions: [String]) {
    self.observationWidth = observationWidth
    self.actions = actions
  }

  /// Refuses a task in which nothing is seen or nothing can be chosen.
  ///
  /// - Throws: ``LearningError/badSetting(name:value:expected:)``.
  func check() throws(LearningError) {
    try LearningError.demandPositive([("the width of observations", observationWidth)])
    guard actions.count >= 2, Set(actions).count == actions.count else {
      throw .badSetting(
        name: "the actions", value: "\(actions)", expected: "at least two different names")
    }
  }
}

/// One step of an agent.
public struct FleetExperience: Hashable, Sendable {
  /// What the agent saw.
  public var observation: [Float]
  /// What it did.
  public var action: String
  /// What that earned.
  public var reward: Double
  /// What it saw then.
  public var next: [Float]
  /// Whether the episode was over.
  public var end: End

  /// How an episode goes on.
  public enum End: UInt64, Hashable, Sendable {
    /// It does.
    case none
    /// It is over by nature: nothing follows.
    case terminated
    /// A limit cut it off: what would have followed is worth as much as ever.
    case truncated
  }

  /// Combines all five.
  public init(
    _ observation: [Float], _ action: String, reward: Double, next: [Float], end: End
  ) {
    self.observation = observation
    self.action = action
    self.reward = reward
    self.next = next
    self.end = end
  }
}

/// An experience whose agent and action are numbers.
struct FleetStep: Hashable, Sendable {
  var agent: Int
  var observation: [Float]
  var action: Int
  var reward: Double
  var next: [Float]
  var end: FleetExperience.End
  /// How likely the action was when it was recorded, as a logarithm, for those who ask.
  var logProbability: Float = 0

  /// Whether the same agent went on from here to there.
  func leads(to other: FleetStep) -> Bool {
    agent == other.agent && end == .none && next == other.observation
  }
}

extension Checkpoint {
  /// Keeps steps that see so many numbers.
  mutating func keep(_ name: String, _ steps: [FleetStep]) {
    keep(
      name,
      words: steps.flatMap { step -> [UInt64] in
        [
          UInt64(step.agent), UInt64(step.action), step.reward.bitPattern, step.end.rawValue,
          UInt64(step.logProbability.bitPattern),
        ] + (step.observation + step.next).map { UInt64($0.bitPattern) }
      })
  }

  /// Steps that were kept.
  ///
  /// - Throws: ``LearningError/otherContent(part:found:expected:)``.
  func steps(_ name: String, width: Int, actions: Int) throws(LearningError) -> [FleetStep] {
    let words = try words(name)
    let size = 5 + 2 * width
    let steps = stride(from: 0, to: words.count - size + 1, by: size).compactMap {
      first -> FleetStep? in
      let numbers = words[(first + 5)..<(first + size)].map {
        Float(bitPattern: UInt32(truncatingIfNeeded: $0))
      }
      guard let agent = Int(exactly: words[first]), let action = Int(exactly: words[first + 1]),
        action < actions, let end = FleetExperience.End(rawValue: words[first + 3])
      else { return nil }
      return FleetStep(
        agent: agent, observation: Array(numbers.prefix(width)), action: action,
        reward: Double(bitPattern: words[first + 2]), next: Array(numbers.suffix(width)), end: end,
        logProbability: Float(bitPattern: UInt32(truncatingIfNeeded: words[first + 4])))
    }
    guard steps.count * size == words.count else {
      throw .otherContent(part: name, found: "\(words.count) words", expected: "whole steps")
    }
    return steps
  }
}

/// How a learner for a fleet is set; one configuration for all nine algorithms.
public struct FleetSettings: Hashable, Sendable {
  /// The step size: of Adam or RMSprop, or of a table's values.
  public var learningRate = 1e-3
  /// How much of a reward is left a step later (γ); the Decision Transformer leaves it aside.
  public var discount = 0.99
  /// The chance of a random action, of SAC beside its own draws; A2C, PPO and actor-critic, which
  /// draw from chances of their own alone, leave it aside.
  public var exploration = 0.1
  /// How many steps one gradient comes from, and of the Decision Transformer how many stretches;
  /// one-step actor-critic takes 1 always, and tables leave it aside.
  public var batchSize = 32
  /// After how many experiences it trains by itself.
  public var updateFrequency = 10
  /// How many experiences the Decision Transformer gathers at random before it acts on what it has
  /// learnt, for it repeats the best that it has seen and finds nothing better by itself.
  public var randomSteps = 1_000
  /// The widths of the hidden layers; tables and the Decision Transformer leave them aside.
  public var hidden = [64, 64]
  /// How many experiences are remembered, or rows a table has at most; A2C, PPO and actor-critic
  /// remember none.
  public var memory = 20_000

  /// The standard settings.
  public init() {}

  /// Checks every setting.
  ///
  /// - Throws: ``LearningError/badSetting(name:value:expected:)``.
  func check() throws(LearningError) {
    try LearningError.demandPositive([
      ("the batch", batchSize), ("the update frequency", updateFrequency), ("the memory", memory),
      ("the random steps", randomSteps),
    ])
    try LearningError.demandHidden(hidden)
    try LearningError.demand(
      [("the discount", discount), ("the exploration", exploration)], "0 to 1"
    ) { $0 >= 0 && $0 <= 1 }
    try LearningError.demand([("the learning rate", learningRate)], "above 0 and at most 1") {
      $0 > 0 && $0 <= 1
    }
  }
}
