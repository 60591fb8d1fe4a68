// A file that is read piece by piece.

import Glibc

/// Hands over the bytes of a file in pieces, so that no file needs to be held whole.
enum FileChunks {
  /// Reads a regular file to its end.
  ///
  /// - Throws: ``TestHistoryError/unreadable(path:reason:)``, or what the body throws.
  static func read(
    _ path: String, _ body: (ArraySlice<UInt8>) throws(TestHistoryError) -> Void
  ) throws(TestHistoryError) {
    func failure() -> TestHistoryError {
      .unreadable(path: path, reason: String(cString: strerror(errno)))
    }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw failure() }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure() }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .unreadable(path: path, reason: "it is no regular file")
    }
    var room = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let count = Glibc.read(descriptor, &room, room.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw failure() }
      guard count > 0 else { return }
      try body(room[0..<count])
    }
  }
}
