import LabCore
import Testing

@testable import Statistics

@Suite struct BootstrapTests {
  let figures: SciPyFigures

  init() throws { figures = try SciPyFigures.load() }

  private func mean(_ values: [Double]) -> Double {
    var sum = 0.0
    for value in values { sum += value }
    return sum / Double(values.count)
  }

  private func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let half = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? (sorted[half - 1] + sorted[half]) / 2 : sorted[half]
  }

  /// The variance with divisor n, which is too small on average and so has a bias to correct.
  private func variance(_ values: [Double]) -> Double {
    RunningMoments(of: values).populationVariance
  }

  /// Whether the ends are SciPy's up to the scatter of the replicates.
  private func isNear(_ interval: ConfidenceInterval, _ expected: [Double]) -> Bool {
    let slack = 0.05 * (expected[1] - expected[0])
    return abs(interval.low - expected[0]) < slack && abs(interval.high - expected[1]) < slack
  }

  @Test func `intervals are near those of SciPy`() throws {
    for entry in figures.bootstrap {
      let known = ["mean": mean, "median": median, "variance": variance]
      let statistic = try #require(known[entry.statistic])
      let percentile = Bootstrap(.percentile, replicates: 10_000, seed: Seed(1))
      #expect(isNear(try percentile.interval(entry.sample, of: statistic), entry.percentile))
      let corrected = Bootstrap(.biasCorrected, replicates: 10_000, seed: Seed(2))
      #expect(isNear(try corrected.interval(entry.sample, of: statistic), entry.BCa))
    }
  }

  @Test func `the corrected probabilities are those of the textbook's example`() throws {
    // Efron and Tibshirani, section 14.3: acceleration 0.061 and bias 0.146 turn 5 % and 95 % into
    // 11.0 % and 98.5 %.
    let low = try Bootstrap.corrected(0.05, bias: 0.146, acceleration: 0.061)
    let high = try Bootstrap.corrected(0.95, bias: 0.146, acceleration: 0.061)
    #expect(abs(low - 0.110) < 0.0005)
    #expect(abs(high - 0.985) < 0.0006)
    #expect(agree(try Bootstrap.corrected(0.05, bias: 0, acceleration: 0), 0.05))
    #expect(throws: StatisticsError.self) {
      try Bootstrap.corrected(0.95, bias: 2, acceleration: 0.5)
    }
  }

  @Test func `paired and stratified intervals are near those of SciPy`() throws {
    for kind in [Bootstrap.Kind.percentile, .biasCorrected] {
      let bootstrap = Bootstrap(kind, replicates: 10_000, seed: Seed(3))
      let pairs = figures.paired
      let paired = try bootstrap.pairedInterval(pairs.left, pairs.right) { mean($0) - mean($1) }
      #expect(isNear(paired, kind == .percentile ? pairs.percentile : pairs.BCa))
      let strata = figures.strata
      let stratified = try bootstrap.stratifiedInterval([strata.left, strata.right]) {
        mean($0[0]) - mean($0[1])
      }
      #expect(isNear(stratified, kind == .percentile ? strata.percentile : strata.BCa))
    }
  }

  @Test func `pairs that move together give a narrower interval than when torn apart`() throws {
    let pairs = figures.paired
    let bootstrap = Bootstrap(.percentile, replicates: 1_000, seed: Seed(4))
    let paired = try bootstrap.pairedInterval(pairs.left, pairs.right) { mean($0) - mean($1) }
    let apart = try bootstrap.stratifiedInterval([pairs.left, pairs.right]) {
      mean($0[0]) - mean($0[1])
    }
    #expect(paired.high - paired.low < 0.7 * (apart.high - apart.low))
  }

  @Test func `one seed gives one interval, and another seed another`() throws {
    let sample = figures.bootstrap[0].sample
    let first = try Bootstrap(replicates: 500, seed: Seed(5)).interval(sample, of: mean)
    let again = try Bootstrap(replicates: 500, seed: Seed(5)).interval(sample, of: mean)
    let other = try Bootstrap(replicates: 500, seed: Seed(6)).interval(sample, of: mean)
    #expect(first == again)
    #expect(first != other)
  }

  @Test func `intervals for a mean cover the truth about as often as they say`() throws {
    var random = Seed(7).stream()
    var (covered, coveredBeside) = (0, 0)
    for trial in 0..<150 {
      let sample = (0..<40).map { _ in random.standardNormal() }
      let interval = try Bootstrap(replicates: 300, confidence: 0.9, seed: Seed(8).child(trial))
        .interval(sample, of: mean)
      if interval.contains(0) { covered += 1 }
      if interval.contains(0.6) { coveredBeside += 1 }
    }
    #expect((118...150).contains(covered))
    #expect(coveredBeside < 20)
  }

  @Test func `a sample without spread gives a single point`() throws {
    let interval = try Bootstrap(replicates: 200, seed: Seed(9)).interval([4, 4, 4], of: mean)
    #expect(interval.low == 4 && interval.high == 4 && interval.estimate == 4)
  }

  @Test func `a statistic whose replicates lie on one side cannot be corrected`() {
    // The estimate sees every index once, which no resample of eighty values does.
    let sample = (0..<80).map(Double.init)
    #expect(throws: StatisticsError.self) {
      try Bootstrap(replicates: 200, seed: Seed(10)).interval(sample) { Double(Set($0).count) }
    }
  }

  @Test func `impossible samples, statistics and settings are errors`() {
    let bootstrap = Bootstrap(replicates: 200, seed: Seed(11))
    #expect(throws: StatisticsError.tooFewValues(count: 1, needed: 2)) {
      try bootstrap.interval([1], of: mean)
    }
    #expect(throws: StatisticsError.self) { try bootstrap.interval([1, .nan], of: mean) }
    #expect(throws: StatisticsError.self) { try bootstrap.interval([1, 2]) { _ in .nan } }
    #expect(throws: StatisticsError.self) { try bootstrap.interval([1, 2]) { 1 / ($0[0] - 1) } }
    #expect(throws: StatisticsError.unequalLengths(2, 3)) {
      try bootstrap.pairedInterval([1, 2], [1, 2, 3]) { left, _ in left[0] }
    }
    #expect(throws: StatisticsError.self) { try bootstrap.stratifiedInterval([]) { _ in 0 } }
    #expect(throws: StatisticsError.self) {
      try bootstrap.stratifiedInterval([[1, 2], [3]]) { $0[0][0] }
    }
    for broken in [
      Bootstrap(replicates: 99, seed: Seed(1)), Bootstrap(replicates: .max, seed: Seed(1)),
      Bootstrap(confidence: 1, seed: Seed(1)), Bootstrap(confidence: .nan, seed: Seed(1)),
    ] {
      #expect(throws: StatisticsError.self) { try broken.interval([1, 2], of: mean) }
    }
  }
}
