// Can the gate be trusted: how often does it cry wolf, and how often does it see one?
import LabCore
import LabGate
public import LabManifest
public import LabRunner
import Statistics

/// Runs the gate's own judging code on synthetic values of known laws and known shifts.
public enum GateCalibration: Experiment {
  public static let description = ExperimentDescription(
    name: "gate-calibration",
    summary: "The regression gate on synthetic values whose true shift is known.",
    version: 1,
    arms: [ArmDescription("gate", "The judging code of fleetlab gate.")],
    parameters: [
      ParameterDescription(
        "task", .text(choices: Task.allCases.map(\.rawValue)), default: .text("false-alarm"),
        "Invocations in which nothing is worse than its margin, or tries with one gate that is."),
      ParameterDescription(
        "law", .text(choices: SyntheticLaw.allCases.map(\.rawValue)), default: .text("normal"),
        "The law of the values: normal; lognormal with sigma 0.5; Poisson counts with mean 3."),
      ParameterDescription(
        "shift", .ratio, default: .ratio(.none), "The true shift to the worse side."),
      ParameterDescription(
        "margin", .ratio, default: .ratio(.percent(2.5)), "The margin of every gate."),
      ParameterDescription(
        "spread", .ratio, default: .ratio(.percent(5)),
        "The standard deviation of normal values, as a share of their mean."),
      ParameterDescription(
        "gates", .integer(1...10_000), default: .integer(50), "How many gates an invocation has."),
      ParameterDescription(
        "repetitions", .integer(2...100_000), default: .integer(20),
        "The repetitions of each gate; of tries those of the pilot from which power is planned."),
      ParameterDescription(
        "invocations", .integer(1...1_000_000), default: .integer(200),
        "How many invocations or tries a trial runs."),
      ParameterDescription(
        "paired", .flag, default: .flag(true), "Whether the runs share their seeds."),
      ParameterDescription(
        "adjusted", .flag, default: .flag(true),
        "Whether p-values are adjusted for the family; without it 5 % are taken as proof."),
      ParameterDescription(
        "planned-share", .ratio, default: .ratio(.percent(100)),
        "The share of the planned repetitions that tries really have; below 100 % a fault."),
    ],
    metrics: [
      MetricDescription(
        "invocations_run", .exact, unit: "1", .neutral, "How many invocations or tries were run."),
      MetricDescription(
        "regressed_invocations", .exact, unit: "1", .neutral,
        "In how many of them the gate in question regressed: any of a null invocation, the shifted "
          + "one of a try."),
      MetricDescription(
        "regressed_fraction", .exact, unit: "1", .neutral,
        "The share of invocations that regressed."),
      MetricDescription(
        "fraction_low", .exact, unit: "1", .neutral,
        "The lower end of Wilson's 95 % interval of that share."),
      MetricDescription(
        "fraction_high", .exact, unit: "1", .neutral,
        "The upper end of Wilson's 95 % interval of that share."),
      MetricDescription(
        "false_passes", .exact, unit: "1", .lower,
        "The share of gates that passed; at a shift of the margin or beyond, wrongly."),
      MetricDescription(
        "planned_repetitions", .exact, unit: "1", .neutral,
        "The mean of what the plan names; the parameter where nothing is planned."),
    ])

  public static func run(_ trial: Trial, into recorder: inout Recorder) throws {
    let task = try trial.choice("task", as: Task.self)
    let law = try trial.choice("law", as: SyntheticLaw.self)
    let shift = try trial.share("shift")
    let margin = try trial.share("margin")
    let spread = try trial.share("spread")
    let gates = try trial.integer("gates")
    let repetitions = try trial.integer("repetitions")
    let invocations = try trial.integer("invocations")
    let isPaired = try trial.flag("paired")
    let isAdjusted = try trial.flag("adjusted")
    let plannedShare = try trial.share("planned-share")
    let bench = CalibrationBench(
      values: SyntheticValues(law: law, spread: spread), shift: shift,
      margin: margin, gates: gates, isPaired: isPaired,
      rule: isAdjusted ? FamilyRule() : FamilyRule(familyError: 0.05, isAdjusted: false))
    var random = trial.seed.stream()
    let tally =
      switch task {
      case .falseAlarm:
        try bench.falseAlarms(invocations, repetitions: repetitions, &random)
      case .detection:
        try bench.detections(
          invocations, pilot: repetitions, plannedShare: plannedShare, &random)
      }
    let interval = try Wilson.interval(successes: tally.regressed, trials: invocations)
    recorder.record("invocations_run", invocations)
    recorder.record("regressed_invocations", tally.regressed)
    recorder.record("regressed_fraction", interval.estimate)
    recorder.record("fraction_low", interval.low)
    recorder.record("fraction_high", interval.high)
    recorder.record("false_passes", Double(tally.passed) / Double(tally.judged))
    recorder.record("planned_repetitions", tally.planned / Double(invocations))
  }

  /// What is asked of the gate.
  enum Task: String, CaseIterable {
    case falseAlarm = "false-alarm"
    case detection
  }
}
