// One training on builds of tests, and its exam.

import LabCore
import LabManifest
import LabRunner
import Learning
import LinearAlgebra

/// How a face takes to algorithms and actions.
enum FleetFace: String, CaseIterable {
  /// Ours: any of the nine, with actions by name.
  case fleet
  /// The document's choice of an algorithm, which has three names.
  case threeNames = "three-names"
  /// The document's actions, which are words, handed to networks that give and take numbers.
  case words
}

/// What one training is.
struct SelectionCourse {
  /// What came of it.
  struct Outcome {
    /// The share of what was lived through that the face took.
    var accepted = 0.0
    /// Processor time of acting, recording and training.
    var time = Duration.zero
    /// What the decisions are worth; nothing where none could be made.
    var marks: SelectionExam.Marks?
    /// A hash of everything that was learnt.
    var fingerprint: UInt64 = 0
  }

  private let executions: Int
  private let face: FleetFace
  private let confusion, handicap: Double
  private let seed: Seed
  private let training: [TestSelection]
  private let exam: SelectionExam
  private let options: (learningRate: Double, discount: Double, batch: Int, frequency: Int)

  /// Draws the tests of a trial: some to learn on, and others to be asked about.
  init(_ trial: Trial) throws {
    executions = try trial.integer("executions")
    face = try trial.choice("face")
    confusion = try trial.number("planted-confusion")
    handicap = try trial.number("handicap")
    seed = trial.seed
    options = (
      try trial.number("learning-rate"), try trial.number("discount"),
      try trial.integer("batch"), try trial.integer("update-frequency")
    )
    let (defects, flaky) = (try trial.number("defects"), try trial.number("flaky"))
    func suites(_ name: String, _ count: Int) -> [TestSelection] {
      var random = trial.seed.child(name).stream()
      return (0..<count).map { _ in
        TestSelection(
          (0..<10).map { _ in SelectableTest.drawn(defects: defects, flaky: flaky, &random) })
      }
    }
    training = suites("training", try trial.integer("suites"))
    exam = try SelectionExam(suites("exam", try trial.integer("exam-suites")))
  }

  /// Has a rule or a learner examined.
  ///
  /// - Parameter settings: Of a learner; a rule has none.
  func run(_ pupil: SelectionPupil, _ settings: (LearningAlgorithm) -> FleetSettings) throws
    -> Outcome
  {
    switch pupil {
    case .rule(let rule):
      return Outcome(accepted: 1, marks: try exam.marks(of: rule))
    case .learner(let algorithm):
      guard face.takes(algorithm) else { return Outcome() }
      let blas = try OpenBLAS.open()
      var own = settings(algorithm)
      if options.learningRate > 0 { own.learningRate = options.learningRate }
      if options.discount > 0 { own.discount = options.discount }
      if options.batch > 0 { own.batchSize = options.batch }
      if options.frequency > 0 { own.updateFrequency = options.frequency }
      own.memory = max(own.memory, executions)
      return try learn(algorithm, own, blas)
    }
  }

  private func learn(
    _ algorithm: LearningAlgorithm, _ settings: FleetSettings, _ blas: OpenBLAS
  ) throws -> Outcome {
    let watch = ProcessorWatch()
    let view = view(of: algorithm)
    var learner = try taught(algorithm, settings, seed: seed.child("learner"), view, blas)
    for repetition in 0..<Int(handicap) {
      let vain = seed.child("vain").child(repetition)
      learner = try taught(algorithm, settings, seed: vain, view, blas)
    }
    let time = watch.elapsed
    let marks = try exam.marks(confusion: confusion) { suite, state in
      let answer = try learner.predict(seeing: view(suite.observation(in: state)))
      return SelectionAction.allCases.firstIndex { "\($0)" == answer } ?? 0
    }
    return Outcome(
      accepted: Double(learner.recorded) / Double(executions), time: time, marks: marks,
      fingerprint: learner.fingerprint)
  }

  /// Lives through builds, one suite after another, until the budget is spent.
  private func taught(
    _ algorithm: LearningAlgorithm, _ settings: FleetSettings, seed: Seed,
    _ view: ([Float]) -> [Float], _ blas: OpenBLAS
  ) throws -> FleetLearner {
    let task = FleetTask(
      observationWidth: training[0].observationSpace.width,
      actions: SelectionAction.allCases.map { "\($0)" })
    var learner = try FleetLearner(algorithm, task, settings, seed: seed, blas)
    let agent = "worker"
    learner.attach(agent)
    var (random, taken) = (seed.child("builds").stream(), 0)
    while taken < executions {
      let suite = training[random.below(training.count)]
      var episode = Episode(suite, random: RandomStream(seed: Seed(random.next())))
      var isLast = false
      while !isLast, taken < executions {
        let seen = view(episode.environment.observation())
        let word = try learner.choose(for: agent, seeing: seen)
        let action = SelectionAction.allCases.firstIndex { "\($0)" == word } ?? 0
        let step = episode.step(action)
        taken += 1
        isLast = step.isLast || taken == executions
        try learner.record(
          FleetExperience(
            seen, word, reward: step.reward, next: view(episode.environment.observation()),
            end: step.isTerminated ? .terminated : isLast ? .truncated : .none),
          of: agent)
      }
    }
    try learner.train()
    return learner
  }

  /// Tables see tests in few ways, networks as they are.
  private func view(of algorithm: LearningAlgorithm) -> ([Float]) -> [Float] {
    guard algorithm == .qLearning || algorithm == .sarsa else { return { $0 } }
    let coarse = CoarseView(of: training, levels: 3)
    return { coarse($0) }
  }
}

extension FleetFace {
  /// Whether an algorithm can be attached and be told what was lived through.
  func takes(_ algorithm: LearningAlgorithm) -> Bool {
    switch self {
    case .fleet: true
    case .threeNames:
      ["q-learning", "decision-transformer", "actor-critic"].contains(algorithm.rawValue)
    case .words:
      // A network for a box takes numbers: the words of actions are none.
      switch algorithm {
      case .ddpg, .td3, .sac: SelectionAction.allCases.allSatisfy { Float("\($0)") != nil }
      default: true
      }
    }
  }
}
