import Experiments
import LabCore
import LabManifest
import LabRecord
import LabRunner
import Network
import Testing

@Suite struct `Transport latency` {
  private let runner = InlineRunner(experiments: ExperimentRegistry(AllExperiments.types))

  private func plan(_ rest: String, workload: String = "{open: 1s, requests: 5, size: 1kB}") throws
    -> Plan
  {
    try ManifestLoader(experiments: AllExperiments.types.map { $0.description }).plan(
      text: """
        fleetlab: 1
        title: Latency of small requests
        question: How many round trips do they take?
        experiment: transport-latency
        network: {nodes: 2, link: {delay: 10ms}}
        workload: \(workload)
        \(rest)
        """, path: "trial.yaml", size: .smoke)
  }

  /// The median latency of each arm, in the order of the experiment's arms, in round trips.
  private func roundTrips(state: String) throws -> [Double] {
    let plan = try plan("parameters: {state: \(state)}")
    return try plan.trials.indices.compactMap { trial in
      let entries = try runner.run(trial, of: plan).entries
      guard
        case .number(let value)? = entries.first(where: { $0.metric == "median_round_trips" })?
          .value
      else { return nil }
      return (value * 100).rounded() / 100
    }
  }

  /// TCP, TLS 1.2, TLS 1.3, the same with early data, HTTP/1.1, QUIC, and its DATAGRAM frames,
  /// which need a connection that stands.
  @Test func `is that of the handshakes without loss`() throws {
    #expect(try roundTrips(state: "new") == [2, 4, 3, 3, 3, 2])
    #expect(try roundTrips(state: "resumed") == [2, 3, 3, 2, 3, 1])
    #expect(try roundTrips(state: "warm") == [1, 1, 1, 1, 1, 1, 1])
  }

  @Test func `over QUIC has times that no key changes`() throws {
    let plan = try plan("arms: [quic]\nparameters: {state: resumed}")
    let outcomes = try (0..<2).map { _ in
      try runner.run(0, of: plan).entries.first { $0.metric == "trajectory" }?.value
    }
    #expect(outcomes[0] != nil && outcomes[0] == outcomes[1])
  }

  @Test func `over QUIC has no cost of computing, and no datagrams before a connection`() throws {
    let costly = try plan("arms: [quic]\nparameters: {client-handshake: 1ms}")
    #expect(try runner.run(0, of: costly).error?.contains("takes no time to compute") == true)
    let cold = try plan("arms: [quic-datagram]")
    #expect(try runner.run(0, of: cold).error?.contains("a connection that stands") == true)
  }

  @Test func `has a trace that is the same each time`() throws {
    let plan = try plan("arms: [tls13]")
    let lines = try #require(try runner.events(of: 0, of: plan))
    #expect(lines.count > 50)
    #expect(try runner.events(of: 0, of: plan) == lines)
  }

  @Test func `lies between the two nodes that are named, among others`() throws {
    func median(_ parameters: String) throws -> Recorder.Entry? {
      var far = try plan("arms: [tcp]\nparameters: {\(parameters)}")
      far.trials[0].cell.settings.network = NetworkDescription(
        nodes: ["n0", "n1", "n2"].map { NodeDescription(name: $0) },
        link: LinkModel(delay: .constant(.milliseconds(10))),
        overrides: [
          LinkOverride(
            from: "n2", to: "n1", bothWays: true,
            link: LinkModel(delay: .constant(.milliseconds(30))))
        ])
      return try runner.run(0, of: far).entries.first { $0.metric == "median_latency" }
    }
    #expect(try median("state: warm")?.value.text.hasPrefix("0.02") == true)
    #expect(try median("state: warm, client: n2")?.value.text.hasPrefix("0.06") == true)
    #expect(try median("server: n0") == nil)
    #expect(try median("server: n7") == nil)
  }

  @Test func `has an order and a fairness where requests are made at once`() throws {
    func values(_ arm: String) throws -> [String: Double] {
      let plan = try plan("arms: [\(arm)]\nparameters: {state: warm, streams: 30}")
      return Dictionary(
        uniqueKeysWithValues: try runner.run(0, of: plan).entries.compactMap { entry in
          Double(entry.value.text).map { (entry.metric, $0) }
        })
    }
    let (tcp, quic) = (try values("tcp"), try values("quic"))
    #expect(tcp["overtaken_fraction"] == 0 && tcp["most_streams"] == nil)
    #expect(quic["most_streams"] == 30)
    for found in [tcp, quic] { #expect((0.3...1).contains(try #require(found["fairness"]))) }
  }

  @Test func `has no more streams open than the server lets be`() throws {
    let plan = try plan("arms: [quic]\nparameters: {state: warm, streams: 30, maximum-streams: 7}")
    let entries = try runner.run(0, of: plan).entries
    #expect(entries.first { $0.metric == "most_streams" }?.value.text == "7")
    #expect(entries.first { $0.metric == "answered_fraction" }?.value.text == "1.0")
  }

  /// One number of one arm's trial.
  private func value(
    _ metric: String, _ arm: String, _ parameters: String, workload: String, loss: Double = 0
  ) throws -> Double {
    var plan = try plan("arms: [\(arm)]\nparameters: {\(parameters)}", workload: workload)
    plan.trials[0].cell.settings.network?.link.loss = .bernoulli(.percent(loss))
    let entries = try runner.run(0, of: plan).entries
    return try #require(
      entries.first { $0.metric == metric }.flatMap { Double($0.value.text) })
  }

  @Test func `over QUIC has a short tail because a round trip is remembered`() throws {
    func tail(_ remembers: Bool) throws -> Double {
      try value(
        "p99_latency", "quic", "state: resumed, remembers-round-trip: \(remembers)",
        workload: "{open: 1s, requests: 60, size: 1kB}", loss: 5)
    }
    #expect(try tail(true) < 0.3)
    #expect(try tail(false) > 0.9)
  }

  @Test func `over TCP pays for each pause, unless the window outlasts it`() throws {
    func median(_ restarts: Bool) throws -> Double {
      try value(
        "median_latency", "tls13", "state: warm, streams: 100, restarts-after-idle: \(restarts)",
        workload: "{open: 5s, requests: 5, size: 1kB}")
    }
    #expect(try median(true) >= 0.0599)
    #expect(try median(false) <= 0.0201)
  }

  @Test func `needs two nodes and an open workload`() throws {
    var one = try plan("arms: [tcp]")
    one.trials[0].cell.settings.network = NetworkDescription(nodes: 1)
    #expect(try runner.run(0, of: one).error?.contains("there is no node 'n1'") == true)
    let closed = try plan(
      "arms: [tcp]", workload: "{closed: {clients: 1, think: 1s}, requests: 5, size: 1kB}")
    #expect(try runner.run(0, of: closed).error?.contains("a closed loop") == true)
  }
}
