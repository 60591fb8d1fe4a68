// Connections between this process and those that it starts.

import Glibc

/// Both ends of a pipe, closed for programs that are started later.
package struct Pipe {
  package let reading: CInt
  package let writing: CInt

  /// - Throws: ``RunError/worker(_:)`` when the system gives no more descriptors.
  package init() throws(RunError) { try self.init { pipe($0) } }

  /// Makes a connection that is written to without the signal of a closed pipe.
  static func socket() throws(RunError) -> Pipe {
    try Pipe { socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, $0) }
  }

  /// Closes the end that is read from.
  package func closeReading() { close(reading) }

  /// Closes the end that is written to.
  package func closeWriting() { close(writing) }

  /// Waits a short time for something to read.
  ///
  /// - Returns: Whether there are bytes, or the other end is closed.
  func waitForBytes() -> Bool {
    var connection = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
    return poll(&connection, 1, 100) > 0
  }

  private init(_ make: (UnsafeMutablePointer<CInt>?) -> CInt) throws(RunError) {
    var ends: [CInt] = [-1, -1]
    let outcome = ends.withUnsafeMutableBufferPointer { make($0.baseAddress) }
    guard outcome == 0 else {
      throw .worker(
        "no connection to a program can be made: \(systemReason()); free descriptors were "
          + "expected; raise the limit of open files")
    }
    reading = ends[0]
    writing = ends[1]
    Descriptor.closeOnExec(reading)
    Descriptor.closeOnExec(writing)
  }
}
