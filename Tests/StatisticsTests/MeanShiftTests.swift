import LabCore
import Statistics
import Testing

@Suite struct MeanShiftTests {
  @Test func `the p-value of differences is Student's`() throws {
    // scipy.stats.ttest_1samp([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0, alternative="greater").pvalue
    let shift = try MeanShift(differences: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    #expect(shift.estimate == 5.5)
    #expect(abs(shift.standardError - 0.957_427_107_756_338_1) < 1e-12)
    // The t value 5.744563 has a tail of 0.000139 with 9 degrees of freedom; ten signs give 1/1024.
    #expect(try shift.pValue(.greater) == 1.0 / 1024)
    #expect(try shift.pValue(.less) > 0.999)
  }

  @Test func `equal differences are as good as their number and no better`() throws {
    let shift = try MeanShift(differences: [Double](repeating: 1e-9, count: 6))
    #expect(try shift.pValue(.greater) == 1.0 / 64)
    #expect(try shift.pValue(.less) == 1)
    #expect(try shift.pValue(.twoSided) == 1.0 / 32)
  }

  @Test func `differences of zero count for nothing`() throws {
    let shift = try MeanShift(differences: [0, 0, 0, 0, 0, 0, 0, 1])
    #expect(shift.floor == 0.5)
    let none = try MeanShift(differences: [0, 0, 0])
    #expect(try none.pValue(.greater) == 1)
  }

  @Test func `two samples are compared by Welch, with the smallest chance that ranks can give`()
    throws
  {
    let apart = try MeanShift([10, 11, 12], less: [1, 2, 3])
    #expect(apart.estimate == 9)
    #expect(abs(apart.degreesOfFreedom - 4) < 1e-12)
    #expect(abs(try apart.pValue(.greater) - 0.05) < 1e-12)
    // The longer sample is cut to the length of the shorter one.
    #expect(try MeanShift([10, 11, 12, 99], less: [1, 2, 3]) == apart)
  }

  @Test func `one value and values that are not finite are refused`() {
    #expect(throws: StatisticsError.self) { try MeanShift(differences: [1]) }
    #expect(throws: StatisticsError.self) { try MeanShift([1, .nan], less: [1, 2]) }
  }

  @Test func `the p-value is uniform enough at its tail where the shift is zero`() throws {
    var random = Seed(11).stream()
    var (normal, lognormal) = (0, 0)
    let law = Law.lognormal(median: 1, sigma: 0.5)
    for _ in 0..<20_000 {
      let differences = (0..<16).map { _ in random.standardNormal() }
      if try MeanShift(differences: differences).pValue(.greater) <= 0.01 { normal += 1 }
      let skewed = (0..<16).map { _ in law.sample(&random) - law.sample(&random) }
      if try MeanShift(differences: skewed).pValue(.greater) <= 0.01 { lognormal += 1 }
    }
    // 200 expected, four standard deviations are 57.
    #expect(abs(normal - 200) < 57)
    #expect(lognormal < 257)
  }

  @Test func `power by the formula is what tries show`() throws {
    let question = ShiftPower(effect: 1, deviation: 1, level: 0.01)
    let needed = try #require(try question.repetitions(power: 0.9))
    #expect(try question.power(repetitions: needed) >= 0.9)
    #expect(try question.power(repetitions: needed - 1) < 0.9)
    var random = Seed(12).stream()
    var found = 0
    for _ in 0..<4_000 {
      let differences = (0..<needed).map { _ in 1 + random.standardNormal() }
      if try MeanShift(differences: differences).pValue(.greater) <= 0.01 { found += 1 }
    }
    #expect(abs(Double(found) / 4_000 - (try question.power(repetitions: needed))) < 0.02)
  }

  @Test func `power never asks for fewer repetitions than signs need`() throws {
    let question = ShiftPower(effect: 100, deviation: 1, level: 0.0025 / 50)
    #expect(question.repetitionsMin == 15)
    #expect(try question.repetitions(power: 0.95) == 15)
    #expect(try question.power(repetitions: 14) == 0)
    #expect(try ShiftPower(effect: 0, deviation: 1, level: 0.01).repetitions(power: 0.9) == nil)
  }

  @Test func `the limit of a deviation covers the truth as often as it says`() throws {
    var random = Seed(13).stream()
    var covered = 0
    for _ in 0..<4_000 {
      let values = (0..<10).map { _ in random.standardNormal() }
      let deviation = try #require(RunningMoments(of: values).standardDeviation)
      if try ShiftPower.deviationLimit(deviation, count: 10, confidence: 0.8) >= 1 { covered += 1 }
    }
    #expect(abs(Double(covered) / 4_000 - 0.8) < 0.026)
  }

  @Test func `a wider sample is told from one that is as wide`() throws {
    let narrow = (0..<20).map { Double($0) }
    #expect(try SpreadRatio.pValue(narrow.map { 3 * $0 }, against: narrow) < 0.001)
    #expect(abs(try SpreadRatio.pValue(narrow, against: narrow) - 0.5) < 1e-9)
    #expect(try SpreadRatio.pValue([1, 1], against: [1, 1]) == 1)
    #expect(try SpreadRatio.pValue([1, 2], against: [1, 1]) == 0)
  }
}
