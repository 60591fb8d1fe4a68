// Logs that are written a piece at a time.
import Glibc

/// Files that only grow, readable by their owner alone.
enum GrowingFile {
  static func append(_ bytes: [UInt8], to path: String) {
    let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard file >= 0, write(file, bytes, bytes.count) == bytes.count, close(file) == 0 else {
      return Console.complain("'\(path)' cannot be written: \(String(cString: strerror(errno)))")
    }
  }
}
