// The gate's judging code, invocation by invocation, on synthetic values.
import LabCore
import LabGate
import LabManifest
import Statistics

/// Counts false alarms and detections of the gate.
///
/// Runs of one seed are drawn independently of each other: that is what two runs of changed code
/// show, and the least that pairing can help.
struct CalibrationBench {
  var values: SyntheticValues
  /// The true shift to the worse side, as a share of the mean.
  var shift: Double
  /// The margin of every gate, as a share of the baseline's mean.
  var margin: Double
  /// How many gates an invocation judges.
  var gates: Int
  var isPaired: Bool
  var rule: FamilyRule

  /// What became of some invocations.
  struct Tally {
    /// Those in which the gate in question regressed.
    var regressed = 0
    /// The gates in question that passed.
    var passed = 0
    /// The gates in question.
    var judged = 0
    /// The sum of the repetitions that were planned.
    var planned = 0.0
  }

  /// Invocations in which every gate has the true shift, which is at most the margin.
  func falseAlarms(
    _ invocations: Int, repetitions: Int, _ random: inout RandomStream
  ) throws(StatisticsError) -> Tally {
    var tally = Tally()
    for _ in 0..<invocations {
      var findings: [SampledGate.Finding] = []
      for _ in 0..<gates {
        findings.append(try finding(shift: shift, repetitions: repetitions, &random))
      }
      let verdicts = try rule.verdicts(of: findings)
      if verdicts.contains(.regressed) { tally.regressed += 1 }
      tally.passed += verdicts.count { $0 == .pass }
      tally.judged += verdicts.count
      tally.planned += Double(repetitions)
    }
    return tally
  }

  /// Tries with one shifted gate among others that did not move, with the repetitions that a plan
  /// names from a pilot run.
  ///
  /// - Parameters:
  ///   - pilot: The repetitions of the pilot.
  ///   - plannedShare: The share of the planned repetitions that a try really has.
  func detections(
    _ tries: Int, pilot: Int, plannedShare: Double, _ random: inout RandomStream
  ) throws -> Tally {
    var tally = Tally()
    for _ in 0..<tries {
      let recorded = (0..<pilot).map { _ in values.draw(mean: 1, &random) }
      let plan = GatePower(
        key: GateKey(cell: "synthetic", arm: "gate", metric: "value"), direction: .lower,
        margin: .relative(margin), values: recorded, family: gates, rule: rule)
      guard let planned = try plan.repetitions(shift: shift) else {
        throw CalibrationError.noPlan(shift: shift, margin: margin)
      }
      let repetitions = max(2, Int((Double(planned) * plannedShare).rounded()))
      var findings = [try finding(shift: shift, repetitions: repetitions, &random)]
      for _ in 1..<max(gates, 1) {
        findings.append(try finding(shift: 0, repetitions: repetitions, &random))
      }
      let verdict = try rule.verdicts(of: findings)[0]
      if verdict == .regressed { tally.regressed += 1 }
      if verdict == .pass { tally.passed += 1 }
      tally.judged += 1
      tally.planned += Double(planned)
    }
    return tally
  }

  private func finding(
    shift: Double, repetitions: Int, _ random: inout RandomStream
  ) throws(StatisticsError) -> SampledGate.Finding {
    let baseline = (0..<repetitions).map { _ in values.draw(mean: 1, &random) }
    let current = (0..<repetitions).map { _ in values.draw(mean: 1 + shift, &random) }
    return try SampledGate(
      direction: .lower, margin: .relative(margin), baseline: baseline, current: current,
      isPaired: isPaired
    ).finding()
  }
}

/// Why a calibration cannot run.
enum CalibrationError: Error, CustomStringConvertible {
  case noPlan(shift: Double, margin: Double)

  var description: String {
    switch self {
    case .noPlan(let shift, let margin):
      "no number of repetitions finds a shift of \(shift) beyond a margin of \(margin); a larger "
        + "shift was expected; raise it"
    }
  }
}
