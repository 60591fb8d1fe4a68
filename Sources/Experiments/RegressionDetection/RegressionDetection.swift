// Which rule finds a slowdown? Ours and four others, on the same timings.
import LabCore
public import LabManifest
public import LabRunner

/// Plants slowdowns into timings and asks rules whether they see them.
///
/// Every rule gets the same timings of base and head, which took turns: more than most of them ask
/// for, since baselines are usually measured on another day. Each is tried as published, and with
/// its threshold set so that all are wrong equally often where nothing has changed.
/// - Determinism: The seed, the settings and the recording fix every value; the recording is pinned
///   by its digest.
public enum RegressionDetection: Experiment {
  public static let description = ExperimentDescription(
    name: "regression-detection",
    summary: "How often rules find a planted slowdown in timings.",
    version: 2,
    arms: [
      ArmDescription("fleetlab", "The judge of 'fleetlab compare'."),
      ArmDescription("asv", "The Mann-Whitney test and a factor of medians, as asv."),
      ArmDescription("criterion", "A bootstrap and a noise threshold, as Criterion.rs."),
      ArmDescription("pytest-benchmark", "The smallest timing and 5 %, as pytest-benchmark."),
      ArmDescription("rustc-perf", "An outlier among earlier changes, as rustc-perf."),
    ],
    parameters: parameters,
    metrics: [
      MetricDescription(
        "detected", .sampled, unit: "1", .higher,
        "The share of tries in which the rule speaks, at equal false alarms."),
      MetricDescription(
        "detected_as_published", .sampled, unit: "1", .higher,
        "The share of tries in which the rule speaks with its own threshold."),
      MetricDescription(
        "fleetlab_lead", .sampled, unit: "1", .higher,
        "The share that the judge of this laboratory detects, less that of the rule, on the same "
          + "tries at equal false alarms; 0 for the judge itself."),
    ])

  private static let parameters = [
    ParameterDescription(
      "data", .text(choices: SlotNoise.allCases.map(\.rawValue)),
      default: .text(SlotNoise.lognormal.rawValue), "Where the noise comes from."),
    ParameterDescription(
      "shift", .ratio, default: .ratio(.none), "By what share of its time the head is slower."),
    ParameterDescription(
      "blocks", .integer(1...200), default: .integer(12),
      "How many blocks of eight slots a try has."
    ),
    ParameterDescription(
      "tries", .integer(1...100_000), default: .integer(100), "How many tries a repetition has."),
    ParameterDescription(
      "null-tries", .integer(100...1_000_000), default: .integer(1_000),
      "How many tries without a slowdown set a threshold."),
    ParameterDescription(
      "false-alarms", .ratio, default: .ratio(.percent(1)),
      "The share of false alarms at which rules are held against each other."),
    ParameterDescription(
      "resamples", .integer(100...1_000_000), default: .integer(500),
      "How often the rule of Criterion draws anew."),
    ParameterDescription(
      "history", .integer(10...100_000), default: .integer(100),
      "How many earlier changes the rule of rustc-perf knows."),
    ParameterDescription(
      "blocks-seen", .ratio, default: .ratio(.percent(100)),
      "The share of the blocks that the judge of this laboratory sees; less is a planted fault."),
    ParameterDescription(
      "recording", .text(choices: []),
      default: .text("Experiments/laboratory/recorded-slots.csv"),
      "The recorded blocks, absolute or relative to the working directory."),
  ]

  public static func run(_ trial: Trial, into recorder: inout Recorder) throws {
    let bench = try DetectionBench(trial)
    let rule = try bench.calibrated(bench.rule(of: trial.arm))
    let ours =
      trial.arm == "fleetlab" ? rule : try bench.calibrated(bench.rule(of: "fleetlab"))
    var random = trial.seed.child("tries").stream()
    var rolls = trial.seed.child("resamples").stream()
    var (detected, published, lead) = (0, 0, 0)
    for _ in 0..<bench.tries {
      let sample = bench.sample(shift: bench.shift, for: .trial, &random)
      let score = try rule.rule.score(sample, &rolls)
      let isFound = score > rule.threshold
      detected += isFound ? 1 : 0
      published += try rule.rule.alerts(sample, score: score) ? 1 : 0
      let ourScore = trial.arm == "fleetlab" ? score : try ours.rule.score(sample, &rolls)
      lead += (ourScore > ours.threshold ? 1 : 0) - (isFound ? 1 : 0)
    }
    let tries = Double(bench.tries)
    recorder.record("detected", Double(detected) / tries)
    recorder.record("detected_as_published", Double(published) / tries)
    recorder.record("fleetlab_lead", Double(lead) / tries)
  }
}

/// Makes the tries of one trial and the rules that are tried.
struct DetectionBench {
  let tries: Int
  let shift: Double
  private let slots: Int
  private let source: NoiseSource
  private let resamples: Int
  private let blocksSeen: Double
  private let falseAlarms: Double
  private let seed: Seed
  /// Samples without a slowdown: those that set thresholds.
  private let nothing: [TimingSample]
  /// Samples without a slowdown: those of the past.
  private let history: [TimingSample]

  init(_ trial: Trial) throws {
    let noise = try trial.choice("data", as: SlotNoise.self)
    tries = try trial.integer("tries")
    shift = try trial.share("shift")
    resamples = try trial.integer("resamples")
    falseAlarms = try trial.share("false-alarms")
    blocksSeen = try trial.share("blocks-seen")
    seed = trial.seed
    let recording = try trial.text("recording")
    let slots = 8 * (try trial.integer("blocks"))
    let source = try NoiseSource(noise, recording: recording)
    guard noise != .recorded || source.recording.count >= 4 * slots else {
      throw DetectionError.shortRecording(path: recording, slots: 4 * slots)
    }
    (self.slots, self.source) = (slots, source)
    func unchanged(_ count: Int, _ name: String) -> [TimingSample] {
      var random = trial.seed.child(name).stream()
      return (0..<count).map { _ in
        TimingSample(times: source.series(slots, for: .calibration, &random), shift: 0)
      }
    }
    nothing = unchanged(try trial.integer("null-tries"), "calibration")
    history = unchanged(try trial.integer("history"), "history")
  }

  /// The rule of an arm.
  func rule(of arm: String) throws -> any DetectionRule {
    switch arm {
    case "asv": AsvRule()
    case "criterion": CriterionRule(resamples: resamples)
    case "pytest-benchmark": PytestBenchmarkRule()
    case "rustc-perf": try RustcPerfRule(history: history)
    default: FleetLabRule(share: blocksSeen)
    }
  }

  /// A rule with the threshold at which it has the wanted false alarms.
  func calibrated(_ rule: any DetectionRule) throws -> CalibratedRule {
    try CalibratedRule(
      rule, on: nothing, falseAlarms: falseAlarms, seed: seed.child("thresholds"))
  }

  /// A sample with a slowdown.
  func sample(
    shift: Double, for use: NoiseSource.Use, _ random: inout RandomStream
  ) -> TimingSample {
    TimingSample(times: source.series(slots, for: use, &random), shift: shift)
  }
}

/// What is wrong with a trial of this experiment.
enum DetectionError: Error, CustomStringConvertible {
  case shortRecording(path: String, slots: Int)

  var description: String {
    switch self {
    case .shortRecording(let path, let slots):
      "\(path) holds too few slots; at least \(slots) were expected, two tries in each half; "
        + "record more or try fewer blocks"
    }
  }
}
