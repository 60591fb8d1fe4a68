// Bytes through file descriptors.

import Glibc

/// Reading, writing and preparing of file descriptors.
package enum Descriptor {
  /// What came of a read.
  package enum Piece {
    /// Some bytes.
    case bytes([UInt8])
    /// Nothing yet.
    case nothing
    /// The other end is closed, or the descriptor is broken.
    case end
  }

  /// Reads what is there, up to 64 KiB.
  package static func read(_ descriptor: CInt) -> Piece {
    var count = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, filled in
      repeat {
        count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      } while count < 0 && errno == EINTR
      filled = max(count, 0)
    }
    if count > 0 { return .bytes(bytes) }
    return count < 0 && errno == EAGAIN ? .nothing : .end
  }

  /// Writes all bytes.
  ///
  /// - Returns: Whether all of them were taken.
  package static func write(_ bytes: [UInt8], to descriptor: CInt) -> Bool {
    bytes.withUnsafeBytes { buffer in
      var written = 0
      while written < buffer.count {
        let done = Glibc.write(
          descriptor, buffer.baseAddress.map { $0 + written }, buffer.count - written)
        if done < 0, errno == EINTR { continue }
        guard done > 0 else { return false }
        written += done
      }
      return true
    }
  }

  /// Sends bytes into a socket without waiting for room and without the signal of a closed one.
  ///
  /// - Returns: Whether all of them were taken.
  static func send(_ bytes: [UInt8], to socket: CInt) -> Bool {
    bytes.withUnsafeBytes { buffer in
      Glibc.send(
        socket, buffer.baseAddress, buffer.count, CInt(MSG_NOSIGNAL) | CInt(MSG_DONTWAIT))
    } == bytes.count
  }

  /// Keeps a descriptor from programs that are started later.
  package static func closeOnExec(_ descriptor: CInt) { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }

  /// Lets reads return at once.
  package static func doNotBlock(_ descriptor: CInt) { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }
}

/// The text of the last error of the operating system.
package func systemReason() -> String { String(cString: strerror(errno)) }
