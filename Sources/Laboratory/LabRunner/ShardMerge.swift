// From the records of the parts of a plan to the record of the whole.

import Glibc
import LabCore
import LabManifest
public import LabRecord

/// Joins the records of shards, wherever they ran, into the record that a run of the whole plan
/// would have made.
///
/// `measurements.csv` is the same byte for byte; what trials cost and the rows of trials in real
/// time are those of the machines that ran them, which `run.json` names.
public struct ShardMerge {
  /// A shard as it was read.
  private struct Part {
    var folder: String
    var shard: Shard
    var record: RunRecord
  }

  private let parts: [Part]
  private let plan: [RecordedCell]

  /// Reads the records of shards and checks that together they are one whole plan.
  ///
  /// - Parameter folders: The folders of the shards' records, in any order.
  /// - Throws: ``MergeError``; nothing is written. The caller runs what is missing, or names other
  ///   folders.
  /// - Complexity: Linear in the size of the records, all of which are in memory at once.
  public init(_ folders: [String]) throws(MergeError) {
    var parts: [Part] = []
    for folder in folders { parts.append(try Self.read(folder)) }
    guard let first = parts.first else { throw .nothing }
    for part in parts.dropFirst() {
      let differs = Self.differences(part.record, first.record)
      guard differs.isEmpty else {
        throw .different(part.folder, from: first.folder, differs: differs)
      }
    }
    self.parts = parts.sorted {
      ($0.shard.count, $0.shard.index) < ($1.shard.count, $1.shard.index)
    }
    plan = first.record.cells
    try checkCover()
    for part in parts { try checkRows(of: part) }
  }

  /// The id of the manifest whose shards these are.
  public var manifest: String { first.record.run.experiment.id }

  /// The record of the whole, in memory.
  ///
  /// - Parameter name: What the run is called.
  public func record(name: String) -> RunRecord {
    var run = first.record.run
    run.run = name
    run.shard = nil
    run.takenOver = nil
    run.program = ProgramVersion.current
    run.start = parts.map(\.record.run.start).min() ?? run.start
    run.end = parts.map(\.record.run.end).max() ?? run.end
    run.trials = parts.reduce(into: [:]) { sums, part in
      sums.merge(part.record.run.trials) { $0 + $1 }
    }
    run.subjects = RunDescription.Subject.listed(
      parts.flatMap { $0.record.run.subjects ?? [] })
    run.merged = parts.map { RunDescription.MergedShard($0.shard, of: $0.record.run) }
    for part in parts {
      run.stopping?.cells.merge(part.record.run.stopping?.cells ?? [:]) { mine, _ in mine }
    }
    let measurements = byCell(\.measurements, of: \.cell)
    let observations = byCell(\.observations, of: \.cell)
    let timings = byCell(\.timings, of: \.cell)
    return RunRecord(
      run: run, cells: plan, measurements: plan.flatMap { measurements[$0.id] ?? [] },
      observations: plan.flatMap { observations[$0.id] ?? [] },
      timings: plan.flatMap { timings[$0.id] ?? [] })
  }

  /// Publishes the record of the whole in a results folder.
  ///
  /// - Parameter results: The folder in which `<id>` and `.work` lie.
  /// - Returns: The description of the record.
  /// - Throws: ``MergeError/run(_:)`` when the folder is held by a run, holds the record of a
  ///   larger or newer one, or cannot be written. The old record is intact.
  public func publish(in results: String) throws(MergeError) -> RunDescription {
    do throws(RunError) { return try publishRecord(in: results) } catch { throw .run(error) }
  }

  private func publishRecord(in results: String) throws(RunError) -> RunDescription {
    let root = WorkFolder.root(of: results)
    let place = "\(results)/\(manifest)"
    try FolderTree.make(root)
    try FolderTree.make(place)
    let lock = try FolderLock("\(root)/\(manifest).lock")
    defer { withExtendedLifetime(lock) {} }
    let (size, digest) = (first.record.run.size, first.record.run.manifest.digest)
    try recording { () throws(RecordError) in
      try RunRecord.checkReplaceable(folder: place, by: size)
    }
    let name = RunStart.name(of: manifest, digest: digest, date: Stopwatch.date(), shard: nil)
    let staged = "\(root)/merge-\(name)"
    try FolderTree.make(staged)
    defer { FolderTree.remove(staged) }
    let record = record(name: name)
    try recording { () throws(RecordError) in
      try record.stage(in: staged)
      try RunRecord.publish(staged: staged, to: place)
    }
    return record.run
  }

