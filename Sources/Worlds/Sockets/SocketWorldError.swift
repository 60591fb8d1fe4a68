// Why a world of sockets could not do what it was asked.
public import LabCore

/// Why a world of sockets could not be made, started or changed.
public enum SocketWorldError: Error, Hashable, Sendable {
  /// Another socket has the address; the caller waits for its owner to end or takes another port.
  case addressInUse(NodeAddress)
  /// No interface of this machine has the address.
  case addressNotAvailable(NodeAddress)
  /// The operating system does not allow it to this user.
  case notPermitted(operation: String, NodeAddress)
  /// The process or the machine has no file descriptor left.
  case noDescriptor
  /// The operating system refused for another reason; `reason` is its own text.
  case system(operation: String, reason: String)
  /// A text that is no address of a node.
  case badAddress(String)
  /// The list of addresses does not fit the network.
  case addressCount(expected: Int, found: Int)
  /// Two nodes share an address.
  case sharedAddress(NodeAddress)
  /// The network has no such node.
  case unknownNode(NodeID)
  /// The node runs in another process.
  case notLocal(NodeID)
  /// The call does not fit the world's or the node's state.
  case wrongState(call: String, state: String)
  /// The network describes faults, which only a simulated world can carry out.
  case faults(count: Int)
  /// A limit that nothing could keep.
  case badLimit(String)
  /// A node stores, but the world was given no folder.
  case noStorage(NodeID)
  /// The keys of this process follow from a seed, so it must not speak with others.
  case seededEntropy
  /// A node's storage failed; `reason` says how.
  case storage(NodeID, reason: String)
}

extension SocketWorldError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .addressInUse(let address):
      "address \(address) is in use; a free one was expected; choose another port or end its owner"
    case .addressNotAvailable(let address):
      "address \(address) belongs to no interface of this machine; a local one was expected; "
        + "choose another address"
    case .notPermitted(let operation, let address):
      "cannot \(operation) at \(address): permission denied; a port from 1024 on and an address "
        + "open to this user were expected; choose another address"
    case .noDescriptor:
      "no file descriptor is left; one a node was expected; raise the limit (ulimit -n) or run "
        + "fewer nodes"
    case .system(let operation, let reason):
      "cannot \(operation): \(reason); a working network stack was expected; check the machine"
    case .badAddress(let text):
      "'\(text)' is no address; a numeric IP address and a port as in 127.0.0.1:4711 were "
        + "expected; correct it"
    case .addressCount(let expected, let found):
      "there are \(found) addresses; one for each of the \(expected) nodes was expected; "
        + "correct the list"
    case .sharedAddress(let address):
      "two nodes have the address \(address); one for each was expected; correct the list"
    case .unknownNode(let node):
      "\(node) does not exist; a node of the network was expected; correct its number"
    case .notLocal(let node):
      "\(node) runs in another process; a node of this one was expected; ask the other process"
    case .wrongState(let call, let state):
      "\(call) was called on what is \(state); another order of calls was expected; "
        + "correct the calling program"
    case .faults(let count):
      "the network has \(count) faults; none was expected on real sockets; "
        + "crash and restart nodes by calls, or run the network in a simulated world"
    case .badLimit(let name):
      "the limit \(name) is not positive; at least 1 was expected; raise it"
    case .noStorage(let node):
      "\(node) stores, but the world has no folder; one was expected; give the world a folder"
    case .seededEntropy:
      "the keys of this process follow from a seed; a process whose keys are secret was expected; "
        + "open sockets in another one"
    case .storage(let node, let reason):
      "the storage of \(node) failed: \(reason)"
    }
  }
}
