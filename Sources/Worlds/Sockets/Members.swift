// Where the nodes of a world are found.
import LabCore
import NIOCore

/// Where the nodes of a world are found, both ways.
struct Members: Sendable {
  /// The addresses in the order of the nodes.
  let addresses: [SocketAddress]
  private let nodes: [SocketAddress: NodeID]

  /// Takes the addresses in the order of the nodes.
  ///
  /// - Throws: ``SocketWorldError/sharedAddress(_:)``.
  init(_ addresses: [SocketAddress]) throws(SocketWorldError) {
    self.addresses = addresses
    var nodes: [SocketAddress: NodeID] = [:]
    for (index, address) in addresses.enumerated() {
      guard nodes.updateValue(NodeID(index), forKey: address) == nil else {
        throw .sharedAddress(NodeAddress(address))
      }
    }
    self.nodes = nodes
  }

  /// The node with an address, if there is one.
  func node(at address: SocketAddress) -> NodeID? { nodes[address] }
  /// The address of a node, if there is such a node.
  func address(of node: NodeID) -> SocketAddress? {
    Int(node.index) < addresses.count ? addresses[Int(node.index)] : nil
  }
}
