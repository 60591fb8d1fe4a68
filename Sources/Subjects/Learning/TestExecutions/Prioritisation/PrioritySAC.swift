// SAC as an agent that orders tests.

public import LabCore
public import LinearAlgebra

/// Soft actor-critic over ``TestPrioritisation``: it orders a cycle by the middle of its policy,
/// and then goes through the cycle's tests as steps.
///
/// It begins without knowledge, also of the heuristics, and learns from each verdict alone; what it
/// comes to shows what the general learner makes of the face, beside ``PriorityActorCritic``, which
/// was made for orders.
public struct PrioritySAC: PrioritisationAgent, ~Copyable {
  private var learner: SAC<TestPrioritisation>
  private let acting: BatchedScores
  private let signals: TestSignals

  /// Begins at the first cycle of a history, of which it is to be shown every cycle in turn.
  ///
  /// - Parameter settings: With as many steps as the history has runs.
  /// - Throws: ``LearningError/badSetting(name:value:expected:)``.
  public init(
    on history: TestHistory, seeing signals: TestSignals = .all,
    _ settings: SACSettings = Self.standardSettings, seed: Seed, _ blas: OpenBLAS
  ) throws(LearningError) {
    var settings = settings
    settings.steps = history.executions.count
    learner = try SAC(TestPrioritisation(history, seeing: signals), settings, seed: seed, blas)
    acting = BatchedScores(learner.actor, blas)
    self.signals = signals
  }

  /// Small networks and minibatches, and no discount, for a step does not lead to the next.
  public static var standardSettings: SACSettings {
    var settings = SACSettings()
    settings.discount = 0
    settings.hidden = [32]
    settings.minibatch = 64
    settings.memory = 20_000
    return settings
  }

  /// The middle of the policy for each test, before it is squashed: squashing changes no order.
  public mutating func priorities(of cycle: TestCycle) throws(LearningError) -> [Double] {
    try acting.scores(of: signals.numbers(of: cycle), step: learner.steps)
  }

  /// Takes as many steps as the cycle has tests.
  public mutating func learn(from outcome: CycleOutcome) throws(LearningError) {
    try learner.train(steps: outcome.cycle.count)
  }
}
