// Runs from a plan to a record.

import LabCore
import LabRecord
import Testing

@testable import LabManifest
@testable import LabRunner
@testable import TrialWorker

@Suite struct `Run of a plan` {
  @Test func `a run publishes a record and leaves nothing else`() throws {
    let bench = try Bench()
    let outcome = try bench.run("well,sparing 2 20000 512")
    #expect(outcome.ending == .completed)
    #expect(outcome.counts == [.ok: 8])
    #expect(outcome.failures.isEmpty)
    #expect(bench.unfinished.isEmpty)
    let record = try bench.record
    #expect(record.run.trials == ["ok": 8])
    #expect(record.run.size == .smoke)
    #expect(record.run.seed == 7)
    #expect(record.observations.isEmpty)
    #expect(record.timings.count == 8)
    #expect(record.timings.allSatisfy { $0.status == .ok && ($0.peakBytes ?? 0) > 1 << 20 })
    // Each trial has one row a metric and three of the curve.
    #expect(record.measurements.count == 8 * 8)
    let missing = record.measurements.filter { $0.status == .missing }
    #expect(missing.count == 4)
    #expect(missing.allSatisfy { $0.metric.name == "trajectory" && $0.value == nil })
  }

  @Test func `rows stand in the order of cells, arms, repetitions, metrics and steps`() throws {
    let bench = try Bench()
    try bench.run("well,well 2 20000 512")
    let record = try bench.record
    let cells = record.cells.map(\.id)
    let metrics = record.metrics.map(\.name)
    let keys = record.measurements.map { row in
      [
        cells.firstIndex(of: row.cell) ?? -1, row.arm == "left" ? 0 : 1, row.repetition,
        metrics.firstIndex(of: row.metric.name) ?? -1, row.step ?? -1,
      ]
    }
    #expect(keys == keys.sorted { $0.lexicographicallyPrecedes($1) })
    #expect(Set(keys).count == keys.count)
  }

  @Test func `the number of workers does not change the rows, another seed does`() throws {
    let text = "well,traps,envious,sparing,throwing,exits,well 3 20000 512"
    var tables: [String] = []
    for (jobs, seed) in [(1, 7), (2, 7), (3, 7), (2, 8)] as [(Int, UInt64)] {
      let bench = try Bench()
      try bench.run(text, seed: seed, jobs: jobs)
      tables.append(try bench.measurements)
    }
    #expect(tables[0] == tables[1])
    #expect(tables[0] == tables[2])
    #expect(tables[0] != tables[3])
  }

