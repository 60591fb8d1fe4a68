// The face that a fleet sees: attach agents, record what they lived through, train, predict.

public import LabCore
public import LinearAlgebra

/// Any of the nine algorithms, driven from outside: by a fleet's agents instead of an environment.
///
/// Agents are attached by name; each asks ``choose(for:seeing:)`` what to do and tells by
/// ``record(_:of:)`` what came of it. After every so many experiences, or when ``train()`` is
/// called, what was recorded is learnt from. ``predict(seeing:)`` answers without exploring.
///
/// ```swift
/// let task = FleetTask(observationWidth: 6, actions: ["run", "retry", "skip"])
/// var learner = try FleetLearner(.ppo, task, FleetSettings(), seed: Seed(1), blas)
/// learner.attach("worker-1")
/// let action = try learner.choose(for: "worker-1", seeing: state)
/// try learner.record(.init(state, action, reward: 1, next: later, end: .none), of: "worker-1")
/// try learner.train()
/// ```
///
/// How the nine take to a face that was made for one of them:
///
/// - Q-Learning and SARSA give each observation that is new a row of their table.
/// - A2C, PPO and actor-critic learn from their own actions: they take it that an experience's
///   action came from ``choose(for:seeing:)`` since the last training. Less than a batch waits.
/// - DDPG, TD3 and SAC know no names; they give each action a score between -1 and 1, and the
///   greatest score is done. What they proposed is remembered with its scores; any other recorded
///   action as 1 for itself and -1 for the others.
/// - The Decision Transformer learns from whole episodes, and aims at the best return that it has
///   seen; where an episode was cut off, it expects as much behind it as lay before.
/// - Determinism: Settings, seed, kernels and calls in their order fix every answer.
public struct FleetLearner: ~Copyable {
  /// Which algorithm learns.
  public let algorithm: LearningAlgorithm
  /// What agents see and may do.
  public let task: FleetTask
  /// How it learns.
  public let settings: FleetSettings
  /// How many experiences have been recorded.
  public private(set) var recorded = 0
  /// The attached agents, in the order in which they came.
  public private(set) var agents: [String] = []
  private var untrained = 0
  private var mind: any FleetMind
  private var random: RandomStream
  private var seed: Seed

  /// Begins to learn.
  ///
  /// - Throws: ``LearningError/badSetting(name:value:expected:)``, also unless there are at least
  ///   two actions of different names.
  public init(
    _ algorithm: LearningAlgorithm, _ task: FleetTask, _ settings: FleetSettings, seed: Seed,
    _ blas: OpenBLAS
  ) throws(LearningError) {
    try settings.check()
    try task.check()
    let mind = try algorithm.mind(for: task, settings, seed: seed, blas)
    self.algorithm = algorithm
    self.task = task
    self.settings = settings
    self.seed = seed
    random = seed.child("choices").stream()
    self.mind = mind
  }

  /// A hash of everything that it has learnt and remembers: two that agree in it answer alike.
  ///
  /// - Complexity: Linear in what is remembered.
  public var fingerprint: UInt64 {
    var hasher = StableHasher()
    hasher.combine(checkpoint.encoded)
    return hasher.finalize()
  }

  /// Attaches an agent; once is enough.
  public mutating func attach(_ agent: String) {
    if !agents.contains(agent) { agents.append(agent) }
  }

  /// What an agent should try, exploring as the algorithm does.
  ///
  /// - Throws: ``LearningError/badSetting(name:value:expected:)`` for an agent that is not attached
  ///   or an observation of another width.
  public mutating func choose(
    for agent: String, seeing observation: [Float]
  ) throws(LearningError) -> String {
    try check(observation)
    return task.actions[mind.choose(for: try index(of: agent), seeing: observation, &random)]
  }

  /// What is best, as far as it has learnt.
  ///
  /// - Throws: ``LearningError/badSetting(name:value:expected:)`` for an observation of another
  ///   width.
  public func predict(seeing observation: [Float]) throws(LearningError) -> String {
    try check(observation)
    return task.actions[mind.predict(seeing: observation)]
  }

