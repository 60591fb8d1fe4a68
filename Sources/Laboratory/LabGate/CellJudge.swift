// Judges one criterion in one cell, or in several pooled ones.

import LabCore
import LabManifest
import LabRecord
import Statistics

/// What a criterion comes to in one cell, or in several pooled ones.
struct CellJudgement {
  var verdict: CriterionVerdict
  var reason: String
  var figure: Double?
  var interval: ClosedRange<Double>?
  var reference: Double?
  var count = 0
  var cells = 1
  var missing = 0
  /// How far beyond the bar the figure lies on the failing side; larger is worse.
  var excess = -Double.infinity

  /// Whether a report should rather show this cell: by verdict, then by distance from the bar.
  func isWorse(than other: CellJudgement) -> Bool {
    let ranks: [CriterionVerdict: Int] = [.fail: 3, .missing: 2, .inconclusive: 1, .pass: 0]
    let (mine, theirs) = (ranks[verdict, default: 0], ranks[other.verdict, default: 0])
    return mine == theirs ? excess > other.excess : mine > theirs
  }

  /// The judgement as a finding on an arm.
  func finding(arm: String, worst: Finding.WorstCell?) -> Finding {
    Finding(
      verdict: verdict, reason: reason, figure: figure, interval: interval, count: count,
      reference: reference, arm: arm, worst: worst, cells: cells, missing: missing)
  }
}

/// Judges criteria in cells.
struct CellJudge {
  var collector: SampleCollector
  var experiment: String

  /// The unit of a criterion's metric; histograms are read in seconds.
  func metricUnit(of criterion: Criterion) -> String {
    let unit = collector.index.metrics[criterion.metric]?.unit ?? "1"
    return unit == "histogram" ? "s" : unit
  }

  /// The unit of a criterion's figure.
  func unit(of criterion: Criterion) -> String {
    switch criterion.bar {
    case .atLeastTimes, .atMostTimes, .equalsTimes, .withinTimes: "×"
    case .atLeast, .atMost, .equals, .within, .matches, .atLeastPlus, .atMostPlus:
      metricUnit(of: criterion)
    }
  }

  /// Judges the values of an arm in some cells together.
  func judge(_ criterion: Criterion, arm: String, cells: [RecordedCell]) -> CellJudgement {
    let sample = collector.sample(
      metric: criterion.metric, arm: arm, cells: cells, statistic: criterion.statistic)
    var judgement: CellJudgement
    if let absent = absence(sample, metric: criterion.metric, arm: arm) {
      judgement = absent
    } else {
      do {
        judgement = try judge(criterion, sample: sample, arm: arm, cells: cells)
      } catch {
        judgement = CellJudgement(verdict: .inconclusive, reason: "no figure: \(error)")
      }
    }
    judgement.cells = cells.count
    return judgement
  }

  private func absence(_ sample: Sample, metric: String, arm: String) -> CellJudgement? {
    guard sample.missing > 0 else { return nil }
    return CellJudgement(
      verdict: .missing, reason: sample.absence(of: metric, arm: arm), count: sample.values.count,
      missing: sample.missing)
  }

  private func judge(
    _ criterion: Criterion, sample: Sample, arm: String, cells: [RecordedCell]
  ) throws(StatisticsError) -> CellJudgement {
    switch criterion.bar {
    case .atLeast(let bound): try compare(criterion, sample, cells, .atLeast(bound))
    case .atMost(let bound): try compare(criterion, sample, cells, .atMost(bound))
    case .equals(let value): try compare(criterion, sample, cells, .exactly(value))
    case .within(let bound): try compare(criterion, sample, cells, .within(bound, of: 0))
    case .matches(let metric, let standardErrors):
      try match(criterion, sample, arm: arm, cells, to: metric, within: standardErrors)
    case .atLeastTimes(let factor, let other):
      try compare(criterion, sample, cells, by: .ratio, to: other, .atLeast(factor))
    case .atMostTimes(let factor, let other):
      try compare(criterion, sample, cells, by: .ratio, to: other, .atMost(factor))
    case .equalsTimes(let factor, let other) where standsAlone(criterion):
      equate(criterion, sample, cells, with: other, factor)
    case .equalsTimes(let factor, let other):
      try compare(criterion, sample, cells, by: .ratio, to: other, .exactly(factor))
    case .withinTimes(let share, let other):
      try compare(criterion, sample, cells, by: .ratio, to: other, .within(share, of: 1))
    case .atLeastPlus(let offset, let other):
      try compare(criterion, sample, cells, by: .difference, to: other, .atLeast(offset))
    case .atMostPlus(let offset, let other):
      try compare(criterion, sample, cells, by: .difference, to: other, .atMost(offset))
    }
  }

