// The one text of everything that decides what a cell is. Cell identities are digests of it, so a
// change here changes every identity.

import LabCore
import Network
import Statistics

extension NetworkDescription {
  /// The network in one text; what is as in a perfect link is left out.
  var canonicalText: String {
    var lines = ["nodes " + nodes.map(\.canonicalText).joined(separator: " ")]
    lines.append("link " + link.canonicalText)
    for override in overrides {
      let sign = override.bothWays ? "<->" : "->"
      lines.append("\(override.from) \(sign) \(override.to) \(override.link.canonicalText)")
    }
    lines += faults.map(\.canonicalText)
    return lines.joined(separator: "\n")
  }
}

extension NodeDescription {
  fileprivate var canonicalText: String { region.map { "\(name)@\($0)" } ?? name }
}

extension LinkModel {
  fileprivate var canonicalText: String {
    let plain = LinkModel()
    var parts = ["delay " + delay.canonicalText]
    if reordering { parts.append("reordering") }
    if loss != .none { parts.append("loss " + loss.canonicalText) }
    if duplication != .none { parts.append("duplication \(duplication.canonicalText)") }
    if corruption != .none { parts.append("corruption \(corruption.canonicalText)") }
    if let bitsPerSecond { parts.append("bandwidth \(plainNumber(bitsPerSecond))") }
    if queue != plain.queue { parts.append("queue \(queue)") }
    if maximumPacket != plain.maximumPacket { parts.append("packet \(maximumPacket)") }
    if doNotFragment { parts.append("do-not-fragment") }
    return parts.joined(separator: " ")
  }
}

extension DelayModel {
  fileprivate var canonicalText: String {
    switch self {
    case .trace(let delays):
      let digest = sha256(delays.map { String($0.nanoseconds) }.joined(separator: " "))
      return "trace(\(delays.count) delays \(digest.prefix(16)))"
    case .model(let parameters):
      var text = "\(parameters.minimum)"
      if let excess = parameters.excess { text += " excess \(excess.canonicalText)" }
      if let drift = parameters.drift {
        text += " drift \(plainNumber(drift.deviation)) \(drift.correlationTime)"
      }
      if let spikes = parameters.spikes {
        text += " spikes \(spikes.chance.canonicalText) \(spikes.size.canonicalText)"
      }
      return text
    }
  }
}

extension LossModel {
  fileprivate var canonicalText: String {
    switch self {
    case .none: "0%"
    case .bernoulli(let ratio): ratio.canonicalText
    case .gilbertElliott(let goodToBad, let badToGood, let lossGood, let lossBad):
      "bursts("
        + [goodToBad, badToGood, lossGood, lossBad].map(\.canonicalText).joined(separator: " ")
        + ")"
    }
  }
}

extension FaultDescription {
  fileprivate var canonicalText: String {
    let start =
      switch times {
      case .at(let instants):
        "at " + instants.map { "\($0.nanoseconds)ns" }.joined(separator: " ")
      case .every(let law): "every \(law.canonicalText)"
      }
    return "fault \(start) for \(duration.map(\.description) ?? "ever") \(kind.canonicalText)"
  }
}

extension FaultKind {
  fileprivate var canonicalText: String {
    func list(_ nodes: [NodeID]) -> String {
      "[" + nodes.map { String($0.index) }.joined(separator: " ") + "]"
    }
    switch self {
    case .partition(let groups): return "partition " + groups.map(list).joined()
    case .oneWay(let from, let to): return "one-way \(list(from)) \(list(to))"
    case .bridge(let node): return "bridge \(node.index)"
    case .majoritiesRing: return "majorities-ring"
    case .clog(let from, let to): return "clog \(list(from)) \(list(to))"
    case .crash(let node): return "crash \(node.index)"
    case .pause(let node): return "pause \(node.index)"
    case .clockSkew(let node, let offset, let rate):
      return "clock-skew \(node.index) \(offset) \(plainNumber(rate))"
    }
  }
}

extension WorkloadDescription {
  /// The workload in one text.
  var canonicalText: String {
    let start =
      switch loop {
      case .open(let interval): "open \(interval.canonicalText)"
      case .closed(let clients, let think): "closed \(clients) \(think.canonicalText)"
      }
    return "\(start) requests \(requests) size \(size.canonicalText)"
  }
}
