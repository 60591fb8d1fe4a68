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
  /// The document's choice of an algorithm, which is a type of three names: it is read here, not
  /// run.
  case threeNames = "three-names"
  /// The document's actions, which are words, handed to networks that give and take numbers: a word
  /// reaches those for a box of numbers only where it is read as a number.
  case words
  /// A planted fault: it takes nobody.
  case closed
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
  private let confusion: Double
  private let seed: Seed
  private let lessons: SelectionLessons
  private let exam: SelectionExam
  private let options: (learningRate: Double, discount: Double, batch: Int, frequency: Int)

  /// Draws the tests of a trial: some to learn on, and others to be asked about.
  init(_ trial: Trial) throws {
    executions = try trial.integer("executions")
    face = try trial.choice("face")
    confusion = try trial.number("planted-confusion")
    seed = trial.seed
    options = (
      try trial.number("learning-rate"), try trial.number("discount"),
      try trial.integer("batch"), try trial.integer("update-frequency")
    )
    var drawing = SelectionDrawing()
    drawing.defects = try trial.number("defects")
    drawing.flaky = try trial.number("flaky")
    lessons = SelectionLessons(
      executions: executions,
      drawing.suites(try trial.integer("suites"), seed: seed.child("training")))
    exam = try SelectionExam(
      drawing.suites(try trial.integer("exam-suites"), seed: seed.child("exam")))
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
      return try learn(algorithm, chosen(settings(algorithm)), inVain: 0)
    case .slow: return try learn(.sac, chosen(settings(.sac)), inVain: 99)
    }
  }

  /// Settings with those that the trial names.
  private func chosen(_ settings: FleetSettings) -> FleetSettings {
    var settings = settings
    if options.learningRate > 0 { settings.learningRate = options.learningRate }
    if options.discount > 0 { settings.discount = options.discount }
    if options.batch > 0 { settings.batchSize = options.batch }
    if options.frequency > 0 { settings.updateFrequency = options.frequency }
    settings.memory = max(settings.memory, executions)
    return settings
  }

  private func learn(
    _ algorithm: LearningAlgorithm, _ settings: FleetSettings, inVain repetitions: Int
  ) throws -> Outcome {
    let blas = try OpenBLAS.open()
    let watch = ProcessorWatch()
    let learner = try lessons.taught(algorithm, settings, seed: seed.child("learner"), blas)
    for repetition in 0..<repetitions {
      let vain = seed.child("vain").child(repetition)
      _ = try lessons.taught(algorithm, settings, seed: vain, blas)
    }
    let time = watch.elapsed
    let marks = try exam.marks(confusion: confusion) { suite, state in
      try lessons.decision(of: learner, in: state, of: suite)
    }
    return Outcome(
      accepted: Double(learner.recorded) / Double(executions), time: time, marks: marks,
      fingerprint: learner.fingerprint)
  }
}

extension FleetFace {
  /// Whether an algorithm can be attached and be told what was lived through.
  func takes(_ algorithm: LearningAlgorithm) -> Bool {
    switch self {
    case .fleet: true
    case .closed: false
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
