// What of an earlier record is taken over, and what runs again.

import LabCore
import LabRecord
import Testing

@testable import LabManifest
@testable import LabRunner
@testable import TrialWorker

@Suite struct `Rerunning` {
  private static let limits = "20000 512"

  /// What a run took over and how many trials it ran.
  private struct Happened {
    var outcome: RunOutcome
    var report: TakeoverReport?
    var began: Int?
    var ran: Int
  }

  private func run(
    _ text: String, _ rerun: Rerun, in bench: borrowing Bench, seed: UInt64 = 7,
    code: RunDescription.Code = .init()
  ) throws -> Happened {
    var report: TakeoverReport?
    var began: Int?
    var ran = 0
    let outcome = try bench.run(text, seed: seed, rerun: rerun, code: code) { event in
      switch event {
      case .tookOver(let told): report = told
      case .began(_, _, let done): began = done
      case .finished: ran += 1
      default: break
      }
    }
    return Happened(outcome: outcome, report: report, began: began, ran: ran)
  }

  @Test(arguments: Rerun.allCases)
  func `without a record everything runs`(rerun: Rerun) throws {
    let bench = try Bench()
    let happened = try run("well 2 \(Self.limits)", rerun, in: bench)
    #expect(happened.ran == 4 && happened.report == nil)
    #expect(try bench.record.run.takenOver == nil)
  }

