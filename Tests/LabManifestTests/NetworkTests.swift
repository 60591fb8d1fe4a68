import LabCore
import LabManifest
import Network
import Statistics
import Testing

@Suite struct NetworkTests {
  private func manifest(_ network: String) -> String {
    Example.transport("").replacing(
      "network: {nodes: 3, link: {delay: 20ms}}", with: "network:\n" + network)
  }

  private func network(_ text: String) throws -> NetworkDescription? {
    try Example.plan(manifest(text)).cells.first?.settings.network
  }

  private func link(_ text: String) throws -> LinkModel? {
    try network("  nodes: 2\n  link: \(text)")?.link
  }

  private func problems(_ text: String) -> [String] { Example.problems(manifest(text)) }

  @Test func `nodes are a number, names, or counts by region`() throws {
    #expect(try network("  nodes: 3")?.nodes.map(\.name) == ["n0", "n1", "n2"])
    #expect(
      try network("  nodes: [alpha, {name: beta, region: eu}]")?.nodes == [
        NodeDescription(name: "alpha"), NodeDescription(name: "beta", region: "eu"),
      ])
    #expect(
      try network("  nodes: {eu: 2, us: 1}")?.nodes == [
        NodeDescription(name: "eu-0", region: "eu"), NodeDescription(name: "eu-1", region: "eu"),
        NodeDescription(name: "us-0", region: "us"),
      ])
  }

  @Test func `a link has every key`() throws {
    let link = try link(
      "{delay: 20ms, reordering: true, loss: 1%, duplication: 2%, corruption: 3%, "
        + "bandwidth: 10Mbit/s, queue: 64KiB, maximum-packet: 1280B, do-not-fragment: true}")
    #expect(
      link
        == LinkModel(
          delay: .constant(.milliseconds(20)), reordering: true, loss: .bernoulli(.percent(1)),
          duplication: .percent(2), corruption: .percent(3), bitsPerSecond: 10_000_000,
          queue: ByteCount(65_536), maximumPacket: ByteCount(1280), doNotFragment: true))
    #expect(try self.link("{bandwidth: unlimited, loss: 0%}") == LinkModel())
  }

  @Test func `a delay is a law, a model or a trace`() throws {
    #expect(
      try link("{delay: {law: exponential, mean: 5ms}}")?.delay
        == .model(DelayParameters(minimum: .zero, excess: .exponential(mean: 0.005))))
    #expect(
      try link(
        "{delay: {minimum: 18ms, excess: {law: gamma, shape: 2, scale: 1ms}, "
          + "drift: {deviation: 0.2, correlation-time: 10s}, "
          + "spikes: {chance: 0.1%, size: 200ms}}}")?
        .delay
        == .model(
          DelayParameters(
            minimum: .milliseconds(18), excess: .gamma(shape: 2, scale: 0.001),
            drift: DelayDrift(deviation: 0.2, correlationTime: .seconds(10)),
            spikes: DelaySpikes(chance: .percent(0.1), size: .constant(0.2)))))
    #expect(
      try link("{delay: {trace: [1ms, 2ms]}}")?.delay
        == .trace([.milliseconds(1), .milliseconds(2)]))
  }

  @Test func `losses come in bursts`() throws {
    #expect(
      try link("{loss: {good-to-bad: 1%, bad-to-good: 25%}}")?.loss
        == .gilbertElliott(
          goodToBad: .percent(1), badToGood: .percent(25), lossGood: .none, lossBad: .percent(100)))
  }

  @Test func `a link that differs inherits from the network's link`() throws {
    let network = try network(
      """
        nodes: {eu: 1, us: 1}
        link: {delay: 20ms, loss: 1%}
        links:
          - {from: eu, to: us, both-ways: true, delay: 40ms}
          - {from: 0, to: us-0, loss: 5%}
      """)
    #expect(
      network?.overrides == [
        LinkOverride(
          from: "eu", to: "us", bothWays: true,
          link: LinkModel(delay: .constant(.milliseconds(40)), loss: .bernoulli(.percent(1)))),
        LinkOverride(
          from: "eu-0", to: "us-0", bothWays: false,
          link: LinkModel(delay: .constant(.milliseconds(20)), loss: .bernoulli(.percent(5)))),
      ])
  }

  @Test func `every kind of fault has a spelling`() throws {
    let network = try network(
      """
        nodes: {eu: 2, us: 1}
        faults:
          - {at: 5s, for: 2s, partition: [[0, 1], [us]]}
          - {at: [1s, 2s], one-way: {from: [eu], to: [2]}}
          - {at: 1s, bridge: us-0}
          - {at: 1s, majorities-ring: true}
          - {at: 1s, clog: {from: [0], to: [1]}}
          - {every: {law: exponential, mean: 10s}, for: 1s, crash: 2}
          - {at: 0s, pause: eu-1}
          - {at: 1s, clock-skew: {node: 0, offset: -5ms, rate: 1.001}}
      """)
    let second = Instant(nanoseconds: 1_000_000_000)
    func nodes(_ indices: Int...) -> [NodeID] { indices.map { NodeID($0) } }
    #expect(
      network?.faults == [
        FaultDescription(
          times: .at([Instant(nanoseconds: 5_000_000_000)]), duration: .seconds(2),
          kind: .partition(groups: [nodes(0, 1), nodes(2)])),
        FaultDescription(
          times: .at([second, Instant(nanoseconds: 2_000_000_000)]), duration: nil,
          kind: .oneWay(from: nodes(0, 1), to: nodes(2))),
        FaultDescription(times: .at([second]), duration: nil, kind: .bridge(node: NodeID(2))),
        FaultDescription(times: .at([second]), duration: nil, kind: .majoritiesRing),
        FaultDescription(
          times: .at([second]), duration: nil, kind: .clog(from: nodes(0), to: nodes(1))),
        FaultDescription(
          times: .every(.exponential(mean: 10)), duration: .seconds(1),
          kind: .crash(node: NodeID(2))),
        FaultDescription(times: .at([.zero]), duration: nil, kind: .pause(node: NodeID(1))),
        FaultDescription(
          times: .at([second]), duration: nil,
          kind: .clockSkew(node: NodeID(0), offset: .milliseconds(-5), rate: 1.001)),
      ])
  }

  @Test func `a workload is open or closed`() throws {
    func workload(_ text: String) throws -> WorkloadDescription? {
      try Example.plan(Example.server("network: {nodes: 2}\nworkload: \(text)"))
        .cells.first?.settings.workload
    }
    #expect(
      try workload("{open: {law: exponential, mean: 10ms}, requests: 1000, size: 1kB}")
        == WorkloadDescription(
          loop: .open(interval: .exponential(mean: 0.01)), requests: 1000, size: .constant(1000)))
    #expect(
      try workload("{closed: {clients: 4, think: 5ms}, requests: 10, size: 1B}")
        == WorkloadDescription(
          loop: .closed(clients: 4, think: .constant(0.005)), requests: 10, size: .constant(1)))
  }

  @Test(arguments: [
    (
      "  nodes: 3\n  link: {dealy: 20ms}",
      ["8:10: unknown key 'dealy'; did you mean 'delay'?"]
    ),
    ("  link: {}", ["7:3: the key 'nodes' is missing; it is required here; add 'nodes: …'"]),
    (
      "  nodes: 0",
      ["7:10: '0' is out of range; a whole number from 1 to 100000 was expected; change it"]
    ),
    (
      "  nodes: [a, a]",
      [
        "7:14: the node 'a' is on line 7 already; names that differ were expected; rename one"
      ]
    ),
    (
      "  nodes: [eu, {name: b, region: eu}]",
      [
        "7:15: the region 'eu' has the name of a node; names that differ were expected; rename one"
      ]
    ),
    (
      "  nodes: {eu: 2, us: 1}\n  links: [{from: ue, to: us}]",
      [
        "8:18: there is no node 'ue'; a number from 0 to 2, or the name of a node or region, was "
          + "expected; did you mean 'eu'?"
      ]
    ),
    (
      "  nodes: 2\n  link: {delay: -1ms, loss: 120%}",
      [
        "8:17: '-1ms' is negative; a duration of at least 0s was expected; remove the sign",
        "8:29: '120%' is out of range; a percentage from 0% to 100% was expected; change it",
      ]
    ),
    (
      "  nodes: 2\n  link: {bandwidth: 10Mbps}",
      [
        "8:21: '10Mbps' has the unit 'Mbps'; a rate with one of the units Gbit/s, Mbit/s, kbit/s, "
          + "bit/s was expected; write '10Mbit/s'"
      ]
    ),
    (
      "  nodes: 2\n  link: {maximum-packet: 10B}",
      [
        "8:26: '10B' is out of range; a packet of 68B to 65535B, the bounds of IPv4, was expected; "
          + "change it"
      ]
    ),
    (
      "  nodes: 2\n  link: {delay: {drift: {deviation: 1, correlation-time: 1s}}}",
      [
        "8:17: the delay drifts but has no excess, and drift moves the excess only; an excess was "
          + "expected; add 'excess: …' or remove 'drift'"
      ]
    ),
    (
      "  nodes: 2\n  faults: [{at: 1s, crash: 2}]",
      [
        "8:28: there is no node '2'; a number from 0 to 1, or the name of a node or region, was "
          + "expected; correct it or change 'nodes'"
      ]
    ),
    (
      "  nodes: 2\n  faults: [{at: 1s}]",
      [
        "8:12: the fault has no kind; exactly one of 'partition', 'one-way', 'bridge', "
          + "'majorities-ring', 'clog', 'crash', 'pause', 'clock-skew' was expected; add it, for "
          + "example 'crash: 0'"
      ]
    ),
    (
      "  nodes: 2\n  faults: [{crash: 0}]",
      [
        "8:12: exactly one of 'at' and 'every' was expected; write 'at: 5s' or "
          + "'every: {law: exponential, mean: 10s}'"
      ]
    ),
    (
      "  nodes: 2\n  faults: [{every: 10s, crash: 0}]",
      [
        "8:12: a fault with 'every' has no 'for', so the first one never ends; its length was "
          + "expected; add 'for: 1s'"
      ]
    ),
    (
      "  nodes: 2\n  faults: [{at: 1s, partition: [[0, 1], [1]]}]",
      [
        "8:41: node 1 ('n1') is in two groups; at most one was expected; remove it from one"
      ]
    ),
    (
      "  nodes: 2\n  matrix: latency.csv",
      [
        "8:11: the table may hold one-way delays or round trips; say which by a key: write "
          + "'matrix: {one-way: delays.csv, unit: ms}' or 'matrix: {round-trip: rtt.csv, unit: ms}'"
      ]
    ),
  ])
  func `a wrong network is located`(text: String, expected: [String]) {
    #expect(problems(text) == expected)
  }

  @Test func `an experiment without a network refuses one and one with it needs one`() {
    #expect(
      Example.problems(Example.queue("network: {nodes: 3}")) == [
        "6:1: the experiment 'queue' takes no network; no such key was expected; remove it"
      ])
    #expect(
      Example.problems(Example.server("network: {nodes: 3}")) == [
        "1:1: the experiment 'server' needs a workload; one was expected; add 'workload: …'"
      ])
  }
}
