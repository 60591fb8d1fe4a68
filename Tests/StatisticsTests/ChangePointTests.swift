import LabCore
import Testing

@testable import Statistics

@Suite struct ChangePointTests {
  /// A series of normal values with a step of some standard deviations.
  private func series(_ seed: UInt64, count: Int, step: Double = 0, at place: Int = 0) -> [Double] {
    var random = Seed(seed).child("series").stream()
    return (0..<count).map { index in
      let sum = (0..<12).reduce(-6.0) { sum, _ in sum + Double(random.below(1 << 30)) / 0x1p30 }
      return 100 + sum + (index >= place ? step : 0)
    }
  }

  @Test(arguments: [6, 12, 30, 80])
  func `few series without a step are cut`(count: Int) throws {
    let cut = try (0..<300 as Range<UInt64>).count {
      try !ChangePoints(of: series($0, count: count)).places.isEmpty
    }
    #expect(cut <= 24, "\(cut) of 300 series of \(count) values, seeds 0 to 299")
  }

  @Test(arguments: [20, 60])
  func `a step of six standard deviations is found where it is`(count: Int) throws {
    let found = try (0..<100 as Range<UInt64>).count { seed in
      let places = try ChangePoints(
        of: series(seed, count: count, step: 6, at: count / 2)
      ).places
      return places.contains { abs($0 - count / 2) <= 1 }
    }
    #expect(found >= 95, "\(found) of 100 steps, seeds 0 to 99")
  }

  @Test func `two steps are both found`() throws {
    let series = series(5, count: 30, step: 9, at: 10).enumerated().map {
      $0.element + ($0.offset >= 20 ? 9 : 0)
    }
    #expect(try ChangePoints(of: series).places == [10, 20])
  }

  @Test func `a series without noise is cut wherever it changes`() throws {
    #expect(try ChangePoints(of: [4, 4, 4, 5, 5]).places == [3])
    #expect(try ChangePoints(of: [4, 4, 4, 4]).places.isEmpty)
    #expect(try ChangePoints(of: []).places.isEmpty)
    #expect(try ChangePoints(of: [1]).places.isEmpty)
  }

  @Test func `few noisy values are never cut`() throws {
    #expect(try ChangePoints(of: [1, 2, 1.5, 90, 91.5]).places.isEmpty)
  }

  @Test func `what is no number is refused`() {
    #expect(throws: StatisticsError.self) { try ChangePoints(of: [1, .nan]) }
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func `the cuts cost no more than any others`(seed: UInt64) {
    let values = series(seed, count: 9, step: 3, at: 4)
    let penalty = 4.0
    func cost(_ cuts: [Int]) -> Double {
      let ends = [0] + cuts + [values.count]
      return zip(ends, ends.dropFirst()).reduce(penalty * Double(cuts.count)) { sum, segment in
        sum + RunningMoments(of: values[segment.0..<segment.1]).squaredDistances
      }
    }
    let found = cost(ChangePoints.cuts(values, penalty: penalty))
    for mask in 0..<(1 << 8) {
      let cuts = (1...8).filter { mask >> ($0 - 1) & 1 == 1 }
      #expect(found <= cost(cuts) + 1e-9, "seed \(seed), cuts \(cuts)")
    }
  }
}
