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
  /// Seconds of processor time for an action of the policy.
  var actionTime: Double?
  /// What the last hundred episodes of training earned on average.
  var trainingReturn: Double?
  /// How far the policy lies below the best one, and where between random actions, at 0, and that
  /// one, at 1, if the best is known.
  var beside: (shortfall: Double, normalised: Double)?
  /// Every bit that has been learnt.
  var fingerprint: UInt64 = 0
}

/// The training of one trial, with the faults that a manifest may plant.
struct TrainingCourse {
  /// How many steps there are in all, or episodes of a table.
  let steps: Int
  /// Who learns; nobody, where every action is equally likely.
  private let algorithm: LearningAlgorithm?
  private let world: LearningWorld
  private let options: TrainingOptions
  private let evaluations, episodes: Int
  private let threshold, idleness, handicap: Double
  private let seed: Seed

  /// Reads what a trial asks for.
  ///
  /// - Throws: ``TrainingCourseError``.
  init(_ trial: Trial) throws {
    algorithm = trial.arm == PolicyLearning.randomArm ? nil : try trial.subject()
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
    guard let algorithm else { return try outcomeAtRandom() }
    return try outcome(of: algorithm)
  }

  private func outcomeAtRandom() throws -> TrainingOutcome {
    let mean = Self.mean(try GreedyEpisodes.returnsAtRandom(in: world, count: episodes))
    var outcome = TrainingOutcome()
    outcome.curve = Array(repeating: mean, count: evaluations)
    if mean >= threshold { outcome.reached = (0, .zero) }
    outcome.beside = try beside(mean)
    return outcome
  }

  private func outcome(of algorithm: LearningAlgorithm) throws -> TrainingOutcome {
    let blas = try OpenBLAS.open()
    let run = try TrainingRun(algorithm, in: world, options, seed: seed, blas)
    let vain = try runInVain(of: algorithm, blas)
    var outcome = TrainingOutcome()
    var returns: [Double] = []
    var firstHalf: (time: Duration, updates: Int)?
    let lastStep = steps - Int((Double(steps) * idleness).rounded())
    for evaluation in 1...evaluations {
      let place = steps * evaluation / evaluations
      let watch = ProcessorWatch()
      returns += try run.train(min(place, lastStep) - run.spent)
      returns.removeFirst(max(0, returns.count - 100))
      if let vain { _ = try vain.train(Int(Double(run.spent) * handicap) - vain.spent) }
      outcome.time = outcome.time + watch.elapsed
      let mean = Self.mean(
        try GreedyEpisodes.returns(of: try run.policy, in: world, count: episodes))
      outcome.curve.append(mean)
      if outcome.reached == nil, mean >= threshold { outcome.reached = (place, outcome.time) }
      if evaluation == evaluations / 2 { firstHalf = (outcome.time, run.updates) }
    }
    if let firstHalf, run.updates > firstHalf.updates {
      outcome.updateTime =
        (outcome.time - firstHalf.time).seconds / Double(run.updates - firstHalf.updates)
    }
    outcome.trainingReturn = returns.isEmpty ? nil : Self.mean(returns)
    outcome.beside = try beside(outcome.curve.last ?? 0)
    outcome.actionTime = try world.accept(ActionWatch(policy: try run.policy))
    outcome.fingerprint = run.fingerprint
    return outcome
  }

  /// What is made in vain where a slow-down is planted: it learns from other chances, and is thrown
  /// away.
  private func runInVain(of algorithm: LearningAlgorithm, _ blas: OpenBLAS) throws -> TrainingRun? {
    guard handicap > 0 else { return nil }
    var options = options
    options.budget = max(1, Int(Double(steps) * handicap))
    return try TrainingRun(algorithm, in: world, options, seed: seed.child("vain"), blas)
  }

  private func beside(_ earned: Double) throws -> (shortfall: Double, normalised: Double)? {
    guard let table = world.table else { return nil }
    let limit = table.stepLimit ?? GreedyEpisodes.endlessLimit
    let values = try OptimalValues(of: table.model, discount: options.discount ?? 0.999)
    let best = table.model.expectedReturn(of: values.policy, within: limit)
    let anything = Self.mean(try GreedyEpisodes.returnsAtRandom(in: world, count: 1))
    return (best - earned, (earned - anything) / (best - anything))
  }

  private static func mean(_ numbers: [Double]) -> Double {
    numbers.reduce(0, +) / Double(numbers.count)
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

/// Takes the time of a policy's actions where an episode begins.
private struct ActionWatch: LearningWorld.Visitor {
  let policy: Policy
  private static let count = 1_000

  func visit<World: Environment>(choosing world: World) throws -> Double
  where World.Action == Int, World.State: KeptState {
    try seconds(seeing: world.observation())
  }

  func visit<World: Environment>(moving world: World) throws -> Double
  where World.Action == [Float], World.State: KeptState {
    try seconds(seeing: world.observation())
  }

  private func seconds(seeing observation: [Float]) throws -> Double {
    let watch = ProcessorWatch()
    for _ in 0..<Self.count { _ = try policy.action(seeing: observation) }
    return watch.elapsed.seconds / Double(Self.count)
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
