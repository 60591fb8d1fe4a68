// Several ways to order the tests of one history, side by side.

public import LabCore
public import LinearAlgebra

/// What heuristics and agents make of a history, over the same seeds.
public struct PrioritisationComparison: Hashable, Sendable {
  /// What one way makes of it.
  public struct Row: Hashable, Sendable {
    /// The way.
    public let method: PriorityMethod
    /// For each seed, the mean NAPFD within the budget over the cycles in which a test failed.
    public let normalised: [Double]
    /// For each seed, the mean APFD without a budget over the same cycles.
    public let unlimited: [Double]

    /// The mean NAPFD over the seeds.
    public var meanNormalised: Double { normalised.reduce(0, +) / Double(normalised.count) }
    /// The mean APFD over the seeds.
    public var meanUnlimited: Double { unlimited.reduce(0, +) / Double(unlimited.count) }
  }

  /// All heuristics, then the agents, each in the order in which they were named.
  public let rows: [Row]

  /// Lets all heuristics and some agents order a history, once for each seed.
  ///
  /// - Parameters:
  ///   - agents: Heuristics among them are passed over, for all are there anyway.
  ///   - budget: The share of each cycle's time that there is, from 0 to 1.
  ///   - seeds: How many seeds: the children 0, 1, … of the seed.
  ///   - progress: Is told of each way before it begins.
  /// - Throws: ``LearningError/badSetting(name:value:expected:)`` for a history in which nothing
  ///   failed, no seed or a budget out of range, and ``LearningError/diverged(what:step:)``.
  /// - Determinism: History, agents, budget, seeds and kernels fix every number.
  public init(
    of agents: [PriorityMethod], on history: TestHistory, budget: Double,
    seeds: (count: Int, root: Seed), _ blas: OpenBLAS, progress: (PriorityMethod) -> Void = { _ in }
  ) throws(LearningError) {
    try LearningError.demandPositive([("the number of seeds", seeds.count)])
    guard history.failures > 0 else {
      throw .badSetting(
        name: "the history", value: "\(history.executions.count) runs that all passed",
        expected: "a failed run at least")
    }
    var methods = PrioritisationHeuristic.allCases.map { PriorityMethod.heuristic($0) }
    for agent in agents where !methods.contains(agent) { methods.append(agent) }
    var rows: [Row] = []
    for method in methods {
      progress(method)
      var (normalised, unlimited): ([Double], [Double]) = ([], [])
      for seed in 0..<seeds.count {
        let result = try method.run(
          on: history, budget: budget, seed: seeds.root.child(seed), blas)
        normalised.append(result.meanNormalised ?? 0)
        unlimited.append(result.meanUnlimited ?? 0)
      }
      rows.append(Row(method: method, normalised: normalised, unlimited: unlimited))
    }
    self.rows = rows
  }

  /// The better of the two heuristics that are in use everywhere, last-failed-first and
  /// failure-rate, by NAPFD.
  public var betterHeuristic: Row? {
    rows.filter { row in
      row.method == .heuristic(.lastFailedFirst) || row.method == .heuristic(.failureRate)
    }.max { $0.meanNormalised < $1.meanNormalised }
  }
}
