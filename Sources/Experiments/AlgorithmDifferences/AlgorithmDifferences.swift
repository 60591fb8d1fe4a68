// Are the nine algorithms nine, or are some of them one under two names?

import LabCore
public import LabManifest
public import LabRunner
import Learning
import LinearAlgebra

/// Trains all nine on the same builds of tests from several seeds, and asks whether two of them
/// decide more differently than one does from two seeds.
public enum AlgorithmDifferences: Experiment {
  public static let description = ExperimentDescription(
    name: "algorithm-differences",
    summary: "All nine learners live through the same builds of tests, each from several seeds; "
      + "their decisions in all states are compared.",
    version: 1,
    arms: [
      ArmDescription("nine", "All nine, each by its own name."),
      ArmDescription("eight", "A planted fault: SARSA is Q-Learning under another name."),
    ],
    parameters: [
      ParameterDescription(
        "executions", .integer(1...10_000_000), default: .integer(3_000),
        "How many decisions about tests each lives through."),
      ParameterDescription(
        "seeds", .integer(2...100), default: .integer(4), "From how many seeds each begins."),
      ParameterDescription(
        "suites", .integer(1...10_000), default: .integer(20),
        "How many suites of ten tests they learn on, and are asked about."),
    ],
    metrics: [
      MetricDescription(
        "separated_pairs", .sampled, unit: "1", .higher,
        "How many of the 36 pairs of algorithms decide more differently from each other than, on "
          + "average, each of the two does from seed to seed."),
      MetricDescription(
        "excess_difference", .sampled, unit: "1", .higher,
        "For each pair, in the order of the names, the share of states in which two learners "
          + "decide differently, less that of two seeds."),
      MetricDescription(
        "seed_difference", .sampled, unit: "1", .neutral,
        "For each algorithm, the share of states in which two seeds decide differently."),
    ])

  public static var exactness: [String: String] { SearchKernels.encoding }

  public static func run(_ trial: Trial, into recorder: inout Recorder) throws {
    let seeds = try trial.integer("seeds")
    let suites = SelectionDrawing().suites(
      try trial.integer("suites"), seed: trial.seed.child("training"))
    let lessons = SelectionLessons(executions: try trial.integer("executions"), suites)
    let blas = try OpenBLAS.open()
    let decisions = try LearningAlgorithm.allCases.map { algorithm in
      let taught: LearningAlgorithm =
        trial.arm == "eight" && algorithm == .sarsa ? .qLearning : algorithm
      return try (0..<seeds).map { seed in
        let learner = try lessons.taught(
          taught, taught.selectionSettings,
          seed: trial.seed.child(algorithm.rawValue).child(seed), blas)
        return try suites.flatMap { suite in
          try suite.tableStates.map { try lessons.decision(of: learner, in: $0, of: suite) }
        }
      }
    }
    let differences = DecisionDifferences(decisions)
    recorder.record("separated_pairs", differences.excesses.count { $0 > 0 })
    for (place, excess) in differences.excesses.enumerated() {
      recorder.record("excess_difference", excess, step: place)
    }
    for (place, own) in differences.own.enumerated() {
      recorder.record("seed_difference", own, step: place)
    }
  }
}

/// How decisions differ among algorithms and among seeds.
struct DecisionDifferences: Hashable {
  /// For each algorithm, the mean share of states in which two of its seeds differ.
  let own: [Double]
  /// For each pair of algorithms, how much more they differ than their seeds do.
  let excesses: [Double]

  /// Compares `[algorithm][seed][state]`.
  ///
  /// - Precondition: There are at least two seeds, and everyone decides about the same states.
  init(_ decisions: [[[Int]]]) {
    func share(_ first: [Int], _ second: [Int]) -> Double {
      Double(zip(first, second).count { $0 != $1 }) / Double(first.count)
    }
    func mean(_ numbers: [Double]) -> Double { numbers.reduce(0, +) / Double(numbers.count) }
    let own = decisions.map { seeds in
      mean(
        seeds.indices.flatMap { first in
          seeds[..<first].map { share(seeds[first], $0) }
        })
    }
    self.own = own
    excesses = decisions.indices.flatMap { first in
      decisions.indices[(first + 1)...].map { second in
        mean(decisions[first].flatMap { one in decisions[second].map { share(one, $0) } })
          - (own[first] + own[second]) / 2
      }
    }
  }
}