  @Test func `trials in real time run last, alone and in alternating order`() throws {
    let bench = try Bench()
    var order: [Int] = []
    try bench.run("live,well 2 20000 512") { event in
      if case .finished(let outcome, _, _) = event { order.append(outcome.trial) }
    }
    // Trials of the first cell: left 0, left 1, right 0, right 1.
    #expect(Set(order.prefix(4)) == [4, 5, 6, 7])
    #expect(Array(order.suffix(4)) == [0, 2, 3, 1])
    let record = try bench.record
    #expect(Set(record.measurements.map(\.cell)) == [record.cells[1].id])
    #expect(Set(record.observations.map(\.cell)) == [record.cells[0].id])
    let timed = record.observations.filter { $0.metric.name == "pace" }
    #expect(timed.map(\.block) == [0, 1, 0, 1])
    #expect(timed.map(\.order) == [0, 1, 1, 0])
    #expect(
      record.rows.allSatisfy { $0.metric.name == "pace" || $0.block == nil && $0.order == nil })
  }

  @Test func `runs that follow one another in a second have names of their own`() throws {
    let bench = try Bench()
    let names = try (0..<4).map { _ in try bench.run("empty 1 20000 512").run }
    #expect(zip(names, names.dropFirst()).allSatisfy { $0 != $1 }, "\(names)")
  }

  @Test func `two runs in one folder are told apart`() throws {
    let bench = try Bench()
    let first = try bench.start("hangs 1 60000 512", ["tell"])
    first.wait(for: 1)
    let error = bench.error { try bench.run("well 1 20000 512") }
    guard case .busy(let path, let process?) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(path == "\(bench.path)/.work/fixture.lock")
    #expect(process > 0)
    let second = try bench.start("well 1 20000 512")
    #expect(second.end() == "exited with code 75")
    first.kill()
    #expect(try bench.run("well 1 20000 512").ending == .completed)
  }

  @Test func `a smaller size is refused before the first trial`() throws {
    let bench = try Bench()
    try bench.run("well 1 20000 512", size: .standard)
    let before = try bench.measurements
    var events = 0
    let error = bench.error {
      try bench.run("sparing 1 20000 512", size: .smoke) { _ in events += 1 }
    }
    #expect(
      error
        == .record(
          RecordError(path: "\(bench.path)/fixture/run.json", .smaller(.smoke, than: .standard))))
    #expect(events == 0)
    #expect(try bench.measurements == before)
    #expect(bench.unfinished.isEmpty)
  }

  @Test func `an unknown experiment is an error`() throws {
    let bench = try Bench()
    let plan = try FixturePlan("well 1 20000 512").plan()
    #expect(throws: RunError.unknownExperiment("fixture")) {
      try Runner(experiments: ExperimentRegistry([])).run(
        RunRequest(plan: plan, frozenManifest: "", results: bench.path))
    }
  }

  @Test(arguments: ["file", "file/below", "/proc/results", "/dev/null"])
  func `a folder that cannot be written is a clear error`(place: String) throws {
    let bench = try Bench()
    let lock = try FolderLock("\(bench.path)/file")
    let results = place.hasPrefix("/") ? place : "\(bench.path)/\(place)"
    let plan = try FixturePlan("well 1 20000 512").plan()
    let error = bench.error {
      _ = try Runner(experiments: Bench.registry).run(
        RunRequest(plan: plan, frozenManifest: "", results: results))
    }
    guard case .folder? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    withExtendedLifetime(lock) {}
  }

  @Test func `a disk that fills up is a clear error, keeps the old record and can be resumed`()
    throws
  {
    let reference = try Bench()
    try reference.run("well 40 20000 512", seed: 7)
    let size = try reference.measurements.utf8.count
    // The journal does not fit; then the journal does and the table does not.
    for limit in [size / 8, size - 1] {
      let bench = try Bench()
      try bench.run("sparing 1 20000 512")
      let before = try RecordFile.allCases.map { try bench.read("fixture/\($0.rawValue)") }
      let run = try bench.start("well 40 20000 512", ["file-limit=\(limit)"])
      #expect(run.end() == "exited with code 74", "\(limit): \(run.text)")
      #expect(run.text.contains("File too large"), "\(limit): \(run.text)")
      let after = try RecordFile.allCases.map { try bench.read("fixture/\($0.rawValue)") }
      #expect(before == after)
      let resumed = try bench.start("well 40 20000 512", ["resume"])
      #expect(resumed.end() == "exited with code 0", "\(resumed.text)")
      #expect(try bench.measurements == reference.measurements)
    }
  }

  @Test func `a cell that does nothing costs milliseconds of processor time at most`() throws {
    let bench = try Bench()
    let cells = 2_000
    let run = try bench.start("empty*\(cells) 1 20000 512", ["cost", "batch=64"])
    #expect(run.end() == "exited with code 0")
    let seconds = try #require(Double(run.text))
    // Planning, workers, journal and record together take a quarter of a millisecond where nothing
    // else runs; forty times as much is no busy machine but work that grows with the cells.
    #expect(seconds / Double(cells) <= 0.010, "\(seconds) s for \(cells) cells")
    #expect(try bench.record.timings.count == 2 * cells)
  }

  @Test func `a worker that cannot be started is an error with its log`() throws {
    let bench = try Bench()
    for (program, reason, limit) in [
      ("/nonexistent/worker", "No such file", LabCore.Duration.seconds(60)),
      ("/bin/false", "exited with code 1", .seconds(60)),
      ("/bin/cat", "is no answer", .seconds(60)),
      ("/bin/sh", "did not begin in time", .milliseconds(500)),
    ] {
      let error = bench.error {
        try bench.run(
          "well 1 20000 512",
          worker: WorkerCommand(
            executable: program, arguments: [], startLimit: limit))
      }
      guard case .worker(let text)? = error else {
        Issue.record("\(program): \(String(describing: error))")
        continue
      }
      #expect(text.contains(reason), "\(text)")
    }
  }

  @Test func `a worker that plans something else refuses to serve`() throws {
    let bench = try Bench()
    let plan = try FixturePlan("well 1 20000 512").plan()
    let error = bench.error {
      _ = try Runner(experiments: Bench.registry).run(
        RunRequest(
          plan: plan, frozenManifest: "well 2 20000 512", results: bench.path,
          worker: WorkerCommand(executable: Bench.program)))
    }
    guard case .worker(let text)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(text.contains("the frozen manifest has digest"))
  }
}
