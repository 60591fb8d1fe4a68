// What the journal asks of storage, and nothing more.

public import LabCore

/// One folder of files, as far as a journal needs it.
///
/// Names are plain file names without a slash. What a call changes is visible to later calls at
/// once, but it survives a power cut only after a sync: the content and the size of a file after
/// ``sync(_:)``, its existence under a name after ``syncFolder()``. Until then any part of it may
/// survive, in any order.
public protocol Disk: ~Copyable, Sendable {
  /// The size of a file in bytes.
  ///
  /// - Throws: ``DiskError/notFound(_:)`` when there is no such file.
  mutating func size(of name: String) throws(DiskError) -> Int

  /// Reads a run of bytes; it is shorter than `count` only where the file ends.
  mutating func read(_ name: String, at offset: Int, count: Int) throws(DiskError) -> Bytes

  /// Makes an empty file, or empties the one that has the name.
  mutating func create(_ name: String) throws(DiskError)

  /// Writes all bytes at an offset, and zeros into a gap before it.
  ///
  /// - Throws: ``DiskError/full`` when only some of the bytes, or none, found room.
  mutating func write(_ bytes: Bytes, to name: String, at offset: Int) throws(DiskError)

  /// Shortens a file to a size.
  mutating func truncate(_ name: String, to size: Int) throws(DiskError)

  /// Returns when content and size of a file survive a power cut.
  ///
  /// - Throws: ``DiskError/failed(operation:path:reason:)``, never ``DiskError/full``: after a sync
  ///   that failed nobody knows what was kept, and a second attempt proves nothing.
  mutating func sync(_ name: String) throws(DiskError)

  /// Gives a file another name, in place of the file that had it, in one step.
  mutating func rename(_ name: String, to newName: String) throws(DiskError)

  /// Takes a file's name away.
  mutating func remove(_ name: String) throws(DiskError)

  /// Returns when every creation, renaming and removal so far survives a power cut.
  mutating func syncFolder() throws(DiskError)
}

extension Disk where Self: ~Copyable {
  /// Puts a finished temporary file in place of another one: in any crash, one of the two is there.
  ///
  /// The content must be durable before the name points to it, and the name before anybody relies
  /// on it; hence two syncs around the renaming.
  mutating func publish(_ temporary: String, as name: String) throws(DiskError) {
    try sync(temporary)
    try rename(temporary, to: name)
    try syncFolder()
  }

  /// Takes a file's name away if there is such a file, and says whether there was.
  @discardableResult
  mutating func removeIfPresent(_ name: String) throws(DiskError) -> Bool {
    do throws(DiskError) { try remove(name) } catch {
      if case .notFound = error { return false }
      throw error
    }
    return true
  }
}

/// Why a disk did not do what it was asked.
public enum DiskError: Error, Hashable, Sendable {
  /// There is no room left; the caller may free some and try again.
  case full
  /// No file or folder has this path; the caller creates it or asks its user for another.
  case notFound(String)
  /// Another writer holds the folder or file; the caller tells its user which.
  case locked(String)
  /// The operating system refused; `reason` is its own text.
  case failed(operation: String, path: String, reason: String)
}

extension DiskError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .full: "the disk is full; room for the new bytes was expected; free some and try again"
    case .notFound(let path):
      "\(path) does not exist; a file or folder was expected there; create it or correct the path"
    case .locked(let path):
      "\(path) is being written by another run; one writer at a time was expected; "
        + "wait for the other to end or choose another folder"
    case .failed(let operation, let path, let reason):
      "cannot \(operation) \(path): \(reason); a working disk was expected; "
        + "check the permissions and the disk"
    }
  }
}
