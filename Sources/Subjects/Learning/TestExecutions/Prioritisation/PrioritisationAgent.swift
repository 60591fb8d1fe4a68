// The seam between a history and those who order its tests.

public import LabCore

/// Someone who orders the tests of one cycle after another, and may learn from what came of it.
///
/// An agent is asked for priorities before it is told of verdicts. Then it is told what a history
/// knows: also of runs that the budget would have left out, for the next cycle's runs know those as
/// their past, and heuristics count them. Agents that follow RETECS look at scheduled runs alone.
public protocol PrioritisationAgent: ~Copyable {
  /// The priority of each test of a cycle, the highest to be run first.
  ///
  /// - Throws: ``LearningError/diverged(what:step:)``.
  mutating func priorities(of cycle: TestCycle) throws(LearningError) -> [Double]

  /// Learns from the cycle that was ordered last.
  ///
  /// - Throws: ``LearningError/diverged(what:step:)``.
  mutating func learn(from outcome: CycleOutcome) throws(LearningError)
}

/// What came of a cycle.
public struct CycleOutcome: Hashable, Sendable {
  /// What was to be ordered, with its verdicts.
  public let cycle: TestCycle
  /// The places that the budget let run, in their order.
  public let scheduled: [Int]
  /// The share of the time of all runs that there was.
  public let budget: Double

  /// Lets the budget run an order.
  public init(_ cycle: TestCycle, order: [Int], budget: Double) {
    self.cycle = cycle
    self.budget = budget
    scheduled = cycle.scheduled(order, budget: budget)
  }

  /// For each place, 1 where a failing test was run, else 0: the reward that RETECS calls test case
  /// failure.
  public var failureRewards: [Double] {
    var rewards = [Double](repeating: 0, count: cycle.count)
    for place in scheduled where cycle[place].hasFailed { rewards[place] = 1 }
    return rewards
  }
}

/// What an agent made of a history, from its first cycle to its last.
public struct PrioritisationResult: Hashable, Sendable {
  /// For each cycle in which a test failed, NAPFD within the budget.
  public private(set) var normalised: [Double] = []
  /// For each of the same cycles, APFD without a budget.
  public private(set) var unlimited: [Double] = []

  /// Lets an agent order every cycle of a history, and learn from each before the next.
  ///
  /// - Parameters:
  ///   - budget: The share of each cycle's time that there is, from 0 to 1.
  ///   - seed: Breaks ties among equal priorities.
  /// - Throws: ``LearningError/badSetting(name:value:expected:)`` for a budget out of range, and
  ///   what the agent throws.
  /// - Determinism: History, agent, budget and seed fix every number.
  public init<Agent: PrioritisationAgent & ~Copyable>(
    of agent: inout Agent, on history: TestHistory, budget: Double, seed: Seed
  ) throws(LearningError) {
    try LearningError.demand([("the budget", budget)], "0 to 1") { $0 >= 0 && $0 <= 1 }
    var random = seed.child("ties").stream()
    for number in history.cycles.indices {
      let cycle = history.cycle(number)
      let order = cycle.order(by: try agent.priorities(of: cycle), &random)
      if let detection = cycle.normalisedFaultDetection(order, budget: budget),
        let whole = cycle.faultDetection(order)
      {
        normalised.append(detection)
        unlimited.append(whole)
      }
      try agent.learn(from: CycleOutcome(cycle, order: order, budget: budget))
    }
  }

  /// The mean of NAPFD over the cycles in which a test failed, or nothing where there is none.
  public var meanNormalised: Double? { Self.mean(normalised) }
  /// The mean of APFD over the same cycles.
  public var meanUnlimited: Double? { Self.mean(unlimited) }

  private static func mean(_ numbers: [Double]) -> Double? {
    numbers.isEmpty ? nil : numbers.reduce(0, +) / Double(numbers.count)
  }
}
