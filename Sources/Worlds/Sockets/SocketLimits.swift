// How much a node on sockets keeps in memory, and what it asks of the kernel.
public import LabCore

/// The bounds of each node; what does not fit is dropped and counted.
public struct SocketLimits: Hashable, Sendable {
  /// How many datagrams may wait until the kernel takes them.
  public var waitingDatagrams: Int
  /// How many bytes may wait until the kernel takes them.
  public var waitingBytes: ByteCount
  /// How many datagrams may be under way on a node's shaped links.
  public var shapedDatagrams: Int
  /// How many bytes may be under way on a node's shaped links.
  public var shapedBytes: ByteCount
  /// How many storage requests may wait; further ones are answered as full.
  public var waitingStores: Int
  /// How many observations of all nodes may wait for ``SocketWorld/run(until:settled:)``.
  public var observations: Int
  /// The kernel's receive buffer; `nil` leaves it as it is.
  ///
  /// The kernel grants no more than its own limit; ``SocketWorld/kernelBuffers(of:)`` says how
  /// much.
  public var kernelReceiveBuffer: ByteCount?
  /// The kernel's send buffer, likewise.
  public var kernelSendBuffer: ByteCount?

  /// Describes bounds.
  public init(
    waitingDatagrams: Int = 4096, waitingBytes: ByteCount = ByteCount(8 << 20),
    shapedDatagrams: Int = 65_536, shapedBytes: ByteCount = ByteCount(64 << 20),
    waitingStores: Int = 65_536, observations: Int = 1 << 20,
    kernelReceiveBuffer: ByteCount? = nil, kernelSendBuffer: ByteCount? = nil
  ) {
    self.waitingDatagrams = waitingDatagrams
    self.waitingBytes = waitingBytes
    self.shapedDatagrams = shapedDatagrams
    self.shapedBytes = shapedBytes
    self.waitingStores = waitingStores
    self.observations = observations
    self.kernelReceiveBuffer = kernelReceiveBuffer
    self.kernelSendBuffer = kernelSendBuffer
  }

  /// Refuses bounds under which nothing could ever happen, and buffers that no kernel can write
  /// down.
  func check() throws(SocketWorldError) {
    let limits = [
      ("waitingDatagrams", waitingDatagrams), ("waitingBytes", waitingBytes.bytes),
      ("shapedDatagrams", shapedDatagrams), ("shapedBytes", shapedBytes.bytes),
      ("waitingStores", waitingStores), ("observations", observations),
      ("kernelReceiveBuffer", kernelReceiveBuffer?.bytes ?? 1),
      ("kernelSendBuffer", kernelSendBuffer?.bytes ?? 1),
    ]
    for (name, value) in limits where value < 1 { throw .badLimit(name) }
  }
}
