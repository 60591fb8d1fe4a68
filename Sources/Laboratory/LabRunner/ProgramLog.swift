// What a program prints to its standard error, in a file.

import Glibc

/// A file that a program which was started writes its talk to, read from its end.
final class ProgramLog {
  /// How much a program may print before it is stopped, in bytes.
  static let limit = 64 << 20
  /// How much of the end is looked at, in bytes.
  private static let window = 32 << 10
  /// How much of it is kept with a failed trial, in characters.
  private static let tailCharacters = 2_000

  /// The descriptor that the program writes to.
  let descriptor: CInt

  /// Makes the file, or goes on with one that is there.
  ///
  /// - Throws: ``RunError/folder(path:reason:)``.
  init(_ path: String) throws(RunError) {
    descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .folder(path: path, reason: systemReason()) }
  }

  deinit { close(descriptor) }

  /// How much was printed, in bytes.
  var bytes: Int {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
  }

  /// Whether more was printed than a program may.
  var isFull: Bool { bytes > Self.limit }

  /// The end of what was printed, or `nil` when nothing was.
  ///
  /// The addresses that Swift's runtime prints after the reason of a trap are left out: they differ
  /// from run to run, and a replay shows the names.
  var tail: String? { tail(from: 0) }

  /// The end of what was printed after the file had a number of bytes, or `nil` when nothing was.
  func tail(from start: Int) -> String? {
    let size = bytes
    let length = min(size - start, Self.window)
    guard length > 0 else { return nil }
    let bytes = [UInt8](unsafeUninitializedCapacity: length) { buffer, filled in
      filled = max(0, pread(descriptor, buffer.baseAddress, length, size - length))
    }
    // A log may hold anything; what is not UTF-8 is shown as such.
    var text = Substring(decoding: bytes, as: UTF8.self)
    if let trace = text.firstRange(of: "Current stack trace:") { text = text[..<trace.lowerBound] }
    while text.last?.isNewline ?? false { text.removeLast() }
    return text.isEmpty ? nil : String(text.suffix(Self.tailCharacters))
  }
}
