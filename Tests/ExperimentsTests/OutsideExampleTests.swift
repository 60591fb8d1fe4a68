// The programs that the README shows to those who bring their own.

import Foundation
import LabManifest
import LabRecord
import LabRunner
import Testing

@testable import Experiments

@Suite struct `Examples of programs from outside` {
  /// The command line, which lies beside the program of the tests.
  private static var program: String {
    let tests = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    return tests.deletingLastPathComponent().appending(path: "fleetlab").path
  }

  private static let folder = `Event throughput`.root.appending(path: "Experiments/peers/examples")

  @Test func `each is an arm of a manifest of ten lines and runs`() throws {
    let path = Self.folder.appending(path: "mine.yaml").path
    let text = String(decoding: try RecordFile.read(path, limit: 1 << 20), as: UTF8.self)
    #expect(text.split(separator: "\n").count == 10)
    let plan = try `Event throughput`.loader.plan(
      path: path, size: .smoke, settings: ["repetitions": "2"], checkingData: true)
    let results = FileManager.default.temporaryDirectory.appending(
      path: "fleetlab-example-\(ProcessInfo.processInfo.processIdentifier)")
    defer { try? FileManager.default.removeItem(at: results) }
    let runner = Runner(experiments: ExperimentRegistry([EventThroughput.self]))
    let outcome = try runner.run(
      RunRequest(
        plan: plan, frozenManifest: plan.resolvedText, results: results.path,
        worker: WorkerCommand(executable: Self.program)))
    #expect(outcome.failures.map(\.error) == [])
    let record = try RunRecord.load(folder: outcome.folder)
    for arm in ["queue", "instance", "heapq", "scan"] {
      let rates = record.observations.filter {
        $0.arm == arm && $0.metric.name == "events_per_second"
      }
      #expect(rates.count == 2, "\(arm)")
      #expect(rates.allSatisfy { Double($0.value?.text ?? "") ?? 0 > 0 }, "\(arm)")
    }
    #expect(record.run.subjects?.map(\.name) == ["heapq", "scan"])
    // The runner's own measure of a program; that of the Swift arms comes from the same metric.
    let costs = record.observations.filter { $0.metric.name == "cpu_seconds" }
    #expect(costs.count == 8)
    #expect(costs.allSatisfy { Double($0.value?.text ?? "") ?? -1 >= 0 })
    #expect(costs.contains { $0.arm == "heapq" && (Double($0.value?.text ?? "") ?? 0) > 0.001 })
  }

  @Test func `the example in Python is thirty lines of the standard library`() throws {
    let path = Self.folder.appending(path: "heapq_phold.py").path
    let text = String(decoding: try RecordFile.read(path, limit: 1 << 20), as: UTF8.self)
    #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count <= 31)
    #expect(text.contains("import heapq, json, random, sys, time\n"))
  }
}
