// The gate: every metric of some records against their baselines, as one family.

import LabManifest
public import Statistics

/// Judges records against baselines.
///
/// - exact: equality, where the exactness keys agree; else incomparable.
/// - counted: the ratio of the means within ``countedTolerance``, where the keys agree.
/// - sampled: ``SampledGate`` and ``FamilyRule``, on any machine.
///
/// All sampled gates of one call are one family for Holm.
public struct GateJudge: Sendable {
  /// By how much a counted metric may move to the worse side, as a share.
  public static let countedTolerance = 0.002

  /// What is said of values that did not change at all.
  static let equalReason = "equal in every repetition"

  /// What is said of a record that has no baseline at all.
  static let withoutBaselineReason = "there is no baseline of this size"

  /// How findings become verdicts.
  public var rule: FamilyRule

  /// Makes a judge.
  public init(rule: FamilyRule = FamilyRule()) { self.rule = rule }

  /// The outcomes of all gates, comparison by comparison: those of the baseline first, then those
  /// that are new.
  ///
  /// - Throws: ``StatisticsError`` for values that are not finite, which no record holds.
  public func outcomes(
    of comparisons: [GateComparison]
  ) throws(StatisticsError) -> [GateOutcome] {
    var outcomes: [GateOutcome] = []
    var findings: [SampledGate.Finding] = []
    var places: [Int] = []
    for comparison in comparisons {
      for gate in gates(of: comparison) {
        switch gate {
        case .decided(let outcome): outcomes.append(outcome)
        case .open(let outcome, let sampled):
          places.append(outcomes.count)
          outcomes.append(outcome)
          findings.append(try sampled.finding())
        }
      }
    }
    let verdicts = try rule.verdicts(of: findings)
    for (index, place) in places.enumerated() {
      outcomes[place].verdict = verdicts[index]
      outcomes[place].reason = Self.reason(
        verdicts[index], findings[index], family: findings.count)
    }
    return outcomes
  }

  /// A gate that is decided by itself, or one that waits for its family.
  private enum Gate {
    case decided(GateOutcome)
    case open(GateOutcome, SampledGate)
  }

  private func gates(of comparison: GateComparison) -> [Gate] {
    let entries = comparison.baseline?.byKey ?? [:]
    var waiting = entries
    var fresh: [Gate] = []
    var gates: [Gate] = []
    for series in comparison.series {
      if let entry = waiting.removeValue(forKey: series.key) {
        gates.append(gate(entry, series, comparison))
      } else {
        fresh.append(.decided(newcomer(series, comparison)))
      }
    }
    let absent = waiting.sorted { $0.key < $1.key }
      .filter { comparison.policy.gates($0.key.metric) }
      .map { Gate.decided(absence(of: $1, key: $0, comparison)) }
    return gates + absent + fresh
  }

  private func newcomer(_ series: GateSeries, _ comparison: GateComparison) -> GateOutcome {
    let isFailed = !series.absent.isEmpty
    var outcome = outcome(
      series, comparison, isFailed ? .missing : .new,
      isFailed ? series.absence : "the baseline does not have it")
    if comparison.baseline == nil, !isFailed {
      outcome.reason = Self.withoutBaselineReason
    }
    return outcome
  }

  private func absence(
    of entry: BaselineEntry, key: GateKey, _ comparison: GateComparison
  ) -> GateOutcome {
    var outcome = GateOutcome(
      experiment: comparison.experiment, key: key,
      place: comparison.baseline?.cells[key.cell] ?? key.cell, metric: (entry.class, entry.unit),
      verdict: .missing, reason: "the baseline of \(entry.changed) has it and the run does not")
    outcome.baseline = entry.mean
    return outcome
  }

  private func outcome(
    _ series: GateSeries, _ comparison: GateComparison, _ verdict: GateVerdict, _ reason: String
  ) -> GateOutcome {
    let place = comparison.cells[series.key.cell] ?? ""
    var outcome = GateOutcome(
      experiment: comparison.experiment, key: series.key,
      place: place.isEmpty ? series.key.cell : place,
      metric: (series.metric.metricClass, series.metric.unit), verdict: verdict, reason: reason)
    outcome.current = series.mean
    outcome.count = series.seeds.count
    return outcome
  }

