// SARSA: learn what the own behaviour is worth, exploration included.

public import LabCore

/// SARSA, the on-policy control of temporal differences over a table.
///
/// After a step from state s by action a to state s′ with reward r, where a′ is the action that is
/// chosen in s′,
///
///     Q(s, a) ← Q(s, a) + α (r + γ · Q(s′, a′) − Q(s, a))
///
/// where Q(s′, a′) counts as 0 when the step terminated the episode, and stays when the episode was
/// merely cut off; a′ is then chosen but not carried out. Actions are chosen ε-greedily; ties are
/// broken at random.
/// - Determinism: Environment, settings and seed fix every number.
/// > Reference: Rummery and Niranjan, *On-Line Q-Learning Using Connectionist Systems*, 1994;
/// > Sutton and Barto, 2018, section 6.4. Departure: ε may change evenly from the first episode to
/// > the last.
public struct SARSA: Sendable {
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
      var action = values.choose(in: episode.state, exploring: exploration, &random)
      while true {
        let state = episode.state
        let step = episode.step(action)
        let next = values.choose(in: episode.state, exploring: exploration, &random)
        try learn(
          from: (state, action), reward: step.reward, to: (episode.state, next), step.isTerminated)
        if step.isLast { break }
        action = next
      }
      episodesDone += 1
      returns.append(episode.total)
    }
    return returns
  }

  /// Learns from one step of the behaviour that is to be judged.
  ///
  /// - Precondition: States and actions exist.
  /// - Throws: ``LearningError/diverged(what:step:seed:)`` when the target is no finite number.
  public mutating func learn(
    from before: (state: Int, action: Int), reward: Double,
    to after: (state: Int, action: Int), _ isTerminated: Bool
  ) throws(LearningError) {
    steps += 1
    let later = isTerminated ? 0 : values[after.state, after.action]
    let error = reward + settings.discount * later - values[before.state, before.action]
    guard error.isFinite else { throw .diverged(what: "the target", step: steps, seed: seed.value) }
    values[before.state, before.action] += settings.learningRate * error
  }
}

extension SARSA: TabularLearner {
  static let name = "sarsa"

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
