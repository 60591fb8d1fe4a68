import LabCore
import Statistics
import Testing

@Suite struct WilsonTests {
  @Test func `intervals are those of SciPy`() throws {
    for entry in try SciPyFigures.load().wilson {
      let interval = try Wilson.interval(
        successes: entry.successes, trials: entry.trials, confidence: entry.confidence)
      #expect(agree(interval.low, entry.low, within: 1e-10, absolute: 1e-12))
      #expect(agree(interval.high, entry.high))
      #expect(interval.contains(Double(entry.successes) / Double(entry.trials)))
    }
  }

  @Test func `impossible counts and confidences are errors`() {
    #expect(throws: StatisticsError.self) { try Wilson.interval(successes: 0, trials: 0) }
    #expect(throws: StatisticsError.self) { try Wilson.interval(successes: 3, trials: 2) }
    #expect(throws: StatisticsError.self) { try Wilson.interval(successes: -1, trials: 2) }
    for confidence in [0, 1, 1.5, .nan] {
      #expect(throws: StatisticsError.self) {
        try Wilson.interval(successes: 1, trials: 2, confidence: confidence)
      }
    }
  }
}

@Suite struct HolmTests {
  @Test func `the values are adjusted in the order given`() throws {
    // By hand: 4 × 0.005, then 3 × 0.01, then 2 × 0.03; the last may not fall below the one before.
    let adjusted = try Holm.adjusted([0.01, 0.04, 0.03, 0.005])
    for (found, expected) in zip(adjusted, [0.03, 0.06, 0.06, 0.02]) {
      #expect(agree(found, expected))
    }
  }

  @Test func `values stop at one, ties stay ties and none gives none`() throws {
    #expect(try Holm.adjusted([0.9, 0.6]) == [1, 1])
    #expect(try Holm.adjusted([0.02, 0.02]) == [0.04, 0.04])
    #expect(try Holm.adjusted([0.3]) == [0.3])
    #expect(try Holm.adjusted([]) == [])
  }

  @Test func `numbers that are no probabilities are errors`() {
    for value in [-0.01, 1.01, .nan] {
      #expect(throws: StatisticsError.self) { try Holm.adjusted([0.5, value]) }
    }
  }
}

@Suite struct StudentTTests {
  @Test func `quantiles and mean intervals are those of SciPy`() throws {
    let figures = try SciPyFigures.load()
    for entry in figures.studentQuantiles {
      let law = try StudentT(degreesOfFreedom: entry.freedom)
      #expect(agree(try law.quantile(entry.probability), entry.quantile, within: 1e-9))
      #expect(agree(try law.cumulative(entry.quantile), entry.probability, within: 1e-9))
    }
    for entry in figures.studentIntervals {
      let interval = try StudentT.meanInterval(entry.sample, confidence: entry.confidence)
      #expect(agree(interval.low, entry.low, within: 1e-9))
      #expect(agree(interval.high, entry.high, within: 1e-9))
    }
  }

  @Test func `impossible freedoms, samples and probabilities are errors`() throws {
    for freedom in [0, -1, .nan, .infinity] {
      #expect(throws: StatisticsError.self) { try StudentT(degreesOfFreedom: freedom) }
    }
    let law = try StudentT(degreesOfFreedom: 3)
    #expect(throws: StatisticsError.self) { try law.quantile(1.1) }
    #expect(throws: StatisticsError.self) { try law.cumulative(.nan) }
    #expect(try law.cumulative(.infinity) == 1)
    #expect(try law.quantile(1) == .infinity)
    #expect(throws: StatisticsError.tooFewValues(count: 1, needed: 2)) {
      try StudentT.meanInterval([1])
    }
    #expect(throws: StatisticsError.self) { try StudentT.meanInterval([1, .infinity]) }
  }
}

@Suite struct LogLogSlopeTests {
  @Test func `slope, intercept and interval are those of SciPy`() throws {
    for entry in try SciPyFigures.load().slopes {
      let line = try LogLogSlope(x: entry.x, y: entry.y)
      #expect(agree(line.slope.estimate, entry.slope, within: 1e-9))
      #expect(agree(line.intercept, entry.intercept, within: 1e-9))
      #expect(agree(line.standardError, entry.standardError, within: 1e-8))
      #expect(agree(line.determination, entry.determination, within: 1e-9))
      #expect(agree(line.slope.low, entry.low, within: 1e-8))
      #expect(agree(line.slope.high, entry.high, within: 1e-8))
    }
  }

  @Test func `a pure power law gives its exponent`() throws {
    let x = [1.0, 2, 4, 8, 16]
    let line = try LogLogSlope(x: x, y: x.map { 3 * $0 * $0 })
    #expect(agree(line.slope.estimate, 2))
    #expect(line.slope.high - line.slope.low < 1e-12)
    #expect(try LogLogSlope(x: x, y: [5, 5, 5, 5, 5]).determination == 1)
  }

  @Test func `a slope a tenth beside the truth lies outside the interval`() throws {
    var random = Seed(21).stream()
    let x = (1...60).map { Double($0 * $0) }
    let y = x.map { $0 * (random.standardNormal() * 0.05 + 1) }
    let line = try LogLogSlope(x: x, y: y)
    #expect(line.slope.contains(1))
    #expect(!line.slope.contains(1.1))
    #expect(!line.slope.contains(0.9))
  }

  @Test func `points that make no line are errors`() {
    #expect(throws: StatisticsError.unequalLengths(3, 2)) {
      try LogLogSlope(x: [1, 2, 3], y: [1, 2])
    }
    #expect(throws: StatisticsError.tooFewValues(count: 2, needed: 3)) {
      try LogLogSlope(x: [1, 2], y: [1, 2])
    }
    #expect(throws: StatisticsError.self) { try LogLogSlope(x: [1, 0, 3], y: [1, 2, 3]) }
    #expect(throws: StatisticsError.self) { try LogLogSlope(x: [1, 2, 3], y: [1, -2, 3]) }
    #expect(throws: StatisticsError.self) { try LogLogSlope(x: [1, 2, .nan], y: [1, 2, 3]) }
    #expect(throws: StatisticsError.degenerate(reason: "all x are equal")) {
      try LogLogSlope(x: [2, 2, 2], y: [1, 2, 3])
    }
  }
}
