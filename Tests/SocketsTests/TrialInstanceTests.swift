// The three trial Instances on real sockets, as the simulator's tests run them in virtual time.
import LabCore
import Network
import Sockets
import Statistics
import Testing
import TrialInstances

extension RealSockets {
  @Suite struct `Trial Instances` {
    /// Plays eight rounds, and goes on listening for longer than a question may wait.
    private func play(
      _ link: LinkModel, patience: Duration, rules: PingPong.Rules = .correct
    ) throws -> [UInt32: [PingPong.Report]] {
      let network = NetworkDescription(nodes: 2, link: link)
      let world = try SocketWorld(network, shaping: .shaped, seed: Seed(51)) { _, _ in
        PingPong(patience: patience, pause: .milliseconds(1), rules: rules)
      }
      try world.start()
      try world.submit(.play(with: .second, rounds: 8), to: .first, at: .zero)
      var heard = try world.reports(8)
      try world.run(until: try world.now() + patience + patience) { observation in
        heard.append(observation)
        return false
      }
      _ = try world.stop()
      var outcomes: [UInt32: [PingPong.Report]] = [:]
      for observation in heard {
        guard case .report(let report) = observation.event else { continue }
        switch report {
        case .answered(let round, _), .timedOut(let round):
          outcomes[round, default: []].append(report)
        }
      }
      return outcomes
    }

    @Test func `a ping-pong over a sound link is answered each time, and only answered`() throws {
      let link = LinkModel(delay: .constant(.milliseconds(2)))
      let outcomes = try play(link, patience: .milliseconds(500))
      #expect(outcomes.count == 8)
      for (round, outcome) in outcomes {
        guard case .answered(round, let after) = outcome.first, outcome.count == 1 else {
          Issue.record("round \(round): \(outcome)")
          continue
        }
        #expect(after >= .milliseconds(4))
      }
    }

    @Test func `a ping-pong over a dead link times out each time`() throws {
      let outcomes = try play(
        LinkModel(loss: .bernoulli(.percent(100))), patience: .milliseconds(20))
      #expect(outcomes.count == 8)
      for (round, outcome) in outcomes { #expect(outcome == [.timedOut(round)]) }
    }

    @Test func `a ping-pong that leaves the timeout standing is caught by the same check`() throws {
      let outcomes = try play(
        LinkModel(delay: .constant(.milliseconds(2))), patience: .milliseconds(100),
        rules: .leavesTheTimeout)
      #expect(outcomes.values.contains { $0.count > 1 })
    }

    @Test func `a carried stream arrives once and in order over a link that does neither`() throws {
      let link = LinkModel(
        delay: .model(.init(minimum: .milliseconds(1), excess: .exponential(mean: 0.002))),
        reordering: true, loss: .bernoulli(.percent(10)), duplication: .percent(10),
        corruption: .percent(5))
      let network = NetworkDescription(nodes: 2, link: link)
      let world = try SocketWorld(network, shaping: .shaped, seed: Seed(52)) { node, seed in
        Carried(
          NumberedStream(), on: GoBackN(patience: .milliseconds(20)), node: node, seed: seed)
      }
      try world.start()
      try world.submit(.send(count: 100, length: 40, to: .second), to: .first, at: .zero)
      let heard = try world.reports(100).compactMap { observation -> UInt32? in
        guard case .report(.upper(let arrival)) = observation.event else { return nil }
        return arrival.number
      }
      #expect(heard == Array(0..<100))
      _ = try world.stop()
    }

    @Test func `a replicated counter finds after a crash what it had acknowledged`() throws {
      let folder = try TemporaryFolder()
      let world = try SocketWorld(
        NetworkDescription(nodes: 3), seed: Seed(53), storageFolder: folder.path
      ) { _, _ in ReplicatedCounter(nodes: 3) }
      try world.start()
      _ = try world.reports(3)
      for increment in 1...12 as ClosedRange<UInt64> {
        try world.submit(.increment(increment), to: .first, at: .zero)
      }
      let acknowledged = try world.reports(12).map(\.event)
      #expect(acknowledged == (1...12).map { .report(.acknowledged($0)) })
      for node in [NodeID(0), NodeID(1), NodeID(2)] { try world.crash(node) }
      for node in [NodeID(0), NodeID(1), NodeID(2)] { try world.restart(node) }
      let started = try world.reports(3).compactMap { observation -> UInt32? in
        guard case .report(.started(let count)) = observation.event else { return nil }
        return count
      }
      // The first node and one other at least hold all twelve, the third may lag behind.
      #expect(started.count == 3 && started.count { $0 == 12 } >= 2, "\(started)")
      _ = try world.stop()
    }
  }
}
