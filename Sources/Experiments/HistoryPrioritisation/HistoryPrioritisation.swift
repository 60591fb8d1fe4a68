// How early do learners and one-line rules find the failures of a project's history?

import Foundation
import LabCore
public import LabManifest
public import LabRunner
import Learning
import LinearAlgebra

/// Orders the tests of each cycle of a history, before it is told what came of them.
public enum HistoryPrioritisation: LearningExperiment {
  /// The history that is drawn.
  static let synthetic = "synthetic"

  public static let description = ExperimentDescription(
    name: "test-prioritisation",
    summary: "A rule or a learner orders the tests of each cycle of a history within a budget of "
      + "time.",
    version: 2,
    arms: PriorityMethod.allCases.map { ArmDescription($0.name, $0.summary) },
    parameters: [
      ParameterDescription(
        "history", .text(choices: []), default: .text(synthetic),
        "A table of RETECS' form, a JUnit document or a folder of those, from the working "
          + "directory; '\(synthetic)' for one that is drawn anew in each trial."),
      ParameterDescription(
        "cycles", .integer(1...100_000), default: .integer(60),
        "How many cycles of 60 tests a synthetic history has."),
      ParameterDescription(
        "budget", .ratio, default: .ratio(.percent(50)),
        "The share of the time of a cycle's tests that there is."),
      ParameterDescription(
        "shuffled-pasts", .flag, default: .flag(false),
        "A planted fault: those who learn see in place of a test's earlier verdicts those of any "
          + "test of its cycle."),
    ],
    metrics: [
      MetricDescription(
        "napfd", .sampled, unit: "1", .higher,
        "How early failures are found within the budget: the mean of NAPFD over the cycles in "
          + "which a test failed, 1 at best."),
      MetricDescription(
        "apfd", .sampled, unit: "1", .higher,
        "The same without a budget: the mean of APFD over these cycles."),
      MetricDescription(
        "failing_cycles", .exact, unit: "1", .neutral, "In how many cycles a test failed."),
      MetricDescription(
        "history", .exact, unit: "hash", .neutral,
        "Every run of the history, so that records of other data are told apart."),
    ])

  /// The histories that are not there.
  public static func missing(for plan: Plan) -> [String] {
    let paths = plan.cells.compactMap { cell -> String? in
      guard case .text(let path)? = cell.settings.parameters["history"], path != synthetic else {
        return nil
      }
      return path
    }
    return Set(paths).sorted().filter { !FileManager.default.fileExists(atPath: $0) }
      .map { PrioritisationProblem.missing(path: $0).description }
  }

  public static func run(_ trial: Trial, into recorder: inout Recorder) throws {
    guard let method = PriorityMethod(name: trial.arm) else {
      throw UndescribedSetting(setting: "way to order tests for the arm '\(trial.arm)'")
    }
    let budget = try trial.share("budget")
    let history = try history(of: trial)
    guard history.failures > 0 else {
      throw PrioritisationProblem.nothingFailed(runs: history.executions.count)
    }
    let isShuffled = try trial.flag("shuffled-pasts") && method.learns
    let shown =
      isShuffled ? history.shufflingPasts(seed: trial.seed.child("shuffled")) : history
    let result = try method.run(
      on: shown, budget: budget, seed: trial.seed.child("method"), try OpenBLAS.open())
    guard let napfd = result.meanNormalised, let apfd = result.meanUnlimited else {
      throw PrioritisationProblem.nothingFailed(runs: history.executions.count)
    }
    recorder.record("napfd", napfd)
    recorder.record("apfd", apfd)
    recorder.record("failing_cycles", history.failingCycles)
    recorder.record("history", hash: history.fingerprint)
  }

  private static func history(of trial: Trial) throws -> TestHistory {
    let path = try trial.text("history")
    guard path == synthetic else {
      guard FileManager.default.fileExists(atPath: path) else {
        throw PrioritisationProblem.missing(path: path)
      }
      return try TestHistory(contentsOf: path)
    }
    return SyntheticHistory(
      cycles: try trial.integer("cycles"), tests: 60, weak: 8, seed: trial.seed.child("history")
    ).history
  }
}

/// Why a history's tests cannot be ordered.
enum PrioritisationProblem: Error, Hashable, CustomStringConvertible {
  case missing(path: String)
  case nothingFailed(runs: Int)

  var description: String {
    switch self {
    case .missing(let path):
      "there is no history '\(path)'; a .csv file of RETECS' form, a JUnit .xml file or a folder "
        + "of those was expected; put one there, or name your own in the manifest's 'history'"
    case .nothingFailed(let runs):
      "the history's \(runs) runs all passed; a failed run at least was expected; name a longer "
        + "history"
    }
  }
}

extension PriorityMethod {
  /// What it is, in a sentence.
  fileprivate var summary: String {
    switch self {
    case .heuristic(.random): "Any order."
    case .heuristic(.lastFailedFirst): "Those first that failed in their latest four runs."
    case .heuristic(.failureRate): "Those first that failed most often in their latest 50 runs."
    case .heuristic(.relatedFailureRate):
      "The failure rate with a tenth of that of the tests with the next names."
    case .heuristic(.bound): "Failing ones first, by looking at the verdicts: nobody can do better."
    case .retecsTableau: "RETECS with a table of mean rewards."
    case .retecsNetwork: "RETECS with a network."
    case .actorCritic(let signals): "An actor-critic over priorities that sees \(signals.words)."
    case .softActorCritic(let signals): "SAC, a test a step, that sees \(signals.words)."
    }
  }
}

extension TestSignals {
  fileprivate var words: String {
    switch self {
    case .all: "everything that the rules rank by, and more"
    case .published: "what RETECS sees, without rates of failures"
    case .withoutVerdicts: "no verdicts, only durations, times and places"
    }
  }
}
