// What bad trials cost, and what is told of them.

import LabCore
import LabRecord
import Testing

@testable import LabManifest
@testable import LabRunner
@testable import TrialWorker

@Suite struct `Failing trial` {
  /// Runs one bad behaviour between two good cells and returns the bad cell's failures.
  private func fail(
    _ behaviour: Behaviour, as status: TrialStatus, limits: String = "20000 512"
  ) throws -> [TrialFailure] {
    let bench = try Bench()
    let outcome = try bench.run(
      "well,\(behaviour.rawValue),well 1 \(limits)", overrides: ["--set", "x=a b"])
    #expect(outcome.ending == .completed)
    #expect(outcome.counts == [.ok: 4, status: 2])
    let record = try bench.record
    let bad = record.cells[1].id
    #expect(record.measurements.allSatisfy { ($0.status == .ok) == ($0.cell != bad) })
    #expect(record.measurements.count { $0.cell == bad } == 2 * record.metrics.count)
    #expect(record.timings.count { $0.status == status } == 2)
    for failure in outcome.failures {
      #expect(failure.status == status)
      #expect(
        failure.replay == "fleetlab replay 'Experiments/fixture'\\''s.yaml' --cell \(bad) "
          + "--arm \(failure.trial.arm) --repetition 0 --size smoke --seed 7 --set 'x=a b'")
      let timing = record.timings.first { $0.cell == bad && $0.arm == failure.trial.arm }
      let error = timing?.error ?? ""
      #expect(error.hasPrefix(failure.error))
      #expect(error.hasSuffix("replay: \(failure.replay)"))
    }
    return outcome.failures
  }

  @Test func `a trap costs its trial and keeps its reason`() throws {
    for failure in try fail(.traps, as: .failed) {
      #expect(
        failure.error == "the worker ended by signal 4, a trap"
          || failure.error == "the worker ended by signal 5, a trap")
      #expect(failure.log?.contains("the fixture broke as it was told to") == true)
      #expect(failure.log?.contains("stack trace") == false)
    }
  }

  @Test func `an exit costs its trial and names its code`() throws {
    for failure in try fail(.exits, as: .failed) {
      #expect(failure.error == "the worker exited with code 7")
    }
  }

  @Test func `a thrown error is kept in its own words`() throws {
    for failure in try fail(.throwing, as: .failed) {
      #expect(failure.error == "the fixture threw as it was told to")
      #expect(failure.log == nil)
    }
  }

  @Test func `a trial that hangs is stopped at its limit`() throws {
    for failure in try fail(.hangs, as: .timeout, limits: "4000 512") {
      #expect(failure.error == "the trial ran longer than its limit of 4s")
    }
  }

  @Test func `a trial that takes memory piece by piece is stopped at its limit`() throws {
    for failure in try fail(.eats, as: .memory, limits: "60000 128") {
      #expect(failure.error == "the trial held more memory than its limit of 128MiB")
    }
  }

  @Test func `a trial that takes too much memory at once is told apart from a trap`() throws {
    for failure in try fail(.leaps, as: .memory) {
      #expect(failure.log?.contains("failed to allocate") == true)
    }
  }

  @Test func `a metric that nobody described fails the trial`() throws {
    for failure in try fail(.misnames, as: .failed) {
      #expect(failure.error.hasPrefix("the experiment recorded 'unheard'"))
    }
  }

  @Test func `a metric that is recorded twice fails the trial`() throws {
    for failure in try fail(.repeats, as: .failed) {
      #expect(failure.error.hasPrefix("'share' was recorded twice at one step"))
    }
  }

  @Test func `what a trial prints does not reach the runner`() throws {
    let bench = try Bench()
    #expect(try bench.run("talkative,well 3 20000 512").counts == [.ok: 12])
  }

  @Test func `a trial is not blamed for what its predecessors left`() throws {
    let bench = try Bench()
    // Each of these fails in a worker that has run anything before.
    let outcome = try bench.run("well,envious 3 20000 512", jobs: 1)
    #expect(outcome.counts == [.ok: 12])
  }

  @Test func `the first failure stops a run that is to fail fast, and the rest can be resumed`()
    throws
  {
    let bench = try Bench()
    let text = "throwing,well 20 20000 512"
    let outcome = try bench.run(text, jobs: 1, failFast: true)
    #expect(outcome.ending == .stoppedAtFailure)
    #expect(outcome.failures.count >= 1)
    #expect(outcome.counts.values.reduce(0, +) < 80)
    #expect(bench.unfinished == [outcome.run])
    let resumed = try bench.run(text, resume: true)
    #expect(resumed.ending == .completed)
    #expect(resumed.run == outcome.run)
    #expect(resumed.counts == [.failed: 40, .ok: 40])
    #expect(bench.unfinished.isEmpty)
  }

  @Test func `everything bad at once leaves the good rows alone`() throws {
    let clean = try Bench()
    let mixed = try Bench()
    try clean.run("well 2 20000 512")
    let outcome = try mixed.run(
      "well,traps,throwing,exits,hangs,talkative,envious,misnames 2 4000 512")
    #expect(outcome.counts == [.ok: 12, .failed: 16, .timeout: 4])
    let cell = try clean.record.cells[0].id
    #expect(
      try mixed.record.measurements.filter { $0.cell == cell } == clean.record.measurements)
  }
}
