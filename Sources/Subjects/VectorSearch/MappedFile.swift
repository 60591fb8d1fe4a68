// A file as memory.

import Glibc

/// A whole regular file, mapped for reading until the last owner goes.
///
/// Whoever shortens the file under a running process ends that process; replacing it by another, as
/// saving an index does, leaves the mapped one as it was.
final class MappedFile: Sendable {
  /// The path, as it was given.
  let path: String
  private let address: UInt
  let byteCount: Int

  /// Where the content begins; nobody may write to it.
  var base: UnsafeMutableRawPointer? { UnsafeMutableRawPointer(bitPattern: address) }

  init(_ path: String) throws(IndexFileError) {
    func refusal(_ reason: String = String(cString: strerror(errno))) -> IndexFileError {
      IndexFileError(path: path, problem: .unreadable(reason: reason))
    }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw refusal() }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw refusal() }
    guard status.st_mode & S_IFMT == S_IFREG else { throw refusal("it is no regular file") }
    self.path = path
    byteCount = Int(status.st_size)
    guard byteCount > 0 else {
      throw IndexFileError(path: path, problem: .notAnIndex)
    }
    guard let mapping = mmap(nil, byteCount, PROT_READ, MAP_SHARED, descriptor, 0),
      mapping != MAP_FAILED
    else { throw refusal() }
    address = UInt(bitPattern: mapping)
  }

  deinit { if let base { munmap(base, byteCount) } }

  /// The bytes of a range that lies in the file.
  func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: base.map { UnsafeRawPointer($0) }, count: byteCount)[range]
      .rebased
  }
}

extension Slice<UnsafeRawBufferPointer> {
  /// The same bytes, counted from 0.
  var rebased: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: self) }
}
