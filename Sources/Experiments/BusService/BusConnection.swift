// One end of a connection between a client and its node: lines in, bytes out, never waiting.
import Glibc
import LabRunner

/// A connected socket that is read by lines.
final class BusConnection {
  /// The longest line: an event of the largest size, every byte of which needs six in JSON.
  static let lineLimit = 6 * FleetFile.largestEvent + (64 << 10)

  let descriptor: CInt
  private var lines = LineBuffer(limit: lineLimit)
  private var unsent: [UInt8] = []
  private var sent = 0
  /// Whether the other end will send nothing more.
  private(set) var hasEnded = false
  /// Whether the other end takes nothing more.
  private(set) var isBroken = false

  /// Takes over a descriptor that does not block.
  init(_ descriptor: CInt) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// Whether bytes wait to be sent.
  var hasUnsent: Bool { sent < unsent.count }
  /// Whether the other end sends a line that is longer than any may be.
  var isOverlong: Bool { lines.isOverlong }

  /// Removes and returns the next whole line.
  func nextLine() -> [UInt8]? { lines.next() }

  /// Removes and returns what came behind the last line end, when nothing more will come.
  func lastLine() -> [UInt8]? {
    hasEnded && !isOverlong ? lines.takeRest() : nil
  }

  /// Takes note that the other end is closed in both directions.
  func hangUp() { (hasEnded, isBroken) = (true, true) }

  /// Reads what is there, at most 64 KiB.
  func read() {
    guard !hasEnded else { return }
    switch Descriptor.read(descriptor) {
    case .bytes(let bytes): lines.append(bytes)
    case .nothing: break
    case .end: hasEnded = true
    }
  }

  /// Adds bytes and sends what the other end takes now.
  func send(_ bytes: [UInt8]) {
    if sent == unsent.count {
      (unsent, sent) = (bytes, 0)
    } else {
      unsent += bytes
    }
    flush()
  }

  /// Sends what the other end takes now.
  func flush() {
    while sent < unsent.count, !isBroken {
      let count = unsent[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
      }
      if count < 0, errno == EINTR { continue }
      if count < 0, errno == EAGAIN { return }
      guard count > 0 else {
        isBroken = true
        return
      }
      sent += count
    }
  }
}
