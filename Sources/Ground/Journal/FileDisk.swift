// The disk that is a folder of the operating system.

import Glibc
public import LabCore

/// A folder of real files, written with positioned writes and forced out with `fdatasync`.
///
/// It keeps each file open that it has touched. The folder stays locked (`flock`) as long as the
/// value lives; the lock ends with the process, however that ends.
/// > Note: It relies on a file system that shows zeros and never another file's old blocks after a
/// > crash, as ext4 in its ordered mode, XFS and Btrfs do.
public struct FileDisk: Disk, ~Copyable {
  /// Who else may write in the folder.
  public enum Sharing: Hashable, Sendable {
    /// Nobody: opening the folder a second time fails.
    case exclusive
    /// Anybody: for single files that are replaced as a whole.
    case shared
  }

  /// The path of the folder, as it was given.
  public let folder: String
  private let folderDescriptor: CInt
  private var descriptors: [String: CInt] = [:]

  /// Opens a folder that exists.
  ///
  /// - Throws: ``DiskError/notFound(_:)``, or ``DiskError/locked(_:)`` when another one in this or
  ///   any process has it open as ``Sharing/exclusive``.
  public init(folder: String, sharing: Sharing = .exclusive) throws(DiskError) {
    self.folder = folder
    let descriptor = retrying { open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw systemError("open", folder) }
    if sharing == .exclusive, retrying({ flock(descriptor, LOCK_EX | LOCK_NB) }) != 0 {
      let error = systemError("lock", folder)
      close(descriptor)
      throw error
    }
    folderDescriptor = descriptor
  }

  deinit {
    for descriptor in descriptors.values { Self.release(descriptor) }
    Self.release(folderDescriptor)
  }

  /// Closes a descriptor and gives up its lock, which closing alone does not do while a program
  /// that is just being started still shares it.
  private static func release(_ descriptor: CInt) {
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }

  /// The size that `fstat` gives; the file is opened if it was not.
  public mutating func size(of name: String) throws(DiskError) -> Int {
    var status = stat()
    guard fstat(try descriptor(of: name), &status) == 0 else {
      throw systemError("examine", path(name))
    }
    return Int(status.st_size)
  }

