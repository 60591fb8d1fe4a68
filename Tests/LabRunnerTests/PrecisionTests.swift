// Cells that stop repeating when they know enough.

import LabCore
import LabRecord
import Statistics
import Testing

@testable import LabManifest
@testable import LabRunner
@testable import TrialWorker

@Suite struct `Stopping at a precision` {
  /// Shares are uniform draws, so that 20 % needs about 35 of them.
  private static let text = "well,sparing,well 100 20000 512 precision=20"

  private static let reference: String = {
    do {
      let bench = try Bench()
      try bench.run(text, jobs: 1)
      return try bench.measurements
    } catch { return "\(error)" }
  }()

  /// The count at which the rule stops, over the values of all arms in order.
  private func stop(_ arms: [[Double]]) throws -> Int {
    let rule = try RelativePrecision(share: 0.2)
    let count = arms.map(\.count).min() ?? 0
    return try (RelativePrecision.leastCount...count).first { count in
      try arms.allSatisfy { try rule.isReached(by: RunningMoments(of: $0.prefix(count))) }
    } ?? count
  }

  @Test func `a cell keeps the repetitions up to the first that satisfies every arm`() throws {
    let bench = try Bench()
    let outcome = try bench.run(Self.text, jobs: 2)
    #expect(outcome.ending == .completed)
    let record = try bench.record
    let stopping = try #require(record.run.stopping)
    #expect((stopping.metric, stopping.relative, stopping.confidence) == ("share", 0.2, 0.95))
    var counts: Set<Int> = []
    let rows = Dictionary(grouping: record.measurements.filter { $0.metric.name == "share" }) {
      [$0.cell, $0.arm]
    }
    // A run of everything, from which the rule is worked out anew.
    let all = try Bench()
    try all.run(Self.text.replacing(" precision=20", with: ""), jobs: 2)
    let whole = try all.record.measurements.filter { $0.metric.name == "share" }
    for cell in record.cells {
      let kept = try #require(stopping.cells[cell.id])
      let values = ["left", "right"].map { arm in
        whole.filter { $0.cell == cell.id && $0.arm == arm }.compactMap(\.value?.number)
      }
      #expect(kept == .init(repetitions: try stop(values), isReached: true))
      #expect(record.run.repetitions(of: cell.id) == kept.repetitions)
      for arm in ["left", "right"] {
        #expect(rows[[cell.id, arm]]?.map(\.repetition) == Array(0..<kept.repetitions))
      }
      counts.insert(kept.repetitions)
    }
    #expect(counts.count > 1 && counts.allSatisfy { (15..<100).contains($0) }, "\(counts)")
    #expect(record.timings.count == 2 * stopping.cells.values.reduce(0) { $0 + $1.repetitions })
    #expect(record.run.trials == ["ok": record.timings.count])
    #expect(outcome.counts == [.ok: record.timings.count])
  }

  @Test(arguments: [2, 3, 7])
  func `the number of workers does not change what is kept`(jobs: Int) throws {
    let bench = try Bench()
    try bench.run(Self.text, jobs: jobs)
    #expect(try bench.measurements == Self.reference)
  }

  @Test(arguments: 0..<6)
  func `a run that is killed and resumed keeps the same`(seed: UInt64) throws {
    var random = Seed(seed).child("precision").stream()
    let bench = try Bench()
    _ = try bench.start(
      Self.text, ["die-at=\(2 + random.below(150))", "jobs=\(1 + random.below(3))"]
    ).end()
    #expect(try bench.run(Self.text, resume: true).ending == .completed)
    #expect(try bench.measurements == Self.reference)
  }

  @Test func `shards of it are merged to the same bytes`() throws {
    let bench = try Bench()
    for shard in ["1/2", "2/2"] { try bench.run(Self.text, shard: shard) }
    _ = try ShardMerge(["1-of-2", "2-of-2"].map { "\(bench.path)/.shards/fixture/\($0)" })
      .publish(in: bench.path)
    #expect(try bench.measurements == Self.reference)
    #expect(try bench.record.run.stopping?.cells.count == 3)
  }

  @Test func `a precision out of reach runs to the end and says that it was not reached`() throws {
    let bench = try Bench()
    try bench.run("well,throwing,live 12 20000 512 precision=0.1")
    let record = try bench.record
    #expect(record.timings.count == 72)
    #expect(
      record.run.stopping?.cells.values.allSatisfy {
        $0 == .init(repetitions: 12, isReached: false)
      } == true)
  }

  @Test func `what is taken over counts as what has run`() throws {
    let bench = try Bench()
    try bench.run(Self.text.replacing(" 100 ", with: " 10 ").replacing("=20", with: "=0.1"))
    var ran = 0
    try bench.run(Self.text, rerun: .none) { if case .finished = $0 { ran += 1 } }
    #expect(try bench.measurements == Self.reference)
    #expect(try bench.record.run.takenOver?.trials == 60)
    #expect(try bench.record.timings.count - 60 <= ran)
  }
}
