import LabCore
import LabGate
import LabManifest
import LabRecord
import Statistics
import Testing

@Suite struct StatisticTests {
  private let seed = Seed(20)

  private func normal(_ mean: Double, _ deviation: Double, count: Int, key: Int) -> [Double] {
    var stream = seed.child(key).stream()
    return (0..<count).map { _ in
      // Irwin and Hall: twelve uniforms have variance 1.
      mean + deviation * ((0..<12).reduce(0) { sum, _ in sum + stream.unit() } - 6)
    }
  }

  private func trials(_ literal: [Double], _ corrected: [Double]) -> Trials {
    var trials = Trials()
    trials.cell("a")
    trials.measure(arm: "literal", literal)
    trials.measure(arm: "corrected", corrected)
    return trials
  }

  @Test func `the smallest and the largest value decide without an interval`() {
    let trials = trials([1, 2, 3], [7, 8, 9])
    let smallest = trials.judge(.sample(.atMost(1), statistic: .minimum))
    #expect(smallest.verdict == .pass)
    #expect(smallest.subject.interval == nil)
    #expect(trials.judge(.sample(.atMost(2.5), statistic: .maximum)).subject.verdict == .fail)
  }

  @Test func `a share of ones has Wilson's interval, also where all values are equal`() throws {
    let found = trials([Double](repeating: 1, count: 200), [Double](repeating: 0, count: 200))
    let outcome = found.judge(.sample(.atLeast(0.9), statistic: .share))
    #expect(outcome.verdict == .pass)
    let expected = try Wilson.interval(successes: 200, trials: 200)
    #expect(outcome.subject.interval == expected.low...expected.high)
    // Ten of ten are no proof, and other numbers than 0 and 1 are no share.
    let few = trials([Double](repeating: 1, count: 10), [Double](repeating: 0, count: 10))
    #expect(few.judge(.sample(.atLeast(0.9), statistic: .share)).verdict == .inconclusive)
    let halves = trials([1, 0, 0.5], [0, 0, 0]).judge(.sample(.atLeast(0.1), statistic: .share))
    #expect(halves.verdict == .inconclusive)
    #expect(halves.reason.contains("neither 0 nor 1"))
  }

  @Test func `a median has a bootstrap interval that one seed fixes`() {
    let trials = trials(
      normal(10, 1, count: 40, key: 1), normal(20, 1, count: 40, key: 2))
    let criterion = Criterion.sample(.atMost(12), statistic: .median)
    let outcome = trials.judge(criterion)
    #expect(outcome.verdict == .pass)
    #expect(outcome.subject.interval != nil)
    #expect(outcome == trials.judge(criterion))
  }

  @Test func `five values are too few for a bootstrap interval`() {
    let outcome = trials([1, 2, 3, 4, 5], [9, 9, 9, 9, 9])
      .judge(.sample(.atMost(6), statistic: .median))
    #expect(outcome.verdict == .inconclusive)
    #expect(outcome.reason.contains("too few for a bootstrap"))
  }

  @Test func `a ratio is taken over the same cells and repetitions`() {
    var trials = Trials()
    trials.cell("a")
    let base = normal(10, 3, count: 12, key: 3)
    trials.measure(arm: "base", base)
    trials.measure(arm: "literal", base.map { $0 * 2 })
    trials.measure(arm: "corrected", base.map { $0 * 1.1 })
    let outcome = trials.judge(.sample(.atLeastTimes(1.9, arm: "base")))
    #expect(outcome.verdict == .pass)
    #expect(abs((outcome.subject.figure ?? 0) - 2) < 1e-12)
    // The arms vary by a third, their ratio not at all: only pairing sees that.
    #expect(outcome.unit == "×")
    #expect(outcome.bar == "≥ 1.9 × base")
    #expect(trials.judge(.sample(.atMostTimes(1.9, arm: "base"))).subject.verdict == .fail)
  }

  @Test func `a bar on both sides refuses what is off on either, and what cannot be told`() {
    func verdict(mean: Double, deviation: Double) -> CriterionVerdict {
      let values = normal(mean, deviation, count: 12, key: 5)
      return trials(values, values).judge(.sample(.within(1))).subject.verdict
    }
    #expect(verdict(mean: 0.2, deviation: 0.3) == .pass)
    #expect(verdict(mean: -0.2, deviation: 0.3) == .pass)
    #expect(verdict(mean: 2, deviation: 0.3) == .fail)
    #expect(verdict(mean: -2, deviation: 0.3) == .fail)
    // Centred, and too wide to be within it.
    #expect(verdict(mean: 0, deviation: 6) == .inconclusive)
  }

