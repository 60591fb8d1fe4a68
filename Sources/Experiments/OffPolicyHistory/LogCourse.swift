// One log: written, learnt from, and used to judge what was learnt.

import LabCore
import LabManifest
import LabRunner
import Learning
import Statistics

/// What one log came to.
struct LogOutcome {
  /// What was learnt.
  var policy: StochasticPolicy
  /// What it truly earns on average in a build.
  var worth: Double
  /// What the logging policy truly earns.
  var loggingWorth: Double
  /// What the best behaviour earns.
  var bestWorth: Double
  /// What the log says of it.
  var estimates: OffPolicyIntervals
}

/// The logs of one trial, with the faults that a manifest may plant.
struct LogCourse {
  private let learner: LogLearner
  private let learningRate: Double
  private let tests, builds, sweeps, evidence: Int
  private let coverage: Double
  private let pieces: LogPieces
  private let interval: IntervalKind
  private let isHeldOut, isShuffled, statesChances: Bool

  /// Reads what a trial asks for.
  ///
  /// - Throws: ``LogCourseError``.
  init(_ trial: Trial) throws {
    learner = try trial.subject()
    learningRate = try trial.number("learning-rate")
    tests = try trial.integer("tests")
    builds = try trial.integer("builds")
    sweeps = try trial.integer("sweeps")
    evidence = try trial.integer("evidence")
    pieces = try trial.choice("pieces")
    interval = try trial.choice("interval")
    isHeldOut = try trial.flag("held-out")
    isShuffled = try trial.flag("shuffled-rewards")
    statesChances = try trial.flag("stated-chances")
    coverage = try trial.share("coverage")
    guard coverage > 0, coverage <= 1 else { throw LogCourseError.noCoverage(coverage) }
  }

  /// Runs every test once and reports what fails, and now and then does anything.
  private static func logging(
    in world: TabularEnvironment, exploring exploration: Double
  ) -> StochasticPolicy {
    let states = world.model.stateCount
    let habit = (0..<states).map { state -> SelectionAction in
      let isNew =
        state == 0
        || TestSelection.test(ofNumber: state) != TestSelection.test(ofNumber: state - 1)
      return isNew ? .run : .skip
    }
    return StochasticPolicy(
      of: habit.map(\.rawValue), actions: world.model.actionCount, exploring: exploration)
  }

  /// Draws tests, writes their log, learns from it and judges.
  ///
  /// - Throws: `LearningError`, `LinearAlgebraError` and `StatisticsError`.
  func run(seed: Seed) throws -> LogOutcome {
    let world = TestSelection(count: tests, seed: seed.child("tests")).tabular
    let logging = Self.logging(in: world, exploring: coverage)
    var random = seed.child("log").stream()
    let log = (0..<builds).map { _ in logging.log(in: world, &random) }
    var lessons = Array(log.prefix(builds / 2))
    if isShuffled { Self.shuffleRewards(of: &lessons, &random) }
    let policy = try LogLearning(
      learningRate: learningRate, sweeps: sweeps, evidence: evidence, world: world,
      logging: logging
    ).policy(of: learner, from: lessons)
    let limit = world.stepLimit ?? 200
    let judges = isHeldOut ? Array(log.dropFirst(builds / 2)) : lessons
    return LogOutcome(
      policy: policy, worth: world.model.expectedReturn(of: policy, within: limit),
      loggingWorth: world.model.expectedReturn(of: logging, within: limit),
      bestWorth: world.model.bestReturn(within: limit),
      estimates: try OffPolicyIntervals(
        of: policy, in: world, learning: lessons,
        judging: statesChances ? judges : judges.map { $0.withEvenChances(of: world) },
        pieces, interval, seed: seed.child("bootstrap")))
  }

  private static func shuffleRewards(
    of log: inout [LoggedEpisode], _ random: inout RandomStream
  ) {
    var rewards = log.flatMap { $0.steps.map(\.reward) }
    for last in stride(from: rewards.count - 1, to: 0, by: -1) {
      rewards.swapAt(last, random.below(last + 1))
    }
    var place = 0
    for episode in log.indices {
      for step in log[episode].steps.indices {
        log[episode].steps[step].reward = rewards[place]
        place += 1
      }
    }
  }
}

extension LoggedEpisode {
  /// The episode as if all actions had been equally likely.
  fileprivate func withEvenChances(of world: TabularEnvironment) -> LoggedEpisode {
    LoggedEpisode(
      steps: steps.map { step in
        Step(
          state: step.state, action: step.action,
          probability: 1 / Double(world.model.actionCount), reward: step.reward)
      })
  }
}

/// Why nothing can be learnt from a log.
enum LogCourseError: Error, Hashable, CustomStringConvertible {
  case noCoverage(Double)

  var description: String {
    switch self {
    case .noCoverage(let share):
      "coverage is \(share * 100) %; above 0 % and at most 100 % was expected, since actions that "
        + "are never logged cannot be judged; correct it"
    }
  }
}
