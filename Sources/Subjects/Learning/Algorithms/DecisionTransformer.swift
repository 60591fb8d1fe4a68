// The Decision Transformer: tell it what to earn, and it does what earned that.

public import LabCore
public import LinearAlgebra

/// The Decision Transformer, which learns from trajectories of any policy over a few actions.
///
/// It reads an episode as a sentence R₁ s₁ a₁ R₂ s₂ a₂ …, where Rₜ is what was earned from step t
/// on, and learns to continue it: from each sₜ, with all before it, it foretells aₜ. Nothing is
/// valued and nothing is bootstrapped. To act, it is given a return to aim at, of which each reward
/// is then taken off. The loss is the mean over the steps of − ln π(aₜ | … Rₜ sₜ).
///
/// A trajectory that a limit cut off says what is expected behind it; see ``Trajectory``.
/// - Determinism: Trajectories, settings, seed and kernels fix every number.
/// > Reference: Chen et al., *Decision Transformer: Reinforcement Learning via Sequence Modeling*,
/// > 2021, algorithm 1. Departures: actions are a few, so that the loss is the cross-entropy as in
/// > the paper's Atari runs; steps are counted from the beginning of a stretch and not of the
/// > episode, so that a stretch teaches what an episode that began there would; there is no
/// > dropout, and the rate fades instead of warming up.
public struct DecisionTransformer: ~Copyable {
  static let name = "decision-transformer"

  /// How it learns.
  public let settings: DecisionTransformerSettings
  /// How many updates it has learnt from.
  public private(set) var updates = 0
  /// What it has learnt from the trajectories so far.
  public let network: DecisionNetwork
  private var random: RandomStream
  private var optimiser: Optimiser
  private var seed: Seed
  private let learning, acting: DecisionSentences
  private let weights, loss: Tensor

  /// Begins to learn.
  ///
  /// - Throws: ``LearningError/badSetting(name:value:expected:)``.
  public init(
    observationWidth: Int, actionCount: Int, _ settings: DecisionTransformerSettings, seed: Seed,
    _ blas: OpenBLAS
  ) throws(LearningError) {
    try settings.check()
    try LearningError.demandPositive([
      ("the width of observations", observationWidth), ("the number of actions", actionCount),
    ])
    self.settings = settings
    self.seed = seed
    var start = seed.child("networks").stream()
    network = DecisionNetwork(
      observationWidth: observationWidth, actionCount: actionCount, settings, &start)
    random = seed.child("choices").stream()
    optimiser = Optimiser(
      network.parameters, .adam(weightDecay: settings.weightDecay), rate: settings.learningRate,
      gradientNormLimit: settings.gradientNormLimit)
    learning = DecisionSentences(
      network, settings, sentences: settings.minibatch, isTrained: true, blas)
    acting = DecisionSentences(network, settings, sentences: 1, isTrained: false, blas)
    let graph = learning.graph
    weights = graph.input(rows: settings.minibatch * settings.context, columns: 1)
    loss = -learning.logProbabilities.picked(by: learning.answers).sum(weightedBy: weights)
  }

  /// A hash of every bit that it has learnt: two runs that agree in it learnt the same.
  public var fingerprint: UInt64 { network.parameters.fingerprint }

  /// Learns from trajectories.
  ///
  /// - Parameter count: How many minibatches of stretches it draws, at most what is left.
  /// - Returns: The mean loss.
  /// - Throws: ``LearningError/diverged(what:step:seed:)``, and
  ///   ``LearningError/badSetting(name:value:expected:)`` for no trajectory or a foreign one.
  @discardableResult
  public mutating func train(
    on buffer: TrajectoryBuffer, updates count: Int
  ) throws(LearningError) -> Double {
    try check(buffer)
    var total = 0.0
    let count = max(min(count, settings.updates - updates), 0)
    for _ in 0..<count {
      load(buffer)
      optimiser.rate =
        settings.learningRate * (1 - Double(updates) / Double(settings.updates))
      updates += 1
      learning.graph.forward()
      guard loss.number.isFinite else {
        throw .diverged(what: "the loss", step: updates, seed: seed.value)
      }
      total += Double(loss.number)
      learning.graph.backward(from: loss)
      guard optimiser.step() else {
        throw .diverged(what: "the loss's gradient", step: updates, seed: seed.value)
      }
    }
    return total / Double(max(count, 1))
  }

  /// The likeliest action, the lowest of those that are equally likely.
  ///
  /// - Parameter history: What has happened, and what is seen now.
  /// - Precondition: Observations have the width that it was made for.
  public func act(after history: DecisionHistory) -> Int {
    let first = max(history.observations.count - settings.context, 0)
    let last = history.observations.count - 1
    for step in first...last {
      acting.write(
        toGo: history.toGo[step], seen: history.observations[step],
        action: step < last ? history.actions[step] : 0, place: step - first)
    }
    acting.graph.forward()
    let row = last - first
    let width = acting.logProbabilities.columns
    return (0..<width).map { acting.logProbabilities.values.base[row * width + $0] }
      .indexOfGreatest
  }

  private func check(_ buffer: TrajectoryBuffer) throws(LearningError) {
    let (width, count) = (network.observationWidth, network.actionCount)
    let fits = buffer.trajectories.allSatisfy { trajectory in
      trajectory.actions.allSatisfy { (0..<count).contains($0) }
        && trajectory.observations.allSatisfy { $0.count == width }
    }
    guard fits, !buffer.trajectories.isEmpty else {
      throw .badSetting(
        name: "the trajectories", value: fits ? "none" : "of another world",
        expected: "at least one, of \(width) numbers seen and \(count) actions,")
    }
  }

