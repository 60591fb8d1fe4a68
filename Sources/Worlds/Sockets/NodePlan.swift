// What a node is made from, the same in all its lives.
import LabCore
import Network

/// Everything that a node needs but its socket and its clock.
struct NodePlan<Node: Instance & ~Copyable>: Sendable {
  let id: NodeID
  let make: @Sendable (NodeID, Seed) -> Node
  let network: NetworkDescription
  let shaping: Shaping
  let worldSeed: Seed
  let limits: SocketLimits
  let members: Members
  let observations: ObservationQueue<Node.Report>
  /// The journal of the node; `nil` when the world has no folder.
  let storage: NodeStorage?

  /// The root of the node's own streams.
  var seed: Seed { worldSeed.child("nodes").child(Int(id.index)) }
}
