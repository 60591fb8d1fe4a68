import LabCore
// Does the simulator agree with what theory says of simple worlds?
public import LabManifest
public import LabRunner
import Statistics

/// Runs worlds whose outcome has a formula, and measures beside it.
///
/// Each check is simulated with the parameters that the formula gets, or, for the negative control,
/// with one parameter that is wrong by a share.
public enum SimulatorValidation: Experiment {
  public static let description = ExperimentDescription(
    name: "simulator-validation",
    summary: "Simulated worlds whose outcome has a formula, beside the formula.",
    version: 1,
    arms: [ArmDescription("simulation", "The product's own simulator.")],
    parameters: [
      ParameterDescription(
        "check", .text(choices: Check.allCases.map(\.rawValue)),
        default: .text(Check.singleServerExponential.rawValue), "What is simulated."),
      ParameterDescription(
        "samples", .integer(10...10_000_000), default: .integer(20_000),
        "How many jobs, datagrams or draws a repetition measures."),
      ParameterDescription(
        "wrong-by", .ratio, default: .ratio(.none),
        "By how much of its value one parameter of the simulated world is too large."),
    ],
    metrics: [
      MetricDescription(
        "measured", .sampled, unit: "1", .neutral,
        "What the simulated world shows, in the unit of the check."),
      MetricDescription(
        "formula", .exact, unit: "1", .neutral, "What theory says that it should show."),
      MetricDescription(
        "fingerprint", .exact, unit: "hash", .neutral, "The hash of the whole trajectory."),
    ])

  public static func run(_ trial: Trial, into recorder: inout Recorder) throws {
    let check = try trial.choice("check", as: Check.self)
    let samples = try trial.integer("samples")
    let wrong = try trial.share("wrong-by")
    let outcome = check.run(samples: samples, factor: 1 + wrong, seed: trial.seed)
    recorder.record("measured", outcome.measured)
    recorder.record("formula", outcome.formula)
    recorder.record("fingerprint", hash: outcome.fingerprint)
  }
}

/// One world with a formula.
enum Check: String, CaseIterable {
  /// Mean time in an M/M/1 queue.
  case singleServerExponential = "m-m-1"
  /// Mean time in an M/D/1 queue.
  case singleServerConstant = "m-d-1"
  /// Share of datagrams lost by Bernoulli loss.
  case bernoulliLoss = "bernoulli-loss"
  /// Share of datagrams lost by Gilbert-Elliott loss.
  case gilbertElliottLoss = "gilbert-elliott-loss"
  /// Mean length of a run of losses by Gilbert-Elliott loss.
  case gilbertElliottBurst = "gilbert-elliott-burst"
  /// Mean delay of a link, law by law.
  case delayConstant = "delay-constant"
  case delayUniform = "delay-uniform"
  case delayExponential = "delay-exponential"
  case delayNormal = "delay-normal"
  case delayLognormal = "delay-lognormal"
  case delayGamma = "delay-gamma"
  case delayWeibull = "delay-weibull"
  case delayPareto = "delay-pareto"
  case delayMixture = "delay-mixture"
  case delayEmpirical = "delay-empirical"
  /// Mean of the earliest of several uniform timeouts.
  case earliestTimeout = "earliest-timeout"
  /// Chance that the first two of several uniform timeouts lie far enough apart.
  case timeoutGap = "timeout-gap"

  /// What one repetition shows.
  struct Outcome {
    var measured: Double
    var formula: Double
    var fingerprint: UInt64
  }

  /// Simulates one repetition.
  ///
  /// - Parameters:
  ///   - samples: How many jobs, datagrams or elections are measured.
  ///   - factor: What one parameter of the world is multiplied by; the formula keeps the right one.
  func run(samples: Int, factor: Double, seed: Seed) -> Outcome {
    switch self {
    case .singleServerExponential, .singleServerConstant:
      QueueCheck(exponentialService: self == .singleServerExponential)
        .run(jobs: samples, factor: factor, seed: seed)
    case .bernoulliLoss, .gilbertElliottLoss, .gilbertElliottBurst:
      LossCheck(check: self).run(datagrams: samples, factor: factor, seed: seed)
    case .earliestTimeout, .timeoutGap:
      TimeoutCheck(measuresGap: self == .timeoutGap)
        .run(elections: samples, factor: factor, seed: seed)
    default: DelayCheck(check: self).run(datagrams: samples, factor: factor, seed: seed)
    }
  }
}
