import LabCore
import Testing

@testable import Statistics

@Suite struct KolmogorovSmirnovTests {
  let figures: SciPyFigures

  init() throws { figures = try SciPyFigures.load() }

  @Test func `the exact law up to 140 values is that of SciPy`() {
    for entry in figures.kolmogorov where entry.count <= 140 {
      let found = KolmogorovLaw.exceedance(distance: entry.distance, count: entry.count)
      #expect(agree(found, entry.pValue, within: 1e-7, absolute: 1e-11), "\(entry)")
    }
  }

  @Test func `the corrected limit law beyond 140 values is near that of SciPy`() {
    for entry in figures.kolmogorov where entry.count > 140 {
      let found = KolmogorovLaw.exceedance(distance: entry.distance, count: entry.count)
      #expect(abs(found - entry.pValue) < 2e-4, "\(entry) \(found)")
    }
  }

  @Test func `the two series of the limit law meet`() {
    #expect(agree(KolmogorovLaw.limitExceedance(1), KolmogorovLaw.limitExceedance(1.0.nextDown)))
    #expect(KolmogorovLaw.limitExceedance(0) == 1)
    #expect(KolmogorovLaw.limitExceedance(0.1) == 1)
    #expect(agree(KolmogorovLaw.limitExceedance(1.3581), 0.05, within: 1e-4))
  }

  @Test func `one sample against a law is as in SciPy`() throws {
    for entry in figures.oneSample {
      let test = try KolmogorovSmirnov(
        SortedSample(entry.sample), law: law(entry.law, entry.parameters))
      #expect(agree(test.statistic, entry.distance))
      #expect(agree(test.pValue, entry.pValue, within: 1e-7))
    }
  }

  @Test func `two samples are as in SciPy`() throws {
    for entry in figures.twoSample {
      let test = try KolmogorovSmirnov(SortedSample(entry.first), SortedSample(entry.second))
      #expect(agree(test.statistic, entry.distance))
      #expect(agree(test.pValue, entry.pValue, within: 1e-9, absolute: 1e-13))
    }
  }

  @Test func `equal samples are at no distance and disjoint ones at the greatest`() throws {
    let sample = try SortedSample([1, 2, 3])
    #expect(KolmogorovSmirnov(sample, sample).statistic == 0)
    #expect(KolmogorovSmirnov(sample, sample).pValue == 1)
    let disjoint = KolmogorovSmirnov(sample, try SortedSample([4, 5, 6]))
    #expect(disjoint.statistic == 1)
    #expect(agree(disjoint.pValue, 0.1))
  }

  @Test func `an impossible law is an error`() throws {
    let sample = try SortedSample([1, 2, 3])
    #expect(throws: StatisticsError.self) {
      try KolmogorovSmirnov(sample, law: .exponential(mean: -1))
    }
  }
}

@Suite struct AndersonDarlingTests {
  let figures: SciPyFigures

  init() throws { figures = try SciPyFigures.load() }

  @Test func `the statistic is the one that SciPy's laws give`() throws {
    for entry in figures.oneSample {
      let test = try AndersonDarling(
        SortedSample(entry.sample), law: law(entry.law, entry.parameters))
      #expect(agree(test.statistic, entry.andersonDarling))
    }
  }

  @Test func `p-values are those of many drawn samples`() {
    for entry in figures.andersonDarling {
      let found = AndersonDarling.exceedance(entry.statistic, count: entry.count)
      let deviation = (entry.pValue * (1 - entry.pValue) / 200_000).squareRoot()
      #expect(abs(found - entry.pValue) < 4 * deviation + 1e-5, "\(entry) \(found)")
    }
  }

  @Test func `p-values fall from one to zero as the statistic grows`() {
    for count in [8, 50, 100_000] {
      var before = 1.0
      for step in 0...400 {
        let pValue = AndersonDarling.exceedance(Double(step) * 0.05, count: count)
        #expect(pValue <= before + 1e-5)
        before = pValue
      }
      #expect(before < 0.0007 / Double(count))
      #expect(AndersonDarling.exceedance(.infinity, count: count) == 0)
    }
  }

  @Test func `a value where the law has no chance refutes it`() throws {
    let sample = try SortedSample([-1, 1, 2, 3, 4, 5, 6, 7])
    let test = try AndersonDarling(sample, law: .exponential(mean: 3))
    #expect(test.statistic == .infinity)
    #expect(test.pValue == 0)
  }

  @Test func `fewer than eight values and impossible laws are errors`() throws {
    let seven = try SortedSample((0..<7).map(Double.init))
    #expect(throws: StatisticsError.tooFewValues(count: 7, needed: 8)) {
      try AndersonDarling(seven, law: .exponential(mean: 3))
    }
    let eight = try SortedSample((0..<8).map(Double.init))
    #expect(throws: StatisticsError.self) { try AndersonDarling(eight, law: .exponential(mean: 0)) }
  }
}
