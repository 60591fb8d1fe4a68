// What goes between processes.

import FoundationEssentials
import LabCore
import LabRecord
import Statistics
import Testing

@testable import LabManifest
@testable import LabRunner
@testable import TrialWorker

@Suite struct `Worker message` {
  @Test func `an outcome is read back as it was`() throws {
    var histogram = try LatencyHistogram(significantDigits: 2)
    try histogram.record(70)
    var recorder = Recorder()
    recorder.record("a", 0.1)
    recorder.record("b", -3, step: 4)
    recorder.record("c", hash: .max)
    recorder.record("d", histogram)
    recorder.record("e", -0.0)
    let outcome = TrialOutcome(
      trial: 5, status: .ok, cpuSeconds: 0.25, wallSeconds: 1e-9, peakBytes: 4096,
      entries: recorder.entries, error: "a\n\"b\"", log: nil)
    let line = try LineCoder.line(WorkerReply.done(outcome))
    #expect(line.count { $0 == UInt8(ascii: "\n") } == 1)
    let back = try LineCoder.object(WorkerReply.self, from: line.dropLast())
    #expect(back == .done(outcome))
  }

  @Test(arguments: [
    #"["a",null,"n","nan"]"#, #"["a",null,"n","3"]"#, #"["a",null,"i","3.5"]"#,
    #"["a",null,"h","x"]"#, #"["a",null,"f","12"]"#, #"["a",null,"q","1"]"#, #"["a",null,"i"]"#,
    #"["a","x","i","1"]"#, "{}",
  ])
  func `an entry that is not what it says is refused`(text: String) {
    #expect(throws: (any Error).self) {
      try LineCoder.object(Recorder.Entry.self, from: Array(text.utf8))
    }
  }

  @Test(arguments: 0..<50)
  func `lines are cut the same wherever the stream is cut`(seed: UInt64) {
    var random = Seed(seed).child("lines").stream()
    let lines = (0..<random.below(20)).map { _ in
      [UInt8](repeating: UInt8(ascii: "x"), count: random.below(9))
    }
    var stream = lines.flatMap { $0 + [UInt8(ascii: "\n")] }[...]
    var buffer = LineBuffer()
    var found: [[UInt8]] = []
    while !stream.isEmpty {
      let length = 1 + random.below(7)
      buffer.append(stream.prefix(length))
      stream = stream.dropFirst(length)
      if random.chance(.percent(70)) { while let line = buffer.next() { found.append(line) } }
    }
    while let line = buffer.next() { found.append(line) }
    #expect(found == lines, "seed \(seed)")
  }

  @Test func `a single trial runs in this process`() throws {
    let plan = try FixturePlan("well,throwing 2 1 1").plan()
    let runner = InlineRunner(experiments: Bench.registry)
    let index = try InlineRunner.trial(
      in: plan, cell: plan.cells[0].id, arm: "right", repetition: 1)
    #expect(index == 3)
    let first = try runner.run(index, of: plan)
    #expect(first.status == .ok)
    #expect(try runner.run(index, of: plan).entries == first.entries)
    #expect(try runner.run(4, of: plan).error == "the fixture threw as it was told to")
    #expect(throws: RunError.unknownTrial("trial 8")) { try runner.run(8, of: plan) }
    #expect(throws: RunError.self) {
      try InlineRunner.trial(in: plan, cell: "x", arm: "left", repetition: 0)
    }
  }

  @Test func `a replay gives the rows of the run`() throws {
    let bench = try Bench()
    try bench.run("well 1 20000 512")
    let plan = try FixturePlan("well 1 20000 512").plan()
    let outcome = try InlineRunner(experiments: Bench.registry).run(1, of: plan)
    let rows = try bench.record.measurements.filter { $0.arm == "right" }
    for row in rows {
      #expect(
        outcome.entries.contains { $0.metric == row.metric.name && $0.value == row.value })
    }
  }
}
