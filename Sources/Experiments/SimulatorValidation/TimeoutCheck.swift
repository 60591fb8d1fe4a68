// Timeouts that race: what elections by random timeout rest on.
import LabCore
import Network
import Simulation

/// The earliest of several uniform timeouts, and the distance to the second.
///
/// For n timeouts uniform over a width W the earliest comes W / (n + 1) after the base on average,
/// and the first two lie more than x apart with the chance (1 − x / W)^n.
/// > Reference: order statistics of the uniform law; Raft's dissertation (Ongaro, 2014), section
/// > 9.2, uses both.
struct TimeoutCheck {
  var measuresGap: Bool
  private static let nodes = 5
  private static let base = Duration.milliseconds(150)
  private static let width = 0.150
  private static let gap = 0.015

  func run(elections: Int, factor: Double, seed: Seed) -> Check.Outcome {
    let width = Self.width * factor
    var world = SimulatedWorld(NetworkDescription(nodes: Self.nodes), seed: seed) { _, _ in
      TimeoutNode(base: Self.base, width: width, rounds: elections)
    }
    var times = [[Double]](repeating: [], count: elections)
    world.run(until: .zero + TimeoutNode.period * Int64(elections + 1)) { _, at, round in
      times[round.number].append((at - TimeoutNode.start(of: round.number)).seconds)
    }
    var total = 0.0
    for fired in times {
      let sorted = fired.sorted()
      total +=
        measuresGap
        ? (sorted[1] - sorted[0] > Self.gap ? 1 : 0) : sorted[0] - Self.base.seconds
    }
    let nodes = Double(Self.nodes)
    var formula = Self.width / (nodes + 1)
    if measuresGap {
      formula = (0..<Self.nodes).reduce(1) { chance, _ in chance * (1 - Self.gap / Self.width) }
    }
    return Check.Outcome(
      measured: total / Double(elections), formula: formula, fingerprint: world.fingerprint)
  }
}

/// Sets a random timeout once a round and reports when it fires.
struct TimeoutNode: Instance {
  typealias Message = Bytes

  enum Timer: UInt32, TimerName {
    case election
    case nextRound
  }

  /// The round whose timeout fired.
  struct Report: Sendable, StableHashable {
    var number: Int
    func hash(into hasher: inout StableHasher) { hasher.combine(number) }
  }

  /// From one round to the next.
  static let period = Duration.seconds(1)

  let base: Duration
  /// The width of the uniform law in seconds.
  let width: Double
  let rounds: Int
  private var round = 0

  init(base: Duration, width: Double, rounds: Int) {
    self.base = base
    self.width = width
    self.rounds = rounds
  }

  static func start(of round: Int) -> Instant { .zero + period * Int64(round) }

  mutating func start(_ durable: Durable, _ step: inout Step<Self>) { begin(&step) }

  mutating func receive(_ message: Bytes, from sender: NodeID, _ step: inout Step<Self>) {}

  mutating func fire(_ timer: Timer, _ step: inout Step<Self>) {
    switch timer {
    case .election: step.report(Report(number: round))
    case .nextRound:
      round += 1
      if round < rounds { begin(&step) }
    }
  }

  private func begin(_ step: inout Step<Self>) {
    let excess = Duration(seconds: step.random.unit() * width) ?? .zero
    step.set(.election, after: base + excess)
    step.set(.nextRound, after: Self.period)
  }
}
