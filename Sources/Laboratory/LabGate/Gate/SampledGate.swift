// The judgement of one sampled metric against its baseline, before the family is known.

public import LabManifest
public import Statistics

/// The values of a sampled metric in the baseline and in the run.
///
/// The null hypothesis of a regression is a true shift to the worse side of at most the margin. A
/// relative margin is taken of each baseline value, so that the baseline's own chance is part of
/// the error. See ``MeanShift`` for the test and its reasons.
public struct SampledGate: Sendable {
  /// Which way is better.
  public var direction: MetricDirection
  /// How much worse the mean may become.
  public var margin: GatePolicy.Margin
  /// The baseline's values, one a repetition.
  public var baseline: [Double]
  /// The run's values, one a repetition.
  public var current: [Double]
  /// Whether value i of both had the same seed.
  public var isPaired: Bool

  /// Describes a gate; values that are paired are equally many.
  public init(
    direction: MetricDirection, margin: GatePolicy.Margin, baseline: [Double], current: [Double],
    isPaired: Bool
  ) {
    self.direction = direction
    self.margin = margin
    self.baseline = baseline
    self.current = current
    self.isPaired = isPaired && baseline.count == current.count
  }

  /// Pairs the values of repetitions with the same seed.
  ///
  /// When every seed of one side is on the other side too, the gate is paired, and what has no
  /// partner is left out; otherwise all values stay and the samples count as independent.
  public init(
    direction: MetricDirection, margin: GatePolicy.Margin,
    baseline: (values: [Double], seeds: [String]), current: (values: [Double], seeds: [String])
  ) {
    let known = Dictionary(
      zip(baseline.seeds, baseline.values), uniquingKeysWith: { first, _ in first })
    let pairs = zip(current.seeds, current.values).compactMap { seed, value in
      known[seed].map { (baseline: $0, current: value) }
    }
    let isWhole =
      !pairs.isEmpty && pairs.count == min(baseline.values.count, current.values.count)
    self.init(
      direction: direction, margin: margin,
      baseline: isWhole ? pairs.map(\.baseline) : baseline.values,
      current: isWhole ? pairs.map(\.current) : current.values, isPaired: isWhole)
  }

  /// What the values say by themselves.
  public struct Finding: Hashable, Sendable {
    /// Whether the run equals the baseline in every repetition.
    public var isEqual = false
    /// The chance of values this bad, were the true shift the margin.
    public var worse = 1.0
    /// The chance of values this good, were the true shift 0.
    public var better = 1.0
    /// The chance of values this good, were the true shift the margin.
    public var within = 1.0
    /// How many repetitions it rests on.
    public var count = 0
    /// Why there is no chance to name; `nil` when there is one.
    public var doubt: String?
  }

  /// Compares the values.
  ///
  /// - Throws: ``StatisticsError`` for values that are not finite.
  public func finding() throws(StatisticsError) -> Finding {
    var finding = Finding()
    finding.count = min(baseline.count, current.count)
    if isPaired, baseline == current {
      finding.isEqual = true
      return finding
    }
    guard finding.count >= 2 else {
      finding.doubt = "one repetition shows no spread"
      return finding
    }
    switch direction {
    case .lower, .higher:
      let sign = direction == .lower ? 1.0 : -1.0
      let excess = try shift(sign: sign, margin: margin)
      finding.worse = try excess.pValue(.greater)
      finding.within = try excess.pValue(.less)
      finding.better = try shift(sign: sign, margin: .absolute(0)).pValue(.less)
    case .neutral:
      // Either side is a regression; inside the margin on both sides is a pass.
      let (up, down) = (
        try shift(sign: 1, margin: margin), try shift(sign: -1, margin: margin)
      )
      finding.worse = min(1, 2 * min(try up.pValue(.greater), try down.pValue(.greater)))
      finding.within = max(try up.pValue(.less), try down.pValue(.less))
    }
    return finding
  }

  /// How far the run's mean lies on the worse side beyond the baseline's mean and a margin.
  ///
  /// - Parameter sign: 1 where larger is worse, −1 where smaller is.
  private func shift(
    sign: Double, margin: GatePolicy.Margin
  ) throws(StatisticsError) -> MeanShift {
    let positive = RunningMoments(of: baseline).mean < 0 ? -1.0 : 1.0
    let limits = baseline.map { value in
      switch margin {
      case .relative(let share): sign * value + share * positive * value
      case .absolute(let amount): sign * value + amount
      }
    }
    let values = current.map { sign * $0 }
    guard isPaired else { return try MeanShift(values, less: limits) }
    return try MeanShift(differences: zip(values, limits).map { $0 - $1 })
  }
}

/// How findings of one invocation become verdicts.
///
/// A shift counts as shown when its p-value, adjusted by Holm for all sampled gates of the
/// invocation, is at most ``familyError``. That is a quarter of the 1 % of false alarms that an
/// invocation may have: the rest is room for laws on which Student's p-values are only about right,
/// and lets 2,000 invocations at the hardest null hypothesis show that the bar is kept.
public struct FamilyRule: Hashable, Sendable {
  /// The chance that an invocation in which nothing got worse by more than its margin has any
  /// false alarm.
  public var familyError: Double
  /// The chance that a gate beyond its margin passes.
  public var passError: Double
  /// Whether p-values are adjusted for the number of gates; only a control leaves it out.
  public var isAdjusted: Bool

  /// Describes a rule; the defaults are those of `fleetlab gate`.
  public init(familyError: Double = 0.0025, passError: Double = 0.01, isAdjusted: Bool = true) {
    self.familyError = familyError
    self.passError = passError
    self.isAdjusted = isAdjusted
  }

  /// The p-value that one gate alone among a number of gates must reach.
  public func level(family: Int) -> Double {
    isAdjusted ? familyError / Double(max(1, family)) : familyError
  }

  /// The verdict of each finding, in order: pass, improved, regressed or inconclusive.
  ///
  /// - Throws: ``StatisticsError`` for a finding that holds no probability.
  public func verdicts(
    of findings: [SampledGate.Finding]
  ) throws(StatisticsError) -> [GateVerdict] {
    let (worse, better) = (findings.map(\.worse), findings.map(\.better))
    let adjusted = (
      worse: isAdjusted ? try Holm.adjusted(worse) : worse,
      better: isAdjusted ? try Holm.adjusted(better) : better
    )
    return findings.indices.map { index in
      let finding = findings[index]
      if finding.isEqual { return .pass }
      if finding.doubt != nil { return .inconclusive }
      if adjusted.worse[index] <= familyError { return .regressed }
      if adjusted.better[index] <= familyError { return .improved }
      return finding.within <= passError ? .pass : .inconclusive
    }
  }
}
