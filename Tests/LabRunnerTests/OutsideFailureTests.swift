// What programs from outside may do wrong.

import Foundation
import Glibc
import LabRecord
import Testing

@testable import LabManifest
@testable import LabRunner
@testable import TrialWorker

@Suite struct `Failing program from outside` {
  /// Runs one trial of a script and returns its failure.
  private func fail(
    hello: String = "echo '\(OutsideScript.greeting)'", answer: String = OutsideScript.well,
    limits: String = "20000 512"
  ) throws -> TrialFailure {
    let bench = try Bench()
    let script = try OutsideScript(in: bench.path, hello: hello, answer: answer)
    let outcome = try bench.run(script.plan(limits: limits))
    #expect(outcome.ending == .completed)
    #expect(outcome.failures.count == 1)
    let failure = try #require(outcome.failures.first)
    #expect(failure.trial.arm == "right")
    let record = try bench.record
    #expect(record.measurements.allSatisfy { ($0.status == .ok) == ($0.arm == "left") })
    return failure
  }

  private static let full = OutsideScript.metrics.replacing("\"", with: "\\\"")

  private static func says(_ members: String) -> String {
    OutsideScript.says(members.replacing("\"", with: "\\\""))
  }

  /// Greetings that are none.
  @Test(arguments: [
    ("exit 4", "the program closed its output and exited with code 4"),
    (
      "echo hello", "the program wrote 'hello'; one JSON object a line was expected as its greeting"
    ),
    ("printf '{\"fleetlab\":1'; exit 0", "the program closed its output in the middle of a line"),
    (
      "echo '{\"fleetlab\":2,\"name\":\"a\",\"version\":\"1\"}'",
      "the program speaks version 2 of the protocol; version 1 was expected"
    ),
    ("echo '{\"fleetlab\":1,\"name\":\"a\"}'", "'version' is missing"),
    ("echo '{\"fleetlab\":1,\"name\":\"\",\"version\":\"1\"}'", "the program calls itself ''"),
    ("kill -SEGV $$", "ended by signal 11, a bad memory access"),
  ])
  func `a greeting that is none costs the trial`(hello: String, text: String) throws {
    let failure = try fail(hello: hello)
    #expect(failure.status == .failed)
    #expect(failure.error.contains(text), "\(failure.error)")
  }

  /// Answers that are none.
  @Test(arguments: [
    ("echo garbage", "the program wrote 'garbage'; one JSON object a line was expected"),
    (
      "printf '{\"trial'; exit 0",
      "closed its output in the middle of a line and exited with code 0"
    ),
    ("exec >&-; exit 7", "the program closed its output"),
    ("echo '{\"trial\":99,\"work\":1}'", "the program answered trial 99; trial 1 was expected"),
    (Self.says("\"error\":\"no luck today\""), "the program says: no luck today"),
    (Self.says("\"work\":0,\"metrics\":{}"), "the program's work is 0"),
    (Self.says("\"metrics\":{}"), "the program's work is missing"),
    (Self.says("\"work\":1,\"metrics\":{\"share\":1}"), "the program did not measure 'curve'"),
    (
      Self.says("\"work\":1,\"metrics\":{\"sahre\":1}"),
      "the program measured 'sahre'; one of curve, events,"
    ),
    (
      Self.says("\"work\":1,\"metrics\":{\"cpu_seconds\":1}"),
      "the program measured 'cpu_seconds'; the runner measures that one itself"
    ),
    (
      Self.says("\"work\":1," + OutsideScript.metrics.replacing("0.5", with: "NaN")),
      "it is not valid JSON"
    ),
    (
      Self.says("\"work\":1," + OutsideScript.metrics.replacing("0.5", with: "\"much\"")),
      "the program measured 'share' as 'much'; a finite number"
    ),
    (
      Self.says("\"work\":1," + OutsideScript.metrics.replacing("00ff\"", with: "0\"")),
      "sixteen hexadecimal digits was expected"
    ),
    (
      Self.says("\"work\":1," + OutsideScript.metrics.replacing("[1,", with: "[[1],")),
      "an array within an array"
    ),
    (
      Self.says("\"work\":1," + OutsideScript.metrics.replacing("[1,2.5,4]", with: "[]")),
      "an empty array"
    ),
    (
      Self.says(
        "\"work\":1," + OutsideScript.metrics.replacing("[1,2.5,4]", with: "{\"npy\":\"../x\"}")),
      "the name of a file in the folder of the greeting was expected"
    ),
    (
      Self.says(
        "\"work\":1," + OutsideScript.metrics.replacing("[1,2.5,4]", with: "{\"npy\":\"x.npy\"}")),
      "cannot be read: No such file"
    ),
    (
      "place=${greeting##*'\"folder\":\"'}; echo none >\"${place%%'\"'*}/x.npy\"; "
        + Self.says(
          "\"work\":1,"
            + OutsideScript.metrics.replacing("[1,2.5,4]", with: "{\"npy\":\"x.npy\"}")),
      "the array of 'curve' in 'x.npy': it does not begin as a .npy file does; a .npy file of "
        + "format 1.0 or 2.0 was expected, little-endian, in C order, with one or two dimensions; "
        + "write it with numpy.save"
    ),
  ])
  func `an answer that is none costs the trial`(answer: String, text: String) throws {
    let failure = try fail(answer: answer)
    #expect(failure.status == .failed)
    #expect(failure.error.contains(text), "\(failure.error)")
  }

