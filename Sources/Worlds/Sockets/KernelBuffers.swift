// The kernel's buffers of a socket.
public import LabCore

/// The sizes of a socket's buffers in the kernel.
public struct KernelBuffers: Hashable, Sendable {
  /// For datagrams that have arrived.
  public let receive: ByteCount
  /// For datagrams that wait to be sent.
  public let send: ByteCount
}