  private func compare(
    _ criterion: Criterion, _ sample: Sample, _ cells: [RecordedCell], _ bounds: Bounds
  ) throws(StatisticsError) -> CellJudgement {
    let estimate = try estimate(criterion, sample, cells)
    return judgement(of: estimate, bounds)
  }

  private func judgement(of estimate: Estimate, _ bounds: Bounds) -> CellJudgement {
    let (verdict, reason) = bounds.verdict(of: estimate)
    return CellJudgement(
      verdict: verdict, reason: reason, figure: estimate.figure.isFinite ? estimate.figure : nil,
      interval: estimate.interval, count: estimate.count, excess: bounds.excess(of: estimate.figure)
    )
  }

  /// Whether the mean difference to another metric of the same trials is small against its error.
  private func match(
    _ criterion: Criterion, _ sample: Sample, arm: String, _ cells: [RecordedCell],
    to metric: String, within standardErrors: Double
  ) throws(StatisticsError) -> CellJudgement {
    let other = collector.sample(
      metric: metric, arm: arm, cells: cells, statistic: criterion.statistic)
    if let absent = absence(other, metric: metric, arm: arm) { return absent }
    guard let pairs = Self.pairs(sample, other), !pairs.left.isEmpty else {
      return CellJudgement(
        verdict: .missing, reason: "\(criterion.metric) and \(metric) are not of the same trials")
    }
    let unit = metricUnit(of: criterion)
    let moments = RunningMoments(of: zip(pairs.left, pairs.right).map { $0 - $1 })
    let (mine, theirs) = (RunningMoments(of: pairs.left), RunningMoments(of: pairs.right))
    var judgement = CellJudgement(
      verdict: .inconclusive, reason: "one repetition gives no standard error", figure: mine.mean,
      reference: theirs.mean, count: mine.count)
    if mine.count > 1, mine.populationVariance > 0 {
      let interval = try StudentT.meanInterval(pairs.left, confidence: Estimate.confidence)
      judgement.interval = interval.low...interval.high
    }
    guard let deviation = moments.standardDeviation else {
      guard standsAlone(criterion), standsAlone(metric) else { return judgement }
      return judge(difference: moments.mean, error: 0, standardErrors, unit, into: judgement)
    }
    let error = deviation / Double(moments.count).squareRoot()
    return judge(difference: moments.mean, error: error, standardErrors, unit, into: judgement)
  }

  private func judge(
    difference: Double, error: Double, _ standardErrors: Double, _ unit: String,
    into judgement: CellJudgement
  ) -> CellJudgement {
    var judgement = judgement
    // Sums of the same numbers in another order differ in their last digits.
    let rounding = 1e-12 * max(abs(judgement.figure ?? 0), abs(judgement.reference ?? 0))
    let distance = abs(difference)
    let reach = max(standardErrors * error, rounding)
    judgement.excess = error > 0 ? distance / error - standardErrors : distance - reach
    judgement.verdict = distance <= reach ? .pass : .fail
    let name = FigureText.quantity(judgement.reference ?? 0, unit: unit)
    judgement.reason =
      error > rounding
      ? "\(FigureText.number(distance / error)) standard errors from \(name)"
      : distance <= reach ? "equal to \(name)" : "different from \(name), and no spread excuses it"
    return judgement
  }

  /// Whether every exact value is a factor of its partner in another arm; one that is not decides,
  /// however near the means are to each other.
  private func equate(
    _ criterion: Criterion, _ sample: Sample, _ cells: [RecordedCell], with arm: String,
    _ factor: Double
  ) -> CellJudgement {
    let other = collector.sample(
      metric: criterion.metric, arm: arm, cells: cells, statistic: criterion.statistic)
    if let absent = absence(other, metric: criterion.metric, arm: arm) { return absent }
    guard let pairs = Self.pairs(sample, other), !pairs.left.isEmpty else {
      return CellJudgement(
        verdict: .missing, reason: "the arms did not run the same cells and repetitions")
    }
    let different = zip(pairs.left, pairs.right).filter { $0 != factor * $1 }
    let worst = different.map { $0.0 / $0.1 }.max { abs($0 - factor) < abs($1 - factor) }
    guard let worst else {
      return CellJudgement(
        verdict: .pass, reason: "every value is equal", figure: factor, count: pairs.left.count,
        excess: 0)
    }
    return CellJudgement(
      verdict: .fail,
      reason: "\(different.count) of \(pairs.left.count) values differ; the farthest is shown",
      figure: worst.isFinite ? worst : nil, count: pairs.left.count, excess: abs(worst - factor))
  }

