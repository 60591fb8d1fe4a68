// How many repetitions a gate needs to see a shift.

public import LabManifest
public import Statistics

/// What a sampled gate can see, by the spread that its baseline or its record shows.
///
/// The run that is to be judged is thought of as new draws under the same seeds, so the differences
/// of pairs vary as those of independent draws do; a change that keeps most of a trajectory is
/// found with fewer. The spread is the upper limit, at a confidence of ``spreadConfidence``, of
/// what the recorded repetitions show, and the plan is for a chance of ``wanted``, so that what it
/// names keeps a promise of .9. See ``ShiftPower``.
public struct GatePower: Hashable, Sendable {
  /// The chance that is planned for.
  public static let wanted = 0.95
  /// The confidence of the limit of the recorded spread.
  public static let spreadConfidence = 0.8

  /// Which gate.
  public var key: GateKey
  /// Which way is better.
  public var direction: MetricDirection
  /// How much worse the mean may become.
  public var margin: GatePolicy.Margin
  /// The recorded values, one a repetition.
  public var values: [Double]
  /// The p-value that the gate must reach among its family.
  public var level: Double

  /// Describes a gate.
  ///
  /// - Parameters:
  ///   - family: How many sampled gates one invocation judges.
  ///   - rule: How findings become verdicts.
  public init(
    key: GateKey, direction: MetricDirection, margin: GatePolicy.Margin, values: [Double],
    family: Int, rule: FamilyRule = FamilyRule()
  ) {
    self.key = key
    self.direction = direction
    self.margin = margin
    self.values = values
    // A neutral metric is judged on both sides.
    level = rule.level(family: family) / (direction == .neutral ? 2 : 1)
  }

  /// How many sampled gates some comparisons have together.
  public static func family(of comparisons: [GateComparison]) -> Int {
    comparisons.reduce(0) { $0 + gates(of: $1, family: 1).count }
  }

  /// The sampled gates of a comparison, with the values of the record, or of the baseline where
  /// there is no record.
  public static func gates(of comparison: GateComparison, family: Int) -> [GatePower] {
    let recorded = comparison.series
      .filter { $0.metric.metricClass == .sampled && $0.absent.isEmpty && !$0.values.isEmpty }
      .map { ($0.key, $0.metric.direction, $0.values) }
    let kept = (comparison.baseline?.byKey ?? [:]).sorted { $0.key < $1.key }
      .filter { $0.value.class == .sampled && comparison.policy.gates($0.key.metric) }
      .map { ($0.key, $0.value.direction, $0.value.values ?? []) }
    return (recorded.isEmpty ? kept : recorded).map { key, direction, values in
      GatePower(
        key: key, direction: direction, margin: comparison.policy.margin(of: key.metric),
        values: values, family: family)
    }
  }

  /// The chance that a shift is found.
  ///
  /// - Parameter shift: The true shift to the worse side as a share of the mean.
  /// - Returns: 0 for a mean of 0, which no share moves.
  public func power(shift: Double, repetitions: Int) throws(StatisticsError) -> Double {
    guard let question = try question(shift: shift) else { return 0 }
    return try question.power(repetitions: repetitions)
  }

  /// Whether a share of the mean is a shift at all, and the spread is known.
  public var hasRelativeShift: Bool { values.count > 1 && RunningMoments(of: values).mean != 0 }

  /// The fewest repetitions with which a shift is found.
  ///
  /// - Parameters:
  ///   - shift: The true shift to the worse side as a share of the mean.
  ///   - power: The chance that is promised; the plan halves the chance of a miss, so .9 plans for
  ///     ``wanted``.
  /// - Returns: `nil` when no number of them does: the shift is within the margin, the mean is 0,
  ///   or one recorded repetition shows no spread.
  public func repetitions(
    shift: Double, power: Double = 0.9
  ) throws(StatisticsError) -> Int? {
    guard let question = try question(shift: shift) else { return nil }
    // Half of the distance to certainty is room for what the plan does not know.
    return try question.repetitions(power: (1 + power) / 2)
  }

  private func question(shift: Double) throws(StatisticsError) -> ShiftPower? {
    let moments = RunningMoments(of: values)
    guard let deviation = moments.standardDeviation, moments.mean != 0 else { return nil }
    let mean = abs(moments.mean)
    let limit = try ShiftPower.deviationLimit(
      deviation, count: moments.count, confidence: Self.spreadConfidence)
    let (effect, share): (Double, Double) =
      switch margin {
      case .relative(let share): ((shift - share) * mean, share)
      case .absolute(let amount): (shift * mean - amount, 0)
      }
    // A shift in proportion widens the run's spread, a relative margin that of the limits.
    let widening = ((1 + shift) * (1 + shift) + (1 + share) * (1 + share)).squareRoot()
    return ShiftPower(effect: effect, deviation: limit * widening, level: level)
  }
}
