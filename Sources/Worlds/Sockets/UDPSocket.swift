// A UDP socket of the operating system.
import Glibc
import LabCore
import NIOCore

/// A bound UDP socket that stays open as long as the value lives.
///
/// The node owns the socket and gives the event loop a duplicate of its descriptor. A send error
/// that makes the loop close its duplicate therefore costs neither the port nor what has arrived.
final class UDPSocket: Sendable {
  /// The descriptor, valid until the value ends.
  private let descriptor: CInt
  /// Where the socket is bound, with the port that the kernel chose.
  let address: SocketAddress

  /// Opens and binds a socket.
  init(at wanted: NodeAddress, limits: SocketLimits) throws(SocketWorldError) {
    guard ProcessEntropy.decideForSystem() else { throw .seededEntropy }
    let target = try wanted.socketAddress()
    let family = target.protocol == .inet6 ? AF_INET6 : AF_INET
    let type = CInt(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let descriptor = socket(family, type, 0)
    guard descriptor >= 0 else { throw Self.error("open a socket", wanted) }
    do throws(SocketWorldError) {
      try Self.set(SO_RCVBUF, to: limits.kernelReceiveBuffer, of: descriptor, wanted)
      try Self.set(SO_SNDBUF, to: limits.kernelSendBuffer, of: descriptor, wanted)
      let bound = target.withSockAddr { bind(descriptor, $0, socklen_t($1)) }
      guard bound == 0 else { throw Self.error("bind", wanted) }
      address = try Self.localAddress(of: descriptor, wanted)
    } catch {
      close(descriptor)
      throw error
    }
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Another descriptor of the same socket, which the caller closes.
  func duplicate() throws(SocketWorldError) -> CInt {
    let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    guard copy >= 0 else { throw Self.error("duplicate a socket", NodeAddress(address)) }
    return copy
  }

  /// How many datagrams the kernel dropped at this socket; `nil` when it does not say.
  ///
  /// > Source: `linux/sock_diag.h`: `SO_MEMINFO` fills an array of nine 32-bit counters, of which
  /// > `SK_MEMINFO_DROPS` is the last.
  var kernelDrops: Int? {
    let socketMemoryInformation: CInt = 55
    let (dropsIndex, counterCount) = (8, 9)
    var counters = [UInt32](repeating: 0, count: counterCount)
    var length = socklen_t(counterCount * MemoryLayout<UInt32>.size)
    let result = getsockopt(descriptor, SOL_SOCKET, socketMemoryInformation, &counters, &length)
    guard result == 0, Int(length) == counterCount * MemoryLayout<UInt32>.size else { return nil }
    return Int(counters[dropsIndex])
  }

  /// The sizes of the kernel's buffers, with the room that it adds for its own bookkeeping.
  func kernelBuffers() throws(SocketWorldError) -> KernelBuffers {
    KernelBuffers(receive: try bytes(of: SO_RCVBUF), send: try bytes(of: SO_SNDBUF))
  }

  private func bytes(of option: CInt) throws(SocketWorldError) -> ByteCount {
    var value: CInt = 0
    var length = socklen_t(MemoryLayout<CInt>.size)
    guard getsockopt(descriptor, SOL_SOCKET, option, &value, &length) == 0 else {
      throw Self.error("examine a socket", NodeAddress(address))
    }
    return ByteCount(Int(value))
  }

  private static func set(
    _ option: CInt, to size: ByteCount?, of descriptor: CInt, _ address: NodeAddress
  ) throws(SocketWorldError) {
    guard let size else { return }
    var value = CInt(clamping: size.bytes)
    let length = socklen_t(MemoryLayout<CInt>.size)
    guard setsockopt(descriptor, SOL_SOCKET, option, &value, length) == 0 else {
      throw error("set a buffer of a socket", address)
    }
  }

  private static func localAddress(
    of descriptor: CInt, _ wanted: NodeAddress
  ) throws(SocketWorldError) -> SocketAddress {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    // The kernel fills a structure of the family's own type, which `sockaddr_storage` has room for.
    let address = withUnsafeMutableBytes(of: &storage) { raw -> SocketAddress? in
      let general = raw.baseAddress?.assumingMemoryBound(to: sockaddr.self)
      guard let general, getsockname(descriptor, general, &length) == 0 else { return nil }
      // Every family's structure begins with the family.
      return raw.load(as: sa_family_t.self) == sa_family_t(AF_INET6)
        ? SocketAddress(raw.load(as: sockaddr_in6.self))
        : SocketAddress(raw.load(as: sockaddr_in.self))
    }
    guard let address else { throw error("examine a socket", wanted) }
    return address
  }

  private static func error(_ operation: String, _ address: NodeAddress) -> SocketWorldError {
    switch errno {
    case EADDRINUSE: .addressInUse(address)
    case EADDRNOTAVAIL: .addressNotAvailable(address)
    case EACCES, EPERM: .notPermitted(operation: operation, address)
    case EMFILE, ENFILE: .noDescriptor
    default: .system(operation: operation, reason: String(cString: strerror(errno)))
    }
  }
}
