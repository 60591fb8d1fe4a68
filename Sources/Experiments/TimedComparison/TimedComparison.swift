// Does the judge of comparisons find a planted slowdown in real time, and only then?
import LabCore
import LabGate
public import LabManifest
import LabRecord
public import LabRunner

/// Compares a program with itself, or with itself and more work, by real timing.
///
/// One trial is one whole comparison with its looks, its control and its budget, as `fleetlab
/// compare` makes it. The program does a counted number of rounds; its start is part of what is
/// timed, so the shift in time is a little smaller than the share of rounds that is added.
public enum TimedComparison: Experiment {
  public static let description = ExperimentDescription(
    name: "timed-comparison",
    summary: "Real comparisons of a program with itself and with a planted slowdown.",
    version: 2,
    arms: [
      ArmDescription("slowed", "The head does more rounds of work than the base."),
      ArmDescription("unchanged", "The head is the base."),
    ],
    parameters: [
      ParameterDescription(
        "rounds", .integer(1...1_000_000_000_000), default: .integer(30_000_000),
        "How many rounds of work the base does."),
      ParameterDescription(
        "shift", .ratio, default: .ratio(.percent(5)),
        "By what share the head of the slowed arm does more."),
      ParameterDescription(
        "margin", .ratio, default: .ratio(.percent(2.5)),
        "The difference that is too little to matter."),
      ParameterDescription(
        "budget", .duration, default: .duration(.seconds(20)),
        "How long a comparison may take on the wall clock."),
      ParameterDescription(
        "blocks", .integer(6...1_000), default: .integer(40), "The most blocks of a comparison."),
      ParameterDescription(
        "program", .text(choices: []), default: .text("/proc/self/exe"),
        "The program whose verb 'spin' works; this one by default."),
    ],
    metrics: [
      MetricDescription(
        "regressed", .sampled, unit: "1", .neutral,
        "1 when the comparison says that the head regressed, else 0."),
      MetricDescription(
        "inconclusive", .sampled, unit: "1", .lower,
        "1 when the comparison says nothing, else 0."),
      MetricDescription(
        "control_failed", .sampled, unit: "1", .lower,
        "1 when it says nothing because the base differs from itself, else 0."),
      MetricDescription(
        "ratio", .timed, unit: "1", .neutral,
        "The processor time of the head in times that of the base, as estimated."),
      MetricDescription(
        "blocks_judged", .sampled, unit: "1", .lower, "How many blocks the verdict rests on."),
      MetricDescription(
        "duration", .ceiling, unit: "s", .lower, "How long the blocks took on the wall clock."),
    ])

  public static func runsInRealTime(_ settings: Settings) -> Bool { true }

  public static func run(_ trial: Trial, into recorder: inout Recorder) throws {
    let rounds = try trial.integer("rounds")
    let shift = try trial.share("shift")
    let margin = try trial.share("margin")
    let budget = try trial.duration("budget")
    let blocks = try trial.integer("blocks")
    let program = try trial.text("program")
    let more = trial.arm == "slowed" ? 1 + shift : 1
    let judge = ComparisonJudge(margin: margin, blocks: blocks)
    let comparison = PairedComparison(
      .init(
        base: spin(program, rounds: rounds),
        head: spin(program, rounds: Int(Double(rounds) * more)), budget: budget, blocks: blocks))
    let measured = try comparison.run { seen in
      guard judge.schedule.confidence(at: seen.count) != nil else { return false }
      return try judge.judge(seen)?.isDecided ?? false
    }
    let judgement = try judge.judge(measured, isLast: true)
    let seconds = measured.flatMap { block in
      block.slots.map { $0.wallSeconds * Double(block.runsPerSlot) }
    }
    recorder.record("regressed", judgement?.verdict == .regressed ? 1 : 0)
    recorder.record("inconclusive", judgement?.isDecided ?? false ? 0 : 1)
    recorder.record("control_failed", judgement?.controlFailed ?? false ? 1 : 0)
    if let judgement { recorder.record("ratio", judgement.head.ratio) }
    recorder.record("blocks_judged", judgement?.blocks ?? 0)
    recorder.record("duration", seconds.reduce(0, +))
  }

  private static func spin(_ program: String, rounds: Int) -> TimedProgram {
    TimedProgram(program, ["spin", "--rounds", "\(rounds)"])
  }
}