  /// Notes what an agent lived through, and trains after every so many experiences.
  ///
  /// - Throws: ``LearningError/badSetting(name:value:expected:)`` for an agent that is not
  ///   attached, an action without a name here, an observation of another width or a reward that
  ///   is no finite number, and then nothing is noted; training throws
  ///   ``LearningError/diverged(what:step:seed:)``.
  public mutating func record(
    _ experience: FleetExperience, of agent: String
  ) throws(LearningError) {
    try check(experience.observation)
    try check(experience.next)
    guard let action = task.actions.firstIndex(of: experience.action) else {
      throw .badSetting(
        name: "an experience's action", value: "'\(experience.action)'",
        expected: "one of \(task.actions)")
    }
    guard experience.reward.isFinite else {
      throw .badSetting(
        name: "an experience's reward", value: "\(experience.reward)", expected: "a finite number")
    }
    let step = FleetStep(
      agent: try index(of: agent), observation: experience.observation, action: action,
      reward: experience.reward, next: experience.next, end: experience.end)
    try mind.record(step)
    (recorded, untrained) = (recorded + 1, untrained + 1)
    if untrained >= settings.updateFrequency { try train() }
  }

  /// Learns from what was recorded since the last time.
  ///
  /// - Throws: ``LearningError/diverged(what:step:seed:)``.
  public mutating func train() throws(LearningError) {
    guard mind.train(on: untrained, &random) else {
      throw .diverged(what: "the loss or its gradient", step: recorded, seed: seed.value)
    }
    untrained = 0
  }

  private func index(of agent: String) throws(LearningError) -> Int {
    guard let index = agents.firstIndex(of: agent) else {
      throw .badSetting(
        name: "the agent", value: "'\(agent)'", expected: "an attached one, of \(agents),")
    }
    return index
  }

  private func check(_ observation: [Float]) throws(LearningError) {
    guard observation.count == task.observationWidth, observation.allSatisfy(\.isFinite) else {
      throw .badSetting(
        name: "the observation", value: "\(observation)",
        expected: "\(task.observationWidth) finite numbers")
    }
  }
}

extension FleetLearner {
  /// What it needs to go on as if it had never stopped.
  public var checkpoint: Checkpoint {
    var checkpoint = Checkpoint(algorithm: "fleet " + algorithm.rawValue)
    checkpoint.keepIdentity(world: world, settings: settings, seed: seed)
    checkpoint.keep("fleet.counts", words: [UInt64(recorded), UInt64(untrained)])
    checkpoint.keep("fleet.choices", random)
    checkpoint.keep("fleet.agents", words: [UInt64(agents.count)])
    for (index, agent) in agents.enumerated() {
      checkpoint.keep("fleet.agent \(index)", text: agent)
    }
    mind.keep(in: &checkpoint)
    return checkpoint
  }

  /// Goes on where a checkpoint was made, with the same actions and settings.
  ///
  /// - Throws: ``LearningError/otherContent(part:found:expected:)``; when actions or settings are
  ///   others, nothing is changed.
  public mutating func restore(_ checkpoint: Checkpoint) throws(LearningError) {
    try checkpoint.demandIdentity(
      "fleet " + algorithm.rawValue, world: world, settings: settings)
    let seed = try checkpoint.seed()
    let counts = try checkpoint.counts("fleet.counts", 2)
    // A learner trains when so many wait; only one that has run away has more of them.
    guard counts[1] <= min(counts[0], settings.updateFrequency) else {
      throw .otherContent(
        part: "fleet.counts", found: "\(counts)",
        expected: "experiences, of which at most \(settings.updateFrequency) wait")
    }
    let random = try checkpoint.random("fleet.choices")
    var agents: [String] = []
    for index in 0..<(try checkpoint.count("fleet.agents")) {
      agents.append(try checkpoint.text("fleet.agent \(index)"))
    }
    try mind.restore(from: checkpoint)
    (self.seed, recorded, untrained) = (seed, counts[0], counts[1])
    (self.random, self.agents) = (random, agents)
  }

  private var world: String {
    "\(task.observationWidth) numbers seen and the actions \(task.actions)"
  }
}
