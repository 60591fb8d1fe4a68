// What the person who waits reads.

import LabCore
import LabRecord
import Testing

@testable import LabManifest
@testable import LabRunner
@testable import TrialWorker

@Suite struct `Progress line` {
  private let outcome = TrialOutcome(trial: 0, status: .ok, wallSeconds: 1)

  private func at(_ seconds: Double) -> Instant { Instant(nanoseconds: Int64(seconds * 1e9)) }

  private func failure() throws -> TrialFailure {
    TrialFailure(
      trial: try FixturePlan("well 1 1 1").plan().trials[0], status: .failed,
      error: "it broke\nbadly", log: nil, replay: "fleetlab replay x")
  }

  @Test func `a terminal gets one line that is overwritten`() throws {
    var line = ProgressLine(.terminal, name: "toy")
    let began = RunEvent.began(run: "r", trials: 200, done: 0)
    #expect(line.text(for: began, at: at(1)) == "\rtoy: 0/200 trials\u{1b}[K")
    #expect(line.text(for: .finished(outcome, done: 1, failure: nil), at: at(1.01)) == "")
    #expect(
      line.text(for: .finished(outcome, done: 20, failure: nil), at: at(3))
        == "\rtoy: 20/200 trials, 10/s, 18s left\u{1b}[K")
    let failed = line.text(for: .finished(outcome, done: 21, failure: try failure()), at: at(3))
    #expect(
      failed == "\r\u{1b}[Ktoy: failed: it broke\n  replay: fleetlab replay x\n"
        + "\rtoy: 21/200 trials, 11/s, 18s left, 1 failed\u{1b}[K")
    #expect(
      line.text(for: .finished(outcome, done: 200, failure: nil), at: at(21))
        == "\rtoy: 200/200 trials, 10/s, 1 failed\u{1b}[K")
    #expect(line.text(for: .published, at: at(21)).hasSuffix("\n"))
  }

  @Test func `elsewhere there is a plain line every few seconds`() throws {
    var line = ProgressLine(.plain, name: "toy")
    #expect(
      line.text(for: .began(run: "r", trials: 9, done: 4), at: at(0))
        == "toy: 9 trials, 4 of them done earlier\n")
    #expect(line.text(for: .finished(outcome, done: 5, failure: nil), at: at(4)) == "")
    #expect(line.text(for: .waiting, at: at(4.9)) == "")
    #expect(line.text(for: .waiting, at: at(5)) == "toy: 5/9 trials, 0.2/s, 20s left\n")
    #expect(line.text(for: .waiting, at: at(5.1)) == "")
    #expect(line.text(for: .synced(done: 5), at: at(50)) == "")
  }

  @Test func `quiet is quiet, even about failures`() throws {
    var line = ProgressLine(.quiet, name: "toy")
    for event in [
      RunEvent.began(run: "r", trials: 9, done: 4),
      .finished(outcome, done: 5, failure: try failure()), .waiting, .published,
    ] { #expect(line.text(for: event, at: at(100)) == "") }
  }

  @Test func `long waits are told in minutes and hours`() {
    var meter = ProgressMeter(trials: 1000, done: 0, start: at(0))
    meter.done = 1
    #expect(meter.text(at: at(1)) == "1/1000 trials, 1.0/s, 16min 39s left")
    #expect(meter.text(at: at(10)) == "1/1000 trials, 0.1/s, 2h 46min left")
  }
}
