// The worlds of few states.

public import LabCore

/// An environment that draws from a written-out Markov decision process.
///
/// States and actions are whole numbers; a network sees a state as a one-hot vector.
public struct TabularEnvironment: Environment {
  public let name: String
  /// What may happen.
  public let model: TransitionModel
  public let stepLimit: Int?
  public var state: Int

  /// Names a process and limits its episodes.
  public init(name: String, model: TransitionModel, stepLimit: Int?) {
    self.name = name
    self.model = model
    self.stepLimit = stepLimit
    state = model.starts[0]
  }

  /// The name with a hash of everything that may happen and of the limit of steps.
  ///
  /// - Complexity: O(outcomes).
  public var identity: String {
    var hasher = StableHasher()
    hasher.combine(model.fingerprint)
    hasher.combine(stepLimit ?? -1)
    return "\(name) \(String(hasher.finalize(), radix: 16))"
  }

  /// Whether the table has a state of this number.
  public func has(_ state: Int) -> Bool { (0..<model.stateCount).contains(state) }

  public var observationSpace: Space { .discrete(count: model.stateCount) }
  public var actionSpace: Space { .discrete(count: model.actionCount) }

  public mutating func reset(_ random: inout RandomStream) {
    state =
      model.starts.count == 1 ? model.starts[0] : model.starts[random.below(model.starts.count)]
  }

  public mutating func step(_ action: Int, _ random: inout RandomStream) -> StepOutcome {
    let outcome = model.sample(action, in: state, &random)
    state = outcome.state
    return StepOutcome(reward: outcome.reward, isTerminal: outcome.isTerminal)
  }

  public func observe(into observation: inout MutableSpan<Float>) {
    for index in 0..<observation.count { observation[index] = 0 }
    observation[state] = 1
  }
}

extension TabularEnvironment: CustomStringConvertible {
  /// The name, for a table of outcomes says little.
  public var description: String { name }
}
