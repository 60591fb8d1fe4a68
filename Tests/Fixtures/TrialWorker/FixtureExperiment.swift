// An experiment whose trials behave as badly as a test wants them to.

import Glibc
import LabCore
public import LabManifest
public import LabRunner
import Statistics

/// What one trial of the fixture does.
public enum Behaviour: String, CaseIterable, Sendable {
  /// It measures everything.
  case well
  /// It measures everything but one metric.
  case sparing
  /// It does nothing at all.
  case empty
  /// It measures everything and prints garbage on standard output and standard error.
  case talkative
  /// It breaks a precondition.
  case traps
  /// It never ends.
  case hangs
  /// It takes memory piece by piece without end.
  case eats
  /// It takes much memory at once.
  case leaps
  /// It ends the process in the middle.
  case exits
  /// It throws.
  case throwing
  /// It records a metric that nobody described.
  case misnames
  /// It records one metric twice.
  case repeats
  /// It breaks a precondition if it is not the first trial of its process.
  case envious
  /// It runs in real time.
  case live
}

/// The fixture as an experiment.
public enum FixtureExperiment: Experiment {
  struct Complaint: Error, CustomStringConvertible {
    let description: String
  }

  public static let description = ExperimentDescription(
    name: "fixture", summary: "Behaves as a test wants it to.", version: 1,
    arms: [ArmDescription("left", "One."), ArmDescription("right", "The other.")],
    parameters: [
      ParameterDescription(
        "behaviour", .text(choices: Behaviour.allCases.map(\.rawValue)), default: .text("well"),
        "What the trial does.")
    ],
    metrics: [
      MetricDescription("share", .sampled, unit: "1", .higher, "A draw."),
      MetricDescription("events", .exact, unit: "1", .neutral, "A whole draw."),
      MetricDescription("trajectory", .exact, unit: "hash", .neutral, "The stream's state."),
      MetricDescription("latency", .sampled, unit: "histogram", .lower, "A thousand draws."),
      MetricDescription("curve", .sampled, unit: "1", .higher, "Draws in steps."),
      MetricDescription("pace", .timed, unit: "s", .lower, "A constant that passes for a time."),
    ])

  public static let exactness = ["fixture_kernels": "plain"]

  public static func runsInRealTime(_ settings: Settings) -> Bool {
    settings.parameters["behaviour"] == .text(Behaviour.live.rawValue)
  }

  public static func run(_ trial: Trial, into recorder: inout Recorder) throws {
    guard case .text(let name)? = trial.cell.settings.parameters["behaviour"],
      let behaviour = Behaviour(rawValue: name)
    else { throw Complaint(description: "no behaviour is set") }
    life.trials += 1
    if behaviour == .empty { return }
    try misbehave(behaviour, into: &recorder)
    try measure(trial, behaviour, into: &recorder)
  }

  private struct Life {
    var trials = 0
  }

  /// Only the main thread of a worker runs trials.
  nonisolated(unsafe) private static var life = Life()

  private static func misbehave(_ behaviour: Behaviour, into recorder: inout Recorder) throws {
    switch behaviour {
    case .well, .sparing, .live, .empty: break
    case .talkative:
      print("{\"done\":\"garbage\"}")
      print(String(repeating: "x", count: 10_000))
      fflush(nil)
    case .traps: fatalError("the fixture broke as it was told to")
    case .hangs: while true { usleep(1_000) }
    case .eats:
      var eaten: [[UInt8]] = []
      while true { eaten.append([UInt8](repeating: UInt8(eaten.count & 0x7f), count: 1 << 20)) }
    case .leaps:
      let leap = [UInt8](repeating: 1, count: 1 << 40)
      recorder.record("events", leap.count)
    case .exits: exit(7)
    case .throwing: throw Complaint(description: "the fixture threw as it was told to")
    case .misnames: recorder.record("unheard", 1)
    case .repeats: recorder.record("share", 0.5)
    case .envious: precondition(life.trials == 1, "somebody was here before")
    }
  }

  private static func measure(
    _ trial: Trial, _ behaviour: Behaviour, into recorder: inout Recorder
  ) throws {
    var random = trial.seed.child(trial.arm).stream()
    recorder.record("share", random.unit())
    recorder.record("events", random.below(1_000_000))
    if behaviour != .sparing {
      var hasher = StableHasher()
      hasher.combine(random)
      recorder.record("trajectory", hash: hasher.finalize())
    }
    var histogram = try LatencyHistogram(significantDigits: 2)
    for _ in 0..<20 { try histogram.record(Int64(random.below(1_000_000))) }
    recorder.record("latency", histogram)
    for step in [2, 0, 1] { recorder.record("curve", random.unit() * 1e-7, step: step) }
    recorder.record("pace", 0.25)
  }
}
