// Where a datagram of QUIC comes from and goes to.
import CNgtcp2
import Glibc
public import LabCore

/// An address of IPv4 or IPv6 with a port.
public struct QUICAddress: Hashable, Sendable {
  /// The bytes of the address: 4 or 16 of them.
  public let host: [UInt8]
  /// The number by which the host tells its sockets apart, in the machine's own byte order.
  public let port: UInt16

  /// An address of IPv4.
  public init(_ first: UInt8, _ second: UInt8, _ third: UInt8, _ fourth: UInt8, port: UInt16) {
    host = [first, second, third, fourth]
    self.port = port
  }

  /// An address from its bytes; `nil` unless there are 4 or 16.
  public init?(host: [UInt8], port: UInt16) {
    guard host.count == 4 || host.count == 16 else { return nil }
    self.host = host
    self.port = port
  }

  /// The address of a node in a world that names nodes by numbers: 10.0.0.0/8 and port 4433.
  public init(_ node: NodeID) {
    let number = node.index &+ 1
    self.init(
      10, UInt8(truncatingIfNeeded: number >> 16), UInt8(truncatingIfNeeded: number >> 8),
      UInt8(truncatingIfNeeded: number), port: 4433)
  }

  /// The node that ``init(_:)-(NodeID)`` gives this address to, if it is one of those.
  public var node: NodeID? {
    guard host.count == 4, host[0] == 10, port == 4433 else { return nil }
    let number = Int(host[1]) << 16 | Int(host[2]) << 8 | Int(host[3])
    return number > 0 ? NodeID(number - 1) : nil
  }
}

extension QUICAddress: CustomStringConvertible {
  /// `127.0.0.1:4433` or `[::1]:4433`.
  public var description: String {
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    let family = host.count == 4 ? AF_INET : AF_INET6
    inet_ntop(family, host, &text, socklen_t(text.count))
    let name = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return host.count == 4 ? "\(name):\(port)" : "[\(name)]:\(port)"
  }
}

extension QUICAddress {
  /// Gives the address to a body in the form of the system's sockets.
  func withSocketAddress<Result>(_ body: (ngtcp2_addr) throws -> Result) rethrows -> Result {
    var storage = ngtcp2_sockaddr_union()
    let length: Int
    if host.count == 4 {
      storage.in.sin_family = sa_family_t(AF_INET)
      storage.in.sin_port = port.bigEndian
      withUnsafeMutableBytes(of: &storage.in.sin_addr) { $0.copyBytes(from: host) }
      length = MemoryLayout<sockaddr_in>.size
    } else {
      storage.in6.sin6_family = sa_family_t(AF_INET6)
      storage.in6.sin6_port = port.bigEndian
      withUnsafeMutableBytes(of: &storage.in6.sin6_addr) { $0.copyBytes(from: host) }
      length = MemoryLayout<sockaddr_in6>.size
    }
    return try withUnsafeMutablePointer(to: &storage.sa) { pointer in
      try body(ngtcp2_addr(addr: pointer, addrlen: ngtcp2_socklen(length)))
    }
  }

  /// Reads an address in the form of the system's sockets.
  init?(_ address: ngtcp2_addr) {
    guard let pointer = UnsafeRawPointer(address.addr) else { return nil }
    switch Int32(pointer.load(as: sockaddr.self).sa_family) {
    case AF_INET:
      let value = pointer.load(as: sockaddr_in.self)
      self.init(
        host: withUnsafeBytes(of: value.sin_addr) { Array($0) },
        port: UInt16(bigEndian: value.sin_port))
    case AF_INET6:
      let value = pointer.load(as: sockaddr_in6.self)
      self.init(
        host: withUnsafeBytes(of: value.sin6_addr) { Array($0) },
        port: UInt16(bigEndian: value.sin6_port))
    default: return nil
    }
  }
}