  private func gate(
    _ entry: BaselineEntry, _ series: GateSeries, _ comparison: GateComparison
  ) -> Gate {
    var judged = outcome(series, comparison, .pass, Self.equalReason)
    judged.baseline = entry.mean
    if !series.absent.isEmpty {
      (judged.verdict, judged.reason) = (.missing, series.absence)
      return .decided(judged)
    }
    guard entry.class == series.metric.metricClass else {
      judged.verdict = .incomparable
      judged.reason =
        "the metric is \(series.metric.metricClass.rawValue), was \(entry.class.rawValue)"
      return .decided(judged)
    }
    let baseline = comparison.baseline
    let differing = baseline?.differences(to: comparison.exactness) ?? []
    switch entry.class {
    case .exact, .counted:
      guard differing.isEmpty else {
        judged.verdict = .incomparable
        judged.reason = "the exactness keys differ: \(differing.joined(separator: "; "))"
        return .decided(judged)
      }
      if entry.class == .exact {
        decideExact(&judged, entry, series)
      } else {
        decideCounted(&judged, entry, series)
      }
      return .decided(judged)
    case .sampled, .timed, .ceiling:
      let gate = SampledGate(
        direction: series.metric.direction,
        margin: comparison.policy.margin(of: series.key.metric),
        baseline: (entry.values ?? [], baseline?.seeds[entry.seeds] ?? []),
        current: (series.values, series.seeds))
      return .open(judged, gate)
    }
  }

  private func decideExact(
    _ outcome: inout GateOutcome, _ entry: BaselineEntry, _ series: GateSeries
  ) {
    guard entry.digest != series.digest else { return }
    let count = series.seeds.count
    let repetitions =
      entry.count == count ? "" : "; the baseline has \(entry.count) repetitions, the run \(count)"
    let isBetter = Self.worsening(entry, series).map { $0 < 0 } ?? false
    outcome.verdict = isBetter ? .improved : .regressed
    outcome.reason = "an exact value differs\(repetitions)"
  }

  private func decideCounted(
    _ outcome: inout GateOutcome, _ entry: BaselineEntry, _ series: GateSeries
  ) {
    guard let before = entry.mean, let now = series.mean else {
      (outcome.verdict, outcome.reason) = (.missing, "there is no number to compare")
      return
    }
    let tolerance = Self.countedTolerance * abs(before)
    let distance = Self.worsening(entry, series) ?? abs(now - before)
    outcome.reason = "within 0.2 %"
    if distance > tolerance {
      (outcome.verdict, outcome.reason) = (.regressed, "worse by more than 0.2 %")
    } else if distance < -tolerance {
      (outcome.verdict, outcome.reason) = (.improved, "better by more than 0.2 %")
    }
  }

  /// How far the mean moved to the worse side; `nil` where no side is worse.
  private static func worsening(_ entry: BaselineEntry, _ series: GateSeries) -> Double? {
    guard let before = entry.mean, let now = series.mean else { return nil }
    switch series.metric.direction {
    case .lower: return now - before
    case .higher: return before - now
    case .neutral: return nil
    }
  }

  private static func reason(
    _ verdict: GateVerdict, _ finding: SampledGate.Finding, family: Int
  ) -> String {
    if finding.isEqual { return equalReason }
    if let doubt = finding.doubt { return doubt }
    func chance(_ value: Double) -> String { FigureText.number(value, digits: 2) }
    switch verdict {
    case .regressed:
      return "worse by more than the margin: p = \(chance(finding.worse)) among \(family) gates"
    case .improved: return "better: p = \(chance(finding.better)) among \(family) gates"
    case .pass: return "within the margin: p = \(chance(finding.within))"
    case .inconclusive, .incomparable, .missing, .new:
      return "\(finding.count) repetitions decide neither: p = \(chance(finding.worse)) for worse "
        + "than the margin, \(chance(finding.within)) for within"
    }
  }
}
