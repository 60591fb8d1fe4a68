// Does a Decision Transformer make shortest ways of random walks?

import LabCore
public import LabManifest
public import LabRunner
import Learning

/// Shows a learner random walks in a graph, and looks whether it then goes the shortest ways.
///
/// Programs from outside take the same parameters by their names and answer with the same metrics.
/// The trial's seed starts a stream of `RandomStream` that draws the graph and then the walks, so
/// that all arms learn from the same ones; the metric `walks` shows it.
public enum GraphWalks: LearningExperiment {
  public static let description = ExperimentDescription(
    name: "graph-walks",
    summary: "A learner sees random walks in a random graph, and is to go the shortest ways to one "
      + "of its nodes.",
    version: 1,
    arms: [
      ArmDescription("decision-transformer", "The Decision Transformer, told the return to earn."),
      ArmDescription("cloning", "The same network, which is told no return."),
    ],
    parameters: WalkLesson.parameters + [
      ParameterDescription(
        "timed", .flag, default: .flag(false),
        "Whether processor time is measured, so that trials run alone."),
      ParameterDescription(
        "planted-idleness", .number(0...1), default: .number(0),
        "A planted fault of the laboratory's own arms: the share of the updates at the end that "
          + "are not made."),
      ParameterDescription(
        "handicap", .number(0...100), default: .number(0),
        "A planted slow-down of the laboratory's own arms: updates that are made in vain, as a "
          + "multiple of those that count."),
      ParameterDescription(
        "planted-draws", .integer(0...1_000), default: .integer(0),
        "A planted difference in the walks of the laboratory's own arms: how many random numbers "
          + "they draw in vain."),
    ],
    metrics: [
      MetricDescription(
        "solved_fraction", .sampled, unit: "1", .higher,
        "The share of the starts with a way to the goal from which it goes a shortest one, told "
          + "how long that is."),
      MetricDescription(
        "solved_shown_fraction", .sampled, unit: "1", .higher,
        "The same share of those starts from which one of the walks goes a shortest way."),
      MetricDescription(
        "tried_fraction", .sampled, unit: "1", .higher,
        "The share of the starts from which it goes a shortest way, told one length after the "
          + "other: that needs no knowledge of the graph."),
      MetricDescription(
        "shown_fraction", .sampled, unit: "1", .neutral,
        "The share of the starts from which one of the walks goes a shortest way."),
      MetricDescription(
        "mean_length", .sampled, unit: "1", .lower,
        "The mean number of steps to the goal; one more than the limit where it is not reached."),
      MetricDescription(
        "shortest_length", .sampled, unit: "1", .neutral,
        "The mean number of steps of the shortest ways."),
      MetricDescription(
        "training_cpu", .timed, unit: "s", .lower, "Processor time of learning."),
      MetricDescription(
        "walks", .exact, unit: "1", .neutral,
        "The nodes of all walks, folded into 48 bits by sum × 31 + node."),
      MetricDescription(
        "learnt", .exact, unit: "hash", .neutral, "Every bit that has been learnt."),
    ])

  public static func run(_ trial: Trial, into recorder: inout Recorder) throws {
    let lesson = try WalkLesson(trial)
    let outcome = try lesson.learn()
    recorder.record("solved_fraction", outcome.solvedShare(of: lesson.graph.starts))
    recorder.record("tried_fraction", outcome.triedShare)
    let shown = lesson.graph.starts(shownBy: lesson.walks).sorted()
    recorder.record("shown_fraction", Double(shown.count) / Double(lesson.graph.starts.count))
    if !shown.isEmpty {
      recorder.record("solved_shown_fraction", outcome.solvedShare(of: shown))
    }
    recorder.record("mean_length", outcome.meanLength)
    recorder.record("shortest_length", lesson.shortestLength)
    if try trial.flag("timed") { recorder.record("training_cpu", outcome.time.seconds) }
    recorder.record("walks", lesson.checksum)
    recorder.record("learnt", hash: outcome.fingerprint)
  }
}