  // MARK: Checks

  private var first: Part { parts[0] }

  private static func read(_ folder: String) throws(MergeError) -> Part {
    let record: RunRecord
    do throws(RecordError) { record = try RunRecord.load(folder: folder) } catch {
      throw .record(error)
    }
    guard let shard = record.run.shard else { throw .notAShard(folder) }
    return Part(folder: folder, shard: shard, record: record)
  }

  /// In what two shards differ so that their rows do not belong into one record.
  private static func differences(_ one: RunRecord, _ other: RunRecord) -> [String] {
    let (left, right) = (one.run, other.run)
    func code(_ run: RunDescription) -> [String?] {
      [run.code.commit, run.code.dirtyDigest] + run.code.packages.map { "\($0.name) \($0.version)" }
    }
    return [
      ("the manifest", left.manifest.digest == right.manifest.digest),
      ("the experiment", left.experiment == right.experiment),
      ("the size", left.size == right.size), ("the seed", left.seed == right.seed),
      ("the data", left.data.map(\.digest) == right.data.map(\.digest)),
      ("the cells of the plan", one.cells == other.cells),
      ("the code", code(left) == code(right)),
      ("the exactness keys", left.exactness == right.exactness),
    ].filter { !$0.1 }.map(\.0)
  }

  /// Checks that each cell of the plan is in exactly one shard.
  private func checkCover() throws(MergeError) {
    var owners = [Int?](repeating: nil, count: plan.count)
    for (number, part) in parts.enumerated() {
      // A part without cells can stand twice without any cell doing so.
      if number > 0, parts[number - 1].shard == part.shard {
        throw .overlap(part.folder, parts[number - 1].folder, cells: [])
      }
      for place in plan.indices where part.shard.holds(place) {
        if let owner = owners[place] {
          let shared = plan.indices.filter {
            part.shard.holds($0) && parts[owner].shard.holds($0)
          }
          throw .overlap(part.folder, parts[owner].folder, cells: shared.map { plan[$0].id })
        }
        owners[place] = number
      }
    }
    let missing = plan.indices.filter { owners[$0] == nil }
    guard missing.isEmpty else {
      let count = first.shard.count
      let isAlike = parts.allSatisfy { $0.shard.count == count }
      let there = Set(parts.map(\.shard.index))
      let shards = isAlike ? (1...count).filter { !there.contains($0) } : []
      throw .missing(
        shards: shards.compactMap { Shard($0, of: count) }, cells: missing.map { plan[$0].id })
    }
  }

  /// Checks that a shard has what its description promises: all repetitions of its cells, and
  /// nothing else.
  private func checkRows(of part: Part) throws(MergeError) {
    var repetitions: [String: [String: Int]] = [:]
    for timing in part.record.timings {
      repetitions[timing.cell, default: [:]][timing.arm, default: 0] += 1
    }
    for (place, cell) in plan.enumerated() {
      let found = repetitions[cell.id] ?? [:]
      let run = part.record.run
      let expected = part.shard.holds(place) ? run.repetitions(of: cell.id) : 0
      // A control runs some of the arms.
      let isWhole = cell.control != nil || Set(found.keys) == Set(run.experiment.arms)
      guard expected > 0 ? isWhole && !found.isEmpty : found.isEmpty,
        found.values.allSatisfy({ $0 == expected })
      else { throw .incomplete(part.folder, cell: cell.id) }
    }
  }

  private func byCell<Row>(
    _ rows: KeyPath<RunRecord, [Row]>, of cell: KeyPath<Row, String>
  ) -> [String: [Row]] {
    var groups: [String: [Row]] = [:]
    for part in parts {
      for row in part.record[keyPath: rows] { groups[row[keyPath: cell], default: []].append(row) }
    }
    return groups
  }
}
