// The records that a checkout's history keeps.

public import LabRecord

/// Reads records from the history of a git checkout; nothing is checked out and nothing is written.
public struct RecordHistory: Sendable {
  private let checkout: String

  /// Makes a reader.
  ///
  /// - Parameter checkout: A folder of the checkout; paths are relative to it.
  public init(checkout: String) { self.checkout = checkout }

  /// A commit that changed a record.
  public struct Version: Hashable, Sendable {
    /// The commit, in hexadecimal.
    public var commit: String
    /// When it was committed, as RFC 3339 writes it.
    public var time: String
  }

  /// The commits that changed the record of a folder, from the newest to the oldest.
  ///
  /// - Parameter limit: The most commits.
  /// - Returns: None outside a checkout, and for a folder without history.
  public func versions(of folder: String, limit: Int) -> [Version] {
    let output = git([
      "log", "--max-count=\(limit)", "--diff-filter=AM", "--format=%H %cI", "--",
      RecordFile.run.path(in: folder),
    ])
    return String(decoding: output ?? [], as: UTF8.self).split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      guard words.count == 2 else { return nil }
      return Version(commit: String(words[0]), time: String(words[1]))
    }
  }

  /// The record of a folder as it was at a revision.
  ///
  /// - Parameters:
  ///   - revision: What git takes for a commit: `HEAD~3`, a branch, a hash.
  ///   - folder: The path of `Results/<id>`, relative to the checkout's folder.
  /// - Throws: ``RecordError``, also when git does not know the revision or the file.
  public func record(at revision: String, folder: String) throws(RecordError) -> RunRecord {
    try RunRecord.load(named: "\(revision):\(folder)") { file throws(RecordError) in
      let name = "\(revision):\(relative(file.path(in: folder)))"
      // A revision that begins with a dash would be an option.
      guard !revision.hasPrefix("-"), let bytes = git(["show", name]) else {
        throw RecordError(path: name, .unreadable(reason: "git does not show it"))
      }
      return bytes
    }
  }

  /// Git takes a path that begins with `./` from the folder where it runs, not from the root.
  private func relative(_ path: String) -> String {
    path.hasPrefix("/") || path.hasPrefix("./") ? path : "./\(path)"
  }

  private func git(_ arguments: [String]) -> [UInt8]? {
    ProgramOutput.of("git", ["-C", checkout] + arguments)
  }
}