  /// How an arm is set beside another.
  private enum Relation {
    case ratio
    case difference
  }

  /// The ratio to another arm, or the difference from it, in the same cells and repetitions.
  private func compare(
    _ criterion: Criterion, _ sample: Sample, _ cells: [RecordedCell], by relation: Relation,
    to arm: String, _ bounds: Bounds
  ) throws(StatisticsError) -> CellJudgement {
    let other = collector.sample(
      metric: criterion.metric, arm: arm, cells: cells, statistic: criterion.statistic)
    if let absent = absence(other, metric: criterion.metric, arm: arm) { return absent }
    if sample.histogram != nil || other.histogram != nil {
      let (mine, theirs) = (
        try estimate(criterion, sample, cells), try estimate(criterion, other, cells)
      )
      let doubt = mine.doubt ?? theirs.doubt
      guard doubt == nil, relation == .difference || theirs.figure > 0 else {
        return CellJudgement(
          verdict: .inconclusive, reason: doubt ?? "the figure of arm \(arm) is not above 0")
      }
      let figure =
        relation == .ratio ? mine.figure / theirs.figure : mine.figure - theirs.figure
      return judgement(of: Estimate(exactly: figure, count: mine.count), bounds)
    }
    guard let pairs = Self.pairs(sample, other), !pairs.left.isEmpty else {
      return CellJudgement(
        verdict: .missing, reason: "the arms did not run the same cells and repetitions")
    }
    let estimate =
      relation == .ratio
      ? try Estimate(
        ratioOf: pairs.left, to: pairs.right, statistic: criterion.statistic,
        standsAlone: standsAlone(criterion), seed: seed(criterion, cells))
      : try Estimate(
        differenceOf: pairs.left, and: pairs.right, statistic: criterion.statistic,
        standsAlone: standsAlone(criterion), seed: seed(criterion, cells))
    return judgement(of: estimate, bounds)
  }

  private func estimate(
    _ criterion: Criterion, _ sample: Sample, _ cells: [RecordedCell]
  ) throws(StatisticsError) -> Estimate {
    guard let histogram = sample.histogram else {
      return try Estimate(
        sample.numbers, statistic: criterion.statistic, standsAlone: standsAlone(criterion),
        seed: seed(criterion, cells))
    }
    var estimate = Estimate(exactly: .nan, count: sample.pooled)
    guard case .quantile(let share) = criterion.statistic else {
      estimate.doubt = "a histogram is judged by a quantile, not by its \(criterion.statistic.text)"
      return estimate
    }
    do {
      estimate.figure = Double(try histogram.quantile(share)) / 1e9
    } catch {
      estimate.doubt = "the pooled histogram has no quantile: \(error)"
    }
    return estimate
  }

  /// The values of two samples that belong together; `nil` when one has a trial that the other
  /// lacks.
  private static func pairs(_ left: Sample, _ right: Sample) -> (left: [Double], right: [Double])? {
    guard left.values.count == right.values.count else { return nil }
    let partners = Dictionary(
      right.values.map { ($0.place, $0.value) }, uniquingKeysWith: { first, _ in first })
    var matched: [Double] = []
    for entry in left.values {
      guard let partner = partners[entry.place] else { return nil }
      matched.append(partner)
    }
    return (left.numbers, matched)
  }

  private func standsAlone(_ criterion: Criterion) -> Bool { standsAlone(criterion.metric) }

  private func standsAlone(_ metric: String) -> Bool {
    switch collector.index.metrics[metric]?.metricClass {
    case .exact, .counted: true
    case .sampled, .timed, .ceiling, nil: false
    }
  }

  private func seed(_ criterion: Criterion, _ cells: [RecordedCell]) -> Seed {
    cells.reduce(Seed(0).child("judge").child(experiment).child(criterion.id)) {
      $0.child($1.id)
    }
  }
}
