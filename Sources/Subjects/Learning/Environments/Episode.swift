// An environment with its stream and its count of steps.

public import LabCore

/// One episode after another in an environment: it draws, counts, and tells the two ends apart.
///
/// - Determinism: Environment, stream and actions fix everything that happens.
public struct Episode<World: Environment>: Sendable {
  /// Where the agent acts.
  public internal(set) var environment: World
  /// What the environment's draws come from.
  public internal(set) var random: RandomStream
  /// How many steps the episode has had.
  public internal(set) var steps = 0
  /// The sum of the episode's rewards.
  public internal(set) var total = 0.0
  /// After how many steps the episode is cut off.
  public let stepLimit: Int?

  /// Takes an environment and begins the first episode.
  ///
  /// - Parameter stepLimit: In place of the environment's own limit.
  public init(_ environment: World, random: RandomStream, stepLimit: Int? = nil) {
    self.environment = environment
    self.random = random
    self.stepLimit = stepLimit ?? environment.stepLimit
    begin()
  }

  /// Where the episode stands.
  public var state: World.State { environment.state }

  /// Begins the next episode in a state that is drawn.
  public mutating func begin() {
    environment.reset(&random)
    (steps, total) = (0, 0)
  }

  /// Begins the next episode in a given state.
  public mutating func begin(at state: World.State) {
    environment.state = state
    (steps, total) = (0, 0)
  }

  /// Acts once.
  ///
  /// - Precondition: The episode has not ended; the action is one of the environment's.
  public mutating func step(_ action: World.Action) -> EpisodeStep {
    let outcome = environment.step(action, &random)
    steps += 1
    total += outcome.reward
    return EpisodeStep(
      reward: outcome.reward, isTerminated: outcome.isTerminal,
      isTruncated: stepLimit.map { steps >= $0 } ?? false)
  }
}

/// What one step of an episode brings.
public struct EpisodeStep: Hashable, Sendable, BitwiseCopyable {
  /// What the step earned.
  public let reward: Double
  /// Whether the episode has come to its natural end: what follows is worth nothing.
  public let isTerminated: Bool
  /// Whether the limit of steps is reached.
  ///
  /// What would have followed is worth as much as ever, so learners estimate it. Both may be true
  /// at once, and then the natural end counts.
  public let isTruncated: Bool

  /// Whether the episode is over.
  public var isLast: Bool { isTerminated || isTruncated }
}
