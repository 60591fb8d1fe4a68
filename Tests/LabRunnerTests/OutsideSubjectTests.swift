// Programs from outside as arms of a run.

import ArrayFiles
import Foundation
import LabCore
import LabRecord
import Testing

@testable import LabManifest
@testable import LabRunner
@testable import TrialWorker

@Suite struct `Program from outside` {
  @Test func `its values stand in the record under its own name and version`() throws {
    let bench = try Bench()
    let script = try OutsideScript(in: bench.path)
    let outcome = try bench.run(script.plan(repetitions: 2))
    #expect(outcome.failures.map(\.error) == [])
    let record = try bench.record
    let rows = record.measurements.filter { $0.arm == "right" && $0.repetition == 1 }
    #expect(
      rows.map { "\($0.metric.name) \($0.step ?? -1) \($0.value?.text ?? "-")" } == [
        "share -1 0.5", "events -1 3", "trajectory -1 00000000000000ff", "curve 0 1",
        "curve 1 2.5", "curve 2 4",
      ])
    #expect(
      record.run.subjects == [
        RunDescription.Subject(
          arm: "right", name: "fixture", version: "1.0",
          commandDigest: ContentDigest.sha256(Array("sh\0\(script.path)\0".utf8)))
      ])
    let timings = record.timings.filter { $0.arm == "right" }
    #expect(timings.allSatisfy { ($0.cpuSeconds ?? -1) >= 0 && ($0.peakBytes ?? 0) > 100_000 })
    #expect(bench.unfinished.isEmpty)
  }

  @Test func `one process serves all trials of a worker`() throws {
    let bench = try Bench()
    let script = try OutsideScript(
      in: bench.path, hello: "echo x >>\"$folder/starts\"; echo '\(OutsideScript.greeting)'")
    let outcome = try bench.run(script.plan("well,well", repetitions: 5), jobs: 1)
    #expect(outcome.counts == [.ok: 20])
    #expect(try bench.read("starts") == "x\n")
  }

  @Test func `it hears the settings, the seed and where it may leave arrays`() throws {
    let bench = try Bench()
    let script = try OutsideScript(
      in: bench.path,
      hello: "echo \"$greeting\" >\"$folder/heard\"; pwd >>\"$folder/heard\"; "
        + "echo '\(OutsideScript.greeting)'",
      answer: "echo \"$line\" >>\"$folder/heard\"; \(OutsideScript.well)")
    let text = script.plan()
    try bench.run(text)
    let heard = try bench.read("heard").split(separator: "\n").map(String.init)
    let plan = try FixturePlan(text).plan()
    #expect(heard[0].hasPrefix(#"{"experiment":"fixture","fleetlab":1,"folder":"/"#))
    #expect(heard[1].hasSuffix("/Experiments"))
    let trial = try #require(plan.trials.last)
    let seed = MeasuredValue.hash(trial.seed.value).text
    #expect(
      heard[2] == #"{"run":{"arm":"right","cell":"\#(trial.cell.id)","repetition":0,"#
        + #""seed":"\#(seed)","settings":{"behaviour":"well"},"trial":1}}"#)
  }

  @Test func `a series may come in a file of NumPy's`() throws {
    let bench = try Bench()
    let array = NPYArray(.float32([1.5, -2, 4]))
    try array.write(to: "\(bench.path)/curve.npy")
    let answer = OutsideScript.metrics.replacing("[1,2.5,4]", with: #"{"npy":"c.npy"}"#)
      .replacing("\"", with: "\\\"")
    let script = try OutsideScript(
      in: bench.path,
      answer: "place=${greeting##*'\"folder\":\"'}; cp \"$folder/curve.npy\" "
        + "\"${place%%'\"'*}/c.npy\"; \(OutsideScript.says("\\\"work\\\":1,\(answer)"))")
    let outcome = try bench.run(script.plan())
    #expect(outcome.failures.map(\.error) == [])
    let curve = try bench.record.measurements.filter { $0.arm == "right" && $0.step != nil }
    #expect(
      curve.map(\.value?.text) == ["1.5", "-2", "4"]
        || curve.map(\.value?.text) == ["1.5", "-2.0", "4.0"])
  }

  @Test func `a program that fails once is started anew for the next trial`() throws {
    let bench = try Bench()
    let script = try OutsideScript(
      in: bench.path, hello: "echo x >>\"$folder/starts\"; echo '\(OutsideScript.greeting)'",
      answer: "if [ $(wc -l <\"$folder/starts\") = 1 ]; then echo out of luck >&2; exit 3; fi; "
        + OutsideScript.well)
    let outcome = try bench.run(script.plan(repetitions: 4), jobs: 1)
    #expect(outcome.counts == [.ok: 7, .failed: 1])
    let failure = try #require(outcome.failures.first)
    #expect(failure.error.hasPrefix("the program closed its output and exited with code 3"))
    #expect(failure.log == "out of luck")
    #expect(try bench.read("starts") == "x\nx\n")
    #expect(try bench.record.run.subjects?.count == 1)
  }

  @Test func `a program that is missing fails its trials with the command that gets it`() throws {
    let bench = try Bench()
    let outcome = try bench.run("well 1 20000 512 right=./nowhere/program")
    #expect(
      outcome.failures.map(\.error) == [
        "the program './nowhere/program' of arm 'right' is missing; a file that can be run was "
          + "expected; 'make it' makes it"
      ])
  }
}