  /// Reads with `pread` until the count is reached or the file ends.
  public mutating func read(
    _ name: String, at offset: Int, count: Int
  ) throws(DiskError) -> Bytes {
    let descriptor = try descriptor(of: name)
    var code: CInt = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      let room = UnsafeMutableRawBufferPointer(buffer)
      while filled < count {
        let done = retrying {
          pread(descriptor, room.baseAddress.map { $0 + filled }, count - filled, offset + filled)
        }
        if done < 0 { code = errno }
        guard done > 0 else { break }
        filled += done
      }
    }
    guard code == 0 else { throw systemError(code: code, "read", path(name)) }
    return Bytes(bytes)
  }

  /// Reads a whole file by its path, which need not be one that may be written.
  ///
  /// - Parameter limit: The size of the largest file that is read.
  /// - Throws: ``DiskError``, also for what is no regular file or is larger.
  public static func contents(
    of path: String, limit: ByteCount
  ) throws(DiskError) -> Bytes {
    func refusal(_ reason: String) -> DiskError {
      .failed(operation: "read", path: path, reason: reason)
    }
    let descriptor = retrying { open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
    guard descriptor >= 0 else { throw systemError("open", path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw systemError("examine", path) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw refusal("it is no regular file") }
    let count = Int(status.st_size)
    guard count <= limit.bytes else {
      throw refusal("it has \(ByteCount(count)), more than \(limit)")
    }
    var (bytes, filled) = ([UInt8](repeating: 0, count: count), 0)
    while filled < count {
      let done = bytes.withUnsafeMutableBytes { room in
        retrying { pread(descriptor, room.baseAddress.map { $0 + filled }, count - filled, filled) }
      }
      guard done >= 0 else { throw systemError("read", path) }
      guard done > 0 else { throw refusal("it became shorter meanwhile") }
      filled += done
    }
    return Bytes(bytes)
  }

  /// Makes an empty file, or empties the one that has the name, and locks it while it is being
  /// written, so that two writers never share one temporary file.
  ///
  /// - Throws: ``DiskError/locked(_:)`` when another one is writing it.
  public mutating func create(_ name: String) throws(DiskError) {
    try forget(name)
    while true {
      let flags = O_RDWR | O_CREAT | O_CLOEXEC
      let descriptor = retrying { openat(folderDescriptor, name, flags, 0o666) }
      guard descriptor >= 0 else { throw systemError("create", path(name)) }
      guard retrying({ flock(descriptor, LOCK_EX | LOCK_NB) }) == 0 else {
        let error = systemError("lock", path(name))
        close(descriptor)
        throw error
      }
      // Between opening and locking, the other writer may have renamed the file that was opened.
      var (opened, named) = (stat(), stat())
      if fstat(descriptor, &opened) == 0, fstatat(folderDescriptor, name, &named, 0) == 0,
        opened.st_ino == named.st_ino, opened.st_dev == named.st_dev
      {
        descriptors[name] = descriptor
        return try truncate(name, to: 0)
      }
      close(descriptor)
    }
  }

  /// Writes with `pwrite` until every byte is taken.
  ///
  /// - Throws: ``DiskError/full`` when the file system or a quota has no room; some bytes may have
  ///   been written.
  public mutating func write(
    _ bytes: Bytes, to name: String, at offset: Int
  ) throws(DiskError) {
    let descriptor = try descriptor(of: name)
    let code = bytes.withUnsafeBytes { buffer in
      var written = 0
      while written < buffer.count {
        let done = retrying {
          pwrite(
            descriptor, buffer.baseAddress.map { $0 + written }, buffer.count - written,
            offset + written)
        }
        guard done > 0 else { return done < 0 ? errno : EIO }
        written += done
      }
      return 0
    }
    if code != 0 { throw systemError(code: code, "write", path(name)) }
  }

  /// Shortens or lengthens a file with `ftruncate`.
  public mutating func truncate(_ name: String, to size: Int) throws(DiskError) {
    let descriptor = try descriptor(of: name)
    guard retrying({ ftruncate(descriptor, size) }) == 0 else {
      throw systemError("shorten", path(name))
    }
  }

  /// Forces content and size out with `fdatasync`.
  public mutating func sync(_ name: String) throws(DiskError) {
    let descriptor = try descriptor(of: name)
    guard retrying({ fdatasync(descriptor) }) == 0 else { throw lostSync(of: path(name)) }
  }

  /// Moves a name with `renameat`; open files follow their new names.
  public mutating func rename(_ name: String, to newName: String) throws(DiskError) {
    try check(newName)
    guard renameat(folderDescriptor, name, folderDescriptor, newName) == 0 else {
      throw systemError("rename", path(name))
    }
    try forget(newName)
    descriptors[newName] = descriptors.removeValue(forKey: name)
  }

  /// Takes a name away with `unlinkat`, and closes the file.
  public mutating func remove(_ name: String) throws(DiskError) {
    try check(name)
    // The name goes before the lock, or another writer could lose a file that it has just locked.
    guard unlinkat(folderDescriptor, name, 0) == 0 else { throw systemError("remove", path(name)) }
    try forget(name)
  }

  /// Forces the names out with `fsync` of the folder.
  public mutating func syncFolder() throws(DiskError) {
    guard retrying({ fsync(folderDescriptor) }) == 0 else { throw lostSync(of: folder) }
  }

  /// Gives a file the permissions of another one, where that one exists.
  mutating func copyPermissions(of name: String, to receiver: String) throws(DiskError) {
    var status = stat()
    guard fstatat(folderDescriptor, name, &status, 0) == 0 else {
      if errno == ENOENT { return }
      throw systemError("examine", path(name))
    }
    guard fchmod(try descriptor(of: receiver), status.st_mode & 0o7777) == 0 else {
      throw systemError("set the permissions of", path(receiver))
    }
  }

  private mutating func descriptor(of name: String) throws(DiskError) -> CInt {
    if let known = descriptors[name] { return known }
    try check(name)
    let descriptor = retrying { openat(folderDescriptor, name, O_RDWR | O_CLOEXEC) }
    guard descriptor >= 0 else { throw systemError("open", path(name)) }
    descriptors[name] = descriptor
    return descriptor
  }

  private mutating func forget(_ name: String) throws(DiskError) {
    try check(name)
    if let descriptor = descriptors.removeValue(forKey: name) { Self.release(descriptor) }
  }

  private func check(_ name: String) throws(DiskError) {
    guard name.isEmpty || name.utf8.contains(UInt8(ascii: "/")) || name.utf8.contains(0) else {
      return
    }
    throw .failed(operation: "use", path: path(name), reason: "a file name has no slash")
  }

  private func path(_ name: String) -> String { "\(folder)/\(name)" }
}

/// Repeats a system call that a signal interrupted.
private func retrying<Number: SignedInteger>(_ call: () -> Number) -> Number {
  while true {
    let result = call()
    if result != -1 || errno != EINTR { return result }
  }
}

/// The error that an error number stands for.
private func systemError(
  code: CInt = errno, _ operation: String, _ path: String
) -> DiskError {
  switch code {
  case ENOENT: .notFound(path)
  case EWOULDBLOCK: .locked(path)
  case ENOSPC, EDQUOT: .full
  default: .failed(operation: operation, path: path, reason: String(cString: strerror(code)))
  }
}

/// The error of a sync, which is final whatever its number is.
private func lostSync(of path: String, code: CInt = errno) -> DiskError {
  .failed(operation: "sync", path: path, reason: String(cString: strerror(code)))
}
