// What a world of sockets tells the program that runs it.
public import LabCore

/// Something that happened at a node, and when.
public struct Observation<Report: Sendable>: Sendable {
  /// Where it happened.
  public let node: NodeID
  /// When the node's handler began, on the world's clock.
  public let at: Instant
  /// What happened.
  public let event: ObservedEvent<Report>
}

/// What can be observed of a node.
public enum ObservedEvent<Report: Sendable>: Sendable {
  /// The Instance made a report.
  case report(Report)
  /// The Instance took a command; latency counts from the intended time.
  case submitted(UInt64, intended: Instant)
  /// A command came while the node was down.
  case refused(UInt64, intended: Instant)
  /// A datagram was too large for any link or for the kernel.
  case unsendable(size: ByteCount, to: NodeID)
  /// Something failed that the world cannot repair; the node goes on as well as it can.
  case failed(SocketWorldError)
}

extension Observation: Equatable where Report: Equatable {}
extension Observation: Hashable where Report: Hashable {}
extension ObservedEvent: Equatable where Report: Equatable {}
extension ObservedEvent: Hashable where Report: Hashable {}
