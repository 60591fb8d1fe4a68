// Settings as programs in other languages read them.

import Foundation
import LabCore
import LabManifest
import Testing

@Suite struct `Settings as plain JSON` {
  private func json(_ text: String) throws -> String {
    let plan = try Example.plan(text)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return String(
      decoding: try encoder.encode(try #require(plan.cells.first).settings.json), as: UTF8.self)
  }

  @Test func `every kind of parameter has its base unit`() throws {
    let text = try json(
      Example.transport(
        """
        parameters:
          payload: 1kB
          share: 12.5%
          wait: 1500us
          factor: 0.1
          fast: true
          service: {law: exponential, mean: 10ms}
        """))
    #expect(
      text.hasPrefix(
        #"{"events":10,"factor":0.1,"fast":true,"label":"x","network":{"#))
    #expect(
      text.hasSuffix(
        #""payload":1000,"service":"exponential(0.01)","share":0.125,"wait":0.0015,"#
          + #""world":"simulated"}"#))
  }

  @Test func `a network has the keys of manifests and no units`() throws {
    let text = try json(
      Example.transport("").replacing(
        "network: {nodes: 3, link: {delay: 20ms}}",
        with: """
          network:
            nodes: [{name: a, region: eu}, {name: b, region: us}]
            link:
              delay: {minimum: 5ms, excess: {law: exponential, mean: 1ms}}
              loss: {good-to-bad: 1%, bad-to-good: 25%}
              bandwidth: 10Mbit/s
            links: [{from: eu, to: us, delay: 80ms}]
            faults: [{at: 1s, for: 2s, partition: [[0], [1]]}]
          """))
    for part in [
      #""network":{"faults":[{"at":[1],"for":2,"partition":[[0],[1]]}],"link":{"#,
      #""bandwidth":10000000"#, #""delay":{"excess":"exponential(0.001)","minimum":0.005}"#,
      #""do-not-fragment":false,"duplication":0,"loss":{"bad-to-good":0.25,"good-to-bad":0.01,"#,
      #""loss-bad":1,"loss-good":0},"maximum-packet":1500,"queue":262144,"reordering":false}"#,
      #""links":[{"both-ways":false,"from":"eu","link":{"#, #""delay":{"minimum":0.08}"#,
      #""nodes":[{"name":"a","region":"eu"},{"name":"b","region":"us"}]"#,
    ] {
      #expect(text.contains(part), "\(part) in \(text)")
    }
  }

  @Test func `a workload has its loop, its count and its sizes`() throws {
    let base = Example.server("network: {nodes: 2}\nworkload: {WORK, requests: 9, size: 1kB}")
    let open = try json(base.replacing("WORK", with: "open: 10ms"))
    #expect(
      open.hasSuffix(
        #""workload":{"open":"constant(0.01)","requests":9,"size":"constant(1000)"}}"#), "\(open)")
    let closed = try json(base.replacing("WORK", with: "closed: {clients: 4, think: 5ms}"))
    #expect(
      closed.contains(#""closed":{"clients":4,"think":"constant(0.005)"}"#), "\(closed)")
  }
}
