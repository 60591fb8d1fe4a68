// An actor that gives priorities, and a critic that says what was to be expected of them.

public import LabCore
public import LinearAlgebra

/// An advantage actor-critic whose action is a number for each test: its priority.
///
/// The policy is a normal law: the priority of a test with signals x is a(x) + ε, where a is a
/// network, added to the logarithm of the failure rate where the agent may know it (so that it
/// begins as the heuristic and learns what to change), and ε is normal with a fixed deviation. It
/// orders by a(x) without noise.
///
/// Cycles in which a test failed are remembered, with the verdicts of all their tests. After each
/// of them the agent plays remembered ones again, each as a whole, with priorities drawn anew:
/// verdicts do not depend on the order, so that what each order would have earned is known. NAPFD
/// falls by 1 / (m n) for every pair of a failing test and a passing one that is run before it, and
/// such a pair depends on the priorities of its two tests alone; so the reward of a test is minus
/// the count of its wrong pairs over m, which has the same policy gradient with less noise. A
/// failing test that the budget leaves out counts as the last one, and what that costs beyond its
/// wrong pairs is charged to those that were run, by their time; a passing one that is left out
/// costs nothing. With advantage A = reward − V(x, verdict), where the critic V may know the
/// verdict because it never orders, and the changes Δ to what it began with, the loss is
///
///     − mean A ln π(priority | x) + c mean (V − reward)² + β / cycles · mean Δ² / (2 σ²)
///
/// whose last term is the divergence from the policy of the beginning: few cycles change little.
///
/// - Determinism: Settings, seed, history and kernels fix every number.
/// > Reference: Mnih et al., *Asynchronous Methods for Deep Reinforcement Learning*, 2016, for the
/// > advantage; Wolpert and Tumer, *Optimal Payoff Functions for Members of Collectives*, 2001, for
/// > rewards by difference; Silver et al., *Residual Policy Learning*, 2018, for the beginning.
public struct PriorityActorCritic: PrioritisationAgent {
  /// What it sees.
  public let signals: TestSignals
  /// How it learns.
  public let settings: PriorityActorCriticSettings
  private let actor: MultilayerPerceptron
  private var update: PriorityUpdate
  private let acting: BatchedScores
  private var memory: [RememberedCycle] = []
  /// How many tests the remembered cycles have together.
  private var remembered = 0
  private var seen: [[Float]] = []
  private var base: [Float] = []
  private var cycles = 0
  /// How many cycles there were to learn from.
  private var instructive = 0
  private var random: RandomStream

  /// Begins without knowledge.
  ///
  /// - Throws: ``LearningError/badSetting(name:value:expected:)``.
  public init(
    seeing signals: TestSignals = .all,
    _ settings: PriorityActorCriticSettings = PriorityActorCriticSettings(), seed: Seed,
    _ blas: OpenBLAS
  ) throws(LearningError) {
    try settings.check()
    self.signals = signals
    self.settings = settings
    var start = seed.child("networks").stream()
    actor = MultilayerPerceptron(
      widths: [signals.width] + settings.hidden + [1], activation: .hyperbolicTangent,
      start: .orthogonal(lastGain: 0.01), &start)
    acting = BatchedScores(actor, blas)
    update = PriorityUpdate(actor, settings, width: signals.width, &start, blas)
    random = seed.child("choices").stream()
  }

  /// The middle of the policy for each test.
  public mutating func priorities(of cycle: TestCycle) throws(LearningError) -> [Double] {
    seen = signals.numbers(of: cycle)
    base = signals.base(of: cycle)
    let scores = try acting.scores(of: seen, step: cycles)
    return scores.indices.map { Double(base[$0]) + scores[$0] }
  }

  /// Remembers a cycle in which a test failed, and plays remembered ones again.
  public mutating func learn(from outcome: CycleOutcome) throws(LearningError) {
    cycles += 1
    let cycle = RememberedCycle(outcome, numbers: seen, base: base)
    guard cycle.isInstructive else { return }
    instructive += 1
    memory.append(cycle)
    remembered += cycle.count
    while memory.count > 1 && remembered > settings.memory {
      remembered -= memory.removeFirst().count
    }
    for _ in 0..<settings.updates {
      try update.fill(from: memory, using: acting, settings, &random)
      guard update.run(priorWeight: settings.priorWeight / Double(instructive)) else {
        throw .diverged(what: "the loss", step: cycles)
      }
    }
  }
}

/// Settings of the actor-critic that gives priorities.
public struct PriorityActorCriticSettings: Hashable, Sendable {
  /// How many tests it remembers, in whole cycles.
  ///
  /// The latest cycle to learn from is always among them, however large. A test takes 90 bytes.
  public var memory = 200_000
  /// How many gradients it follows after each cycle in which a test failed.
  public var updates = 10
  /// How many tests one gradient comes from.
  public var minibatch = 512
  /// The step size of Adam.
  public var learningRate = 1e-3
  /// The deviation of the noise on priorities (σ); a factor e in the failure rate counts as 1.
  public var deviation = 0.2
  /// The weight of the critic's loss (c).
  public var valueWeight = 0.5
  /// The weight of the divergence from the policy of the beginning (β), over the count of cycles
  /// that there were to learn from.
  public var priorWeight = 100.0
  /// The longest gradient that counts.
  public var gradientNormLimit = 0.5
  /// The widths of the hidden layers, of both networks.
  public var hidden = [32]

  /// The standard settings.
  public init() {}

  /// Checks every setting.
  ///
  /// - Throws: ``LearningError/badSetting(name:value:expected:)``.
  func check() throws(LearningError) {
    try LearningError.demandPositive([
      ("the memory", memory), ("the updates", updates), ("the minibatch", minibatch),
      ("a hidden width", hidden.min() ?? 1),
    ])
    try LearningError.demand(
      [
        ("the learning rate", learningRate), ("the deviation", deviation),
        ("the limit of gradients", gradientNormLimit),
      ], "a positive number"
    ) { $0 > 0 && $0 < .infinity }
    try LearningError.demand(
      [("the critic's weight", valueWeight), ("the prior's weight", priorWeight)], "0 or more"
    ) { $0 >= 0 && $0 < .infinity }
  }
}
