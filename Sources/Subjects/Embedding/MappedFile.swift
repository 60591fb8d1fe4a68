// A file as memory.

import Crypto
import Glibc
import Journal

/// A file that is mapped into memory for reading, for as long as the object lives.
///
/// Whoever shortens the file meanwhile ends the process: a model's files are replaced, not changed.
/// Unchecked, as nobody writes to the memory.
final class MappedFile: @unchecked Sendable {
  let path: String
  let bytes: UnsafeRawBufferPointer

  /// Maps a file.
  ///
  /// - Throws: ``EmbeddingError/missingModel(path:)`` or
  ///   ``EmbeddingError/unreadable(path:reason:)``.
  init(path: String) throws(EmbeddingError) {
    self.path = path
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw errno == ENOENT ? .missingModel(path: path) : Self.failure(path)
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Self.failure(path) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .unreadable(path: path, reason: "it is no regular file")
    }
    guard status.st_size > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    let memory = mmap(nil, status.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0)
    guard let memory, memory != MAP_FAILED else { throw Self.failure(path) }
    bytes = UnsafeRawBufferPointer(start: memory, count: status.st_size)
  }

  deinit {
    if let memory = bytes.baseAddress {
      munmap(UnsafeMutableRawPointer(mutating: memory), bytes.count)
    }
  }

  /// Checks the SHA-256 digest of all bytes, in hexadecimal digits.
  ///
  /// - Throws: ``EmbeddingError/otherDigest(path:expected:found:)``.
  func check(digest expected: String) throws(EmbeddingError) {
    var hash = SHA256()
    hash.update(bufferPointer: bytes)
    let found = hexadecimal(hash.finalize())
    guard found == expected else {
      throw .otherDigest(path: path, expected: expected, found: found)
    }
  }

  private static func failure(_ path: String) -> EmbeddingError {
    .unreadable(path: path, reason: String(cString: strerror(errno)).lowercased())
  }
}

/// Bytes as lower-case hexadecimal digits.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  bytes.map { byte in
    let digits = String(byte, radix: 16)
    return digits.count == 1 ? "0\(digits)" : digits
  }
  .joined()
}
