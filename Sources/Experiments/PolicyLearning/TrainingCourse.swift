// One training with its evaluations.

import LabCore
import LabManifest
import LabRunner
import Learning
import LinearAlgebra

/// What one training was and cost.
struct TrainingOutcome {
  /// The mean return at each evaluation.
  var curve: [Double] = []
  /// The first evaluation that reached the threshold.
  var reached: (steps: Int, time: Duration)?
  /// Processor time of training.
  var time = Duration.zero
  /// Seconds of processor time for each update of the second half.
  var updateTime: Double?
  /// What the last hundred episodes of training earned on average.
  var trainingReturn: Double?
  /// How far the policy lies below the best one, where that is known.
  var shortfall: Double?
  /// Every bit that has been learnt.
  var fingerprint: UInt64 = 0
}

/// The training of one trial, with the faults that a manifest may plant.
struct TrainingCourse {
  /// How many steps there are in all, or episodes of a table.
  let steps: Int
  private let algorithm: LearningAlgorithm
  private let world: LearningWorld
  private let options: TrainingOptions
  private let evaluations, episodes: Int
  private let threshold, idleness, handicap: Double
  private let seed: Seed

  /// Reads what a trial asks for.
  ///
  /// - Throws: ``TrainingCourseError``.
  init(_ trial: Trial) throws {
    algorithm = try trial.subject()
    world = try trial.choice("environment")
    steps = try trial.integer("steps")
    evaluations = try trial.integer("evaluations")
    episodes = try trial.integer("evaluation-episodes")
    threshold = try trial.number("threshold")
    idleness = try trial.number("planted-idleness")
    handicap = try trial.number("handicap")
    seed = trial.seed
    var options = TrainingOptions()
    func set(_ name: String) throws -> Double? {
      let number = try trial.number(name)
      return number > 0 ? number : nil
    }
    func count(_ name: String) throws -> Int? {
      let number = try trial.integer(name)
      return number > 0 ? number : nil
    }
    options.budget = steps
    options.learningRate = try set("learning-rate")
    options.discount = try set("discount")
    options.exploration = try set("exploration")
    options.lastExploration =
      options.exploration == nil ? nil : try trial.number("last-exploration")
    options.minibatch = try count("minibatch")
    options.randomSteps = try count("random-steps")
    options.hidden = try Self.widths(try trial.text("hidden"))
    self.options = options
    guard evaluations <= steps else {
      throw TrainingCourseError.tooManyEvaluations(evaluations, steps: steps)
    }
  }

  /// Trains and judges.
  func run() throws -> TrainingOutcome {
    let blas = try OpenBLAS.open()
    let run = try TrainingRun(algorithm, in: world, options, seed: seed, blas)
    // What is made in vain learns from other chances, and is thrown away.
    let vain = try TrainingRun(algorithm, in: world, options, seed: seed.child("vain"), blas)
    var outcome = TrainingOutcome()
    var returns: [Double] = []
    var firstHalf: (time: Duration, updates: Int)?
    let lastStep = steps - Int((Double(steps) * idleness).rounded())
    for evaluation in 1...evaluations {
      let place = steps * evaluation / evaluations
      let watch = ProcessorWatch()
      returns += try run.train(min(place, lastStep) - run.spent)
      returns.removeFirst(max(0, returns.count - 100))
      if handicap > 0 { _ = try vain.train(Int(Double(run.spent) * handicap) - vain.spent) }
      outcome.time = outcome.time + watch.elapsed
      let earned = try GreedyEpisodes.returns(of: try run.policy, in: world, count: episodes)
      let mean = earned.reduce(0, +) / Double(earned.count)
      outcome.curve.append(mean)
      if outcome.reached == nil, mean >= threshold { outcome.reached = (place, outcome.time) }
      if evaluation == evaluations / 2 { firstHalf = (outcome.time, run.updates) }
    }
    if let firstHalf, run.updates > firstHalf.updates {
      outcome.updateTime =
        (outcome.time - firstHalf.time).seconds / Double(run.updates - firstHalf.updates)
    }
    outcome.trainingReturn =
      returns.isEmpty ? nil : returns.reduce(0, +) / Double(returns.count)
    outcome.shortfall = try shortfall(outcome.curve.last ?? 0)
    outcome.fingerprint = run.fingerprint
    return outcome
  }

  private func shortfall(_ earned: Double) throws -> Double? {
    guard let table = world.table else { return nil }
    let limit = table.stepLimit ?? GreedyEpisodes.endlessLimit
    let best = try OptimalValues(of: table.model, discount: options.discount ?? 0.999)
    return table.model.expectedReturn(of: best.policy, within: limit) - earned
  }

  /// Widths as `400-300`.
  private static func widths(_ text: String) throws -> [Int]? {
    guard !text.isEmpty else { return nil }
    let words = text.split(separator: "-", omittingEmptySubsequences: false)
    let widths = words.compactMap { Int($0) }.filter { (1...4_096).contains($0) }
    guard widths.count == words.count, widths.count <= 8 else {
      throw TrainingCourseError.noWidths(text)
    }
    return widths
  }
}

/// Why a training cannot be made.
enum TrainingCourseError: Error, Hashable, CustomStringConvertible {
  case tooManyEvaluations(Int, steps: Int)
  case noWidths(String)

  var description: String {
    switch self {
    case .tooManyEvaluations(let count, let steps):
      "evaluations is \(count) and steps is \(steps); at most one after each step was expected; "
        + "lower it"
    case .noWidths(let text):
      "hidden is '\(text)'; up to 8 widths of 1 to 4096 such as '64-64' were expected; correct it"
    }
  }
}
