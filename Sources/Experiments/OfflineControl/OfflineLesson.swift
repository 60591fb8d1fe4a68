// Episodes of a pole that is balanced, and what a learner makes of them.

import LabCore
import LabManifest
import LabRunner
import Learning
import LinearAlgebra

/// What one trial shows, and how it is learnt.
struct OfflineLesson {
  /// What a learner has made of it.
  struct Outcome {
    /// For how many steps it balances on average.
    var meanReturn = 0.0
    /// What was shown, on average and at best.
    var shownMeanReturn = 0.0, shownBestReturn = 0.0
    /// Every bit that has been learnt.
    var fingerprint: UInt64 = 0
  }

  private let shown, practice, tests: Int
  private let slips, aim, idleness: Double
  private let isBest: Bool
  private let settings: DecisionTransformerSettings
  private let seed: Seed

  /// The parameters of what is shown and of the network.
  static let parameters =
    [
      ParameterDescription(
        "episodes", .integer(10...100_000), default: .integer(500),
        "How many episodes are shown; half of them are by chance."),
      ParameterDescription(
        "practice", .integer(1...10_000_000), default: .integer(10_000),
        "How many steps of PPO the other half has behind it."),
      ParameterDescription(
        "slips", .number(0...1), default: .number(0.2),
        "The share of that half's steps that are by chance."),
      ParameterDescription(
        "aim", .number(1...500), default: .number(500),
        "The return that the Decision Transformer is told."),
      ParameterDescription(
        "tests", .integer(1...10_000), default: .integer(100),
        "Over how many episodes it is judged."),
    ] + DecisionTransformerSettings.parameters

  /// Reads what a trial asks for.
  ///
  /// - Throws: `UndescribedSetting`.
  init(_ trial: Trial) throws {
    shown = try trial.integer("episodes")
    practice = try trial.integer("practice")
    slips = try trial.number("slips")
    aim = try trial.number("aim")
    tests = try trial.integer("tests")
    let isTold = trial.arm == "decision-transformer"
    idleness = isTold ? try trial.number("planted-idleness") : 0
    isBest = trial.arm == "best-cloning"
    seed = trial.seed
    var settings = try DecisionTransformerSettings(trial)
    settings.isReturnBlind = !isTold
    settings.returnScale = aim
    self.settings = settings
  }

  /// Learns, and balances.
  ///
  /// - Throws: `LearningError.diverged`.
  func learn() throws -> Outcome {
    let blas = try OpenBLAS.open()
    let episodes = try episodes(blas)
    let returns = episodes.map { Double($0.returnsToGo[0]) }
    var outcome = Outcome()
    outcome.shownMeanReturn = returns.reduce(0, +) / Double(returns.count)
    outcome.shownBestReturn = returns.reduce(0, max)
    let world = CartPole()
    var learner = try DecisionTransformer(
      observationWidth: world.observationSpace.width, actionCount: world.actionSpace.width,
      settings, seed: seed.child("learner"), blas)
    var buffer = TrajectoryBuffer()
    for episode in isBest ? Self.bestTenth(of: episodes) : episodes { buffer.append(episode) }
    try learner.train(on: buffer, updates: settings.updates(without: idleness))
    let earned = (0..<tests).map { steps(inTest: $0, by: learner) }
    outcome.meanReturn = Double(earned.reduce(0, +)) / Double(tests)
    outcome.fingerprint = learner.fingerprint
    return outcome
  }

  /// Episodes of two who balance: one by chance, and one who has learnt a little.
  private func episodes(_ blas: OpenBLAS) throws -> [Trajectory] {
    var options = TrainingOptions()
    options.budget = practice
    let run = try TrainingRun(
      .ppo, in: .cartPole, options, seed: seed.child("demonstrator"), blas)
    _ = try run.train(practice)
    let policy = try run.policy
    var random = seed.child("slips").stream()
    return try (0..<shown).map { index in
      let slips = index < shown / 2 ? 1 : slips
      var episode = Episode(CartPole(), random: seed.child("shown").child(index).stream())
      var (seen, actions, rewards) = ([[Float]](), [Int](), [Double]())
      while true {
        let observation = episode.environment.observation()
        let action =
          random.unit() < slips ? random.below(2) : try policy.choice(seeing: observation)
        let step = episode.step(action)
        seen.append(observation)
        actions.append(action)
        rewards.append(step.reward)
        // The limit ends what can be earned, so that nothing is expected behind it.
        if step.isLast {
          return try Trajectory(observations: seen, actions: actions, rewards: rewards)
        }
      }
    }
  }

  /// The tenth of the episodes that earn most, earlier ones first where they earn alike.
  static func bestTenth(of episodes: [Trajectory]) -> [Trajectory] {
    let order = episodes.indices.sorted {
      (-episodes[$0].returnsToGo[0], $0) < (-episodes[$1].returnsToGo[0], $1)
    }
    return order.prefix(max(1, episodes.count / 10)).map { episodes[$0] }
  }

  private func steps(inTest index: Int, by learner: borrowing DecisionTransformer) -> Int {
    var episode = Episode(CartPole(), random: seed.child("unused").stream())
    GreedyEpisodes.start(&episode, index)
    var history = DecisionHistory(
      aimingAt: Float(aim), seeing: episode.environment.observation())
    while true {
      let action = learner.act(after: history)
      let step = episode.step(action)
      if step.isLast { return Int(episode.total) }
      history.append(action, earning: step.reward, seeing: episode.environment.observation())
    }
  }
}
