// Where a datagram of QUIC comes from and goes to.
import CNgtcp2
import Glibc
public import LabCore

/// An address of IPv4 or IPv6 with a port.
public struct QUICAddress: Hashable, Sendable {
  /// The bytes of the address, filled up with zeros, as they stand in memory.
  private let words: (UInt64, UInt64)
  /// Whether it is of IPv4, with 4 bytes; else it is of IPv6, with 16.
  let isIPv4: Bool
  /// The number by which the host tells its sockets apart, in the machine's own byte order.
  public let port: UInt16

  /// An address of IPv4.
  public init(_ first: UInt8, _ second: UInt8, _ third: UInt8, _ fourth: UInt8, port: UInt16) {
    self.init([first, second, third, fourth], port: port)
  }

  /// Takes 4 or 16 bytes.
  private init(_ host: some Collection<UInt8>, port: UInt16) {
    var words: (UInt64, UInt64) = (0, 0)
    withUnsafeMutableBytes(of: &words) { $0.copyBytes(from: host) }
    self.words = words
    isIPv4 = host.count == 4
    self.port = port
  }

  /// An address from its bytes; `nil` unless there are 4 or 16.
  public init?(host: [UInt8], port: UInt16) {
    guard host.count == 4 || host.count == 16 else { return nil }
    self.init(host, port: port)
  }

  /// The bytes of the address: 4 or 16 of them.
  public var host: [UInt8] { withUnsafeBytes(of: words) { Array($0.prefix(byteCount)) } }

  private var byteCount: Int { isIPv4 ? 4 : 16 }

  /// The address of a node in a world that names nodes by numbers: 10.0.0.0/8 and port 4433.
  public init(_ node: NodeID) {
    let number = node.index &+ 1
    self.init(
      10, UInt8(truncatingIfNeeded: number >> 16), UInt8(truncatingIfNeeded: number >> 8),
      UInt8(truncatingIfNeeded: number), port: 4433)
  }

  /// The node that ``init(_:)-(NodeID)`` gives this address to, if it is one of those.
  public var node: NodeID? {
    guard isIPv4, port == 4433 else { return nil }
    let bits = UInt32(truncatingIfNeeded: words.0).byteSwapped
    guard bits >> 24 == 10 else { return nil }
    let number = Int(bits & 0xff_ffff)
    return number > 0 ? NodeID(number - 1) : nil
  }

  public static func == (left: QUICAddress, right: QUICAddress) -> Bool {
    left.words == right.words && left.isIPv4 == right.isIPv4 && left.port == right.port
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(words.0)
    hasher.combine(words.1)
    hasher.combine(port)
  }
}

extension QUICAddress: CustomStringConvertible {
  /// `127.0.0.1:4433` or `[::1]:4433`.
  public var description: String {
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    let family = isIPv4 ? AF_INET : AF_INET6
    inet_ntop(family, host, &text, socklen_t(text.count))
    let name = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return isIPv4 ? "\(name):\(port)" : "[\(name)]:\(port)"
  }
}

extension QUICAddress {
  /// Gives the address to a body in the form of the system's sockets.
  func withSocketAddress<Result>(_ body: (ngtcp2_addr) throws -> Result) rethrows -> Result {
    var storage = ngtcp2_sockaddr_union()
    let length: Int
    if isIPv4 {
      storage.in.sin_family = sa_family_t(AF_INET)
      storage.in.sin_port = port.bigEndian
      storage.in.sin_addr.s_addr = in_addr_t(truncatingIfNeeded: words.0)
      length = MemoryLayout<sockaddr_in>.size
    } else {
      storage.in6.sin6_family = sa_family_t(AF_INET6)
      storage.in6.sin6_port = port.bigEndian
      withUnsafeMutableBytes(of: &storage.in6.sin6_addr) {
        $0.storeBytes(of: words.0, as: UInt64.self)
        $0.storeBytes(of: words.1, toByteOffset: 8, as: UInt64.self)
      }
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
      let port = UInt16(bigEndian: value.sin_port)
      self = withUnsafeBytes(of: value.sin_addr) { Self($0, port: port) }
    case AF_INET6:
      let value = pointer.load(as: sockaddr_in6.self)
      let port = UInt16(bigEndian: value.sin6_port)
      self = withUnsafeBytes(of: value.sin6_addr) { Self($0, port: port) }
    default: return nil
    }
  }
}
