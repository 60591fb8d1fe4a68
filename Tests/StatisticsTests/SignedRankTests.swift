// Intervals by signed ranks: against counting by hand, against a naive twin, and by their coverage.

import LabCore
import Testing

@testable import Statistics

@Suite struct SignedRankTests {
  private static let seed = Seed(41)

  @Test func `the law of the statistic is that of all signs`() {
    for count in 1...10 {
      var counts = [Double](repeating: 0, count: count * (count + 1) / 2 + 1)
      for signs in 0..<(1 << count) {
        let sum = (0..<count).reduce(0) { $0 + (signs >> $1 & 1) * ($1 + 1) }
        counts[sum] += 1
      }
      let law = SignedRank.probabilities(count)
      #expect(law.count == counts.count)
      for (found, expected) in zip(law, counts) {
        #expect(agree(found, expected / Double(1 << count)))
      }
    }
  }

  @Test func `the ends are the averages that the tables name`() throws {
    // The published table of critical values: at n = 10 and 5 % two-sided the statistic 8 rejects,
    // so the ninth average from either end ends the interval; at n = 6 only 0 rejects.
    for (count, rank) in [(6, 1), (10, 9), (12, 14), (20, 53)] {
      let sample = (0..<count).map { Double($0 * $0) }
      var averages: [Double] = []
      for left in 0..<count {
        for right in left..<count { averages.append((sample[left] + sample[right]) / 2) }
      }
      averages.sort()
      let interval = try SignedRank.interval(sample)
      #expect(interval.low == averages[rank - 1], "\(count) values")
      #expect(interval.high == averages[averages.count - rank], "\(count) values")
    }
  }

  @Test func `a shift of the values shifts the interval and a change of sign mirrors it`() throws {
    let sample = normal(count: 17, key: 1)
    let plain = try SignedRank.interval(sample)
    let shifted = try SignedRank.interval(sample.map { $0 + 3 })
    #expect(agree(shifted.estimate, plain.estimate + 3))
    #expect(agree(shifted.low, plain.low + 3))
    let mirrored = try SignedRank.interval(sample.map { -$0 })
    #expect(mirrored.estimate == -plain.estimate)
    #expect(mirrored.low == -plain.high)
  }

  @Test func `the normal law stands in without a step`() throws {
    // 50 values are counted, 51 are not; their widths must not differ by more than chance does.
    let tail = 0.025
    for count in [40, 50] {
      let exact = SignedRank.probabilities(count)
      var sum = 0.0
      let rank = exact.firstIndex { chance in
        sum += chance
        return sum > tail
      }
      let size = Double(count)
      let deviation = (size * (size + 1) * (2 * size + 1) / 24).squareRoot()
      let approximate = Int((size * (size + 1) / 4 - 1.959964 * deviation - 0.5).rounded(.down)) + 1
      #expect(abs((rank ?? 0) - approximate) <= 1, "\(count) values")
    }
    #expect(try SignedRank.interval(normal(count: 51, key: 2)).low < 0.2)
  }

  @Test func `the interval covers the centre as often as it says, and no other`() throws {
    var covered = 0
    var strayed = 0
    for trial in 0..<1_000 {
      let sample = normal(count: 20, key: 100 + trial)
      if try SignedRank.interval(sample).contains(0) { covered += 1 }
      if try SignedRank.interval(sample.map { $0 + 1 }).contains(0) { strayed += 1 }
    }
    let share = try Wilson.interval(successes: covered, trials: 1_000, confidence: 0.999)
    #expect(share.contains(0.95))
    #expect(strayed < 50)
  }

  @Test func `wild values move the estimate little`() throws {
    var sample = normal(count: 25, key: 3)
    let before = try SignedRank.interval(sample).estimate
    sample[4] = 1e6
    sample[9] = 1e6
    let after = try SignedRank.interval(sample)
    #expect(abs(after.estimate - before) < 0.5)
    #expect(after.high < 10)
  }

  @Test func `too few, too many and impossible values are errors`() {
    #expect(SignedRank.fewest(confidence: 0.95) == 6)
    #expect(throws: StatisticsError.tooFewValues(count: 5, needed: 6)) {
      try SignedRank.interval([1, 2, 3, 4, 5])
    }
    #expect(throws: StatisticsError.self) { try SignedRank.interval([1, 2, 3, 4, 5, .nan]) }
    #expect(throws: StatisticsError.self) { try SignedRank.interval([1, 2, 3], confidence: 1) }
    #expect(throws: StatisticsError.self) {
      try SignedRank.interval([Double](repeating: 0, count: SignedRank.countLimit + 1))
    }
  }

  private func normal(count: Int, key: Int) -> [Double] {
    var random = Self.seed.child(key).stream()
    let law = Law.normal(mean: 0, standardDeviation: 1)
    return (0..<count).map { _ in law.sample(&random) }
  }
}
