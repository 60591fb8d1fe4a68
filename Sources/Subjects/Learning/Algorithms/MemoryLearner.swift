// The loop that learners off their policy share: act, remember, and learn from what is remembered.

public import LabCore
public import LinearAlgebra

/// An algorithm that learns from remembered steps of any policy, whose actions lie in a box.
///
/// It knows no environment; ``MemoryLearner`` acts for it in one, and ``FleetLearner`` hands it
/// what a fleet's agents lived through. Its actions lie between -1 and 1.
public protocol MemoryAlgorithm {
  /// What may be set of it.
  associatedtype Settings: MemorySettings
  /// The name in checkpoints and on the command line.
  static var name: String { get }
  /// What acts without noise.
  var policy: Policy.Network { get }
  /// Where remembered steps go that it is to learn from.
  var minibatch: Minibatch { get }
  /// Everything that is trained, slow copies included.
  var parameters: [Parameter] { get }
  /// Begins with new networks.
  ///
  /// - Precondition: The settings hold.
  init(
    _ settings: Settings, widths: (observation: Int, action: Int), seed: Seed, _ blas: OpenBLAS)
  /// An action to try.
  func explore(_ seen: [Float], _ random: inout RandomStream) -> [Float]
  /// The action that it thinks best.
  func best(_ seen: [Float]) -> [Float]
  /// What its critics expect of an action.
  func worth(of action: [Float], seeing observation: [Float], _ blas: OpenBLAS) -> Float
  /// Learns from the minibatch.
  ///
  /// - Returns: Whether every loss and the length of every gradient was a finite number.
  mutating func learn(_ random: inout RandomStream) -> Bool
  /// Keeps everything that learning changes, but for what ``policy`` holds.
  func keep(in checkpoint: inout Checkpoint)
  /// Takes up what was kept.
  ///
  /// - Throws: ``LearningError/otherContent(part:found:expected:)``.
  mutating func restore(from checkpoint: Checkpoint) throws(LearningError)
}

/// What the loop wants to know of an algorithm's settings.
public protocol MemorySettings: Hashable, Sendable {
  /// How many steps it takes in all.
  var steps: Int { get }
  /// How many steps it takes at random before it learns.
  var randomSteps: Int { get }
  /// How many steps it remembers.
  var memory: Int { get }
  /// Checks every setting.
  ///
  /// - Throws: ``LearningError/badSetting(name:value:expected:)``.
  func check() throws(LearningError)
}

extension MemorySettings {
  /// Refuses so many steps at random that no step is left to learn from.
  ///
  /// DDPG and TD3 check it themselves; SAC does not, for whoever learns from what happens to come,
  /// such as ``PrioritySAC``, may be shown too little to learn from.
  /// - Throws: ``LearningError/badSetting(name:value:expected:)``.
  public func demandStepsToLearnFrom() throws(LearningError) {
    guard randomSteps < steps else {
      throw .badSetting(
        name: "the random steps", value: "\(randomSteps)",
        expected: "fewer than all \(steps) steps, so that some are learnt from,")
    }
  }
}

