// The judge of paired comparisons: on known times, on drift, under many looks, with a bad control.

import LabCore
import LabRecord
import Statistics
import Testing

@testable import LabGate

@Suite struct ComparisonJudgeTests {
  private static let seed = Seed(52)

  @Test func `a look costs its part, and all looks together no more than the whole`() {
    for blocks in [1, 6, 7, 40, 63, 1_000] {
      let schedule = LookSchedule(blocks: blocks, error: 0.05)
      #expect(schedule.looks.last == blocks)
      #expect(schedule.looks == schedule.looks.sorted())
      let spent = schedule.looks.reduce(0) { $0 + 1 - (schedule.confidence(at: $1) ?? 0) }
      #expect(abs(spent - 0.05) < 1e-12, "\(blocks) blocks")
    }
    let schedule = LookSchedule(blocks: 40, error: 0.05)
    #expect(schedule.looks == [6, 9, 14, 21, 32, 40])
    #expect(schedule.confidence(at: 7) == nil)
    #expect(schedule.look(within: 8) == 6)
    #expect(schedule.look(within: 5) == nil)
  }

  @Test func `a slowdown of twice the margin is found and no other is made up`() throws {
    #expect(try verdict(ComparisonBlocks(ratio: 1.05), key: 1) == .regressed)
    #expect(try verdict(ComparisonBlocks(ratio: 1 / 1.05), key: 2) == .improved)
    #expect(try verdict(ComparisonBlocks(), key: 3) == .pass)
  }

  @Test func `before the first look nothing is said`() throws {
    let judge = ComparisonJudge(margin: 0.025, blocks: 40)
    #expect(try judge.judge(ComparisonBlocks().make(5, seed: Self.seed)) == nil)
    #expect(try judge.judge(ComparisonBlocks().make(8, seed: Self.seed))?.blocks == 6)
  }

  @Test func `a base that differs from itself makes every verdict inconclusive`() throws {
    let blocks = ComparisonBlocks(ratio: 1.3, controlRatio: 1.1).make(40, seed: Self.seed)
    let judgement = try #require(try ComparisonJudge(margin: 0.025, blocks: 40).judge(blocks))
    #expect(judgement.verdict == .inconclusive)
    #expect(judgement.controlFailed)
    #expect(judgement.reason.contains("differs from itself"))
  }

