// Where a node is found: an IP address and a port.
import NIOCore

/// A numeric IP address and a UDP port.
public struct NodeAddress: Hashable, Sendable {
  /// The IPv4 or IPv6 address in its usual text form.
  public let host: String
  /// The port; 0 asks for any free one, and is right only for a node of this process.
  public let port: UInt16

  /// Describes an address.
  ///
  /// - Throws: ``SocketWorldError/badAddress(_:)`` when the host is not numeric; names are not
  ///   looked up.
  public init(host: String, port: UInt16) throws(SocketWorldError) {
    do { self.init(try SocketAddress(ipAddress: host, port: Int(port))) } catch {
      throw .badAddress("\(host):\(port)")
    }
  }

  /// A port on this machine that only this machine reaches; 0 asks for any free one.
  public static func loopback(port: UInt16 = 0) -> NodeAddress {
    NodeAddress(verified: "127.0.0.1", port: port)
  }

  private init(verified host: String, port: UInt16) {
    self.host = host
    self.port = port
  }

  init(_ address: SocketAddress) {
    host = address.ipAddress ?? ""
    port = UInt16(truncatingIfNeeded: address.port ?? 0)
  }

  /// The address as NIO writes it.
  func socketAddress() throws(SocketWorldError) -> SocketAddress {
    do { return try SocketAddress(ipAddress: host, port: Int(port)) } catch {
      throw .badAddress(description)
    }
  }
}

extension NodeAddress: CustomStringConvertible {
  /// The address as commands take it: `127.0.0.1:4711`, `[::1]:4711`.
  public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
