public import LabCore

/// A network as a person describes it: nodes, regions, a default link, exceptions and faults.
public struct NetworkDescription: Hashable, Sendable {
  /// The nodes, in the order of their ``NodeID``.
  public var nodes: [NodeDescription]
  /// The link between two nodes for which no exception is written.
  public var link: LinkModel
  /// The exceptions; for a pair that several name, the last one holds.
  public var overrides: [LinkOverride]
  /// What goes wrong, and when.
  public var faults: [FaultDescription]

  /// Describes a network.
  public init(
    nodes: [NodeDescription], link: LinkModel, overrides: [LinkOverride] = [],
    faults: [FaultDescription] = []
  ) {
    self.nodes = nodes
    self.link = link
    self.overrides = overrides
    self.faults = faults
  }

  /// A network of equal nodes without regions and faults.
  public init(nodes count: Int, link: LinkModel = LinkModel()) {
    self.init(nodes: (0..<count).map { NodeDescription(name: "n\($0)") }, link: link)
  }

  /// The model of the link from one node to another.
  ///
  /// - Complexity: Linear in the number of overrides.
  public func link(from sender: NodeID, to receiver: NodeID) -> LinkModel {
    let from = nodes[Int(sender.index)]
    let to = nodes[Int(receiver.index)]
    let exception = overrides.last { $0.covers(from: from, to: to) }
    return exception?.link ?? link
  }
}

/// One node of a described network.
public struct NodeDescription: Hashable, Sendable {
  /// The name, which no other node has.
  public var name: String
  /// The region, if the network has regions.
  public var region: String?

  /// Describes a node.
  public init(name: String, region: String? = nil) {
    self.name = name
    self.region = region
  }
}

/// A link between some nodes that differs from the default.
public struct LinkOverride: Hashable, Sendable {
  /// The name of a node or of a region at one end.
  public var from: String
  /// The name of a node or of a region at the other end.
  public var to: String
  /// Whether the exception holds for the way back too.
  public var bothWays: Bool
  /// The link between them.
  public var link: LinkModel

  /// Describes an exception.
  public init(from: String, to: String, bothWays: Bool, link: LinkModel) {
    self.from = from
    self.to = to
    self.bothWays = bothWays
    self.link = link
  }

  func covers(from sender: NodeDescription, to receiver: NodeDescription) -> Bool {
    func matches(_ pattern: String, _ node: NodeDescription) -> Bool {
      pattern == node.name || pattern == node.region
    }
    return matches(from, sender) && matches(to, receiver)
      || bothWays && matches(from, receiver) && matches(to, sender)
  }
}