/// A learner off its policy: ``DDPG``, ``TD3`` or ``SAC``.
///
/// - Determinism: Environment, settings, seed and kernels fix every number.
public struct MemoryLearner<World: Environment, Algorithm: MemoryAlgorithm>: ~Copyable
where World.Action == [Float] {
  /// How it learns.
  public let settings: Algorithm.Settings
  /// How many steps it has taken.
  public private(set) var steps = 0
  /// Where its chances began; of one that goes on from a checkpoint, where those of the other did.
  public private(set) var seed: Seed
  private(set) var algorithm: Algorithm
  private let box: ActionBox
  private var collector: ExperienceCollector<World>
  private var random: RandomStream
  private let world: String

  /// Begins to learn in an environment.
  ///
  /// - Throws: ``LearningError/badSetting(name:value:expected:)``, also for an environment whose
  ///   actions are no bounded box.
  public init(
    _ world: World, _ settings: Algorithm.Settings, seed: Seed, _ blas: OpenBLAS
  ) throws(LearningError) {
    try settings.check()
    box = try ActionBox(world.actionSpace)
    self.settings = settings
    self.seed = seed
    self.world = world.identity
    algorithm = Algorithm(
      settings, widths: (world.observationSpace.width, box.width), seed: seed, blas)
    collector = ExperienceCollector(
      world, box, capacity: min(settings.memory, settings.steps), seed: seed)
    random = seed.child("choices").stream()
  }

  /// How many gradient steps it has made: one at the last random step, and one at each after it.
  public var updates: Int { max(0, steps - max(settings.randomSteps, 1) + 1) }

  /// A hash of every bit that it has learnt: two runs that agree in it learnt the same.
  public var fingerprint: UInt64 { algorithm.parameters.fingerprint }

  /// Takes so many further steps, and learns from remembered ones after each.
  ///
  /// - Returns: The returns of the episodes that ended.
  /// - Throws: ``LearningError/diverged(what:step:seed:)``.
  @discardableResult
  public mutating func train(steps count: Int) throws(LearningError) -> [Double] {
    let end = steps + min(count, settings.steps - steps)
    while steps < end {
      let action =
        steps < settings.randomSteps
        ? box.random(&random) : algorithm.explore(collector.observation, &random)
      do throws(StrayNumber) { try collector.take(action) } catch {
        throw .diverged(what: error.what, step: steps + error.step, seed: seed.value)
      }
      steps += 1
      guard steps >= settings.randomSteps else { continue }
      collector.replay.draw(into: algorithm.minibatch, &random)
      guard algorithm.learn(&random) else {
        throw .diverged(what: "the loss or its gradient", step: steps, seed: seed.value)
      }
    }
    return collector.takeReturns()
  }

  /// What its critics expect of an action that lies between -1 and 1: with two, the first one's
  /// (TD3) or the smaller number (SAC).
  ///
  /// - Precondition: Both have the widths of their spaces.
  public func worth(
    of action: [Float], seeing observation: [Float], _ blas: OpenBLAS
  ) -> Float {
    algorithm.worth(of: action, seeing: observation, blas)
  }

  /// What its best actions earn, in episodes from starts that a seed fixes.
  ///
  /// - Parameter stepLimit: After how many steps an episode ends where the environment knows no
  ///   limit.
  /// - Returns: The return of each episode.
  public func greedyReturns(
    episodes count: Int, seed: Seed, stepLimit: Int = 10_000, _ blas: OpenBLAS
  ) -> [Double] {
    collector.returns(episodes: count, seed: seed, stepLimit: stepLimit) { algorithm.best($0) }
  }
}

extension MemoryLearner where World.State: KeptState {
  /// What it needs to go on as if it had never stopped.
  public var checkpoint: Checkpoint {
    var checkpoint = Checkpoint(algorithm: Algorithm.name)
    checkpoint.keepIdentity(world: world, settings: settings, seed: seed)
    checkpoint.keep("counts", words: [UInt64(steps)])
    checkpoint.keepPolicy(algorithm.policy, box)
    checkpoint.keep("choices", random)
    algorithm.keep(in: &checkpoint)
    collector.keep(in: &checkpoint)
    return checkpoint
  }

  /// Goes on where a checkpoint was made, in the same environment with the same settings.
  ///
  /// - Throws: ``LearningError/otherContent(part:found:expected:)``; when environment or settings
  ///   are others, nothing is changed.
  public mutating func restore(_ checkpoint: Checkpoint) throws(LearningError) {
    try checkpoint.demandIdentity(Algorithm.name, world: world, settings: settings)
    seed = try checkpoint.seed()
    steps = try checkpoint.count("counts")
    try checkpoint.restore("policy", to: algorithm.policy.network.parameters)
    random = try checkpoint.random("choices")
    try algorithm.restore(from: checkpoint)
    try collector.restore(from: checkpoint)
  }
}
