// What may go from a results folder, and what stays.

import LabCore
import LabRecord
import Testing

@testable import LabManifest
@testable import LabRunner
@testable import TrialWorker

@Suite struct `Pruning` {
  private static let text = "well,well 3 20000 512"

  private func found(_ prune: Prune, unfinished: Bool = false) -> [String] {
    prune.findings(unfinished: unfinished).map { finding in
      "\(finding.path.split(separator: "/").last ?? ""): \(finding.reason)"
    }
  }

  @Test func `a run that can be resumed stays unless it is named`() throws {
    let bench = try Bench()
    _ = try bench.start(Self.text, ["die-at=5", "jobs=1"]).end()
    let run = try #require(bench.unfinished.first)
    let prune = Prune(results: bench.path)
    #expect(found(prune).isEmpty)
    #expect(try bench.run(Self.text, resume: true).ending == .completed)
    #expect(found(prune, unfinished: true).isEmpty)
    _ = try bench.start(Self.text, ["die-at=5", "jobs=1"]).end()
    let findings = prune.findings(unfinished: true)
    #expect(findings.map(\.reason) == [.unfinished])
    #expect(findings.allSatisfy { $0.bytes > 500 && $0.path != run })
    let outcome = try prune.remove(findings)
    #expect(outcome.removed == findings && outcome.held.isEmpty)
    #expect(bench.unfinished.isEmpty)
    #expect(try bench.record.timings.count == 12)
  }

  @Test func `what never began, what is damaged and what is published goes`() throws {
    let bench = try Bench()
    let first = try bench.run(Self.text).run
    for name in ["fixture-never", "fixture-damaged", "fixture-done"] {
      try FolderTree.make("\(bench.path)/.work/\(name)/logs")
    }
    try bench.write("{", to: ".work/fixture-damaged/start.json")
    _ = try bench.start("sparing 2 20000 512", ["die-at=4", "jobs=1"]).end()
    let cut = try #require(bench.unfinished.first { $0.hasPrefix("fixture-2") })
    let start = try bench.read(".work/\(cut)/start.json")
    let other = try WorkFolder.readStart("\(bench.path)/.work/\(cut)")
    try bench.write(
      start.replacing("\"\(other.run)\"", with: "\"\(first)\""), to: ".work/fixture-done/start.json"
    )
    let prune = Prune(results: bench.path)
    #expect(
      found(prune) == [
        "fixture-damaged: abandoned", "fixture-done: finished", "fixture-never: abandoned",
      ])
    _ = try prune.remove(prune.findings())
    #expect(found(prune).isEmpty && bench.unfinished.count == 1)
    #expect(try bench.start("sparing 2 20000 512", ["resume"]).end() == "exited with code 0")
  }

  @Test func `shards go once they are merged, and not before`() throws {
    let bench = try Bench()
    for shard in ["1/2", "2/2"] { try bench.run(Self.text, shard: shard) }
    let folders = ["1-of-2", "2-of-2"].map { "\(bench.path)/.shards/fixture/\($0)" }
    let prune = Prune(results: bench.path)
    #expect(found(prune, unfinished: true).isEmpty)
    _ = try ShardMerge(folders).publish(in: bench.path)
    #expect(found(prune) == ["1-of-2: merged", "2-of-2: merged"])
    // A shard that ran again since is not the one that was merged.
    try bench.run(Self.text + " version=2", shard: "2/2")
    #expect(found(prune) == ["1-of-2: merged"])
    let table = try bench.measurements
    _ = try prune.remove(prune.findings())
    #expect(FolderTree.names(in: "\(bench.path)/.shards/fixture") == ["2-of-2"])
    #expect(try bench.measurements == table)
  }

  @Test func `what a run holds stays`() throws {
    let bench = try Bench()
    let run = try bench.start("hangs 1 60000 512", ["tell"])
    run.wait(for: 1)
    let prune = Prune(results: bench.path)
    let findings = prune.findings(unfinished: true)
    #expect(findings.count == 1)
    #expect(try prune.remove(findings).held == findings)
    #expect(bench.unfinished.count == 1)
    run.kill()
    #expect(try prune.remove(findings).removed == findings)
    #expect(bench.unfinished.isEmpty)
  }

  @Test func `a folder without anything has nothing to remove`() throws {
    let bench = try Bench()
    #expect(Prune(results: bench.path).findings(unfinished: true).isEmpty)
    #expect(Prune(results: "\(bench.path)/nowhere").findings(unfinished: true).isEmpty)
  }
}
