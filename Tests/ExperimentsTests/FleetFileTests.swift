// The file of a fleet.
import Events
import LabCore
import LabManifest
import Testing

@testable import Experiments

@Suite struct `Fleet file` {
  @Test func `names nodes, files and limits, from its own folder on`() throws {
    let fleet = try FleetFile(
      yaml: """
        fleetlab: 1
        nodes:
          a: {address: "127.0.0.1:4701"}
          b: {address: "[::1]:4702", certificate: x/b.pem, key: /k/b.key, folder: data}
        limits: {capacity: 1MB, age: 10min, event: 100kB, delivery-window: 7}
        pace: {digest-period: 50ms, silence: 1s}
        """, path: "etc/fleet.yaml")
    #expect(fleet.trust == "etc/authority.pem")
    #expect(fleet.nodes.map(\.name) == ["a", "b"] && fleet.settings.members == ["a", "b"])
    #expect(fleet.nodes[0].certificate == "etc/a.pem" && fleet.nodes[0].folder == "etc/a")
    #expect(fleet.nodes[1].certificate == "etc/x/b.pem" && fleet.nodes[1].key == "/k/b.key")
    #expect("\(fleet.nodes[1].address)" == "[::1]:4702")
    let limits = fleet.settings.limits
    #expect((limits.capacity, limits.event) == (ByteCount(1_000_000), ByteCount(100_000)))
    #expect(limits.batch >= ByteCount(16_000), "streams carry more than a datagram")
    #expect(limits.deliveryWindow == 7 && fleet.settings.pace.silence == .seconds(1))
    #expect(fleet.absence(of: "aa").contains("did you mean") == false)
  }

  @Test(arguments: [
    ("nodes: {}", "there are 0 nodes"), ("nodes: [a]", "a mapping was expected"),
    ("nodes: {a: {}}", "the key 'address' is missing"),
    ("nodes: {a/b: {address: '127.0.0.1:1'}}", "is no name of a node"),
    ("nodes: {~a: {address: '127.0.0.1:1'}}", "is no name of a node"),
    ("nodes: {a: {address: '127.0.0.1'}}", "is no address"),
    ("nodes: {a: {address: '127.0.0.1:70000'}}", "is no address"),
    ("nodes: {a: {address: '1.1.1.1:1'}, b: {address: '1.1.1.1:1'}}", "the address of an earlier"),
    ("nodes: {a: {address: '1.1.1.1:1'}}\nlimits: {event: 1MB}", "at most 900kB"),
    ("nodes: {a: {address: '1.1.1.1:1'}}\nlimits: {capacity: 2kB, event: 1kB}", "bytes in event"),
    (
      "nodes: {a: {address: '1.1.1.1:1'}}\npace: {silence: 0s}",
      "a positive time of at most 24h was expected"
    ),
    ("nodes: {a: {address: '1.1.1.1:1'}}\npace: {pull-patience: 2500000h}", "at most 24h"),
    (
      "nodes: {a: {address: '1.1.1.1:1', folder: x}, b: {address: '1.1.1.1:2', folder: x}}",
      "is the folder of an earlier node"
    ),
    ("nodes: {a: {address: '1.1.1.1:1'}}\npace: {silense: 1s}", "did you mean 'silence'?"),
  ])
  func `says what is wrong, where`(text: String, part: String) throws {
    let problems = try #require(throws: ManifestProblems.self) {
      try FleetFile(yaml: "fleetlab: 1\n\(text)\n", path: "fleet.yaml")
    }
    #expect("\(problems)".contains(part), "\(problems)")
    #expect("\(problems)".hasPrefix("fleet.yaml:"))
  }
}
