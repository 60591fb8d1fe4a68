// RETECS with a table.

public import LabCore

/// The published agent that keeps for each kind of test the mean reward of 100 priorities.
///
/// A kind is the duration (long, middle, short), the time since the last run (near, middle, far)
/// and the last four verdicts. A priority is chosen ε-greedily, where what is untried is believed
/// to be worth 5; ε fades by 1 % of its distance from 0.1 in each cycle. The reward is 1 for a
/// failing test that was run.
/// > Reference: Spieker et al., ISSTA 2017, section 3.3; settings and details as in the authors'
/// > program, but for what it sees, see ``TestSignals/published``.
public struct RetecsTableau: PrioritisationAgent, Sendable {
  private struct Row {
    var worth = [Double](repeating: 5, count: RetecsTableau.actions)
    var count = [Int](repeating: 0, count: RetecsTableau.actions)
  }

  static let actions = 100
  private var table: [[UInt8]: Row] = [:]
  private var kinds: [[UInt8]] = []
  private var chosen: [Int] = []
  private var exploration = 0.2
  private var random: RandomStream

  /// Begins without knowledge.
  public init(seed: Seed) { random = seed.child("choices").stream() }

  /// Chooses a priority from 0 to 99 for each test.
  public mutating func priorities(of cycle: TestCycle) -> [Double] {
    kinds = RetecsSignals(of: cycle).kinds
    chosen = kinds.map { choose(table[$0, default: Row()].worth) }
    return chosen.map(Double.init)
  }

  /// Moves what was chosen towards its reward, as a mean.
  public mutating func learn(from outcome: CycleOutcome) {
    for (place, reward) in outcome.failureRewards.enumerated() {
      let action = chosen[place]
      table[kinds[place], default: Row()].count[action] += 1
      let count = table[kinds[place], default: Row()].count[action]
      let worth = table[kinds[place], default: Row()].worth[action]
      table[kinds[place], default: Row()].worth[action] += (reward - worth) / Double(count)
    }
    exploration = (exploration - 0.1) * 0.99 + 0.1
  }

  private mutating func choose(_ worth: [Double]) -> Int {
    guard random.unit() >= exploration else { return random.below(Self.actions) }
    let greatest = worth.max() ?? 0
    let best = worth.indices.filter { worth[$0] == greatest }
    return best[random.below(best.count)]
  }
}

/// What RETECS knows of each test of a cycle.
struct RetecsSignals {
  /// For each test: its share of the time that the cycle is expected to take, the time since its
  /// last run from 0 for the latest to 1 for the earliest of the cycle, and the last four verdicts
  /// with 1 for a failure.
  ///
  /// An unknown verdict counts as a failure, and an unknown last run as the earliest; where no last
  /// run of the cycle is known, all are as late.
  let numbers: [[Float]]
  /// The same in steps, for a table.
  let kinds: [[UInt8]]

  init(of cycle: TestCycle) {
    let seconds = cycle.executions.map(\.expectedDuration.seconds)
    let total = max(seconds.reduce(0, +), 1e-9)
    let runs = cycle.executions.map { Double($0.lastRunSeconds) }
    let (longest, shortest) = (seconds.max() ?? 0, seconds.min() ?? 0)
    let known = runs.filter { $0 != 0 }
    let (latest, earliest) = (known.max() ?? 0, known.min() ?? 0)
    func age(_ run: Double) -> Double {
      if run == 0 { return known.isEmpty ? 0 : 1 }
      return latest > earliest ? (latest - run) / (latest - earliest) : 0
    }
    func step(_ share: Double) -> UInt8 { share > 0.66 ? 2 : share > 0.33 ? 1 : 0 }
    var numbers: [[Float]] = []
    var kinds: [[UInt8]] = []
    for (place, execution) in cycle.executions.enumerated() {
      let since = age(runs[place])
      let brevity = longest > shortest ? (longest - seconds[place]) / (longest - shortest) : 0
      let verdicts = (0..<4).map { execution.past[$0] ?? true ? 1 : 0 as UInt8 }
      numbers.append([Float(seconds[place] / total), Float(since)] + verdicts.map(Float.init))
      kinds.append([step(brevity), step(since)] + verdicts)
    }
    self.numbers = numbers
    self.kinds = kinds
  }
}
