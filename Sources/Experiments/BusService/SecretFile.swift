// Files that only their owner may read.
import Glibc
import Journal
public import LabCore

/// Files that only their owner may read.
public enum SecretFile {
  /// Replaces a file by one with other bytes, in one step.
  ///
  /// - Throws: As `AtomicFile`.
  public static func write(_ bytes: Bytes, to path: String) throws {
    let before = umask(0o077)
    defer { umask(before) }
    try AtomicFile.write(bytes, to: path)
  }
}
