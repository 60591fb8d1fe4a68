// Networks and workloads as plain JSON, with the keys that manifests use.

import LabCore
import Network
import Statistics

extension NetworkDescription {
  /// The nodes with their regions, the link between two nodes, the links that differ, and the
  /// faults.
  var json: SettingValueJSON {
    .object([
      "nodes": .list(nodes.map(\.json)), "link": link.json,
      "links": .list(
        overrides.map { override in
          .object([
            "from": .text(override.from), "to": .text(override.to),
            "both-ways": .flag(override.bothWays), "link": override.link.json,
          ])
        }),
      "faults": .list(faults.map(\.json)),
    ])
  }
}

extension NodeDescription {
  fileprivate var json: SettingValueJSON {
    var members: [String: SettingValueJSON] = ["name": .text(name)]
    members["region"] = region.map(SettingValueJSON.text)
    return .object(members)
  }
}

extension LinkModel {
  fileprivate var json: SettingValueJSON {
    var members: [String: SettingValueJSON] = [
      "delay": delay.json, "reordering": .flag(reordering), "loss": loss.json,
      "duplication": .number(duplication.value), "corruption": .number(corruption.value),
      "queue": .integer(queue.bytes), "maximum-packet": .integer(maximumPacket.bytes),
      "do-not-fragment": .flag(doNotFragment),
    ]
    members["bandwidth"] = bitsPerSecond.map(SettingValueJSON.number)
    return .object(members)
  }
}

extension DelayModel {
  fileprivate var json: SettingValueJSON {
    switch self {
    case .trace(let delays): return .object(["trace": .list(delays.map { .number($0.seconds) })])
    case .model(let parameters):
      var members: [String: SettingValueJSON] = ["minimum": .number(parameters.minimum.seconds)]
      members["excess"] = parameters.excess.map { .text($0.canonicalText) }
      members["drift"] = parameters.drift.map { drift in
        .object([
          "deviation": .number(drift.deviation),
          "correlation-time": .number(drift.correlationTime.seconds),
        ])
      }
      members["spikes"] = parameters.spikes.map { spikes in
        .object([
          "chance": .number(spikes.chance.value), "size": .text(spikes.size.canonicalText),
        ])
      }
      return .object(members)
    }
  }
}

extension LossModel {
  fileprivate var json: SettingValueJSON {
    switch self {
    case .none: .number(0)
    case .bernoulli(let ratio): .number(ratio.value)
    case .gilbertElliott(let goodToBad, let badToGood, let lossGood, let lossBad):
      .object([
        "good-to-bad": .number(goodToBad.value), "bad-to-good": .number(badToGood.value),
        "loss-good": .number(lossGood.value), "loss-bad": .number(lossBad.value),
      ])
    }
  }
}

extension FaultDescription {
  fileprivate var json: SettingValueJSON {
    var members: [String: SettingValueJSON] = [:]
    switch times {
    case .at(let instants): members["at"] = .list(instants.map { .number($0.seconds) })
    case .every(let law): members["every"] = .text(law.canonicalText)
    }
    members["for"] = duration.map { .number($0.seconds) }
    let (key, value) = kind.json
    members[key] = value
    return .object(members)
  }
}

extension FaultKind {
  /// The key of the fault with its value; nodes are numbers in the order of `nodes`.
  fileprivate var json: (key: String, value: SettingValueJSON) {
    func list(_ nodes: [NodeID]) -> SettingValueJSON {
      .list(nodes.map { .integer(Int($0.index)) })
    }
    func direction(_ from: [NodeID], _ to: [NodeID]) -> SettingValueJSON {
      .object(["from": list(from), "to": list(to)])
    }
    return switch self {
    case .partition(let groups): ("partition", .list(groups.map(list)))
    case .oneWay(let from, let to): ("one-way", direction(from, to))
    case .bridge(let node): ("bridge", .integer(Int(node.index)))
    case .majoritiesRing: ("majorities-ring", .flag(true))
    case .clog(let from, let to): ("clog", direction(from, to))
    case .crash(let node): ("crash", .integer(Int(node.index)))
    case .pause(let node): ("pause", .integer(Int(node.index)))
    case .clockSkew(let node, let offset, let rate):
      (
        "clock-skew",
        .object([
          "node": .integer(Int(node.index)), "offset": .number(offset.seconds),
          "rate": .number(rate),
        ])
      )
    }
  }
}

extension WorkloadDescription {
  /// The arrivals, how many requests there are, and the law of their size in bytes.
  var json: SettingValueJSON {
    var members: [String: SettingValueJSON] = [
      "requests": .integer(requests), "size": .text(size.canonicalText),
    ]
    switch loop {
    case .open(let interval): members["open"] = .text(interval.canonicalText)
    case .closed(let clients, let think):
      members["closed"] = .object([
        "clients": .integer(clients), "think": .text(think.canonicalText),
      ])
    }
    return .object(members)
  }
}
