// Reading faults: when, how long, and what.

import LabCore
import Network

extension StrictReader {
  private static let kinds = [
    "partition", "one-way", "bridge", "majorities-ring", "clog", "crash", "pause", "clock-skew",
  ]

  /// One fault of a network.
  func fault(_ names: NodeNames) -> FaultDescription? {
    let before = log.count
    guard let fields = fields(ManifestKeys.fault) else { return nil }
    let duration = fields.read("for") { $0.positiveDuration() }
    let times = faultTimes(fields)
    let present = Self.kinds.filter { fields[$0] != nil }
    guard present.count == 1, let key = present.first, let reader = fields[key] else {
      report(
        "manifest.fault-kind",
        "the fault has \(present.isEmpty ? "no kind" : "several kinds: \(quoted(present))"); "
          + "exactly one of \(quoted(Self.kinds)) was expected; "
          + (present.isEmpty ? "add it, for example 'crash: 0'" : "write one fault for each"))
      return nil
    }
    guard let kind = reader.faultKind(key, names), let times, log.count == before else {
      return nil
    }
    return FaultDescription(times: times, duration: duration, kind: kind)
  }

  private func faultTimes(_ fields: StrictFields) -> FaultTimes? {
    switch (fields["at"], fields["every"]) {
    case (let at?, nil):
      func instant(_ reader: StrictReader) -> Instant? {
        reader.duration().map { Instant(nanoseconds: $0.nanoseconds) }
      }
      guard at.tree.items != nil else { return instant(at).map { .at([$0]) } }
      guard let instants = at.list(instant) else { return nil }
      if at.tree.items?.isEmpty ?? true {
        at.report(
          "manifest.empty-list", "there is no time; at least one was expected; add one")
      }
      return .at(instants)
    case (nil, let every?):
      if fields["for"] == nil {
        report(
          "manifest.missing-key",
          "a fault with 'every' has no 'for', so the first one never ends; its length was "
            + "expected; add 'for: 1s'")
      }
      return every.law(.seconds).map(FaultTimes.every)
    default:
      report(
        "manifest.fault-time",
        "exactly one of 'at' and 'every' was expected; write 'at: 5s' or "
          + "'every: {law: exponential, mean: 10s}'")
      return nil
    }
  }

  private func faultKind(_ key: String, _ names: NodeNames) -> FaultKind? {
    switch key {
    case "partition": return partition(names)
    case "one-way": return direction(names).map { .oneWay(from: $0.from, to: $0.to) }
    case "clog": return direction(names).map { .clog(from: $0.from, to: $0.to) }
    case "bridge": return singleNode(names).map(FaultKind.bridge)
    case "crash": return singleNode(names).map(FaultKind.crash)
    case "pause": return singleNode(names).map(FaultKind.pause)
    case "clock-skew": return clockSkew(names)
    default:
      guard let flag = flag() else { return nil }
      guard flag else {
        report(
          "manifest.fault-kind",
          "'majorities-ring: false' is no fault; 'true' was expected; remove the fault")
        return nil
      }
      return .majoritiesRing
    }
  }

  private func partition(_ names: NodeNames) -> FaultKind? {
    guard let readers = items() else { return nil }
    var owner: [NodeID: Int] = [:]
    var groups: [[NodeID]] = []
    for (index, reader) in readers.enumerated() {
      guard let group = reader.nodeList(names) else { return nil }
      for node in group where owner.updateValue(index, forKey: node) != nil {
        reader.report(
          "manifest.partition",
          "node \(node.index) ('\(names.nodes[Int(node.index)].name)') is in two groups; "
            + "at most one was expected; remove it from one")
      }
      groups.append(group)
    }
    guard !groups.isEmpty else {
      report(
        "manifest.empty-list",
        "the partition has no group; at least one was expected; write it like [[0, 1], [2]]")
      return nil
    }
    return .partition(groups: groups)
  }

  private func direction(_ names: NodeNames) -> (from: [NodeID], to: [NodeID])? {
    guard let fields = fields(ManifestKeys.oneWay) else { return nil }
    let from = fields.read("from") { $0.nodeList(names) }
    let to = fields.read("to") { $0.nodeList(names) }
    guard let from, let to else { return nil }
    return (from, to)
  }

  private func clockSkew(_ names: NodeNames) -> FaultKind? {
    guard let fields = fields(ManifestKeys.clockSkew) else { return nil }
    let node = fields.read("node") { $0.singleNode(names) }
    let offset = fields.read("offset", default: .zero) { $0.duration(mayBeNegative: true) }
    let rate = fields.read("rate", default: 1) { $0.number(in: 0.001...1000) }
    guard let node, let offset, let rate else { return nil }
    guard offset != .zero || rate != 1 else {
      report(
        "manifest.clock-skew",
        "the clock stays right; an offset or a rate was expected; add 'offset: 5ms'")
      return nil
    }
    return .clockSkew(node: node, offset: offset, rate: rate)
  }

  private func singleNode(_ names: NodeNames) -> NodeID? {
    guard let text = scalar(expected: "a node", example: "0") else { return nil }
    guard let nodes = names.nodes(text) else {
      names.reportUnknown(text, in: self)
      return nil
    }
    guard nodes.count == 1, let node = nodes.first else {
      report(
        "manifest.unknown-node",
        "'\(text)' stands for \(nodes.count) nodes; one was expected; name a node of it")
      return nil
    }
    return node
  }

  private func nodeList(_ names: NodeNames) -> [NodeID]? {
    guard let readers = items() else { return nil }
    let before = log.count
    let nodes = readers.flatMap { reader -> [NodeID] in
      guard let text = reader.scalar(expected: "a node", example: "0") else { return [] }
      guard let nodes = names.nodes(text) else {
        names.reportUnknown(text, in: reader)
        return []
      }
      return nodes
    }
    if readers.isEmpty {
      report("manifest.empty-list", "the list names no node; at least one was expected; add one")
    }
    return log.count == before ? nodes : nil
  }
}
