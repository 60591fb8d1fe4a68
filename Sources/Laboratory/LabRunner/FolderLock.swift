// One run at a time.

import Glibc

/// Keeps other runs away from a record for as long as it lives; the lock ends with the process,
/// however that ends.
struct FolderLock: ~Copyable {
  private let descriptor: CInt

  /// Takes the lock, or says who has it.
  ///
  /// - Parameter path: A small file that holds the number of the process which has the lock.
  /// - Throws: ``RunError/busy(path:process:)`` or ``RunError/folder(path:reason:)``.
  init(_ path: String) throws(RunError) {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw .folder(path: path, reason: systemReason()) }
    guard Self.take(descriptor) else {
      defer { close(descriptor) }
      guard errno == EWOULDBLOCK else { throw .folder(path: path, reason: systemReason()) }
      throw .busy(path: path, process: Self.holder(descriptor))
    }
    guard ftruncate(descriptor, 0) == 0,
      Descriptor.write(Array("\(getpid())\n".utf8), to: descriptor)
    else {
      defer { close(descriptor) }
      throw .folder(path: path, reason: systemReason())
    }
    self.descriptor = descriptor
  }

  deinit {
    // Closing alone would not do while a program that is just being started still shares it.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }

  /// Takes the lock; when its holder has died, what it was just starting may hold it for a moment.
  private static func take(_ descriptor: CInt) -> Bool {
    for _ in 0..<100 {
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
      guard errno == EWOULDBLOCK else { return false }
      guard let holder = holder(descriptor), kill(pid_t(holder), 0) != 0, errno == ESRCH else {
        errno = EWOULDBLOCK
        return false
      }
      usleep(2_000)
    }
    errno = EWOULDBLOCK
    return false
  }

  private static func holder(_ descriptor: CInt) -> Int? {
    lseek(descriptor, 0, SEEK_SET)
    guard case .bytes(let bytes) = Descriptor.read(descriptor) else { return nil }
    return Int32(String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)).map(
      Int.init)
  }
}