  @Test func `a measurement that is less certain than the margin says nothing`() throws {
    let noisy = ComparisonBlocks(noise: .normal(mean: 0, standardDeviation: 0.1), ratio: 1.05)
    let judgement = try #require(
      try ComparisonJudge(margin: 0.025, blocks: 12).judge(noisy.make(12, seed: Self.seed)))
    #expect(judgement.verdict == .inconclusive)
    #expect(judgement.controlFailed)
    #expect(judgement.reason.contains("less certain than the margin"))
    let clear = ComparisonBlocks(noise: .normal(mean: 0, standardDeviation: 0.1), ratio: 1.5)
    #expect(
      try ComparisonJudge(margin: 0.025, blocks: 12).judge(clear.make(12, seed: Self.seed))?.verdict
        == .regressed)
  }

  @Test func `steady drift changes neither ratio`() throws {
    let still = ComparisonBlocks(noise: .constant(0), ratio: 1.04, drift: 0.001)
    let blocks = still.make(12, seed: Self.seed)
    let head = try #require(try ShiftEstimate.ofHead(blocks, confidence: 0.95))
    #expect(abs(head.ratio - 1.04) < 2e-4)
    let control = try #require(try ShiftEstimate.ofControl(blocks, confidence: 0.95))
    #expect(abs(control.ratio - 1) < 2e-4)
    // In sequence, all of the base before all of the head, the same drift would be a difference.
    let slots = blocks.flatMap(\.slots)
    let half = slots.count / 2
    let first = slots.prefix(half).reduce(0) { $0 + $1.cpuSeconds }
    let second = slots.suffix(half).reduce(0) { $0 + $1.cpuSeconds }
    #expect(second / first > 1.04)
  }

  @Test func `the quickest slots stand in where others are prolonged`() throws {
    let spiky = ComparisonBlocks(
      noise: .exponential(mean: 0.03), ratio: 1.02, spikes: (chance: 0.3, least: 0.3))
    let spiked = try #require(
      try ShiftEstimate.ofHead(spiky.make(24, seed: Self.seed), confidence: 0.95))
    #expect(spiked.method == .minima)
    #expect(spiked.interval.contains(1.02))
    let plain = try #require(
      try ShiftEstimate.ofHead(
        ComparisonBlocks(ratio: 1.02).make(24, seed: Self.seed), confidence: 0.95))
    #expect(plain.method == .mean)
    #expect(plain.count == 96)
  }

  @Test func `the choice between pairs and minima costs next to no coverage`() throws {
    let worlds = [
      ComparisonBlocks(ratio: 1.03),
      ComparisonBlocks(
        noise: .exponential(mean: 0.03), ratio: 1.03, spikes: (chance: 0.1, least: 0.2)),
    ]
    for (number, world) in worlds.enumerated() {
      var covered = 0
      var strayed = 0
      for trial in 0..<600 {
        let blocks = world.make(12, seed: Self.seed.child(number).child(trial))
        let head = try #require(try ShiftEstimate.ofHead(blocks, confidence: 0.95))
        if head.interval.contains(1.03) { covered += 1 }
        if head.interval.contains(1.06) { strayed += 1 }
      }
      let share = try Wilson.interval(successes: covered, trials: 600, confidence: 0.999)
      #expect(share.high >= 0.95, "world \(number): \(covered) of 600")
      #expect(strayed < covered - 100, "world \(number): a wrong ratio is covered \(strayed) times")
    }
  }

  @Test func `many looks at equal programs call few of them regressed`() throws {
    #expect(try regressed(ComparisonBlocks(), tries: 400) <= 4)
    // The check can fail: a head that is slower by the margin and a bit is called so often.
    #expect(try regressed(ComparisonBlocks(ratio: 1.03), tries: 100) > 50)
  }

  @Test func `when the budget ends, all blocks are judged with the error that is left`() throws {
    let judge = ComparisonJudge(margin: 0.025, blocks: 40)
    let closing = try #require(judge.schedule.closingConfidence(at: 12))
    let spent = [6, 9].reduce(0) { $0 + 1 - (judge.schedule.confidence(at: $1) ?? 0) }
    #expect(abs(spent + 1 - closing - ComparisonJudge.error) < 1e-12)
    #expect(judge.schedule.closingConfidence(at: 40) == nil)
    let noisy = ComparisonBlocks(noise: .normal(mean: 0, standardDeviation: 0.026), ratio: 1.05)
    let blocks = noisy.make(13, seed: Self.seed)
    let planned = try #require(try judge.judge(blocks))
    #expect((planned.verdict, planned.blocks) == (.inconclusive, 9))
    let last = try #require(try judge.judge(blocks, isLast: true))
    #expect((last.verdict, last.blocks) == (.regressed, 13))
  }

  @Test func `a last look calls few equal programs regressed`() throws {
    let world = ComparisonBlocks(noise: .normal(mean: 0, standardDeviation: 0.03))
    #expect(try regressed(world, tries: 400, of: 40) <= 4)
    let slower = ComparisonBlocks(noise: .normal(mean: 0, standardDeviation: 0.03), ratio: 1.05)
    #expect(try regressed(slower, tries: 100, of: 40) > 80)
  }

  /// How often blocks are called regressed when every look may end the comparison.
  ///
  /// - Parameter planned: For how many blocks the looks are planned; there come 21.
  private func regressed(
    _ world: ComparisonBlocks, tries: Int, of planned: Int = 21
  ) throws -> Int {
    let judge = ComparisonJudge(margin: 0.025, blocks: planned)
    var count = 0
    for trial in 0..<tries {
      let blocks = world.make(21, seed: Self.seed.child("looks").child(trial))
      for look in judge.schedule.looks {
        let isLast = look >= blocks.count
        let judgement = try judge.judge(Array(blocks.prefix(look)), isLast: isLast)
        guard let judgement, judgement.isDecided else { continue }
        if judgement.verdict == .regressed { count += 1 }
        break
      }
    }
    return count
  }

  private func verdict(_ world: ComparisonBlocks, key: Int) throws -> ComparisonVerdict? {
    let blocks = world.make(40, seed: Self.seed.child(key))
    return try ComparisonJudge(margin: 0.025, blocks: 40).judge(blocks)?.verdict
  }
}
