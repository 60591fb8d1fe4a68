// Files that only their owner may read.
import Glibc
import Journal
import LabCore

/// Files that only their owner may read.
enum SecretFile {
  static func write(_ bytes: Bytes, to path: String) throws {
    let before = umask(0o077)
    defer { umask(before) }
    try AtomicFile.write(bytes, to: path)
  }
}
