// One end of a link: a network device whose packets this process reads and writes.
import CTunnel
import Glibc
import LabCore

/// A TUN device: what the kernel sends over it is read here, and what is written here arrives.
///
/// Packets are whole IPv4 packets of at most the device's size, without offloads: the kernel cuts
/// segments itself, and computes every checksum.
final class TunnelDevice: Sendable {
  /// The descriptor, valid until the value ends; reading and writing never block.
  let descriptor: CInt

  /// Makes the device of a namespace.
  ///
  /// - Parameters:
  ///   - local: The address of the namespace, in the host's byte order.
  ///   - peer: The one address that is reached over the device.
  ///   - maximumPacket: The longest packet with its header.
  init(
    in namespace: NetworkNamespace, local: UInt32, peer: UInt32, maximumPacket: ByteCount
  ) throws(EmulationError) {
    let size = CInt(clamping: maximumPacket.bytes)
    let result = try namespace.run { fleetlab_tunnel_open("fleet0", local, peer, size) }
    guard result >= 0 else { throw EmulationError("make a TUN device", errorNumber: -result) }
    descriptor = result
  }

  deinit { close(descriptor) }

  /// Takes the next packet; `nil` when none waits.
  func read(_ buffer: inout [UInt8]) throws(EmulationError) -> [UInt8]? {
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count > 0 { return Array(buffer[..<count]) }
      let number = count == 0 ? EPIPE : errno
      if number == EAGAIN { return nil }
      guard number == EINTR else { throw EmulationError("read a packet", errorNumber: number) }
    }
  }

  /// Lets a packet arrive.
  ///
  /// - Returns: Whether the kernel had room for it.
  func write(_ packet: [UInt8]) throws(EmulationError) -> Bool {
    while true {
      if Glibc.write(descriptor, packet, packet.count) == packet.count { return true }
      let number = errno
      if [EAGAIN, ENOBUFS, ENOMEM].contains(number) { return false }
      guard number == EINTR else { throw EmulationError("write a packet", errorNumber: number) }
    }
  }
}
