// The energy test: against counting by hand, and by how often it errs.

import LabCore
import Testing

@testable import Statistics

@Suite struct EnergyDistanceTests {
  private static func test(
    _ first: [Double], _ second: [Double], orders: Int = 999, seed: Int = 1
  ) throws -> EnergyDistance {
    try EnergyDistance(first, second, orders: orders, seed: Seed(UInt64(seed))) { abs($0 - $1) }
  }

  @Test func `is the mean distance between less those within`() throws {
    // Between: 2, 4, 1, 3; within: 1 and 2, each twice among four pairs.
    let found = try Self.test([0, 1], [2, 4])
    #expect(agree(found.statistic, 2 * (2.0 + 4 + 1 + 3) / 4 - 2 * 1.0 / 4 - 2 * 2.0 / 4))
  }

  @Test func `of two and two sees a third of the orders as far`() throws {
    // Of the three ways to part four values in two and two, one is the one that was seen.
    let found = try Self.test([0, 1], [10, 11], orders: 30_000)
    #expect(abs(found.pValue - 1 / 3) < 0.015)
  }

  @Test func `takes equal samples for one law`() throws {
    #expect(try Self.test([1, 1, 1], [1, 1, 1]).pValue == 1)
  }

  @Test func `errs as often as its level says, and sees another spread`() throws {
    var (errors, sights) = (0, 0)
    for trial in 0..<400 {
      var random = Seed(77).child(trial).stream()
      let first = (0..<12).map { _ in random.unit() - 0.5 }
      let second = (0..<12).map { _ in random.unit() - 0.5 }
      if try Self.test(first, second, orders: 199, seed: trial).pValue <= 0.05 { errors += 1 }
      let wide = second.map { 6 * $0 }
      if try Self.test(first, wide, orders: 199, seed: trial).pValue <= 0.05 { sights += 1 }
    }
    // Of 400 at 5 %: 20, with a deviation of 4.4.
    #expect((4...38).contains(errors))
    #expect(sights > 300)
  }

  @Test func `refuses what it cannot compare`() {
    #expect(throws: StatisticsError.tooFewValues(count: 1, needed: 2)) {
      try Self.test([1], [1, 2])
    }
    #expect(throws: StatisticsError.self) { try Self.test([1, .infinity], [1, 2]) }
    #expect(throws: StatisticsError.self) { try Self.test([1, 2], [1, 2], orders: 0) }
  }
}
