// How files of arrays are read and written.

import Glibc
import Journal
import LabCore

/// Whole files of bounded size.
enum ArrayFile {
  /// Pieces that a file is written in.
  private static let pieceBytes = 1 << 20

  /// Reads a regular file.
  static func read(_ path: String, limit: Int) throws(ArrayFileError) -> [UInt8] {
    func refusal(_ reason: String = String(cString: strerror(errno))) -> ArrayFileError {
      ArrayFileError(path: path, problem: .unreadable(reason: reason))
    }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw refusal() }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw refusal() }
    guard status.st_mode & S_IFMT == S_IFREG else { throw refusal("it is no regular file") }
    let size = Int(status.st_size)
    guard size <= limit else {
      throw ArrayFileError(path: path, problem: .tooLong(bytes: size, limit: limit))
    }
    var code: CInt = 0
    let content = [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
      while filled < size {
        let done = Glibc.read(descriptor, buffer.baseAddress.map { $0 + filled }, size - filled)
        if done < 0, errno == EINTR { continue }
        if done < 0 { code = errno }
        guard done > 0 else { break }
        filled += done
      }
    }
    guard code == 0 else { throw refusal(String(cString: strerror(code))) }
    return content
  }

  /// Replaces or makes a file as a whole.
  static func write(_ bytes: [UInt8], to path: String) throws(ArrayFileError) {
    let pieces = stride(from: 0, to: bytes.count, by: pieceBytes).lazy.map {
      Bytes(bytes[$0..<min($0 + pieceBytes, bytes.count)])
    }
    do throws(DiskError) { try AtomicFile.write(pieces: pieces, to: path) } catch {
      throw ArrayFileError(path: path, problem: .unwritable(reason: "\(error)"))
    }
  }
}
