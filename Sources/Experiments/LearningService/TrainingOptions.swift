// What may be set of a learner, whichever it is.

public import Learning

/// Settings by names that all learners share; what is not set stays as the algorithm's standard
/// settings have it.
public struct TrainingOptions: Hashable, Sendable {
  /// How many steps it takes in all, or for how many episodes a table learns.
  public var budget: Int?
  /// The step size: of Adam or RMSprop, or of a table's values.
  public var learningRate: Double?
  /// How much of a reward is left a step later (γ).
  public var discount: Double?
  /// The chance of a random action in a table's first episode, or the deviation of DDPG's and TD3's
  /// noise.
  public var exploration: Double?
  /// The chance of a random action in a table's last episode; where it is not set, 0.05 or that of
  /// the first episode, whichever is smaller.
  public var lastExploration: Double?
  /// How many steps one gradient comes from; of A2C, how many steps its rollout has.
  public var minibatch: Int?
  /// The widths of the hidden layers.
  public var hidden: [Int]?
  /// How many steps are taken at random before learning; where it is not set, the algorithm's own
  /// number or half the budget, whichever is smaller.
  public var randomSteps: Int?

  /// Sets nothing.
  public init() {}

  /// Settings of a table; the standard ones are those that suit the small frozen lake.
  var table: TabularSettings {
    let first = exploration ?? 1
    return TabularSettings(
      learningRate: learningRate ?? 0.1, discount: discount ?? 0.99,
      exploration: (first, lastExploration ?? min(0.05, first)), episodes: budget ?? 20_000)
  }

  var actorCritic: ActorCriticSettings {
    var settings = ActorCriticSettings()
    if let learningRate {
      // The actor must be slower than the critic by far; the standard settings say how far.
      settings.actorRate *= learningRate / settings.criticRate
      settings.criticRate = learningRate
    }
    settings.steps = budget ?? settings.steps
    settings.discount = discount ?? settings.discount
    settings.hidden = hidden ?? settings.hidden
    return settings
  }

  var a2c: A2CSettings {
    var settings = A2CSettings()
    settings.steps = budget ?? settings.steps
    settings.learningRate = learningRate ?? settings.learningRate
    settings.discount = discount ?? settings.discount
    if let minibatch {
      settings.stepsOfRollout = max(1, minibatch / settings.episodes)
    }
    settings.hidden = hidden ?? settings.hidden
    return settings
  }

  var ppo: PPOSettings {
    var settings = PPOSettings()
    settings.steps = budget ?? settings.steps
    settings.learningRate = learningRate ?? settings.learningRate
    settings.discount = discount ?? settings.discount
    settings.minibatch = minibatch ?? settings.minibatch
    settings.hidden = hidden ?? settings.hidden
    return settings
  }

  var ddpg: DDPGSettings {
    var settings = DDPGSettings()
    settings.steps = budget ?? settings.steps
    settings.randomSteps = randomSteps(of: settings.steps, standard: settings.randomSteps)
    settings.learningRate = learningRate ?? settings.learningRate
    settings.discount = discount ?? settings.discount
    settings.exploration = exploration ?? settings.exploration
    settings.minibatch = minibatch ?? settings.minibatch
    settings.hidden = hidden ?? settings.hidden
    return settings
  }

  var td3: TD3Settings {
    var settings = TD3Settings()
    settings.common = ddpg
    return settings
  }

  var sac: SACSettings {
    var settings = SACSettings()
    settings.steps = budget ?? settings.steps
    settings.randomSteps = randomSteps(of: settings.steps, standard: settings.randomSteps)
    settings.learningRate = learningRate ?? settings.learningRate
    settings.discount = discount ?? settings.discount
    settings.minibatch = minibatch ?? settings.minibatch
    settings.hidden = hidden ?? settings.hidden
    return settings
  }

  private func randomSteps(of steps: Int, standard: Int) -> Int {
    randomSteps ?? max(1, min(standard, steps / 2))
  }
}

extension TrainingOptions {
  /// The names of the options that are set but that an algorithm does not have, as the command line
  /// writes them.
  public func foreign(to algorithm: LearningAlgorithm) -> [String] {
    let isTable = [.qLearning, .sarsa].contains(algorithm)
    let explores = isTable || [.ddpg, .td3].contains(algorithm)
    let remembers = [.ddpg, .td3, .sac].contains(algorithm)
    let options: [(name: String, isSet: Bool, isKnown: Bool)] = [
      ("--exploration", exploration != nil, explores),
      ("--minibatch", minibatch != nil, !isTable && algorithm != .actorCritic),
      ("--hidden", hidden != nil, !isTable),
      ("--random-steps", randomSteps != nil, remembers),
    ]
    return options.filter { $0.isSet && !$0.isKnown }.map(\.name)
  }
}