  @Test func `a ratio within a share of one may be neither above nor below`() {
    func outcome(_ factor: Double) -> CriterionOutcome {
      var trials = Trials()
      trials.cell("a")
      let base = normal(10, 3, count: 12, key: 3)
      trials.measure(arm: "base", base)
      trials.measure(arm: "literal", base.map { $0 * factor })
      return trials.judge(.sample(.withinTimes(0.1, arm: "base")))
    }
    #expect(outcome(1.05).subject.verdict == .pass)
    #expect(outcome(0.95).subject.verdict == .pass)
    #expect(outcome(1.2).subject.verdict == .fail)
    #expect(outcome(0.8).subject.verdict == .fail)
    #expect(outcome(1).bar == "1 ± 0.1 × base")
  }

  @Test func `an equal ratio of exact values passes and one unit of difference fails`() {
    var trials = Trials()
    trials.cell("a")
    let base = (0..<6).map { Double(1 << 52 - $0 * 7) }
    trials.measure(arm: "base", base, metricClass: .exact)
    trials.measure(arm: "literal", base, metricClass: .exact)
    let same = trials.judge(.sample(.equalsTimes(1, arm: "base")))
    #expect(same.subject.verdict == .pass)
    #expect(same.bar == "= 1 × base")
    trials = Trials()
    trials.cell("a")
    trials.measure(arm: "base", base, metricClass: .exact)
    // The others are the same and their mean hides the difference.
    trials.measure(
      arm: "literal", base.enumerated().map { $0 == 3 ? $1 + 1 : $1 }, metricClass: .exact)
    let other = trials.judge(.sample(.equalsTimes(1, arm: "base"))).subject
    #expect(other.verdict == .fail)
    #expect(other.reason == "1 of 6 values differ; the farthest is shown")
  }

