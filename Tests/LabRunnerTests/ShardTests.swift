// Runs that are cut into parts, and parts that are joined.

import LabCore
import LabRecord
import Testing

@testable import LabManifest
@testable import LabRunner
@testable import TrialWorker

@Suite struct `Shards` {
  private static let text = "well,throwing,sparing,live,well,traps,well 2 20000 512"

  private func folder(_ shard: String, in bench: borrowing Bench) throws -> String {
    let shard = try #require(Shard(shard))
    return "\(bench.path)/.shards/fixture/\(shard.folder)"
  }

  /// Runs shards and returns the folders of their records.
  private func run(
    _ shards: [String], of text: String = Self.text, in bench: borrowing Bench, seed: UInt64 = 7,
    size: RunSize = .smoke, exactness: [String: String] = [:]
  ) throws -> [String] {
    for shard in shards {
      let outcome = try bench.run(
        text, size: size, seed: seed, shard: shard, exactness: exactness)
      #expect(outcome.ending == .completed)
      #expect(try outcome.folder == folder(shard, in: bench))
    }
    return try shards.map { try folder($0, in: bench) }
  }

  private func error(merging folders: [String], into bench: borrowing Bench) -> MergeError? {
    do {
      _ = try ShardMerge(folders).publish(in: bench.path)
      return nil
    } catch { return error }
  }

  @Test(arguments: [
    ["1/2", "2/2"], ["1/3", "2/3", "3/3"], ["2/2", "3/4", "1/4"], ["1/1"],
    (1...9).map { "\($0)/9" },
  ])
  func `merged shards are the bytes of the whole run`(shards: [String]) throws {
    let bench = try Bench()
    let whole = try Bench()
    try whole.run(Self.text)
    let folders = try run(shards, in: bench)
    #expect(!FolderTree.names(in: bench.path).contains("fixture"))
    let run = try ShardMerge(folders.reversed()).publish(in: bench.path)
    for file in ["measurements.csv", "observations.csv", "cells.csv"] {
      #expect(try bench.read("fixture/\(file)") == whole.read("fixture/\(file)"))
    }
    let (merged, expected) = (try bench.record, try whole.record)
    #expect(merged.run.run == run.run && merged.run.shard == nil)
    #expect(merged.run.trials == expected.run.trials)
    #expect(merged.run.merged?.map(\.shard.description).sorted() == shards.sorted())
    #expect(merged.timings.map(\.cell) == expected.timings.map(\.cell))
    #expect(bench.unfinished.isEmpty)
  }

  @Test func `arms and repetitions of a cell stay in one shard`() throws {
    let bench = try Bench()
    let folders = try run(["1/2", "2/2"], in: bench)
    let cells = try folders.map { Set(try RunRecord.load(folder: $0).timings.map(\.cell)) }
    #expect(cells[0].isDisjoint(with: cells[1]))
    #expect((cells[0].count, cells[1].count) == (4, 3))
    for folder in folders {
      let record = try RunRecord.load(folder: folder)
      #expect(record.cells.count == 7)
      #expect(Dictionary(grouping: record.timings, by: \.cell).values.allSatisfy { $0.count == 4 })
    }
  }

