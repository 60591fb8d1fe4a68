// What logs wrote.
import Synchronization

/// Keeps pieces of a log, whichever thread writes them.
final class LogKeeper: Sendable {
  private let state = Mutex((bytes: [UInt8](), lines: [String]()))

  func add(_ bytes: [UInt8]) { state.withLock { $0.bytes += bytes } }
  func add(_ line: String) { state.withLock { $0.lines.append(line) } }

  var text: String { state.withLock { String(decoding: $0.bytes, as: UTF8.self) } }
  var lines: [String] { state.withLock { $0.lines } }
}
