// Logs that are written a piece at a time.
import Glibc
import LabRunner

/// Files that only grow, readable by their owner alone.
enum GrowingFile {
  /// Adds bytes to a file; says so where they cannot be written, as nothing depends on them.
  static func append(_ bytes: [UInt8], to path: String) {
    let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard file >= 0 else { return complain(path) }
    if !Descriptor.write(bytes, to: file) { complain(path) }
    if close(file) != 0 { complain(path) }
  }

  private static func complain(_ path: String) {
    Console.complain(
      "'\(path)' cannot be written: \(systemReason()); a file on a disk with room was expected; "
        + "free some or choose another place")
  }
}
