// Are the nine algorithms nine, or are some of them one under two names?

import LabCore
public import LabManifest
public import LabRunner
import Learning
import LinearAlgebra
import Statistics

/// Trains all nine on the same builds of tests from several seeds, and asks whether two of them
/// conduct themselves more differently than one does from seed to seed.
///
/// Whether they do is a test by permutation of the seeds among two algorithms, corrected for the
/// number of pairs, so that one algorithm under two names is found out in 19 of 20 trials at least.
public enum AlgorithmDifferences: LearningExperiment {
  public static let description = ExperimentDescription(
    name: "algorithm-differences",
    summary: "All nine learners live through the same builds of tests, each from several seeds; "
      + "what they do while they learn, and would do lastly in all states, is compared.",
    version: 2,
    arms: [
      ArmDescription("nine", "All nine, each by its own name."),
      ArmDescription("eight", "A planted fault: SARSA is Q-Learning under another name."),
    ],
    parameters: [
      ParameterDescription(
        "executions", .integer(1...10_000_000), default: .integer(3_000),
        "How many decisions about tests each lives through."),
      ParameterDescription(
        "exploration", .number(0...1), default: .number(0.3),
        "The chance of a random action, where the algorithm has no chances of its own."),
      ParameterDescription(
        "seeds", .integer(2...100), default: .integer(80), "From how many seeds each begins."),
      ParameterDescription(
        "suites", .integer(1...10_000), default: .integer(20),
        "How many suites of ten tests they learn on, and are asked about."),
    ],
    metrics: [
      MetricDescription(
        "separated_pairs", .sampled, unit: "1", .higher,
        "How many of the 36 pairs of algorithms a test by permutation tells apart, at 5 % for all "
          + "pairs together."),
      MetricDescription(
        "excess_difference", .sampled, unit: "1", .higher,
        "For each pair, in the order of the names, the mean difference in conduct between the two, "
          + "less that between two seeds of one."),
      MetricDescription(
        "seed_difference", .sampled, unit: "1", .neutral,
        "For each algorithm, the mean difference in conduct between two seeds."),
    ])

  public static func run(_ trial: Trial, into recorder: inout Recorder) throws {
    let seeds = try trial.integer("seeds")
    let executions = try trial.integer("executions")
    let suites = SelectionDrawing().suites(
      try trial.integer("suites"), seed: trial.seed.child("training"))
    let lessons = SelectionLessons(executions: executions, suites)
    let settings = EqualSettings(exploration: try trial.number("exploration"))
    let blas = try OpenBLAS.open()
    let conducts = try LearningAlgorithm.allCases.map { algorithm in
      let taught: LearningAlgorithm =
        trial.arm == "eight" && algorithm == .sarsa ? .qLearning : algorithm
      return try (0..<seeds).map { seed in
        var actions: [Int] = []
        let learner = try lessons.taught(
          taught, settings.of(taught),
          seed: trial.seed.child(algorithm.rawValue).child(seed), blas
        ) { actions.append($0) }
        return Conduct(
          actions,
          decisions: try suites.flatMap { suite in
            try suite.tableStates.map { try lessons.decision(of: learner, in: $0, of: suite) }
          })
      }
    }
    let differences = try ConductDifferences(conducts, seed: trial.seed.child("orders"))
    recorder.record("separated_pairs", differences.pValues.count { $0 <= 0.05 })
    for (place, excess) in differences.excesses.enumerated() {
      recorder.record("excess_difference", excess, step: place)
    }
    for (place, own) in differences.own.enumerated() {
      recorder.record("seed_difference", own, step: place)
    }
  }
}

/// Settings that are the same for all networks and for all tables, so that what differs is the
/// algorithm.
private struct EqualSettings {
  let exploration: Double

  func of(_ algorithm: LearningAlgorithm) -> FleetSettings {
    var settings = FleetSettings()
    settings.discount = 1
    settings.exploration = exploration
    settings.updateFrequency = 1
    switch algorithm {
    case .qLearning, .sarsa: settings.learningRate = 0.1
    // One training of it is many updates.
    case .decisionTransformer: settings.updateFrequency = 20
    case .actorCritic, .a2c, .ppo, .ddpg, .td3, .sac: break
    }
    return settings
  }
}
