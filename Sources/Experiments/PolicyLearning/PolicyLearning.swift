// What do the learners come to, after how many steps, and in what time?

import LabCore
public import LabManifest
public import LabRunner
import Learning
import LinearAlgebra

/// Trains one learner in one environment, and looks again and again at what its policy earns.
///
/// Programs from outside take the same parameters by their names and answer with the same metrics.
public enum PolicyLearning: LearningExperiment {
  public static let description = ExperimentDescription(
    name: "policy-learning",
    summary: "A learner takes steps in an environment, and its policy is judged without exploring, "
      + "from starts that are the same for all.",
    version: 1,
    arms: [
      ArmDescription("q-learning", "Q-Learning over a table."),
      ArmDescription("sarsa", "SARSA over a table."),
      ArmDescription("actor-critic", "One-step actor-critic."),
      ArmDescription("a2c", "A2C on rollouts of eight episodes."),
      ArmDescription("ppo", "PPO with a clipped surrogate."),
      ArmDescription("ddpg", "DDPG with a memory."),
      ArmDescription("td3", "TD3 with a memory."),
      ArmDescription("sac", "SAC with a memory and a temperature that adjusts itself."),
      ArmDescription(randomArm, "Nobody learns: every action is equally likely."),
    ],
    parameters: [
      ParameterDescription(
        "environment", .text(choices: LearningWorld.allCases.map(\.rawValue)),
        default: .text(LearningWorld.cartPole.rawValue), "Where it acts."),
      ParameterDescription(
        "steps", .integer(1...1_000_000_000), default: .integer(100_000),
        "How many steps it takes in all; of a table, for how many episodes it learns."),
      ParameterDescription(
        "evaluations", .integer(1...10_000), default: .integer(20),
        "How often the policy is judged, at equal distances, the last time at the end."),
      ParameterDescription(
        "evaluation-episodes", .integer(1...100_000), default: .integer(100),
        "Over how many episodes; what a table's policy earns is computed exactly."),
      ParameterDescription(
        "threshold", .number(-1e9...1e9), default: .number(475),
        "The mean return from which the task counts as solved."),
      ParameterDescription(
        "learning-rate", .number(0...1), default: .number(0),
        "The step size; 0 for the algorithm's own."),
      ParameterDescription(
        "discount", .number(0...1), default: .number(0),
        "How much of a reward is left a step later; 0 for the algorithm's own."),
      ParameterDescription(
        "exploration", .number(0...1), default: .number(0),
        "The chance of a random action in a table's first episode, or the deviation of noise; 0 "
          + "for the algorithm's own."),
      ParameterDescription(
        "last-exploration", .number(0...1), default: .number(0),
        "The chance of a random action in a table's last episode, where 'exploration' is set."),
      ParameterDescription(
        "minibatch", .integer(0...100_000), default: .integer(0),
        "How many steps one gradient comes from; 0 for the algorithm's own."),
      ParameterDescription(
        "hidden", .text(choices: []), default: .text(""),
        "The widths of the hidden layers, as '64-64'; the algorithm's own when it is empty."),
      ParameterDescription(
        "random-steps", .integer(0...1_000_000), default: .integer(0),
        "How many steps a learner with a memory takes at random first; 0 for its own."),
      ParameterDescription(
        "timed", .flag, default: .flag(false),
        "Whether processor time is measured, so that trials run alone."),
      ParameterDescription(
        "planted-idleness", .number(0...1), default: .number(0),
        "A planted fault of the laboratory's own arms: the share of the steps at the end that are "
          + "not taken."),
      ParameterDescription(
        "handicap", .number(0...100), default: .number(0),
        "A planted slow-down of the laboratory's own arms: training that is made in vain, as a "
          + "multiple of that which counts."),
    ],
    metrics: [
      MetricDescription(
        "mean_return", .sampled, unit: "1", .higher, "What the policy earns on average lastly."),
      MetricDescription(
        "return_curve", .sampled, unit: "1", .higher,
        "What it earns on average at each evaluation."),
      MetricDescription(
        "training_return", .sampled, unit: "1", .higher,
        "What the last hundred episodes of training earned on average, exploration included."),
      MetricDescription(
        "shortfall", .sampled, unit: "1", .lower,
        "How far the policy's exact return lies below the best one that a fixed policy over the "
          + "table has; of tables only."),
      MetricDescription(
        "normalised_return", .sampled, unit: "1", .higher,
        "What the policy earns, if random actions earn 0 and that best policy earns 1; of tables "
          + "only."),
      MetricDescription(
        "reached", .sampled, unit: "1", .higher,
        "1 where an evaluation reached the threshold, else 0."),
      MetricDescription(
        "steps_to_threshold", .sampled, unit: "1", .lower,
        "How many steps had been taken at the first evaluation that reached the threshold; all of "
          + "them where none did."),
      MetricDescription(
        "training_cpu", .timed, unit: "s", .lower,
        "Processor time of training, without evaluations."),
      MetricDescription(
        "cpu_to_threshold", .timed, unit: "s", .lower,
        "Processor time of training up to the first evaluation that reached the threshold; all of "
          + "it where none did."),
      MetricDescription(
        "update_cpu", .timed, unit: "s", .lower,
        "Processor time of the second half of training for each gradient step of it; of a table, "
          + "for each step."),
      MetricDescription(
        "action_cpu", .timed, unit: "s", .lower,
        "Processor time of the policy for one action, the mean of a thousand."),
      MetricDescription(
        "learnt", .exact, unit: "hash", .neutral, "Every bit that has been learnt."),
    ])

  /// The arm that does not learn.
  static let randomArm = "random"

  public static func run(_ trial: Trial, into recorder: inout Recorder) throws {
    let course = try TrainingCourse(trial)
    let outcome = try course.run()
    recorder.record("mean_return", outcome.curve.last ?? 0)
    for (place, value) in outcome.curve.enumerated() {
      recorder.record("return_curve", value, step: place)
    }
    if let earned = outcome.trainingReturn { recorder.record("training_return", earned) }
    if let (shortfall, normalised) = outcome.beside {
      recorder.record("shortfall", shortfall)
      recorder.record("normalised_return", normalised)
    }
    recorder.record("reached", outcome.reached == nil ? 0 : 1)
    recorder.record("steps_to_threshold", outcome.reached?.steps ?? course.steps)
    if try trial.flag("timed") {
      recorder.record("training_cpu", outcome.time.seconds)
      recorder.record("cpu_to_threshold", (outcome.reached?.time ?? outcome.time).seconds)
      if let update = outcome.updateTime { recorder.record("update_cpu", update) }
      if let action = outcome.actionTime { recorder.record("action_cpu", action) }
    }
    recorder.record("learnt", hash: outcome.fingerprint)
  }
}
