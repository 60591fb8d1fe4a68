// Two UDP sockets at the ends of an emulated link.
import Emulation
import Glibc
import LabCore

/// Sends numbered datagrams from node 0 to node 1 and back.
struct Pinger {
  struct Failure: Error, CustomStringConvertible { let description: String }

  private let sockets: [CInt]

  init(_ link: EmulatedLink) throws {
    sockets = try (0..<2).map { node in
      let descriptor = try link.namespaces[node].run { Self.bound(to: node) }
      guard descriptor >= 0 else { throw Failure(description: "no socket: \(-descriptor)") }
      return descriptor
    }
  }

  /// The monotonic clock of the machine.
  static func now() -> Instant {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  func close() { for descriptor in sockets { Glibc.close(descriptor) } }

  /// Sends a datagram of so many bytes.
  func send(from node: Int, bytes: Int) {
    let content = [UInt8](repeating: 7, count: bytes)
    withAddress(of: 1 - node) { address, length in
      _ = sendto(sockets[node], content, content.count, 0, address, length)
    }
  }

  /// Waits for a datagram, at most so many milliseconds.
  ///
  /// - Returns: Its length; `nil` when none came.
  func receive(at node: Int, milliseconds: CInt) -> Int? {
    var wish = pollfd(fd: sockets[node], events: Int16(POLLIN), revents: 0)
    guard poll(&wish, 1, milliseconds) == 1 else { return nil }
    var buffer = [UInt8](repeating: 0, count: 2_048)
    let count = recv(sockets[node], &buffer, buffer.count, CInt(MSG_DONTWAIT))
    return count >= 0 ? count : nil
  }

  /// A new socket at the address of a node, or the negative number of an error.
  static func bound(to node: Int) -> CInt {
    let descriptor = socket(AF_INET, CInt(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    let result = withAddress(of: node) { bind(descriptor, $0, $1) }
    guard result != 0 else { return descriptor }
    let error = errno
    Glibc.close(descriptor)
    return -error
  }

  private func withAddress(of node: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Void) {
    Self.withAddress(of: node) { address, length in
      body(address, length)
      return 0
    }
  }

  @discardableResult
  private static func withAddress(
    of node: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
  ) -> CInt {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(4_433).bigEndian
    inet_pton(AF_INET, EmulatedLink.address(of: NodeID(node)), &address.sin_addr)
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }
}
