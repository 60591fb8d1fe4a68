// What do nine algorithms make of the runs of tests, and how near do they come to what is best?

import LabCore
public import LabManifest
public import LabRunner
import Learning
import LinearAlgebra

/// Lets a learner decide about builds of tests, and examines it on tests that it has not seen.
///
/// The tests' true chances are known here, so that dynamic programming says what is best in every
/// state, and marks are computed and not sampled.
public enum SelectionLearning: LearningExperiment {
  public static let description = ExperimentDescription(
    name: "selection-learning",
    summary: "A learner behind the face for fleets decides which tests to run, to run again, to "
      + "isolate, to skip or to put into quarantine; it is examined on other tests.",
    version: 1,
    arms: LearningAlgorithm.allCases.map {
      ArmDescription($0.rawValue, "Learns by \($0.rawValue), behind the face for fleets.")
    } + [
      ArmDescription("oracle", "Knows every chance, and computes what is best."),
      ArmDescription("random", "Takes every action equally often."),
      ArmDescription("majority", "Always takes the action that the oracle takes most often."),
      ArmDescription("fixed", "Always takes the one action that earns most."),
      ArmDescription("report", "Runs every test once, and reports what fails."),
      ArmDescription("retry", "Runs every test, and reports what fails twice."),
      ArmDescription("slow", "A planted fault: SAC, trained a hundred times over."),
    ],
    parameters: [
      ParameterDescription(
        "executions", .integer(1...10_000_000), default: .integer(10_000),
        "How many decisions about tests are lived through."),
      ParameterDescription(
        "settings", .text(choices: ["own", "document"]), default: .text("own"),
        "Whether the learner has settings that suit it, or a step size of .001, a discount of .99, "
          + "exploration of .1, batches of 32 and training after every 10."),
      ParameterDescription(
        "face", .text(choices: FleetFace.allCases.map(\.rawValue)), default: .text("fleet"),
        "How algorithms and actions reach the learner: through our face, by the document's three "
          + "names, with the document's words as actions, or, planted, not at all."),
      ParameterDescription(
        "defects", .number(0.001...1), default: .number(0.15),
        "How likely at most the code behind a test is broken."),
      ParameterDescription(
        "flaky", .number(0...1), default: .number(0.4), "How many of the tests are flaky."),
      ParameterDescription(
        "suites", .integer(1...10_000), default: .integer(20),
        "How many suites of ten tests it learns on."),
      ParameterDescription(
        "exam-suites", .integer(1...10_000), default: .integer(20),
        "How many suites of ten other tests it is examined on."),
      ParameterDescription(
        "learning-rate", .number(0...1), default: .number(0),
        "The step size; 0 for that of the settings."),
      ParameterDescription(
        "discount", .number(0...1), default: .number(0),
        "How much of a reward is left a step later; 0 for that of the settings."),
      ParameterDescription(
        "batch", .integer(0...100_000), default: .integer(0),
        "How many steps one gradient comes from; 0 for those of the settings."),
      ParameterDescription(
        "update-frequency", .integer(0...100_000), default: .integer(0),
        "After how many decisions it trains; 0 for that of the settings."),
      ParameterDescription(
        "beside-own", .flag, default: .flag(false),
        "Whether the learner is trained once more with settings that suit it, to compare."),
      ParameterDescription(
        "timed", .flag, default: .flag(false),
        "Whether processor time is measured, so that trials run alone."),
      ParameterDescription(
        "planted-confusion", .number(0...1), default: .number(0),
        "A planted fault: the share of decisions that are replaced by any action."),
    ],
    metrics: [
      MetricDescription(
        "accepted_fraction", .exact, unit: "1", .higher,
        "The share of what was lived through that the face took."),
      MetricDescription(
        "agreement", .sampled, unit: "1", .higher,
        "How often the decision is the oracle's, in the states to which the oracle comes."),
      MetricDescription(
        "balanced_accuracy", .sampled, unit: "1", .higher,
        "The mean over the oracle's actions of how often that one is met."),
      MetricDescription(
        "matthews_correlation", .sampled, unit: "1", .higher,
        "The correlation of the decisions with the oracle's as classes."),
      MetricDescription(
        "regret", .sampled, unit: "1", .lower,
        "What is lost beside the oracle for each test, in minutes of people's time."),
      MetricDescription(
        "normalised_return", .sampled, unit: "1", .higher,
        "What is earned, if random actions earn 0 and the oracle's earn 1."),
      MetricDescription(
        "lead_over_nine_tenths", .sampled, unit: "1", .higher,
        "What is earned less nine tenths of what the same learner earns with settings that suit "
          + "it, both normalised; beside those only."),
      MetricDescription(
        "training_cpu", .timed, unit: "s", .lower,
        "Processor time of acting, recording and training."),
      MetricDescription(
        "learnt", .exact, unit: "hash", .neutral, "Every bit that has been learnt."),
    ])

  public static func run(_ trial: Trial, into recorder: inout Recorder) throws {
    guard let pupil = SelectionPupil(name: trial.arm) else {
      throw UndescribedSetting(setting: "learner or rule for the arm '\(trial.arm)'")
    }
    let course = try SelectionCourse(trial)
    let isDocument = try trial.text("settings") == "document"
    let outcome = try course.run(pupil) {
      isDocument ? FleetSettings() : $0.selectionSettings
    }
    recorder.record("accepted_fraction", outcome.accepted)
    if let marks = outcome.marks {
      recorder.record("agreement", marks.agreement)
      recorder.record("balanced_accuracy", marks.balancedAccuracy)
      recorder.record("matthews_correlation", marks.correlation)
      recorder.record("regret", marks.regret)
      recorder.record("normalised_return", marks.normalisedReturn)
      if try trial.flag("beside-own"), let own = try course.run(pupil, \.selectionSettings).marks {
        recorder.record(
          "lead_over_nine_tenths", marks.normalisedReturn - 0.9 * own.normalisedReturn)
      }
    }
    if try trial.flag("timed") { recorder.record("training_cpu", outcome.time.seconds) }
    recorder.record("learnt", hash: outcome.fingerprint)
  }
}
