// Everyone who can order tests, by name.

public import LabCore
public import LinearAlgebra

/// A way to order tests that a person can name: a heuristic or an agent.
public enum PriorityMethod: Hashable, Sendable, CaseIterable {
  /// A rule that needs no learning.
  case heuristic(PrioritisationHeuristic)
  /// RETECS with a table of mean rewards, see ``RetecsTableau``.
  case retecsTableau
  /// RETECS with a network of one hidden layer, see ``RetecsNetwork``.
  case retecsNetwork
  /// ``PriorityActorCritic`` with the signals that it is given.
  case actorCritic(TestSignals)
  /// ``PrioritySAC`` with the signals that it is given.
  case softActorCritic(TestSignals)

  /// All heuristics, then all agents.
  public static var allCases: [PriorityMethod] {
    PrioritisationHeuristic.allCases.map { .heuristic($0) } + agents
  }

  /// Those that learn.
  public static var agents: [PriorityMethod] {
    [.retecsTableau, .retecsNetwork] + TestSignals.allCases.map { .actorCritic($0) }
      + TestSignals.allCases.map { .softActorCritic($0) }
  }

  /// The name, in lower case with hyphens.
  public var name: String {
    switch self {
    case .heuristic(let heuristic): heuristic.rawValue
    case .retecsTableau: "retecs-tableau"
    case .retecsNetwork: "retecs-network"
    case .actorCritic(let signals): "actor-critic" + Self.suffix(signals)
    case .softActorCritic(let signals): "sac" + Self.suffix(signals)
    }
  }

  /// The method of a name, or nothing where there is none.
  public init?(name: String) {
    guard let method = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = method
  }

  /// Whether it gives another order for another seed by more than ties.
  public var learns: Bool {
    if case .heuristic = self { false } else { true }
  }

  /// Orders a history from its first cycle to its last.
  ///
  /// - Parameters:
  ///   - budget: The share of each cycle's time that there is, from 0 to 1.
  ///   - seed: Fixes everything that is drawn.
  /// - Throws: ``LearningError``.
  /// - Determinism: History, budget, seed and kernels fix every number.
  public func run(
    on history: TestHistory, budget: Double, seed: Seed, _ blas: OpenBLAS
  ) throws(LearningError) -> PrioritisationResult {
    switch self {
    case .heuristic(var heuristic):
      return try PrioritisationResult(of: &heuristic, on: history, budget: budget, seed: seed)
    case .retecsTableau:
      var agent = RetecsTableau(seed: seed)
      return try PrioritisationResult(of: &agent, on: history, budget: budget, seed: seed)
    case .retecsNetwork:
      var agent = RetecsNetwork(seed: seed, blas)
      return try PrioritisationResult(of: &agent, on: history, budget: budget, seed: seed)
    case .actorCritic(let signals):
      var agent = try PriorityActorCritic(seeing: signals, seed: seed, blas)
      return try PrioritisationResult(of: &agent, on: history, budget: budget, seed: seed)
    case .softActorCritic(let signals):
      var agent = try PrioritySAC(on: history, seeing: signals, seed: seed, blas)
      return try PrioritisationResult(of: &agent, on: history, budget: budget, seed: seed)
    }
  }

  private static func suffix(_ signals: TestSignals) -> String {
    signals == .all ? "" : "-\(signals.rawValue)"
  }
}
