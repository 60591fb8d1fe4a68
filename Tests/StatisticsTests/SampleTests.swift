import LabCore
import Statistics
import Testing

@Suite struct SortedSampleTests {
  @Test func `quantiles are those of NumPy`() throws {
    for entry in try SciPyFigures.load().quantiles {
      let sample = try SortedSample(entry.sample)
      for (probability, expected) in zip(entry.probabilities, entry.quantiles) {
        #expect(agree(try sample.quantile(probability), expected, within: 1e-13))
      }
      #expect(sample.median == (try sample.quantile(0.5)))
    }
  }

  @Test func `the median of an even count is the middle of the two`() throws {
    #expect(try SortedSample([4, 1, 3, 2]).median == 2.5)
    #expect(try SortedSample([9]).median == 9)
  }

  @Test func `an interquartile mean leaves out a quarter at each end`() throws {
    #expect(try SortedSample([100, 1, 2, 3, -100, 4]).interquartileMean == 2.5)
    #expect(try SortedSample([5, 1, 900, 2, 3, 4, -900, 0]).interquartileMean == 2.5)
    // Below four numbers nothing is left out.
    #expect(try SortedSample([1, 2, 6]).interquartileMean == 3)
  }

  @Test func `empty samples, NaN and infinities are errors`() {
    #expect(throws: StatisticsError.tooFewValues(count: 0, needed: 1)) { try SortedSample([]) }
    #expect(throws: StatisticsError.notFinite(index: 1, value: .infinity)) {
      try SortedSample([1, .infinity])
    }
    #expect(throws: StatisticsError.self) { try SortedSample([.nan]) }
    #expect(throws: StatisticsError.self) { try SortedSample([1]).quantile(-0.1) }
    #expect(throws: StatisticsError.self) { try SortedSample([1]).quantile(.nan) }
  }

  @Test func `a summary gives the six figures`() throws {
    for entry in try SciPyFigures.load().quantiles {
      let summary = try Summary(of: entry.sample)
      #expect(summary.count == entry.sample.count)
      #expect(agree(summary.mean, entry.mean, within: 1e-13))
      #expect(summary.min == entry.quantiles.first)
      #expect(summary.max == entry.quantiles.last)
      switch (summary.standardDeviation, entry.deviation) {
      case (let found?, let expected?): #expect(agree(found, expected, within: 1e-13))
      case (let found, let expected): #expect(found == expected)
      }
    }
    #expect(throws: StatisticsError.self) { try Summary(of: [Double]()) }
  }
}

@Suite struct RunningMomentsTests {
  @Test func `moments far from zero keep their digits`() throws {
    let moments = RunningMoments(of: [1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16])
    #expect(moments.mean == 1e9 + 10)
    #expect(moments.variance == 30)
    #expect(moments.populationVariance == 22.5)
  }

  @Test func `merging two parts gives the moments of the whole`() throws {
    var random = Seed(2).stream()
    let values = (0..<1_000).map { _ in random.standardNormal() * 3 + 100 }
    for cut in [0, 1, 317, 1_000] {
      var merged = RunningMoments(of: values[..<cut])
      merged.merge(RunningMoments(of: values[cut...]))
      let whole = RunningMoments(of: values)
      #expect(merged.count == whole.count)
      #expect(agree(merged.mean, whole.mean, within: 1e-13))
      #expect(agree(try #require(merged.variance), try #require(whole.variance), within: 1e-12))
    }
  }

  @Test func `a variance needs two numbers`() {
    #expect(RunningMoments().variance == nil)
    #expect(RunningMoments(of: [3]).standardDeviation == nil)
    #expect(RunningMoments(of: [3, 3]).variance == 0)
  }
}
