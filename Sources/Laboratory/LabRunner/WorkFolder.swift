// The folder in which a run keeps what it has done so far.

import FoundationEssentials
import Glibc
import Journal
import LabCore
import LabManifest
import LabRecord

/// What `start.json` says: what the run was asked, by which program and on which machine.
struct RunStart: Codable, Hashable, Sendable {
  var run: String
  var experiment: String
  var digest: String
  @ByName var size: RunSize
  var seed: UInt64
  var trials: Int
  /// The size and the date of the worker's program.
  var program: String
  var exactness: [String: String]
  var code: RunDescription.Code
  var start: String
  var loadBefore: Double
  /// What the run took over before it began; `nil` when nothing.
  var takenOver: RunDescription.TakenOver?
  /// The part of the plan that it runs; `nil` for all of it.
  var shard: Shard?

  /// What a run of a manifest is called.
  ///
  /// - Parameter date: As ``Stopwatch/date()`` writes it.
  static func name(of manifest: String, digest: String, date: String, shard: Shard?) -> String {
    let part = shard.map { "-\($0.folder)" } ?? ""
    return "\(manifest)-\(date.filter { $0 != "-" && $0 != ":" })-\(digest.prefix(8))\(part)"
  }

  /// In what another start differs so that their trials do not belong together.
  func differences(from other: RunStart) -> [String] {
    [
      ("the manifest", digest == other.digest), ("the size", size == other.size),
      ("the seed", seed == other.seed), ("the number of trials", trials == other.trials),
      ("the program", program == other.program),
      ("the exactness keys", exactness == other.exactness), ("the shard", shard == other.shard),
    ].filter { !$0.1 }.map(\.0)
  }
}

/// `Results/.work/<run>`: the frozen manifest, the journal, the workers' logs, the staged record.
struct WorkFolder {
  /// The longest `start.json` that is read, in bytes.
  private static let startLimit = 4 << 20

  let path: String
  let start: RunStart

  var manifest: String { "\(path)/manifest.yaml" }
  var logs: String { "\(path)/logs" }
  var staged: String { "\(path)/record" }

  /// The folder in which a file lies, as an absolute path.
  static func folder(ofFile path: String) -> String {
    let place = ExecutableSearch.absolute(path)
    return place.lastIndex(of: "/").map { String(place[..<$0]) } ?? place
  }

  /// The folder of all runs of a results folder.
  static func root(of results: String) -> String { "\(results)/.work" }

  /// Makes the folder of a new run.
  ///
  /// - Parameters:
  ///   - start: Its run name is a wish; another one is chosen if it is taken.
  ///   - published: The run whose record the new one will replace, whose name is taken too: names
  ///     tell time only to the second.
  ///   - prior: The outcomes that the run takes over, which its journal holds from the beginning.
  static func make(
    _ start: RunStart, after published: String?, frozenManifest: String, prior: [TrialOutcome],
    in results: String
  ) throws(RunError) -> WorkFolder {
    var start = start
    let wish = start.run
    var attempt = 1
    while start.run == published || mkdir("\(root(of: results))/\(start.run)", 0o777) != 0 {
      let path = "\(root(of: results))/\(start.run)"
      guard start.run == published || errno == EEXIST else {
        throw .folder(path: path, reason: systemReason())
      }
      attempt += 1
      start.run = "\(wish)-\(attempt)"
    }
    let folder = WorkFolder(path: "\(root(of: results))/\(start.run)", start: start)
    try FolderTree.make(folder.logs)
    try FolderTree.make(folder.staged)
    try folder.write(Array(frozenManifest.utf8), to: folder.manifest)
    if !prior.isEmpty {
      let log = try TrialLog(folder: folder.path, trials: start.trials, batch: prior.count)
      for outcome in prior { _ = try log.append(outcome) }
      try log.sync()
    }
    // The description comes last: a folder that has one is a run that can be resumed.
    try folder.write(try folder.startJSON(), to: "\(folder.path)/start.json")
    return folder
  }

  /// Finds the newest unfinished run that asks the same.
  ///
  /// - Throws: ``RunError/nothingToResume(experiment:folder:)``,
  ///   ``RunError/notResumable(run:differs:)`` with what the newest one differs in, or
  ///   ``RunError/badWorkFolder(path:reason:)``.
  static func find(like start: RunStart, in results: String) throws(RunError) -> WorkFolder {
    let unfinished = try all(of: start.experiment, in: results)
    guard let newest = unfinished.last else {
      throw .nothingToResume(experiment: start.experiment, folder: results)
    }
    if let match = unfinished.last(where: { $0.start.differences(from: start).isEmpty }) {
      return match
    }
    throw .notResumable(
      run: newest.start.run, differs: newest.start.differences(from: start))
  }

  /// Removes this folder and those of older runs that asked the same.
  func finish(in results: String) {
    let root = Self.root(of: results)
    for name in FolderTree.names(in: root) where name.hasPrefix("\(start.experiment)-") {
      let folder = "\(root)/\(name)"
      let other = try? Self.readStart(folder)
      if folder == path || other.map({ $0.differences(from: start).isEmpty }) ?? false {
        FolderTree.remove(folder)
      }
    }
  }

  /// The unfinished runs of an experiment, oldest first.
  private static func all(
    of experiment: String, in results: String
  ) throws(RunError) -> [WorkFolder] {
    var folders: [WorkFolder] = []
    for name in FolderTree.names(in: root(of: results)) {
      let path = "\(root(of: results))/\(name)"
      guard access("\(path)/start.json", F_OK) == 0 else { continue }
      let start = try readStart(path)
      if start.experiment == experiment { folders.append(WorkFolder(path: path, start: start)) }
    }
    return folders.sorted { ($0.start.start, $0.start.run) < ($1.start.start, $1.start.run) }
  }

  /// What a work folder says of its run.
  static func readStart(_ folder: String) throws(RunError) -> RunStart {
    let path = "\(folder)/start.json"
    do {
      let bytes = try RecordFile.read(path, limit: startLimit)
      return try JSONDecoder().decode(RunStart.self, from: Data(bytes))
    } catch let error as RecordError {
      throw .record(error)
    } catch {
      throw .badWorkFolder(path: path, reason: "it is not the start of a run")
    }
  }

  private func startJSON() throws(RunError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      return Array(try encoder.encode(start))
    } catch {
      throw .badWorkFolder(path: path, reason: "the start cannot be written: \(error)")
    }
  }

  private func write(_ bytes: [UInt8], to path: String) throws(RunError) {
    do {
      try AtomicFile.write(Bytes(bytes), to: path)
    } catch {
      throw .folder(path: path, reason: "\(error)")
    }
  }
}
