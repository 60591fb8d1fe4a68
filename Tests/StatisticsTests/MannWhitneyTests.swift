import LabCore
import Testing

@testable import Statistics

@Suite struct MannWhitneyTests {
  @Test func `statistics and p-values are those of SciPy`() throws {
    for entry in try SciPyFigures.load().mannWhitney {
      let method: MannWhitney.Method = entry.exact ? .exact : .normal
      for (alternative, expected) in [
        (Alternative.twoSided, entry.twoSided), (.less, entry.less), (.greater, entry.greater),
      ] {
        let test = try MannWhitney(
          entry.first, entry.second, alternative: alternative, method: method)
        #expect(test.statistic == entry.statistic)
        #expect(agree(test.pValue, expected, within: 1e-11), "\(alternative) \(method)")
      }
    }
  }

  @Test func `the exact law is that of counting every order`() {
    // The plain twin: every choice of which ranks belong to the first sample.
    for (n, m) in [(1, 1), (2, 3), (4, 3), (5, 5), (1, 6)] {
      var counts = [Double](repeating: 0, count: n * m + 1)
      var orders = 0.0
      for choice in 0..<(1 << (n + m)) where choice.nonzeroBitCount == n {
        var (beaten, u) = (0, 0)
        for position in 0..<(n + m) {
          if choice >> position & 1 == 1 { u += beaten } else { beaten += 1 }
        }
        counts[u] += 1
        orders += 1
      }
      for (found, count) in zip(MannWhitney.probabilities(n, m), counts) {
        #expect(agree(found, count / orders, within: 1e-13))
      }
    }
  }

  @Test func `small samples without ties take the exact law, others the normal one`() throws {
    let twenty = (0..<20).map(Double.init)
    let shifted = twenty.map { $0 + 0.5 }
    #expect(try MannWhitney(twenty, shifted).method == .exact)
    #expect(try MannWhitney(twenty, twenty).method == .normal)
    #expect(try MannWhitney(twenty + [30], shifted).method == .normal)
  }

  @Test func `near the limit the two laws agree`() throws {
    var random = Seed(6).stream()
    let first = (0..<20).map { _ in random.standardNormal() }
    let second = (0..<20).map { _ in random.standardNormal() + 0.5 }
    let exact = try MannWhitney(first, second, method: .exact)
    let normal = try MannWhitney(first, second, method: .normal)
    #expect(abs(exact.pValue - normal.pValue) < 0.01)
  }

  @Test func `superiority is the share of pairs that the first wins`() throws {
    #expect(try MannWhitney([5, 6], [1, 2, 3]).superiority == 1)
    #expect(try MannWhitney([1, 2], [1, 2]).superiority == 0.5)
    #expect(try MannWhitney([0], [1, 2]).superiority == 0)
  }

  @Test func `values that are all equal give no evidence`() throws {
    for alternative in Alternative.allCases {
      #expect(try MannWhitney([1, 1], [1, 1, 1], alternative: alternative).pValue == 1)
    }
  }

  @Test func `p-values under the null hypothesis are uniform, and a shift is found`() throws {
    var random = Seed(15).stream()
    var small = 0
    var found = 0
    for _ in 0..<400 {
      let first = (0..<10).map { _ in random.exponential(mean: 1) }
      let second = (0..<10).map { _ in random.exponential(mean: 1) }
      if try MannWhitney(first, second).pValue <= 0.05 { small += 1 }
      if try MannWhitney(first, second.map { $0 * 6 }).pValue <= 0.05 { found += 1 }
    }
    #expect((8...32).contains(small))
    #expect(found > 280)
  }

  @Test func `empty samples, NaN, ties and sizes beyond the exact law are errors`() {
    #expect(throws: StatisticsError.tooFewValues(count: 0, needed: 1)) { try MannWhitney([], [1]) }
    #expect(throws: StatisticsError.self) { try MannWhitney([1], []) }
    #expect(throws: StatisticsError.self) { try MannWhitney([.nan], [1]) }
    #expect(throws: StatisticsError.self) { try MannWhitney([1, 2], [2], method: .exact) }
    let many = (0..<101).map(Double.init)
    let limit = StatisticsError.tooManyValues(count: 10_201, limit: 10_000)
    #expect(throws: limit) { try MannWhitney(many, many.map { $0 + 0.5 }, method: .exact) }
  }
}
