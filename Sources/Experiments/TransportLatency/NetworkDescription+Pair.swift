// Two nodes of a network and what lies between them.
import Network

extension NetworkDescription {
  /// The network of two nodes alone, a client and a server, with the links that they have in this
  /// one.
  ///
  /// - Throws: ``PairError``.
  func pair(_ client: String, _ server: String) throws(PairError) -> NetworkDescription {
    let found = try [client, server].map { (name) throws(PairError) in
      guard let node = nodes.first(where: { $0.name == name }) else {
        throw .noNode(name, among: nodes.prefix(8).map(\.name))
      }
      return node
    }
    if found == nodes { return self }
    guard client != server else { throw .oneNode(client) }
    guard faults.isEmpty else { throw .faults }
    return NetworkDescription(nodes: found, link: link, overrides: overrides)
  }
}

/// Why a network has no such pair.
enum PairError: Error, CustomStringConvertible {
  case noNode(String, among: [String])
  case oneNode(String)
  case faults

  var description: String {
    switch self {
    case .noNode(let name, let names):
      "there is no node '\(name)'; the name of a node was expected, such as "
        + "\(names.joined(separator: ", ")); set client and server to two of them"
    case .oneNode(let name):
      "'\(name)' is client and server; two nodes were expected; set one of them to another"
    case .faults:
      "the network has faults and more nodes than client and server; faults of these two alone "
        + "were expected; leave out the faults or the other nodes"
    }
  }
}
