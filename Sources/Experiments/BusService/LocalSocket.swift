// The socket in a node's folder, at which programs of this machine reach the node.
import Glibc
import LabRunner

/// Unix sockets by the name `socket` in a folder.
enum LocalSocket {
  /// Why a socket cannot be used.
  enum Failure: Error {
    /// Nobody listens there.
    case nobody
    /// The system's own reason.
    case system(String)
  }

  /// Listens; only the owner of this process can connect.
  static func listen(in folder: String) throws(Failure) -> CInt {
    try open(in: folder) { descriptor, path, address, length in
      unlink(path)
      let before = umask(0o077)
      defer { umask(before) }
      return Glibc.bind(descriptor, address, length) == 0 && Glibc.listen(descriptor, 64) == 0
    }
  }

  /// Connects.
  static func connect(in folder: String) throws(Failure) -> CInt {
    try open(in: folder) { descriptor, _, address, length in
      Glibc.connect(descriptor, address, length) == 0
    }
  }

  /// Opens a socket and hands over the place in the folder; by the folder's descriptor, as the path
  /// of a Unix socket has room for 107 bytes only.
  private static func open(
    in folder: String,
    _ body: (CInt, _ path: String, UnsafePointer<sockaddr>, socklen_t) -> Bool
  ) throws(Failure) -> CInt {
    let place = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard place >= 0 else { throw errno == ENOENT ? .nobody : .system(systemReason()) }
    defer { close(place) }
    let descriptor = socket(
      AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw .system(systemReason()) }
    let path = "/proc/self/fd/\(place)/socket"
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let isDone = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body(descriptor, path, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard isDone else {
      let isNobody = [ENOENT, ECONNREFUSED].contains(errno)
      let reason = systemReason()
      close(descriptor)
      throw isNobody ? .nobody : .system(reason)
    }
    Descriptor.doNotBlock(descriptor)
    return descriptor
  }
}
