// Reading the description of a network.

import LabCore
import Network

extension StrictReader {
  /// A network.
  func network() -> NetworkDescription? {
    let before = log.count
    guard let fields = fields(ManifestKeys.network) else { return nil }
    let nodes = fields.read("nodes") { $0.nodes() }
    let link = fields.read("link", default: LinkModel()) { $0.link(base: LinkModel()) }
    guard let nodes else {
      // Without nodes no name can be checked; the rest of the network is read once they are there.
      return nil
    }
    let names = NodeNames(nodes)
    var overrides: [LinkOverride] = []
    if let link {
      overrides += fields.read("matrix") { $0.matrix(names, base: link) } ?? []
      overrides += fields.read("links") { $0.list { $0.linkOverride(names, base: link) } } ?? []
    }
    let faults = fields.read("faults") { $0.list { $0.fault(names) } } ?? []
    guard log.count == before, let link else { return nil }
    return NetworkDescription(nodes: nodes, link: link, overrides: overrides, faults: faults)
  }

  // MARK: Nodes

  private static let mostNodes = 100_000

  private func nodes() -> [NodeDescription]? {
    switch tree.content {
    case .scalar:
      guard let count = whole(in: 1...Self.mostNodes) else { return nil }
      return (0..<count).map { NodeDescription(name: "n\($0)") }
    case .list: return listedNodes()
    case .mapping: return nodesByRegion()
    }
  }

  private func listedNodes() -> [NodeDescription]? {
    guard let readers = items() else { return nil }
    guard (1...Self.mostNodes).contains(readers.count) else {
      report(
        "manifest.empty-list",
        "the list has \(readers.count) nodes; 1 to \(Self.mostNodes) were expected; change it")
      return nil
    }
    var seen: [String: Int] = [:]
    let before = log.count
    let nodes = readers.compactMap { reader -> NodeDescription? in
      guard let node = reader.node() else { return nil }
      if let line = seen.updateValue(reader.place.line, forKey: node.name) {
        reader.report(
          "manifest.duplicate-node",
          "the node '\(node.name)' is on line \(line) already; names that differ were expected; "
            + "rename one")
      }
      return node
    }
    for (reader, node) in zip(readers, nodes) {
      guard let region = node.region, seen[region] != nil else { continue }
      reader.report(
        "manifest.duplicate-node",
        "the region '\(region)' has the name of a node; names that differ were expected; rename one"
      )
    }
    return log.count == before ? nodes : nil
  }

  private func node() -> NodeDescription? {
    guard tree.entries != nil else { return name().map { NodeDescription(name: $0) } }
    guard let fields = fields(ManifestKeys.node) else { return nil }
    let region = fields.read("region") { $0.name() }
    return fields.read("name") { $0.name() }.map { NodeDescription(name: $0, region: region) }
  }

  private func nodesByRegion() -> [NodeDescription]? {
    guard let regions = entries() else { return nil }
    let before = log.count
    var nodes: [NodeDescription] = []
    for (region, place, reader) in regions {
      if !isKebabCase(region) {
        log.report(
          "manifest.name", at: place,
          "'\(shortened(region))' is not a name in kebab case; lower-case letters, digits and "
            + "hyphens were expected, a letter first; write it like 'eu-west'")
      }
      guard let count = reader.whole(in: 1...Self.mostNodes) else { continue }
      guard nodes.count + count <= Self.mostNodes else {
        reader.outOfRange("\(count)", "at most \(Self.mostNodes) nodes in all")
        return nil
      }
      nodes += (0..<count).map { NodeDescription(name: "\(region)-\($0)", region: region) }
    }
    if regions.isEmpty {
      report("manifest.empty-list", "there is no region; at least one was expected; add 'eu: 2'")
    }
    return log.count == before ? nodes : nil
  }

  // MARK: Links

  private func linkOverride(_ names: NodeNames, base: LinkModel) -> LinkOverride? {
    guard let fields = fields(ManifestKeys.linkOverride) else { return nil }
    let from = fields.read("from") { $0.endpoint(names) }
    let to = fields.read("to") { $0.endpoint(names) }
    let bothWays = fields.read("both-ways", default: false) { $0.flag() }
    let link = fields.link(base: base)
    guard let from, let to, let bothWays, let link else { return nil }
    return LinkOverride(from: from, to: to, bothWays: bothWays, link: link)
  }

  private func endpoint(_ names: NodeNames) -> String? {
    guard let text = scalar(expected: "a node or a region", example: "eu") else { return nil }
    if let index = Int(text), names.nodes.indices.contains(index) { return names.nodes[index].name }
    guard names.isKnown(text) else {
      names.reportUnknown(text, in: self)
      return nil
    }
    return text
  }
}

/// The names that may stand for nodes.
struct NodeNames {
  /// All nodes.
  let nodes: [NodeDescription]
  private let indices: [String: [Int]]

  init(_ nodes: [NodeDescription]) {
    self.nodes = nodes
    var indices: [String: [Int]] = [:]
    for (index, node) in nodes.enumerated() {
      indices[node.name, default: []].append(index)
      if let region = node.region { indices[region, default: []].append(index) }
    }
    self.indices = indices
  }

  /// Whether a node or region has the name.
  func isKnown(_ name: String) -> Bool { indices[name] != nil }

  /// The nodes that a number, a name or a region stands for.
  func nodes(_ text: String) -> [NodeID]? {
    if let index = Int(text) {
      return nodes.indices.contains(index) ? [NodeID(index)] : nil
    }
    return indices[text]?.map { NodeID($0) }
  }

  /// Reports a name that stands for nothing.
  func reportUnknown(_ text: String, in reader: StrictReader) {
    let expected =
      "a number from 0 to \(nodes.count - 1), or the name of a node or region, was expected"
    let near = nearestName(to: text, among: indices.keys.sorted())
    reader.report(
      "manifest.unknown-node",
      "there is no node '\(shortened(text))'; \(expected); "
        + (near.map { "did you mean '\($0)'?" } ?? "correct it or change 'nodes'"))
  }
}