  @Test func `a line of a gibibyte is cut off at its bound`() throws {
    let failure = try fail(answer: "head -c 1073741824 /dev/zero | tr '\\0' x")
    #expect(failure.error.hasPrefix("the program wrote more than 1048576 bytes without a line end"))
  }

  @Test(arguments: ["hello", "answer"])
  func `silence ends at the wall limit, with what the program said to standard error`(
    part: String
  ) throws {
    let silence = "echo waiting for nothing >&2; sleep 1000"
    let failure =
      part == "hello"
      ? try fail(hello: silence, limits: "4000 512") : try fail(answer: silence, limits: "4000 512")
    #expect(failure.status == .timeout)
    #expect(failure.error.hasPrefix("the program did not answer within the limit of 4s"))
    #expect(failure.log == "waiting for nothing")
  }

  @Test func `memory beyond the limit costs the trial`() throws {
    // A shell's variable doubles until the limit stops it.
    let failure = try fail(
      answer: "text=x; while :; do text=$text$text; done", limits: "60000 96")
    #expect(failure.status == .memory)
    #expect(failure.error.hasPrefix("the program held more memory than its limit of 96MiB"))
  }

  /// Waits until a process is gone, which the kernel may take a moment for.
  private func isGone(_ process: pid_t) -> Bool {
    for _ in 0..<2_000 {
      if kill(process, 0) != 0 { return true }
      // A zombie waits for its parent alone.
      let state = (try? RecordFile.read("/proc/\(process)/stat", limit: 4096)) ?? []
      if String(decoding: state, as: UTF8.self).contains(") Z ") { return true }
      usleep(5_000)
    }
    return false
  }

  private static let parent =
    "sleep 1000 & echo $! >\"$folder/child\"; echo $$ >\"$folder/parent.new\"; "
    + "mv \"$folder/parent.new\" \"$folder/parent\"; "

  private func processes(_ bench: borrowing Bench) throws -> [pid_t] {
    try ["parent", "child"].map { name in
      try #require(pid_t(bench.read(name).split(separator: "\n").first ?? ""))
    }
  }

  @Test func `what a program started ends with it`() throws {
    for answer in [Self.parent + "sleep 1000", Self.parent + OutsideScript.well] {
      let bench = try Bench()
      let script = try OutsideScript(in: bench.path, answer: answer)
      try bench.run(script.plan(limits: "4000 512"))
      for process in try processes(bench) { #expect(isGone(process)) }
    }
  }

  @Test func `programs end with a worker that crashes`() throws {
    let bench = try Bench()
    let script = try OutsideScript(
      in: bench.path,
      answer: "sleep 1000 & echo $! >>\"$folder/children\"; \(OutsideScript.well)")
    let outcome = try bench.run(script.plan("well,traps"), jobs: 1)
    #expect(outcome.counts == [.ok: 3, .failed: 1])
    let children = try bench.read("children").split(separator: "\n").compactMap { pid_t($0) }
    #expect(children.count >= 2)
    for child in children { #expect(isGone(child)) }
  }

  @Test func `programs end with a run that is killed`() throws {
    let bench = try Bench()
    let script = try OutsideScript(in: bench.path, answer: Self.parent + "sleep 1000")
    let run = try bench.start(script.plan(limits: "600000 512"))
    for _ in 0..<4_000 where access("\(bench.path)/parent", F_OK) != 0 { usleep(5_000) }
    let processes = try processes(bench)
    run.kill()
    for process in processes { #expect(isGone(process)) }
  }
}
