// The seam between agents and what they act in.

public import LabCore

/// Something that an agent acts in, one step after another, with the semantics of Gymnasium.
///
/// An environment is a value: the state of the episode and the rules by which it moves. It takes
/// its randomness from a stream that is handed in, and knows no limit of steps: ``Episode`` counts
/// them, so that an end by nature (termination) is never mixed up with an end by the clock
/// (truncation).
///
/// To make one of your own, state what it moves, the two spaces and three functions.
/// > Reference: Towers et al., *Gymnasium: A Standard Interface for Reinforcement Learning
/// > Environments*, 2024.
public protocol Environment: Sendable {
  /// What the agent chooses: `Int` in a discrete space, `[Float]` in a box.
  associatedtype Action: Sendable
  /// What moves from step to step, from which everything else follows.
  associatedtype State: Hashable & Sendable

  /// The name under which records and the command line know it, Gymnasium's where it has one.
  var name: String { get }
  /// What tells the environment from others of its name, for checkpoints: the name alone, unless
  /// there are several.
  var identity: String { get }
  /// Where the observations lie.
  var observationSpace: Space { get }
  /// Where the actions lie.
  var actionSpace: Space { get }
  /// After how many steps an episode is cut off, or nothing where it goes on for ever.
  var stepLimit: Int? { get }
  /// Where the episode stands; setting it continues from there.
  var state: State { get set }

  /// Whether a state that comes from elsewhere, such as a checkpoint, is one of the environment's;
  /// every state is, unless the environment knows better.
  func has(_ state: State) -> Bool

  /// Begins an episode in a state that is drawn.
  mutating func reset(_ random: inout RandomStream)

  /// Acts once.
  ///
  /// - Precondition: The action has the shape of the action space; a discrete one lies inside.
  ///   After a step that terminated, ``reset(_:)`` comes first.
  mutating func step(_ action: Action, _ random: inout RandomStream) -> StepOutcome

  /// Writes what the agent sees of the state.
  ///
  /// - Parameter observation: Exactly as many numbers as the observation space is wide.
  func observe(into observation: inout MutableSpan<Float>)
}

/// What one step of an environment brings.
public struct StepOutcome: Hashable, Sendable, BitwiseCopyable {
  /// What the step earned.
  public var reward: Double
  /// Whether the episode has come to its natural end, so that nothing more can be earned.
  public var isTerminal: Bool

  /// Combines the two.
  public init(reward: Double, isTerminal: Bool) {
    self.reward = reward
    self.isTerminal = isTerminal
  }
}

extension Environment {
  public var identity: String { name }

  public func has(_ state: State) -> Bool { true }

  /// What the agent sees of the state, in an array of its own.
  public func observation() -> [Float] {
    var numbers = [Float](repeating: 0, count: observationSpace.width)
    var span = numbers.mutableSpan
    observe(into: &span)
    return numbers
  }
}

extension RandomStream {
  /// A uniform number from `low` to below `high`.
  mutating func uniform(_ low: Double, _ high: Double) -> Double { low + (high - low) * unit() }

  /// Puts elements into an order of which all are equally likely, by Fisher and Yates.
  mutating func shuffle<Element>(_ elements: inout [Element]) {
    for index in stride(from: elements.count - 1, to: 0, by: -1) {
      elements.swapAt(index, below(index + 1))
    }
  }
}