  /// Draws stretches; what a stretch lacks in length weighs nothing.
  private mutating func load(_ buffer: TrajectoryBuffer) {
    let context = settings.context
    weights.values.fill(0)
    var steps = 0
    for sentence in 0..<settings.minibatch {
      let (index, first) = buffer.draw(&random)
      let trajectory = buffer.trajectories[index]
      let end = min(first + context, trajectory.count)
      for step in first..<end {
        learning.write(
          toGo: trajectory.returnsToGo[step], seen: trajectory.observations[step],
          action: trajectory.actions[step], place: step - first, sentence: sentence)
        weights.values.base[sentence * context + step - first] = 1
      }
      steps += end - first
    }
    for row in 0..<weights.rows where weights.values.base[row] > 0 {
      weights.values.base[row] = 1 / Float(steps)
    }
  }
}

extension DecisionTransformer {
  /// What it needs to go on as if it had never stopped.
  public var checkpoint: Checkpoint {
    var checkpoint = Checkpoint(algorithm: Self.name)
    checkpoint.keepIdentity(world: world, settings: settings, seed: seed)
    keep(in: &checkpoint)
    return checkpoint
  }

  func keep(in checkpoint: inout Checkpoint) {
    checkpoint.keep("counts", words: [UInt64(updates)])
    checkpoint.keep("choices", random)
    checkpoint.keep("network", network.parameters)
    checkpoint.keep("optimiser", optimiser)
  }

  /// Goes on where a checkpoint was made, for the same widths and with the same settings.
  ///
  /// - Throws: ``LearningError/otherContent(part:found:expected:)``; when widths or settings are
  ///   others, nothing is changed.
  public mutating func restore(_ checkpoint: Checkpoint) throws(LearningError) {
    try checkpoint.demandIdentity(Self.name, world: world, settings: settings)
    seed = try checkpoint.seed()
    try restore(from: checkpoint)
  }

  mutating func restore(from checkpoint: Checkpoint) throws(LearningError) {
    updates = try checkpoint.count("counts")
    random = try checkpoint.random("choices")
    try checkpoint.restore("network", to: network.parameters)
    try checkpoint.restore("optimiser", to: &optimiser)
  }

  private var world: String {
    "\(network.observationWidth) numbers seen and \(network.actionCount) actions"
  }
}

/// An episode so far, as the transformer is told it.
public struct DecisionHistory: Hashable, Sendable {
  private(set) var toGo: [Float]
  private(set) var observations: [[Float]]
  private(set) var actions: [Int] = []

  /// Begins an episode with a return to aim at.
  public init(aimingAt aim: Float, seeing observation: [Float]) {
    toGo = [aim]
    observations = [observation]
  }

  /// Goes on to the next step.
  public mutating func append(_ action: Int, earning reward: Double, seeing observation: [Float]) {
    actions.append(action)
    toGo.append(toGo[toGo.count - 1] - Float(reward))
    observations.append(observation)
  }
}

/// Settings of the Decision Transformer; the standard ones are for the graph of its paper.
public struct DecisionTransformerSettings: Hashable, Sendable {
  /// How many steps it looks back, the present one included.
  public var context = 10
  /// What returns are divided by.
  public var returnScale = 10.0
  /// Whether it is not told returns, which makes it plain cloning of behaviour.
  public var isReturnBlind = false
  /// The width of tokens.
  public var width = 64
  /// How many heads attend side by side; a divisor of the width.
  public var heads = 2
  /// How many blocks follow one another.
  public var blocks = 2
  /// How many stretches one gradient comes from.
  public var minibatch = 32
  /// How many updates it learns from in all.
  public var updates = 600
  /// The step size of AdamW at the beginning; it fades evenly to 0.
  public var learningRate = 1e-3
  /// How fast weights decay.
  public var weightDecay = 1e-4
  /// The longest gradient that counts.
  public var gradientNormLimit = 0.25

  /// The standard settings.
  public init() {}

  /// Checks every setting.
  ///
  /// - Throws: ``LearningError/badSetting(name:value:expected:)``.
  func check() throws(LearningError) {
    try LearningError.demandPositive([
      ("the context", context), ("the width", width), ("the number of heads", heads),
      ("the number of blocks", blocks), ("the minibatch", minibatch),
    ])
    try LearningError.demandPositive([("the number of updates", updates)], atMost: .max)
    try LearningError.demandPositive(
      [("the context", context), ("the width", width)], atMost: LearningError.greatestWidth)
    // A step is three tokens, each of which is four times as wide between two layers.
    let words = try LearningError.product("the steps of a minibatch", minibatch, context)
    _ = try LearningError.product("the numbers of a minibatch's tokens", 3 * words, 4 * width)
    guard width % heads == 0 else {
      throw .badSetting(
        name: "the number of heads", value: "\(heads)", expected: "a divisor of \(width)")
    }
    try LearningError.demand(
      [
        ("the scale of returns", returnScale), ("the learning rate", learningRate),
        ("the limit of gradients", gradientNormLimit),
      ], "a positive number"
    ) { $0 > 0 && $0 < .infinity }
    try LearningError.demand([("the decay of weights", weightDecay)], "0 or more") {
      $0 >= 0 && $0 < .infinity
    }
  }
}
