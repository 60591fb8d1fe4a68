import Glibc
import LabCore
import Statistics
import Testing

@Suite struct BatchMeansTests {
  /// A series around a level whose neighbours resemble each other.
  private func series(
    _ seed: UInt64, count: Int, level: Double, memory: Double = 0.6, start: Double = 0
  ) -> [Double] {
    var random = Seed(seed).stream()
    var state = start
    return (0..<count).map { _ in
      state = memory * state + random.standardNormal()
      return level + state
    }
  }

  @Test func `a decaying start is cut off and the mean is found`() throws {
    let run = series(31, count: 10_000, level: 50, start: 0).enumerated().map { index, value in
      value + 100 * exp(-Double(index) / 150)
    }
    let warmUp = try BatchMeans.warmUp(run)
    #expect((300...2_000).contains(warmUp))
    let result = try BatchMeans(run)
    #expect(result.mean.contains(50))
    #expect(result.discarded >= warmUp && result.discarded < warmUp + 20)
    #expect(result.discarded + result.batchSize * 20 == run.count)
    #expect(!(try StudentT.meanInterval(run)).contains(50), "the warm-up would spoil the mean")
  }

  @Test func `a run in its steady state keeps nearly everything`() throws {
    #expect(try BatchMeans.warmUp(series(32, count: 5_000, level: 3)) < 500)
    #expect(try BatchMeans.warmUp([Double](repeating: 4, count: 100)) == 0)
  }

  @Test func `the cut is the one that a plain search finds`() throws {
    let run = series(33, count: 403, level: 0, start: 40)
    let fives = (0..<80).map { five in run[five * 5..<five * 5 + 5].reduce(0, +) / 5 }
    let errors = (0...75).map { cut in
      let rest = fives[cut...]
      let mean = rest.reduce(0, +) / Double(rest.count)
      let squares = rest.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return squares / Double(rest.count * rest.count)
    }
    let least = try #require(errors.indices.min { errors[$0] < errors[$1] })
    #expect(try BatchMeans.warmUp(run) == least * 5)
  }

  @Test func `a run that never settles is an error`() {
    let run = (0..<1_000).map { index in index < 800 ? Double(index) : 800 }
    #expect(throws: StatisticsError.noSteadyState(observations: 1_000)) {
      try BatchMeans.warmUp(run)
    }
    #expect(throws: StatisticsError.noSteadyState(observations: 1_000)) { try BatchMeans(run) }
  }

  @Test func `intervals cover the true mean about as often as they say`() throws {
    var covered = 0
    var coveredBeside = 0
    for seed in 0..<200 {
      let result = try BatchMeans(
        series(UInt64(1_000 + seed), count: 2_000, level: 10, memory: 0.3))
      if result.mean.contains(10) { covered += 1 }
      if result.mean.contains(10.5) { coveredBeside += 1 }
    }
    #expect((175...200).contains(covered))
    #expect(coveredBeside < 5)
  }

  @Test func `batches that are too short show in their correlation`() throws {
    let slow = try BatchMeans(series(35, count: 3_000, level: 0, memory: 0.99), batchCount: 30)
    let quick = try BatchMeans(series(36, count: 20_000, level: 0, memory: 0.3), batchCount: 30)
    #expect(slow.neighbourCorrelation > 0.37)
    #expect(quick.neighbourCorrelation < 0.37)
  }

  @Test func `short runs, NaN and impossible counts are errors`() {
    #expect(throws: StatisticsError.tooFewValues(count: 49, needed: 50)) {
      try BatchMeans.warmUp([Double](repeating: 1, count: 49))
    }
    #expect(throws: StatisticsError.tooFewValues(count: 100, needed: 200)) {
      try BatchMeans([Double](repeating: 1, count: 100))
    }
    #expect(throws: StatisticsError.self) {
      try BatchMeans([Double](repeating: 1, count: 400) + [.nan])
    }
    #expect(throws: StatisticsError.self) { try BatchMeans([1, 2], batchCount: 1) }
    #expect(throws: StatisticsError.self) { try BatchMeans([1, 2], batchCount: .max) }
  }
}
