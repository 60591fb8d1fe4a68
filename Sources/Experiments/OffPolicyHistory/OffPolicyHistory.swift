// Is a policy that is learnt from a log alone better than the one that wrote it, and is its worth
// known from the log?

import LabCore
public import LabManifest
public import LabRunner
import Learning
import Statistics

/// Learns from what another behaviour logged, and estimates from a part of the log that was held
/// out what the learnt policy earns, beside what it truly earns.
public enum OffPolicyHistory: Experiment {
  public static let description = ExperimentDescription(
    name: "off-policy-history",
    summary: "A policy is learnt from the log of another behaviour alone, and its worth is "
      + "estimated from further logged builds, beside its exact worth.",
    version: 1,
    arms: LogLearner.allCases.map { ArmDescription($0.rawValue, $0.summary) },
    parameters: [
      ParameterDescription(
        "tests", .integer(1...50), default: .integer(3),
        "How many tests a build has; they are drawn anew for each log."),
      ParameterDescription(
        "logs", .integer(1...100_000), default: .integer(25),
        "How many logs a trial writes, learns from and judges, each of other tests; its figures "
          + "are means over them."),
      ParameterDescription(
        "builds", .integer(4...1_000_000), default: .integer(1_000),
        "How many builds a log holds; the first half is learnt from, the second is held out."),
      ParameterDescription(
        "coverage", .ratio, default: .ratio(.percent(20)),
        "How often the logging behaviour, which runs every test once and reports what fails, takes "
          + "any of the five actions instead; above 0 %."),
      ParameterDescription(
        "pieces", .text(choices: LogPieces.allCases.map(\.rawValue)),
        default: .text(LogPieces.build.rawValue),
        "Whether estimates weigh whole builds, or each test's part of a build by itself."),
      ParameterDescription(
        "interval", .text(choices: IntervalKind.allCases.map(\.rawValue)),
        default: .text(IntervalKind.student.rawValue),
        "Student's interval for a mean over builds, or the bootstrap's with its corrections."),
      ParameterDescription(
        "learning-rate", .number(0...1), default: .number(0.05),
        "The step size of q-learning; the plug-in keeps its own."),
      ParameterDescription(
        "sweeps", .integer(1...10_000), default: .integer(20),
        "How often q-learning goes through the log; the plug-in goes through it once."),
      ParameterDescription(
        "evidence", .integer(1...1_000_000), default: .integer(20),
        "How often the cautious learner must have seen an action in a state to trust it."),
      ParameterDescription(
        "held-out", .flag, default: .flag(true),
        "Whether estimates look at builds that were not learnt from; a planted fault when not."),
      ParameterDescription(
        "shuffled-rewards", .flag, default: .flag(false),
        "A planted fault: what is learnt from has its rewards in any order."),
      ParameterDescription(
        "stated-chances", .flag, default: .flag(true),
        "Whether the log states the chances of its actions; a planted fault when not, for then all "
          + "are taken as equally likely."),
    ], metrics: metrics)

  private static let metrics: [MetricDescription] = [
    MetricDescription(
      "gain", .sampled, unit: "1", .higher,
      "What the learnt policy truly earns in a build beyond the logging one, in minutes of "
        + "people's time."),
    MetricDescription(
      "regret", .sampled, unit: "1", .lower,
      "How much less than the best behaviour it earns."),
    MetricDescription(
      "better", .sampled, unit: "1", .higher,
      "The share of logs after which it truly earns more than the logging policy."),
    MetricDescription(
      "logging_regret", .sampled, unit: "1", .neutral,
      "How much less than the best behaviour the logging policy earns."),
    MetricDescription(
      "covered_is", .sampled, unit: "1", .higher,
      "The share of logs whose 95 % interval by importance sampling holds the true worth."),
    MetricDescription(
      "covered_wis", .sampled, unit: "1", .higher,
      "The share whose interval by weighted importance sampling holds it."),
    MetricDescription(
      "covered_dr", .sampled, unit: "1", .higher,
      "The share whose doubly robust interval holds it."),
    MetricDescription(
      "width_is", .sampled, unit: "1", .lower, "The width of the interval by importance sampling."),
    MetricDescription(
      "width_wis", .sampled, unit: "1", .lower,
      "The width of that by weighted importance sampling."),
    MetricDescription(
      "width_dr", .sampled, unit: "1", .lower, "The width of the doubly robust one."),
    MetricDescription(
      "error_is", .sampled, unit: "1", .neutral,
      "The estimate by importance sampling less the true worth."),
    MetricDescription(
      "error_wis", .sampled, unit: "1", .neutral,
      "That by weighted importance sampling less the true worth."),
    MetricDescription(
      "error_dr", .sampled, unit: "1", .neutral, "The doubly robust one less the true worth."),
    MetricDescription(
      "effective_builds", .sampled, unit: "1", .higher,
      "How many equal builds the weights are worth; of pieces, those that are worth least."),
    MetricDescription(
      "learnt", .exact, unit: "hash", .neutral, "Every chance of the learnt policy."),
  ]

  public static func run(_ trial: Trial, into recorder: inout Recorder) throws {
    let course = try LogCourse(trial)
    let count = try trial.integer("logs")
    var sums: [String: Double] = [:]
    var learnt = StableHasher()
    for number in 0..<count {
      let outcome = try course.run(seed: trial.seed.child(number))
      for (metric, value) in outcome.figures { sums[metric, default: 0] += value }
      learnt.combine(outcome.policy)
    }
    for metric in metrics where metric.unit != "hash" {
      guard let sum = sums[metric.name] else { continue }
      recorder.record(metric.name, sum / Double(count))
    }
    recorder.record("learnt", hash: learnt.finalize())
  }
}

extension LogOutcome {
  /// What is measured of one log, by the names of metrics.
  fileprivate var figures: [(metric: String, value: Double)] {
    [
      ("gain", worth - loggingWorth), ("regret", bestWorth - worth),
      ("better", worth > loggingWorth + 1e-9 ? 1 : 0),
      ("logging_regret", bestWorth - loggingWorth),
      ("effective_builds", estimates.effectiveEpisodes),
    ]
      + estimates.intervals.flatMap { name, interval in
        [
          ("covered_\(name)", interval.contains(worth) ? 1 : 0),
          ("width_\(name)", interval.high - interval.low),
          ("error_\(name)", interval.estimate - worth),
        ]
      }
  }
}
