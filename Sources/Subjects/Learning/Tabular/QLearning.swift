// Q-Learning: learn what the best behaviour is worth while behaving otherwise.

public import LabCore

/// Q-Learning, the off-policy control of temporal differences over a table.
///
/// After a step from state s by action a to state s′ with reward r,
///
///     Q(s, a) ← Q(s, a) + α (r + γ · max over a′ of Q(s′, a′) − Q(s, a))
///
/// where the maximum counts as 0 when the step terminated the episode, and stays when the episode
/// was merely cut off. Actions are chosen ε-greedily; ties are broken at random.
/// - Determinism: Environment, settings and seed fix every number.
/// > Reference: Watkins and Dayan, *Q-Learning*, Machine Learning 8, 1992; Sutton and Barto, 2018,
/// > section 6.5. Departure: ε may change evenly from the first episode to the last.
public struct QLearning: Sendable {
  /// What actions are believed to be worth.
  public private(set) var values: ActionValues
  /// How it learns.
  public let settings: TabularSettings
  /// How many episodes it has learnt from.
  public private(set) var episodesDone = 0
  /// How many steps it has learnt from.
  public private(set) var steps = 0
  /// Where its chances began; of one that goes on from a checkpoint, where those of the other did.
  public private(set) var seed: Seed
  private var episode: Episode<TabularEnvironment>
  private var random: RandomStream

  /// Begins to learn in an environment.
  ///
  /// - Throws: ``LearningError/badSetting(name:value:expected:)``.
  public init(
    _ environment: TabularEnvironment, _ settings: TabularSettings, seed: Seed
  ) throws(LearningError) {
    try settings.check()
    self.settings = settings
    self.seed = seed
    values = ActionValues(
      states: environment.model.stateCount, actions: environment.model.actionCount)
    episode = Episode(
      environment, random: seed.child("environment").stream(),
      stepLimit: environment.stepLimit ?? settings.stepLimit)
    random = seed.child("choices").stream()
  }

  /// A hash of every bit that it has learnt: two runs that agree in it learnt the same.
  public var fingerprint: UInt64 { values.fingerprint }

  /// Learns from further episodes.
  ///
  /// - Parameter count: How many; never more than the settings leave.
  /// - Returns: What each episode earned, exploration included.
  /// - Throws: ``LearningError/diverged(what:step:seed:)`` for rewards that are no numbers.
  @discardableResult
  public mutating func train(episodes count: Int = .max) throws(LearningError) -> [Double] {
    var returns: [Double] = []
    for _ in 0..<max(min(count, settings.episodes - episodesDone), 0) {
      let exploration = settings.exploration(in: episodesDone)
      episode.begin()
      while true {
        let state = episode.state
        let action = values.choose(in: state, exploring: exploration, &random)
        let step = episode.step(action)
        try learn(from: state, action, reward: step.reward, to: episode.state, step.isTerminated)
        if step.isLast { break }
      }
      episodesDone += 1
      returns.append(episode.total)
    }
    return returns
  }

  /// Learns from one step, wherever it comes from: the behaviour need not be its own.
  ///
  /// - Precondition: States and action exist.
  /// - Throws: ``LearningError/diverged(what:step:seed:)`` when the target is no finite number.
  public mutating func learn(
    from state: Int, _ action: Int, reward: Double, to next: Int, _ isTerminated: Bool
  ) throws(LearningError) {
    steps += 1
    let later = isTerminated ? 0 : values.greatest(in: next)
    let error = reward + settings.discount * later - values[state, action]
    guard error.isFinite else { throw .diverged(what: "the target", step: steps, seed: seed.value) }
    values[state, action] += settings.learningRate * error
  }
}

extension QLearning: TabularLearner {
  static let name = "q-learning"

  var world: String { episode.environment.identity }

  var progress: TabularProgress {
    get {
      TabularProgress(
        values: values, episodesDone: episodesDone, steps: steps, seed: seed, choices: random,
        environment: episode.random)
    }
    set {
      values = newValue.values
      (episodesDone, steps, seed) = (newValue.episodesDone, newValue.steps, newValue.seed)
      (random, episode.random) = (newValue.choices, newValue.environment)
    }
  }
}
