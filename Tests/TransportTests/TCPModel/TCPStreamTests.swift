import LabCore
import Network
import Simulation
import Statistics
import Testing

@testable import Transport

@Suite struct `TCP streams` {
  /// What is wrong with what two peers received; `nil` when it is what was sent.
  private func fault(
    seed: UInt64, _ link: LinkModel, rules: TCPRules = .correct,
    _ control: CongestionControl = .cubic
  ) -> String? {
    var configuration = TCPConfiguration(congestionControl: control)
    configuration.rules = rules
    var world = SimulatedWorld(
      NetworkDescription(nodes: 2, link: link), seed: Seed(seed), ingredients: .none
    ) { _, _ in StreamPeer(configuration, messages: 12) }
    world.run(until: .zero + .seconds(600))
    var sent: [[UInt8]] = []
    var received: [[UInt8]] = []
    var hasEnded = true
    for node in 0..<2 {
      _ = world.inspect(NodeID(node)) { peer in
        sent.append(peer.written.bytes(0..<peer.written.end).array)
        received.append(peer.received)
        let phase = peer.connection?.phase
        hasEnded = hasEnded && (phase == .closed || phase == .waiting)
        hasEnded = hasEnded && peer.connection?.failure == nil
      }
    }
    if received != sent.reversed() {
      return "\(received.map(\.count)) bytes, not those \(sent.map(\.count)) that were sent"
    }
    return hasEnded ? nil : "the connection has not ended in order"
  }

  /// A link that loses, doubles, changes and overtakes, more with some seeds than with others.
  private func link(seed: UInt64) -> LinkModel {
    var random = Seed(seed).child("link").stream()
    func percent(_ most: Int) -> Ratio { .percent(Double(random.below(most + 1))) }
    return LinkModel(
      delay: .model(
        .init(
          minimum: .milliseconds(Int64(random.below(60))),
          excess: .exponential(mean: Double(random.below(20)) / 1_000))),
      reordering: random.below(2) == 0, loss: .bernoulli(percent(15)), duplication: percent(10),
      corruption: percent(5))
  }

  @Test func `arrive once, whole and in order whatever the network does`() {
    for seed in 1...60 as ClosedRange<UInt64> {
      let control: CongestionControl = seed % 2 == 0 ? .reno : .cubic
      let fault = fault(seed: seed, link(seed: seed), control)
      #expect(fault == nil, "seed \(seed): \(fault ?? "")")
    }
  }

  @Test(arguments: [
    TCPRules.deliversWhateverArrives, .acknowledgesBeyondHoles, .deliversAgain,
  ])
  func `do not with a fault in the protocol, which is found`(_ rules: TCPRules) {
    let found = (1...20 as ClosedRange<UInt64>).contains { seed in
      fault(seed: seed, link(seed: seed), rules: rules) != nil
    }
    #expect(found)
  }

  @Test func `take no repair on a link that loses nothing`() {
    var run = ExchangeRun(.tls12)
    run.link.delay = .model(.init(minimum: .zero, excess: .exponential(mean: 0.003)))
    for number in 1...40 { run.request(number, at: Int64(number) * 50, response: 40_000) }
    let data = run.segments().filter { !$0.segment.payload.isEmpty }
    struct Place: Hashable {
      var from: NodeID
      var port: UInt16
      var sequence: UInt32
    }
    let places = Set(
      data.map { Place(from: $0.from, port: $0.segment.port, sequence: $0.segment.sequence) })
    #expect(places.count == data.count)
  }

  @Test func `hold the message behind a hole back until the hole is filled`() {
    func latencies(_ rules: TCPRules) -> [Double?] {
      var run = ExchangeRun(.none, .warm)
      run.arm.connection.rules = rules
      // The first of two responses that the server sends at once.
      run.loses = { node, sent in node == ExchangeRun.server && sent.dataPlace == 1 }
      run.request(1)
      run.request(2, at: 1_000)
      run.request(3, at: 1_000)
      return [2, 3].map { run.latency(of: $0) }
    }
    let held = latencies(.correct)
    #expect(held[0] == held[1] && (held[0] ?? 0) > 80)
    // With the order given up the second response does not wait.
    #expect(latencies(.deliversWhateverArrives)[1] == 40)
  }

  @Test func `are the same in every run of one seed`() {
    func fingerprint() -> UInt64 {
      var run = ExchangeRun(.tls13)
      run.link.loss = .bernoulli(.percent(5))
      for number in 1...30 { run.request(number, at: Int64(number) * 20, response: 20_000) }
      var world = run.world()
      world.run(until: .zero + .seconds(60))
      return world.fingerprint
    }
    #expect(fingerprint() == fingerprint())
  }
}
