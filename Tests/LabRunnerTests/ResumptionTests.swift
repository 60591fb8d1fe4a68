// Runs that end before their end.

import Glibc
import LabCore
import LabRecord
import Testing

@testable import LabManifest
@testable import LabRunner
@testable import TrialWorker

@Suite struct `Resumption` {
  private static let text = "well,sparing,throwing,traps 3 20000 512"
  private static let trials = 24

  private static let reference: String = {
    do {
      let bench = try Bench()
      try bench.run(text)
      return try bench.measurements
    } catch { return "\(error)" }
  }()

  @Test(arguments: 0..<50)
  func `a run that is killed at any moment is resumed to the same bytes`(seed: UInt64) throws {
    var random = Seed(seed).child("kill").stream()
    let bench = try Bench()
    var lives = 0
    while true {
      lives += 1
      let resume = lives == 1 ? [] : ["resume"]
      // Half of the kills come between two events, the others whenever the killer gets to run.
      let moment = 1 + random.below(Self.trials + 6)
      let isExact = random.chance(.percent(50))
      let run = try bench.start(
        Self.text,
        resume + ["tell", "jobs=\(1 + random.below(2))", "batch=\(1 + random.below(8))"]
          + (isExact && lives <= 3 ? ["die-at=\(moment)"] : []))
      if !isExact, lives <= 3 {
        run.wait(for: moment)
        run.kill()
      }
      let ending = run.end()
      if bench.unfinished.isEmpty, lives > 1 || ending == "exited with code 0" { break }
      if case .nothingToResume? = bench.error({ try bench.run(Self.text, resume: true) }) {
        // It was killed before it had begun.
        #expect(try bench.run(Self.text).ending == .completed)
        break
      }
      if bench.unfinished.isEmpty { break }
      guard lives < 6 else {
        Issue.record("seed \(seed): \(ending) \(run.text)")
        return
      }
    }
    #expect(try bench.measurements == Self.reference, "seed \(seed)")
    _ = try bench.record
  }

  @Test func `only what is not in the journal runs again`() throws {
    let bench = try Bench()
    let first = try bench.start("well 10 20000 512", ["die-at=15", "jobs=1"])
    #expect(first.end().hasPrefix("ended by signal 9"))
    var events: [RunEvent] = []
    let outcome = try bench.run("well 10 20000 512", resume: true) { events.append($0) }
    guard case .began(let run, 20, let done)? = events.first else {
      Issue.record("\(events)")
      return
    }
    #expect(run == outcome.run)
    let again = events.count { if case .finished = $0 { true } else { false } }
    #expect(done + again == 20)
    #expect(outcome.counts == [.ok: 20])
  }

  @Test func `when the runner dies, its workers do too`() throws {
    let bench = try Bench()
    // The workers inherit the writing end, so that reading ends with the last of them.
    var ends: [CInt] = [-1, -1]
    try #require(pipe(&ends) == 0)
    let run = try bench.start("well,hangs 1 60000 512", ["tell"])
    close(ends[1])
    run.wait(for: 3)
    run.kill()
    var byte: UInt8 = 0
    #expect(read(ends[0], &byte, 1) == 0)
    close(ends[0])
  }

  @Test(arguments: ["finish-at=6", "abort-at=6"])
  func `an interrupted run says so and is resumed to the same bytes`(word: String) throws {
    let bench = try Bench()
    #expect(try bench.start(Self.text, [word, "jobs=1"]).end() == "exited with code 130")
    #expect(bench.unfinished.count == 1)
    #expect(try bench.run(Self.text, resume: true).ending == .completed)
    #expect(try bench.measurements == Self.reference)
  }

  @Test func `the first interrupt lets the running trials end, the second does not`() throws {
    let bench = try Bench()
    let control = RunControl()
    let outcome = try bench.run("well,hangs 1 60000 512", jobs: 1, control: control) { event in
      switch event {
      case .finished: control.interrupt()
      case .waiting where control.current == .finishRunning: control.interrupt()
      default: break
      }
    }
    #expect(outcome.ending == .interrupted)
    #expect(outcome.counts[.ok] ?? 0 >= 1)
    #expect(outcome.counts[.timeout] == nil)
    #expect(control.current == .abort)
  }

  @Test func `without an unfinished run there is nothing to resume`() throws {
    let bench = try Bench()
    #expect(
      bench.error { try bench.run(Self.text, resume: true) }
        == .nothingToResume(experiment: "fixture", folder: bench.path))
  }

  @Test func `a run of another size, seed or manifest is not resumed`() throws {
    let bench = try Bench()
    _ = try bench.start("well 10 20000 512", ["die-at=5"]).end()
    let run = bench.unfinished[0]
    func differs(_ body: () throws -> RunOutcome) -> [String] {
      guard case .notResumable(run, let differs)? = bench.error({ _ = try body() }) else {
        return []
      }
      return differs
    }
    #expect(
      differs { try bench.run("well 10 20000 512", seed: 8, resume: true) }
        == ["the manifest", "the seed"])
    #expect(
      differs { try bench.run("well 10 20000 512", size: .full, resume: true) }
        == ["the manifest", "the size"])
    #expect(
      differs { try bench.run("well 11 20000 512", resume: true) }
        == ["the manifest", "the number of trials"])
    let other = WorkerCommand(executable: "/bin/true")
    #expect(
      differs { try bench.run("well 10 20000 512", resume: true, worker: other) }
        == ["the program"])
    #expect(try bench.run("well 10 20000 512", resume: true).ending == .completed)
  }

  /// Kills a run in the middle, changes its journal, and resumes it.
  private func resume(
    afterChanging change: (inout [UInt8]) -> Void
  ) throws -> (error: RunError?, isSame: Bool) {
    let bench = try Bench()
    _ = try bench.start(Self.text, ["die-at=20", "jobs=1"]).end()
    let path = "\(bench.path)/.work/\(bench.unfinished[0])/trials.journal"
    var bytes = try RecordFile.read(path, limit: 1 << 24)
    change(&bytes)
    let descriptor = open(path, O_WRONLY | O_TRUNC)
    #expect(Descriptor.write(bytes, to: descriptor))
    close(descriptor)
    let error = bench.error { try bench.run(Self.text, resume: true) }
    return (error, try error == nil && bench.measurements == Self.reference)
  }

  @Test func `a torn end of the journal costs only what it held`() throws {
    let result = try resume { $0.removeLast(11) }
    #expect(result.error == nil)
    #expect(result.isSame)
  }

  @Test func `a damaged beginning of the journal is an error`() throws {
    let result = try resume { $0[3] ^= 0x40 }
    guard case .journal? = result.error else {
      Issue.record("\(String(describing: result.error))")
      return
    }
  }

  @Test func `a journal of another plan is an error`() throws {
    let bench = try Bench()
    _ = try bench.start("well 10 20000 512", ["die-at=15", "jobs=1"]).end()
    let folder = "\(bench.path)/.work/\(bench.unfinished[0])"
    let error = bench.error { _ = try TrialLog(folder: folder, trials: 3) }
    guard case .badWorkFolder? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func `a description of the start that is damaged is an error`() throws {
    let bench = try Bench()
    _ = try bench.start(Self.text, ["die-at=10"]).end()
    let path = "\(bench.path)/.work/\(bench.unfinished[0])/start.json"
    let descriptor = open(path, O_WRONLY | O_TRUNC)
    close(descriptor)
    #expect(
      bench.error { try bench.run(Self.text, resume: true) }
        == .badWorkFolder(path: path, reason: "it is not the start of a run"))
  }
}
