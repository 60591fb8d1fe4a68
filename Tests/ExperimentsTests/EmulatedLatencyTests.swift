import Emulation
import LabCore
import LabManifest
import LabRunner
import Network
import Testing
import Transport

@testable import Experiments

@Suite struct `Emulated latency` {
  private struct Fault: Error {}

  /// A tally of requests at zero that were answered after so many milliseconds.
  private func tally(_ milliseconds: [Int64], unanswered: Int = 0) throws -> ExchangeTally {
    var tally = ExchangeTally(load: try load(requests: milliseconds.count + unanswered))
    for (number, span) in milliseconds.enumerated() {
      tally.take(.responded(number: number), at: .zero + .milliseconds(span))
    }
    return tally
  }

  private func load(requests: Int) throws -> ExchangeLoad {
    let plan = try ManifestLoader(experiments: AllExperiments.types.map { $0.description }).plan(
      text: """
        fleetlab: 1
        title: Requests
        question: What becomes of them?
        experiment: emulated-latency
        arms: [tcp]
        network: {nodes: 2, link: {delay: 10ms}}
        workload: {open: 1s, requests: 1, size: 1kB}
        """, path: "trial.yaml", size: .smoke)
    let trial = try #require(plan.trials.first)
    return try ExchangeLoad(trial).spaced(by: .zero, count: requests, from: .zero)
  }

  private func pair(_ emulated: [Int64], _ simulated: [Int64]) throws -> LatencyComparison.Pair {
    LatencyComparison.Pair(emulated: try tally(emulated), simulated: try tally(simulated))
  }

  private func isNear(_ value: Double, _ wanted: Double) -> Bool {
    // A histogram keeps three digits.
    abs(value - wanted) < 2e-3
  }

  @Test func `is corrected quantile by quantile with what the bare exchange takes longer`() throws {
    let link = try pair(Array(101...200), Array(91...190))
    let bare = try pair((1...100).map { $0 <= 80 ? 12 : 32 }, Array(repeating: 2, count: 100))
    let median = try LatencyComparison(ofQuantile: 0.5, link: link, bare: bare)
    #expect(isNear(median.computing, 0.010) && isNear(median.simulated, 0.150))
    #expect(isNear(median.error, 0) && isNear(median.computingShare, 10.0 / 150))
    let high = try LatencyComparison(ofQuantile: 0.9, link: link, bare: bare)
    #expect(isNear(high.computing, 0.030) && isNear(high.simulated, 0.210))
    #expect(isNear(high.error, 20.0 / 190))
  }

  @Test func `has an error with a sign, and shows one that was planted`() throws {
    let bare = try pair([5, 5, 5], [5, 5, 5])
    let short = try LatencyComparison(
      ofQuantile: 0.5, link: try pair([100, 100, 100], [80, 80, 80]), bare: bare)
    #expect(isNear(short.error, -0.2) && isNear(short.computing, 0))
    let planted = try LatencyComparison(
      ofQuantile: 0.5, link: try pair([100, 100, 100], [100, 100, 100]), bare: bare,
      planted: .milliseconds(30))
    #expect(isNear(planted.error, 0.3))
  }

  @Test func `of nothing is no comparison`() throws {
    let bare = try pair([5], [5])
    #expect(throws: ExchangeLoadError.self) {
      try LatencyComparison(ofQuantile: 0.5, link: try pair([], [100]), bare: bare)
    }
    #expect(throws: ExchangeLoadError.self) {
      try LatencyComparison(ofQuantile: 0.5, link: bare, bare: try pair([5], []))
    }
  }

  @Test func `counts the unanswered of both worlds, and of every simulated run`() throws {
    var simulated = try tally([1, 1], unanswered: 0)
    simulated.merge(try tally([1], unanswered: 1))
    #expect(simulated.answeredFraction == 0.75)
    let full = LatencyComparison.Pair(emulated: try tally([1, 1]), simulated: simulated)
    #expect(full.answeredFraction == 0.75)
    let half = LatencyComparison.Pair(
      emulated: try tally([1], unanswered: 1), simulated: simulated)
    #expect(half.answeredFraction == 0.5)
  }

  @Test func `is measured again while packets are late, with longer and longer rests`() throws {
    let late = EmulationError.late(lateness99: .seconds(1), limit: .milliseconds(1))
    var rests: [UInt32] = []
    var calls = 0
    let result = try Punctuality.punctually(rest: { rests.append($0) }) {
      calls += 1
      if calls < 4 { throw late }
      return "in time"
    }
    #expect(result.value == "in time" && result.attempts == 4)
    #expect(rests == rests.sorted() && rests.count == 3)
    calls = 0
    #expect(throws: late) {
      try Punctuality.punctually(rest: { _ in calls += 1 }) { throw late }
    }
    #expect(calls == 5)
    calls = 0
    #expect(throws: Fault.self) {
      try Punctuality.punctually(rest: { _ in calls += 1 }) { throw Fault() }
    }
    #expect(calls == 0)
  }

  @Test func `can be planted on every link, and on constant delays alone`() throws {
    var network = NetworkDescription(
      nodes: 2, link: LinkModel(delay: .constant(.milliseconds(10))))
    network.overrides = [
      LinkOverride(
        from: "n1", to: "n0", bothWays: false,
        link: LinkModel(delay: .constant(.milliseconds(40))))
    ]
    var slower = network
    try slower.slow(by: 0.1)
    #expect(slower.link(from: NodeID(0), to: NodeID(1)).delay == .constant(.milliseconds(11)))
    #expect(slower.link(from: NodeID(1), to: NodeID(0)).delay == .constant(.milliseconds(44)))
    var same = network
    try same.slow(by: 0)
    #expect(same == network)
    network.overrides[0].link.delay = .trace([.milliseconds(1)])
    #expect(throws: ExchangeLoadError.self) { try network.slow(by: 0.1) }
  }

  @Test func `ends what it used, and tells of the first error`() throws {
    var ended = 0
    #expect(try using(endingWith: { ended += 1 }) { 7 } == 7)
    #expect(throws: Fault.self) {
      try using(endingWith: {
        ended += 1
        throw ExchangeLoadError.noAnswer
      }) { throw Fault() }
    }
    #expect(throws: ExchangeLoadError.self) {
      try using(endingWith: { throw ExchangeLoadError.noAnswer }) {}
    }
    #expect(ended == 2)
  }
}
