// Does a Decision Transformer balance longer than those whose episodes it saw?

import LabCore
public import LabManifest
public import LabRunner
import Learning

/// Shows a learner episodes of a pole that was balanced more or less well, and looks for how long
/// it then balances by itself.
public enum OfflineControl: LearningExperiment {
  public static let description = ExperimentDescription(
    name: "offline-control",
    summary: "A learner sees episodes of CartPole-v1, half of them by chance and half by a learner "
      + "that is not done, and is then to balance by itself.",
    version: 1,
    arms: [
      ArmDescription(
        "decision-transformer", "The Decision Transformer, told the return to earn."),
      ArmDescription(
        "best-cloning", "The same network, told no return and shown the best tenth alone (%BC)."),
      ArmDescription("cloning", "The same network, told no return and shown everything."),
    ],
    parameters: OfflineLesson.parameters + [
      ParameterDescription(
        "planted-idleness", .number(0...1), default: .number(0),
        "A planted fault of the Decision Transformer: the share of its updates at the end that are "
          + "not made.")
    ],
    metrics: [
      MetricDescription(
        "mean_return", .sampled, unit: "1", .higher,
        "For how many steps it balances on average, from starts that are the same for all."),
      MetricDescription(
        "shown_mean_return", .sampled, unit: "1", .neutral,
        "For how many steps those balance on average whose episodes are shown."),
      MetricDescription(
        "shown_best_return", .sampled, unit: "1", .neutral, "The most steps that are shown."),
      MetricDescription(
        "learnt", .exact, unit: "hash", .neutral, "Every bit that has been learnt."),
    ])

  public static func run(_ trial: Trial, into recorder: inout Recorder) throws {
    let lesson = try OfflineLesson(trial)
    let outcome = try lesson.learn()
    recorder.record("mean_return", outcome.meanReturn)
    recorder.record("shown_mean_return", outcome.shownMeanReturn)
    recorder.record("shown_best_return", outcome.shownBestReturn)
    recorder.record("learnt", hash: outcome.fingerprint)
  }
}
