// A UDP socket that one thread reads, writes and waits on.
import Glibc
public import LabCore

/// A UDP socket for a program that serves whoever writes to it.
///
/// Unlike ``SocketWorld`` it knows no members: each datagram comes and goes with an address.
public final class DatagramSocket {
  /// Why a socket cannot be used.
  public struct Failure: Error, CustomStringConvertible {
    /// What was tried, and what the system said.
    public let description: String
  }

  /// Where datagrams come from and go to.
  public struct Peer: Hashable, Sendable {
    /// The 4 or 16 bytes of the address.
    public var host: [UInt8]
    /// The number of the socket there, as people write it.
    public var port: UInt16

    /// Names a socket.
    public init(host: [UInt8], port: UInt16) {
      self.host = host
      self.port = port
    }
  }

  /// Where the socket is bound, with the port that the kernel chose.
  public let local: Peer
  private let descriptor: CInt
  private let isIPv6: Bool
  private var buffer = [UInt8](repeating: 0, count: 65_536)

  /// Opens a socket.
  ///
  /// - Parameters:
  ///   - host: A name or an address; a name is looked up.
  ///   - port: 0 for any.
  ///   - buffers: How much the kernel keeps in either direction, as far as it allows.
  /// - Throws: ``Failure``.
  public static func bound(
    host: String, port: UInt16, buffers: ByteCount = ByteCount(4 << 20)
  ) throws(Failure) -> DatagramSocket {
    try DatagramSocket(at: try find(host, port: port), buffers: buffers)
  }

  /// Opens a socket on any port, of the family of a peer.
  public static func toward(
    _ peer: Peer, buffers: ByteCount = ByteCount(4 << 20)
  ) throws(Failure) -> DatagramSocket {
    try DatagramSocket(
      at: Peer(host: [UInt8](repeating: 0, count: peer.host.count), port: 0), buffers: buffers)
  }

  /// The first address of a name.
  public static func find(_ host: String, port: UInt16) throws(Failure) -> Peer {
    var hints = addrinfo()
    hints.ai_socktype = CInt(SOCK_DGRAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, "\(port)", &hints, &found)
    defer { if let found { freeaddrinfo(found) } }
    guard code == 0, let first = found, let address = first.pointee.ai_addr,
      let peer = peer(UnsafeRawPointer(address))
    else {
      throw Failure(
        description:
          "'\(host)' is no address: \(String(cString: gai_strerror(code))); a name or an "
          + "address was expected; correct it")
    }
    return peer
  }

  private init(at wanted: Peer, buffers: ByteCount) throws(Failure) {
    guard ProcessEntropy.decideForSystem() else {
      throw Failure(description: "open a UDP socket: \(SocketWorldError.seededEntropy)")
    }
    isIPv6 = wanted.host.count == 16
    let kind = CInt(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let opened = socket(isIPv6 ? AF_INET6 : AF_INET, kind, 0)
    guard opened >= 0 else { throw Self.failure("open a UDP socket") }
    var size = CInt(clamping: buffers.bytes)
    let length = socklen_t(MemoryLayout<CInt>.size)
    for option in [SO_RCVBUF, SO_SNDBUF] {
      guard setsockopt(opened, SOL_SOCKET, option, &size, length) == 0 else {
        close(opened)
        throw Self.failure("size the buffers of a UDP socket")
      }
    }
    var storage = sockaddr_storage()
    let count = Self.fill(&storage, wanted)
    let bound = withUnsafePointer(to: &storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(opened, $0, count) }
    }
    var filled = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let named = withUnsafeMutablePointer(to: &storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        getsockname(opened, $0, &filled)
      }
    }
    guard bound == 0, named == 0,
      let here = withUnsafeBytes(of: &storage, { $0.baseAddress.flatMap(Self.peer) })
    else {
      let failure = Self.failure("bind a UDP socket to port \(wanted.port)")
      close(opened)
      throw failure
    }
    descriptor = opened
    local = here
  }

  deinit { close(descriptor) }

  /// Takes what has arrived, at most so many datagrams.
  ///
  /// - Returns: How many there were.
  @discardableResult
  public func receive(
    atMost limit: Int = 64, _ take: (Bytes, Peer) throws -> Void
  ) rethrows -> Int {
    for taken in 0..<limit {
      var storage = sockaddr_storage()
      var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
      let count = withUnsafeMutablePointer(to: &storage) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          recvfrom(descriptor, &buffer, buffer.count, 0, $0, &length)
        }
      }
      // Nothing is there, or an earlier datagram of ours was refused; neither is an error.
      guard count >= 0 else { return taken }
      let sender = withUnsafeBytes(of: &storage) { $0.baseAddress.flatMap(Self.peer) }
      if let sender { try take(Bytes(buffer[0..<count]), sender) }
    }
    return limit
  }

  /// Sends a datagram; one for which there is no room is lost, as in the network.
  public func send(_ datagram: Bytes, to peer: Peer) {
    guard (peer.host.count == 16) == isIPv6 else { return }
    var storage = sockaddr_storage()
    let length = Self.fill(&storage, peer)
    withUnsafePointer(to: &storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        _ = datagram.withUnsafeBytes {
          sendto(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL), address, length)
        }
      }
    }
  }

  /// Waits until something arrives or some time has passed, rounded up to a millisecond.
  public func wait(atMost limit: Duration) {
    var wish = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    poll(&wish, 1, CInt(clamping: (max(0, limit.nanoseconds) + 999_999) / 1_000_000))
  }

  private static func failure(_ action: String) -> Failure {
    Failure(
      description:
        "the system does not \(action): \(String(cString: strerror(errno))); a free port "
        + "was expected; choose another")
  }

  private static func fill(_ storage: inout sockaddr_storage, _ peer: Peer) -> socklen_t {
    withUnsafeMutableBytes(of: &storage) { memory in
      guard let place = memory.baseAddress else { return 0 }
      if peer.host.count == 4 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = peer.port.bigEndian
        withUnsafeMutableBytes(of: &address.sin_addr) { $0.copyBytes(from: peer.host) }
        place.storeBytes(of: address, as: sockaddr_in.self)
        return socklen_t(MemoryLayout<sockaddr_in>.size)
      }
      var address = sockaddr_in6()
      address.sin6_family = sa_family_t(AF_INET6)
      address.sin6_port = peer.port.bigEndian
      withUnsafeMutableBytes(of: &address.sin6_addr) { $0.copyBytes(from: peer.host.prefix(16)) }
      place.storeBytes(of: address, as: sockaddr_in6.self)
      return socklen_t(MemoryLayout<sockaddr_in6>.size)
    }
  }

  private static func peer(_ address: UnsafeRawPointer) -> Peer? {
    switch Int32(address.load(as: sockaddr.self).sa_family) {
    case AF_INET:
      let value = address.load(as: sockaddr_in.self)
      return Peer(
        host: withUnsafeBytes(of: value.sin_addr) { Array($0) },
        port: UInt16(bigEndian: value.sin_port))
    case AF_INET6:
      let value = address.load(as: sockaddr_in6.self)
      return Peer(
        host: withUnsafeBytes(of: value.sin6_addr) { Array($0) },
        port: UInt16(bigEndian: value.sin6_port))
    default: return nil
    }
  }
}