  @Test func `a difference is taken over the same cells and repetitions`() throws {
    var trials = Trials()
    trials.cell("a")
    let base = normal(-140, 30, count: 12, key: 8)
    trials.measure(arm: "base", base)
    trials.measure(arm: "literal", base.enumerated().map { $1 - ($0 % 2 == 0 ? 9 : 11) })
    trials.measure(arm: "corrected", base.map { $0 - 40 })
    let outcome = trials.judge(.sample(.atLeastPlus(-15, arm: "base")))
    #expect(outcome.verdict == .pass)
    #expect(abs((outcome.subject.figure ?? 0) + 10) < 1e-9)
    // Six differences of −9 and six of −11: the deviation is √(12/11).
    let reach = 2.200985160 / 11.0.squareRoot()
    let interval = try #require(outcome.subject.interval)
    #expect(abs(interval.lowerBound + 10 + reach) < 1e-6)
    #expect(abs(interval.upperBound + 10 - reach) < 1e-6)
    #expect(outcome.bar == "≥ base − 15")
    #expect(
      trials.judge(.sample(.atLeastPlus(-5, arm: "base"))).subject.verdict == .fail)
    #expect(trials.judge(.sample(.atMostPlus(-5, arm: "base"))).subject.verdict == .pass)
    #expect(trials.judge(.sample(.atMostPlus(-10, arm: "base"))).verdict == .inconclusive)
  }

  @Test func `an interquartile mean does not see one run that failed`() throws {
    let sound = normal(490, 3, count: 11, key: 9)
    let trials = trials(sound + [9], normal(300, 3, count: 12, key: 10))
    let criterion = Criterion.sample(.atLeast(475), statistic: .interquartileMean)
    let outcome = trials.judge(criterion)
    #expect(outcome.verdict == .pass)
    #expect(outcome.subject.interval != nil)
    #expect(trials.judge(.sample(.atLeast(475))).verdict != .pass)
  }

  @Test func `a ratio to zero is inconclusive`() {
    var trials = trials(Array(repeating: 1, count: 8), Array(repeating: 0, count: 8))
    trials.measure(arm: "base", Array(repeating: 0, count: 8))
    let outcome = trials.judge(.sample(.atLeastTimes(5, arm: "base")))
    #expect(outcome.verdict == .inconclusive)
    #expect(outcome.subject.figure == nil)
    #expect(outcome.reason.contains("not above 0"))
  }

  @Test func `a ratio to an arm that did not run is missing`() {
    let outcome = trials([1, 1], [1, 1]).judge(.sample(.atLeastTimes(5, arm: "base")))
    #expect(outcome.verdict == .missing)
  }

  @Test func `a metric matches its formula within standard errors`() {
    var trials = Trials()
    trials.cell("a")
    let values = normal(5, 1, count: 50, key: 4)
    trials.measure("share", arm: "literal", values)
    trials.measure("formula", arm: "literal", Array(repeating: 5, count: 50))
    trials.measure("share", arm: "corrected", values.map { $0 * 1.2 })
    trials.measure("formula", arm: "corrected", Array(repeating: 5, count: 50))
    let outcome = trials.judge(.sample(.matches(metric: "formula", standardErrors: 3)))
    #expect(outcome.verdict == .pass, "\(outcome.reason)")
    #expect(outcome.control.verdict == .fail)
    #expect(outcome.subject.reference == 5)
    #expect(outcome.subject.interval != nil)
    #expect(outcome.reason.contains("standard errors from 5"))
  }

  @Test func `two metrics that are equal without spread match and others do not`() {
    var trials = Trials()
    trials.cell("a")
    trials.measure("share", arm: "literal", [0.1, 0.1, 0.1])
    trials.measure("formula", arm: "literal", [0.1, 0.1, 0.1])
    trials.measure("share", arm: "corrected", [0.2, 0.2, 0.2])
    trials.measure("formula", arm: "corrected", [0.1, 0.1, 0.1])
    let outcome = trials.judge(.sample(.matches(metric: "formula", standardErrors: 3)))
    #expect(outcome.verdict == .pass)
    #expect(outcome.control.reason.contains("no spread excuses it"))
  }

  @Test func `one repetition of sampled metrics matches nothing`() {
    var trials = Trials()
    trials.cell("a")
    trials.measure("share", arm: "literal", [0.1])
    trials.measure("formula", arm: "literal", [0.1])
    let outcome = trials.judge(.sample(.matches(metric: "formula", standardErrors: 3)))
    #expect(outcome.verdict == .inconclusive)
    #expect(outcome.reason == "one repetition gives no standard error")
  }

  @Test func `a formula that was not measured is missing`() {
    let outcome = trials([1, 2, 3], [1, 2, 3])
      .judge(.sample(.matches(metric: "formula", standardErrors: 3)))
    #expect(outcome.verdict == .missing)
    #expect(outcome.reason.contains("values of formula"))
  }

  @Test func `a mean that is off by a tenth is caught in nearly every record`() {
    var caught = 0
    var alarms = 0
    for key in 0..<200 {
      let right = normal(5, 1, count: 40, key: 1_000 + key)
      var trials = Trials()
      trials.cell("a")
      trials.measure("share", arm: "literal", right)
      trials.measure("formula", arm: "literal", right.map { _ in 5 })
      trials.measure("share", arm: "corrected", right.map { $0 + 1 })
      trials.measure("formula", arm: "corrected", right.map { _ in 5 })
      let outcome = trials.judge(.sample(.matches(metric: "formula", standardErrors: 3)))
      alarms += outcome.subject.verdict == .fail ? 1 : 0
      caught += outcome.control.verdict == .fail ? 1 : 0
    }
    #expect(alarms <= 4, "\(alarms) of 200 sound records failed")
    #expect(caught >= 195, "only \(caught) of 200 planted faults were caught")
  }

  @Test func `histograms are pooled before their quantile is read in seconds`() throws {
    var trials = Trials()
    trials.cell("a")
    for (arm, delay) in [("literal", 1_000_000), ("corrected", 80_000_000)] as [(String, Int64)] {
      for repetition in 0..<3 {
        var histogram = LatencyHistogram()
        for step in 1...100 as ClosedRange<Int64> { try histogram.record(delay * step / 10) }
        trials.rows.append(
          Trials.row(
            "share", arm, "a", repetition, .histogram(histogram.text), .sampled, "histogram", .ok))
      }
    }
    let outcome = trials.judge(.sample(.atMost(0.0095), statistic: .quantile(0.9)))
    #expect(outcome.verdict == .pass)
    #expect(outcome.unit == "s")
    #expect(abs((outcome.subject.figure ?? 0) - 0.009) < 1e-5)
    #expect(outcome.subject.count == 3)
    #expect(outcome.bar == "≤ 9.5 ms")
    let mean = trials.judge(.sample(.atMost(1)))
    #expect(mean.verdict == .inconclusive)
    #expect(mean.reason.contains("judged by a quantile"))
  }

  @Test func `a histogram that cannot be read is missing`() {
    var trials = Trials()
    trials.cell("a")
    trials.rows.append(
      Trials.row("share", "literal", "a", 0, .histogram("lh1 9"), .sampled, "histogram", .ok))
    let outcome = trials.judge(.sample(.atMost(1), statistic: .quantile(0.5)))
    #expect(outcome.verdict == .missing)
    #expect(outcome.reason.contains("1 unreadable"))
  }

  @Test func `a fingerprint is no number`() {
    var trials = Trials()
    trials.cell("a")
    trials.rows.append(Trials.row("share", "literal", "a", 0, .hash(7), .exact, "hash", .ok))
    #expect(trials.judge(.sample(.equals(7))).verdict == .missing)
  }
}
