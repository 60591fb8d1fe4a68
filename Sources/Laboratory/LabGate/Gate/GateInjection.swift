// A regression planted in recorded values, and whether the judge sees it.

import LabManifest
public import Statistics

extension GateSeries {
  /// The series with every value moved to its worse side.
  ///
  /// Of a metric that is better when higher the share is taken off, of any other it is put on, so
  /// that the shift of the mean is the share either way. An exact value moves by at least one unit
  /// in its last place, and its digest becomes another one.
  /// - Parameter factor: Above 1; 1.05 plants a shift of 5 %.
  func injected(factor: Double) -> GateSeries {
    var planted = self
    let share = metric.direction == .higher ? 2 - factor : factor
    let sign = metric.direction == .higher ? -1.0 : 1.0
    planted.values = values.map { value in
      guard metric.metricClass == .exact else {
        return value + sign * abs(value) * abs(share - 1)
      }
      return value + sign * max(abs(value) * abs(share - 1), 1)
    }
    planted.digest = digest.map { "planted \($0)" }
    return planted
  }
}

/// What the judge says of a planted regression.
public struct InjectionReport: Sendable {
  /// By what the values were multiplied.
  public let factor: Double
  /// The gates that turned to regressed.
  public private(set) var found: [GateOutcome] = []
  /// The gates that are able to see the shift and did not.
  public private(set) var overlooked: [GateOutcome] = []
  /// The gates whose repetitions or margin do not let them see it, or that were not judged.
  public private(set) var unable: [GateOutcome] = []

  /// Plants the regression in every record and judges.
  ///
  /// Able is every exact gate whose keys agree, every counted one, and every sampled one that by
  /// ``GatePower`` finds the shift with a chance of ``GatePower/wanted``. A sampled gate that was
  /// an improvement before, or whose own run differs from the baseline, may be lucky: it counts as
  /// able only while its values equal the baseline's.
  public init(_ comparisons: [GateComparison], factor: Double) throws(StatisticsError) {
    self.factor = factor
    let judge = GateJudge()
    let before = try judge.outcomes(of: comparisons)
    let planted = try judge.outcomes(
      of: comparisons.map { comparison in
        var comparison = comparison
        comparison.series = comparison.series.map { $0.injected(factor: factor) }
        return comparison
      })
    let family = GatePower.family(of: comparisons)
    var powers: [[GateKey: GatePower]] = []
    for comparison in comparisons {
      let gates = GatePower.gates(of: comparison, family: family)
      powers.append(
        Dictionary(gates.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first }))
    }
    let places = Dictionary(
      comparisons.enumerated().map { ($1.experiment, $0) }, uniquingKeysWith: { first, _ in first })
    for (clean, outcome) in zip(before, planted) {
      if outcome.verdict == .regressed {
        found.append(outcome)
      } else if try Self.isAble(
        clean, powers[places[outcome.experiment, default: 0]][outcome.key], factor: factor)
      {
        overlooked.append(outcome)
      } else {
        unable.append(outcome)
      }
    }
  }

  private static func isAble(
    _ clean: GateOutcome, _ power: GatePower?, factor: Double
  ) throws(StatisticsError) -> Bool {
    guard clean.verdict == .pass else { return false }
    switch clean.metricClass {
    case .exact: return true
    case .counted: return (clean.baseline ?? 0) != 0 && factor - 1 > GateJudge.countedTolerance
    case .timed, .ceiling: return false
    case .sampled:
      guard let power, clean.reason == GateJudge.equalReason else { return false }
      return try power.power(shift: factor - 1, repetitions: clean.count) >= GatePower.wanted
    }
  }

  /// The report in words: how many were found, and each that was overlooked.
  public var text: String {
    var lines = [
      "planted × \(FigureText.number(factor)): \(found.count) gates regressed, "
        + "\(overlooked.count) overlooked, \(unable.count) not able to see it"
    ]
    lines += overlooked.map {
      "overlooked: \($0.experiment) \($0.place) \($0.key.arm) \($0.key.metricText): "
        + "\($0.verdict.rawValue), \($0.fullReason)"
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
