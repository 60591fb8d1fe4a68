// How far a long verb is, on one line of a terminal.
import Glibc
import Synchronization

/// A line on standard error that is written over as work goes on; nothing unless that is a
/// terminal.
final class CountLine: Sendable {
  private let what: String
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private let shown = Mutex(-1)

  init(what: String) { self.what = what }

  /// Shows how many of how many are done, once for each hundredth.
  func show(_ done: Int, of total: Int) {
    guard isTerminal, total > 0 else { return }
    shown.withLock { shown in
      let percent = done * 100 / total
      guard percent != shown else { return }
      shown = percent
      Self.write("\r\(percent) % of \(total) \(what)")
    }
  }

  /// Clears the line.
  func end() {
    guard isTerminal, shown.withLock({ $0 >= 0 }) else { return }
    Self.write("\r\u{1b}[K")
  }

  /// A part of a line that cannot be written is not missed.
  private static func write(_ text: String) {
    var text = text
    text.withUTF8 { _ = Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
