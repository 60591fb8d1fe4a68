// The first trial Instance: an answer cancels the timeout, a lost answer fires it, never both.
import LabCore
import Network
import Statistics
import Testing
import TrialInstances

@testable import Simulation

@Suite struct `A ping-pong` {
  private func play(
    _ link: LinkModel, rules: PingPong.Rules = .correct, rounds: UInt32 = 200, seed: UInt64 = 1
  ) -> (outcomes: [UInt32: [PingPong.Report]], fired: Int) {
    var world = SimulatedWorld(NetworkDescription(nodes: 2, link: link), seed: Seed(seed)) { _, _ in
      PingPong(rules: rules)
    }
    world.submit(.play(with: NodeID(1), rounds: rounds), to: NodeID(0), at: .after(5))
    var outcomes: [UInt32: [PingPong.Report]] = [:]
    world.run(until: .after(60_000)) { _, _, report in
      switch report {
      case .answered(let round, _), .timedOut(let round):
        outcomes[round, default: []].append(report)
      }
    }
    return (outcomes, world.counters.fired)
  }

  @Test func `over a sound link is answered every time, and no timeout fires`() {
    let (outcomes, fired) = play(LinkModel(delay: .constant(.milliseconds(10))))
    #expect(outcomes.count == 200)
    for (round, outcome) in outcomes {
      #expect(outcome == [.answered(round, after: .milliseconds(20))])
    }
    // One for the pause after each round.
    #expect(fired == 200)
  }

  @Test func `over a dead link times out every time`() {
    let (outcomes, fired) = play(LinkModel(loss: .bernoulli(.percent(100))))
    #expect(outcomes.count == 200 && fired == 400)
    for (round, outcome) in outcomes { #expect(outcome == [.timedOut(round)]) }
  }

  /// A link that loses, doubles and now and then takes longer than the patience.
  private static let bad = LinkModel(
    delay: .model(.init(minimum: .milliseconds(10), excess: .exponential(mean: 0.01))),
    reordering: true, loss: .bernoulli(.percent(15)), duplication: .percent(10))

  @Test func `over a bad link ends each round in an answer or a timeout, never both`() {
    var (answered, timedOut) = (0, 0)
    for seed in 0..<20 as Range<UInt64> {
      let (outcomes, _) = play(Self.bad, seed: seed)
      #expect(outcomes.count == 200)
      for (round, outcome) in outcomes {
        #expect(outcome.count == 1, "round \(round) of seed \(seed): \(outcome)")
        if case .answered = outcome.first { answered += 1 } else { timedOut += 1 }
      }
    }
    #expect(answered > 1_000 && timedOut > 1_000)
  }

  @Test func `that leaves the timeout standing is caught by the same check`() {
    let (outcomes, _) = play(
      LinkModel(delay: .constant(.milliseconds(10))), rules: .leavesTheTimeout)
    #expect(outcomes.values.contains { $0.count > 1 })
  }
}
