// What in a results folder is of no use any more.

import Glibc
import LabCore
import LabRecord

/// Finds and removes what runs left behind in a results folder.
///
/// Records stay, and so do runs that can be resumed, unless the caller wants them gone as well.
public struct Prune: Sendable {
  /// Why a folder is of no use.
  public enum Reason: String, Hashable, Sendable, CaseIterable {
    /// Its run is published, and was cut off before it had tidied up.
    case finished
    /// It was cut off before it had begun, or its description is damaged: nothing resumes it.
    case abandoned
    /// A run that could be resumed.
    case unfinished
    /// A shard that a record was merged from.
    case merged
  }

  /// A folder that is of no use.
  public struct Finding: Hashable, Sendable {
    /// The folder.
    public var path: String
    /// Why.
    public var reason: Reason
    /// How much its files hold, in bytes.
    public var bytes: Int
  }

  private let results: String

  /// Looks at a results folder.
  public init(results: String) { self.results = results }

  /// The folders that may go, sorted by path.
  ///
  /// - Parameter unfinished: Whether runs that can be resumed may go too.
  public func findings(unfinished: Bool = false) -> [Finding] {
    (workFolders(unfinished: unfinished) + mergedShards()).sorted { $0.path < $1.path }
  }

  /// Removes what a list names, apart from what a run holds at this moment.
  ///
  /// - Returns: What was removed, and what is held.
  /// - Throws: ``RunError/folder(path:reason:)`` when a folder cannot be removed.
  public func remove(
    _ findings: [Finding]
  ) throws(RunError) -> (removed: [Finding], held: [Finding]) {
    var removed: [Finding] = []
    var held: [Finding] = []
    for finding in findings {
      guard let locks = try locks(for: finding) else {
        held.append(finding)
        continue
      }
      FolderTree.remove(finding.path)
      withExtendedLifetime(locks) {}
      guard access(finding.path, F_OK) != 0 else {
        throw .folder(path: finding.path, reason: "it cannot be removed as a whole")
      }
      removed.append(finding)
    }
    return (removed, held)
  }

  // MARK: Looking

  private func workFolders(unfinished: Bool) -> [Finding] {
    let root = WorkFolder.root(of: results)
    return FolderTree.names(in: root).compactMap { name in
      let path = "\(root)/\(name)"
      guard FolderTree.isFolder(path) else { return nil }
      let reason = reason(for: path)
      guard reason != .unfinished || unfinished else { return nil }
      return Finding(path: path, reason: reason, bytes: FolderTree.bytes(in: path))
    }
  }

  private func reason(for folder: String) -> Reason {
    guard let start = try? WorkFolder.readStart(folder) else { return .abandoned }
    return published(start) == start.run ? .finished : .unfinished
  }

  /// The run whose record stands where a run's would.
  private func published(_ start: RunStart) -> String? {
    let whole = "\(results)/\(start.experiment)"
    let place = start.shard.map {
      "\(ShardFolder.path(of: start.experiment, in: results))/\($0.folder)"
    }
    return try? RunDescription.load(folder: place ?? whole).run
  }

  private func mergedShards() -> [Finding] {
    let root = ShardFolder.root(of: results)
    return FolderTree.names(in: root).flatMap { id -> [Finding] in
      let record = try? RunDescription.load(folder: "\(results)/\(id)")
      let merged = Set(record?.merged?.map(\.run) ?? [])
      return FolderTree.names(in: "\(root)/\(id)").compactMap { name in
        let path = "\(root)/\(id)/\(name)"
        guard let shard = try? RunDescription.load(folder: path), merged.contains(shard.run)
        else { return nil }
        return Finding(path: path, reason: .merged, bytes: FolderTree.bytes(in: path))
      }
    }
  }

  // MARK: Locks

  /// The locks of a finding's experiment, or `nil` when a run has one of them.
  private func locks(for finding: Finding) throws(RunError) -> Locks? {
    let root = WorkFolder.root(of: results)
    let name = finding.path.split(separator: "/").last.map(String.init) ?? ""
    let locks = Locks()
    for lock in FolderTree.names(in: root) where lock.hasSuffix(".lock") {
      // A folder is named after its run, a run after its experiment, and a lock too.
      let experiment = lock.prefix { $0 != "." }
      let isConcerned =
        finding.reason == .merged
        ? finding.path.contains("/\(experiment)/") : name.hasPrefix("\(experiment)-")
      guard isConcerned || finding.reason == .abandoned else { continue }
      do throws(RunError) { try locks.take("\(root)/\(lock)") } catch {
        guard case .busy = error else { throw error }
        return nil
      }
    }
    return locks
  }

  /// Several locks at once.
  private final class Locks {
    private var first: FolderLock?
    private var rest: Locks?

    func take(_ path: String) throws(RunError) {
      guard first != nil else {
        first = try FolderLock(path)
        return
      }
      let next = rest ?? Locks()
      try next.take(path)
      rest = next
    }
  }
}