  @Test func `shards that overlap are named with their cells`() throws {
    let bench = try Bench()
    let folders = try run(["1/2", "2/2", "2/4"], in: bench)
    let cells = try RunRecord.load(folder: folders[0]).cells.map(\.id)
    #expect(
      error(merging: folders, into: bench)
        == .overlap(folders[2], folders[1], cells: [cells[1], cells[5]]))
    #expect(
      error(merging: [folders[0], folders[0], folders[1]], into: bench)
        == .overlap(folders[0], folders[0], cells: []))
    #expect(!FolderTree.names(in: bench.path).contains("fixture"))
  }

  @Test func `shards that are missing are named with their cells`() throws {
    let bench = try Bench()
    let folders = try run(["1/3", "3/3", "2/4"], in: bench)
    let cells = try RunRecord.load(folder: folders[0]).cells.map(\.id)
    let lacking = error(merging: Array(folders.prefix(2)), into: bench)
    let second = try #require(Shard("2/3"))
    #expect(lacking == .missing(shards: [second], cells: [cells[1], cells[4]]))
    #expect(
      lacking?.description.hasPrefix(
        "shard 2/3 is missing (2 cells \(cells[1]), \(cells[4])); ") == true)
    #expect(
      error(merging: [folders[0], folders[2]], into: bench)
        == .missing(shards: [], cells: [cells[2], cells[4]]))
    #expect(error(merging: [], into: bench) == .nothing)
  }

  @Test func `shards of another plan, seed, size or machine are refused and nothing is written`()
    throws
  {
    let bench = try Bench()
    let other = try Bench()
    try bench.run(Self.text)
    let before = try RecordFile.allCases.map { try bench.read("fixture/\($0.rawValue)") }
    let first = try run(["1/2"], in: bench)[0]
    func differs(_ second: String) -> [String] {
      guard case .different(_, first, let differs)? = error(merging: [first, second], into: bench)
      else { return [] }
      return differs
    }
    let wide = try run(["2/2"], of: "well,well,well 3 20000 512", in: other)[0]
    #expect(differs(wide) == ["the manifest", "the experiment", "the cells of the plan"])
    FolderTree.remove(wide)
    let seeded = try run(["2/2"], in: other, seed: 8)[0]
    #expect(differs(seeded) == ["the manifest", "the seed"])
    FolderTree.remove(seeded)
    let large = try run(["2/2"], in: other, size: .full)[0]
    #expect(differs(large) == ["the manifest", "the size"])
    FolderTree.remove(large)
    let machine = try run(["2/2"], in: other, exactness: ["cpu_level": "other"])[0]
    #expect(differs(machine) == ["the exactness keys"])
    let whole = "\(bench.path)/fixture"
    #expect(error(merging: [first, whole], into: bench) == .notAShard(whole))
    #expect(try RecordFile.allCases.map { try bench.read("fixture/\($0.rawValue)") } == before)
  }

  @Test func `a damaged or newer shard is refused with its file`() throws {
    let bench = try Bench()
    let folders = try run(["1/2", "2/2"], in: bench)
    let table = try RecordFile.read("\(folders[1])/measurements.csv", limit: 1 << 24)
    try bench.write("x", to: ".shards/fixture/2-of-2/measurements.csv")
    #expect(
      error(merging: folders, into: bench)
        == .record(RecordError(path: "\(folders[1])/measurements.csv", .changed)))
    try bench.write(
      String(decoding: table, as: UTF8.self), to: ".shards/fixture/2-of-2/measurements.csv")
    let run = try bench.read(".shards/fixture/2-of-2/run.json")
    try bench.write(
      run.replacing("\"format\" : 1", with: "\"format\" : 9"),
      to: ".shards/fixture/2-of-2/run.json")
    guard case .record(let problem)? = error(merging: folders, into: bench) else {
      Issue.record("the newer shard was taken")
      return
    }
    #expect(problem.description.contains("run.json: error: the record has format 9"))
    // The description now says that it is another part than its rows are of.
    try bench.write(
      run.replacing("\"index\" : 2", with: "\"index\" : 1"), to: ".shards/fixture/2-of-2/run.json")
    #expect(
      error(merging: folders, into: bench) == .overlap(folders[1], folders[0], cells: [])
        || error(merging: [folders[1]], into: bench) != nil)
    #expect(!FolderTree.names(in: bench.path).contains("fixture"))
  }

  @Test func `a shard that lies about its part is refused`() throws {
    let bench = try Bench()
    let folders = try run(["1/2", "2/2"], in: bench)
    for (name, index) in [("1-of-2", "2"), ("2-of-2", "1")] {
      let run = try bench.read(".shards/fixture/\(name)/run.json")
      let old = index == "1" ? "2" : "1"
      try bench.write(
        run.replacing("\"index\" : \(old)", with: "\"index\" : \(index)"),
        to: ".shards/fixture/\(name)/run.json")
    }
    guard case .incomplete? = error(merging: folders, into: bench) else {
      Issue.record("rows of other cells were taken")
      return
    }
  }

  @Test func `a place that is held, larger or newer keeps what it has`() throws {
    let bench = try Bench()
    let folders = try run(["1/2", "2/2"], in: bench)
    try bench.run("well 1 20000 512", size: .full)
    let before = try bench.read("fixture/run.json")
    let path = "\(bench.path)/fixture/run.json"
    #expect(
      error(merging: folders, into: bench)
        == .run(.record(RecordError(path: path, .smaller(.smoke, than: .full)))))
    try bench.write(
      before.replacing("\"format\" : 1", with: "\"format\" : 2"), to: "fixture/run.json")
    guard case .run(.record(let problem))? = error(merging: folders, into: bench) else {
      Issue.record("the newer record was replaced")
      return
    }
    #expect(problem.description.contains("fleetlab 0.1.0 wrote it"))
    let lock = try FolderLock("\(bench.path)/.work/fixture.lock")
    guard case .run(.busy)? = error(merging: folders, into: bench) else {
      Issue.record("the lock was overlooked")
      return
    }
    withExtendedLifetime(lock) {}
    #expect(try bench.read("fixture/run.json").contains("\"format\" : 2"))
  }

  @Test func `a shard that was killed is resumed as that shard only`() throws {
    let bench = try Bench()
    let whole = try Bench()
    try whole.run(Self.text)
    _ = try bench.start(Self.text, ["shard=1/2", "die-at=6", "jobs=1"]).end()
    #expect(bench.unfinished.count == 1)
    let other = try bench.start(Self.text, ["shard=2/2", "resume"])
    #expect(other.end() == "exited with code 74")
    #expect(other.text.contains("differs in the shard"))
    #expect(try bench.start(Self.text, ["shard=1/2", "resume"]).end() == "exited with code 0")
    let folders = [try folder("1/2", in: bench)] + (try run(["2/2"], in: bench))
    _ = try ShardMerge(folders).publish(in: bench.path)
    #expect(try bench.measurements == whole.measurements)
  }

  @Test(arguments: ["0/2", "3/2", "-1/2", "1/0", "1", "1/2/3", "a/b", "01/2", "1/20000", "", "1/"])
  func `a text that names no shard is refused`(text: String) {
    #expect(Shard(text) == nil)
  }
}