  @Test func `a wider plan runs only what is new and gives the bytes of a whole run`() throws {
    let bench = try Bench()
    let whole = try Bench()
    let first = try run("well,throwing,live 2 \(Self.limits)", .all, in: bench)
    let text = "well,throwing,live,sparing,well 3 \(Self.limits)"
    let happened = try run(text, .none, in: bench)
    #expect(happened.began == 12 && happened.ran == 18)
    #expect(happened.report?.lacking == 18 && happened.report?.dropped == 0)
    try whole.run(text)
    #expect(try bench.measurements == whole.measurements)
    #expect(
      try bench.read("fixture/observations.csv") == whole.read("fixture/observations.csv"))
    let record = try bench.record
    #expect(record.run.takenOver?.run == first.outcome.run)
    #expect(record.run.takenOver?.trials == 12)
    #expect(record.run.trials == ["ok": 24, "failed": 6])
    #expect(happened.outcome.failures.count == 6)
  }

  @Test func `what is taken over keeps its rows byte for byte, costs and reasons with them`() throws
  {
    let bench = try Bench()
    let text = "well,traps,sparing,throwing,misnames,live 2 \(Self.limits)"
    let first = try run(text, .all, in: bench).outcome.run
    let tables = try RecordFile.tables.map { try bench.read("fixture/\($0.rawValue)") }
    let second = try run(text, .changed, in: bench)
    #expect(second.ran == 0 && second.began == 24)
    #expect(try RecordFile.tables.map { try bench.read("fixture/\($0.rawValue)") } == tables)
    let third = try run(text, .none, in: bench)
    #expect(third.ran == 0)
    let origin = try #require(try bench.record.run.takenOver)
    #expect((origin.run, origin.earlier) == (second.outcome.run, [first]))
  }

  @Test func `only failed trials run again when failed ones are to`() throws {
    let bench = try Bench()
    let text = "well,throwing,traps 2 \(Self.limits)"
    try bench.run(text)
    let happened = try run(text, .failed, in: bench)
    #expect(happened.began == 4 && happened.ran == 8)
    #expect(happened.report?.failed == 8 && happened.report?.lacking == 0)
    #expect(try run(text, .none, in: bench).ran == 0)
  }

  @Test func `a raised version is an error until the changed trials are to run`() throws {
    let bench = try Bench()
    try bench.run("well,well 2 \(Self.limits)")
    let before = try RecordFile.allCases.map { try bench.read("fixture/\($0.rawValue)") }
    let text = "well,well,sparing 2 \(Self.limits) version=2"
    for rerun in [Rerun.none, .failed] {
      let error = bench.error { _ = try run(text, rerun, in: bench) }
      guard case .changedTrials(8, of: 8, _, let reasons)? = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(reasons == ["the version of the experiment was 1 and is 2"])
      #expect(bench.unfinished.isEmpty)
    }
    #expect(try RecordFile.allCases.map { try bench.read("fixture/\($0.rawValue)") } == before)
    let happened = try run(text, .changed, in: bench)
    #expect(happened.ran == 12)
    #expect(happened.report?.changed == 8 && happened.report?.lacking == 4)
    #expect(try bench.record.run.takenOver == nil)
  }

  @Test(arguments: [
    ("", 8, "the seed was 7 and is 8"), (" metrics=3", 7, "other metrics are kept"),
  ])
  func `another seed and other metrics are changes too`(
    words: String, seed: UInt64, reason: String
  ) throws {
    let bench = try Bench()
    try bench.run("well 2 \(Self.limits)")
    let text = "well 2 \(Self.limits)\(words)"
    let error = bench.error { _ = try run(text, .none, in: bench, seed: seed) }
    guard case .changedTrials(4, of: 4, _, let reasons)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reasons == [reason])
    #expect(try run(text, .changed, in: bench, seed: seed).ran == 4)
  }

  @Test func `a narrower plan drops trials and says so`() throws {
    let bench = try Bench()
    try bench.run("well,sparing,throwing 3 \(Self.limits)")
    let happened = try run("well,sparing 2 \(Self.limits)", .none, in: bench)
    #expect(happened.ran == 0 && happened.report?.dropped == 10)
    #expect(try bench.record.cells.count == 2)
  }

  @Test func `a block of trials in real time runs again as a whole`() throws {
    let bench = try Bench()
    try bench.run("live 2 \(Self.limits)")
    // A record in which one arm of the second repetition failed.
    var record = try bench.record
    let bad = try #require(
      record.timings.firstIndex { $0.arm == "right" && $0.repetition == 1 })
    record.timings[bad].status = .timeout
    record.observations = record.observations.map { row in
      guard row.arm == "right", row.repetition == 1 else { return row }
      var row = row
      (row.value, row.status) = (nil, .timeout)
      return row
    }
    try FolderTree.make("\(bench.path)/staged")
    try record.stage(in: "\(bench.path)/staged")
    try RunRecord.publish(staged: "\(bench.path)/staged", to: "\(bench.path)/fixture")
    let happened = try run("live 2 \(Self.limits)", .failed, in: bench)
    #expect(happened.began == 2 && happened.ran == 2 && happened.report?.failed == 2)
    #expect(happened.outcome.counts == [.ok: 4])
  }

  @Test func `rows of another machine or toolchain are not mixed`() throws {
    let bench = try Bench()
    try bench.run("well 2 \(Self.limits)", exactness: ["cpu_level": "other"])
    let before = try bench.measurements
    let error = bench.error { _ = try run("well 3 \(Self.limits)", .none, in: bench) }
    guard case .notMixable(_, let differs)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(differs.count == 1 && differs[0].hasPrefix("cpu_level ('other', now '"))
    #expect(try bench.measurements == before)
    #expect(bench.unfinished.isEmpty)
  }

  @Test func `a change of the source warns and keeps, and the record names both`() throws {
    let bench = try Bench()
    let (old, new) = (
      RunDescription.Code(commit: "aaaa"), RunDescription.Code(commit: "aaaa", dirtyDigest: "dd")
    )
    try bench.run("well 1 \(Self.limits)", code: old)
    let happened = try run("well 2 \(Self.limits)", .none, in: bench, code: new)
    let report = try #require(happened.report)
    #expect(report.sourceChange == .init(recorded: old, current: new))
    for style in [ProgressLine.Style.plain, .terminal, .quiet] {
      var line = ProgressLine(style, name: "x")
      #expect(
        line.text(for: .tookOver(report), at: .zero).contains(
          "x: warning: the code has changed since the trials that are taken over ran: commit aaaa, "
            + "now commit aaaa with changes dd; "))
    }
    let origin = try #require(try bench.record.run.takenOver)
    #expect((origin.commit, origin.dirtyDigest) == ("aaaa", nil))
    #expect(try bench.record.run.code == new)
    let again = try run("well 3 \(Self.limits)", .none, in: bench, code: new)
    #expect(again.report?.sourceChange == nil)
  }

  @Test(arguments: 1...8)
  func `a run that took over and was killed is resumed to the same bytes`(moment: Int) throws {
    let bench = try Bench()
    let whole = try Bench()
    try bench.run("well 2 \(Self.limits)")
    let text = "well,sparing 3 \(Self.limits)"
    try whole.run(text)
    _ = try bench.start(text, ["rerun=none", "die-at=\(moment)", "jobs=1"]).end()
    if bench.unfinished.isEmpty {
      // It was killed before it had begun.
      #expect(try run(text, .none, in: bench).began == 4)
    } else {
      // The record is in its place already when the last moments come.
      let resumed = try bench.start(text, ["resume"])
      #expect(resumed.end() == "exited with code 0", "\(resumed.text)")
    }
    #expect(try bench.measurements == whole.measurements)
    #expect(try bench.record.run.takenOver?.trials == 4)
  }

  @Test func `a record that is damaged is not taken over`() throws {
    let bench = try Bench()
    try bench.run("well 1 \(Self.limits)")
    let table = try bench.read("fixture/timings.csv")
    try bench.write(table + table, to: "fixture/timings.csv")
    let error = bench.error { _ = try run("well 2 \(Self.limits)", .none, in: bench) }
    guard case .record(let problem)? = error, problem.problem == .changed else {
      Issue.record("\(String(describing: error))")
      return
    }
    // To run everything is the way out.
    #expect(try run("well 2 \(Self.limits)", .all, in: bench).ran == 4)
  }
}
