// Which nodes of a network run in this process, and where all of them are found.
public import LabCore
import Network

/// Which nodes run in this process, and where all of them are found.
public enum Placement: Hashable, Sendable {
  /// All nodes run in this process, on free ports of 127.0.0.1.
  case loopback
  /// Some nodes run in this process and the others elsewhere; the addresses stand in the order of
  /// the nodes.
  case addresses([NodeAddress], local: [NodeID])

  /// The addresses of all nodes, and the local nodes in their order without repetition.
  func resolve(
    _ network: NetworkDescription
  ) throws(SocketWorldError) -> (addresses: [NodeAddress], local: [NodeID]) {
    let count = network.nodes.count
    switch self {
    case .loopback:
      guard count > 0 else { throw .addressCount(expected: 1, found: 0) }
      return ((0..<count).map { _ in .loopback() }, (0..<count).map { NodeID($0) })
    case .addresses(let addresses, let local):
      guard addresses.count == count, count > 0 else {
        throw .addressCount(expected: max(count, 1), found: addresses.count)
      }
      for node in local where Int(node.index) >= count { throw .unknownNode(node) }
      return (addresses, Set(local).sorted())
    }
  }
}
