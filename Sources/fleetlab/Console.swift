// Where text goes: data to standard output, talk to standard error.
import Glibc

/// The two standard streams.
enum Console {
  /// Writes data.
  static func print(_ text: String) { write(text, to: STDOUT_FILENO) }

  /// Writes talk.
  static func say(_ text: String) { write(text, to: STDERR_FILENO) }

  /// Writes an error; a text that has a place in a file names itself an error already.
  static func complain(_ text: String) {
    guard !text.isEmpty else { return }
    say(text.contains(": error: ") ? text : "error: \(text)")
  }

  /// Whether standard output takes colours: a terminal, unless `NO_COLOR` is set.
  ///
  /// > Reference: no-color.org.
  static var hasColours: Bool {
    let refused = getenv("NO_COLOR").map { $0[0] != 0 } ?? false
    return isatty(STDOUT_FILENO) == 1 && !refused
  }

  /// Writes all of a text, ending in one line break, or ends the program when nobody reads any
  /// more.
  private static func write(_ text: String, to descriptor: CInt) {
    var bytes = Array(text.utf8)[...]
    if bytes.last != UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\n")) }
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { exit(ProgramExit.failed.rawValue) }
      bytes = bytes.dropFirst(count)
    }
  }
}
