// What a checkpoint belongs to, and the places in environments that it keeps.

import LabCore

extension Checkpoint {
  /// Keeps what must be the same where a learner goes on.
  mutating func keepIdentity(world: String, settings: some Hashable) {
    keep("world", text: world)
    keep("settings", text: "\(settings)")
  }

  /// Refuses a checkpoint of another algorithm, environment or settings.
  ///
  /// - Throws: ``LearningError/otherContent(part:found:expected:)``.
  func demandIdentity(
    _ algorithm: String, world: String, settings: some Hashable
  ) throws(LearningError) {
    guard self.algorithm == algorithm else {
      throw .otherContent(part: "algorithm", found: self.algorithm, expected: algorithm)
    }
    for (part, expected) in [("world", world), ("settings", "\(settings)")] {
      let found = try text(part)
      guard found == expected else {
        throw .otherContent(part: part, found: found, expected: expected)
      }
    }
  }

  /// A count that was kept alone.
  ///
  /// - Throws: ``LearningError/otherContent(part:found:expected:)``.
  func count(_ name: String) throws(LearningError) -> Int {
    let word = try words(name, count: 1)[0]
    guard let count = Int(exactly: word) else {
      throw .otherContent(part: name, found: "\(word)", expected: "a count")
    }
    return count
  }

  /// Keeps an episode in the middle.
  mutating func keep<World: Environment>(_ name: String, _ episode: Episode<World>)
  where World.State: KeptState {
    keep(name + ".state", words: episode.state.words)
    keep(name + ".random", episode.random)
    keep(name + ".counts", words: [UInt64(episode.steps), episode.total.bitPattern])
  }

  /// Gives an episode what was kept of one in the same environment.
  ///
  /// - Throws: ``LearningError/otherContent(part:found:expected:)``; then nothing is changed.
  func restore<World: Environment>(
    _ name: String, to episode: inout Episode<World>
  ) throws(LearningError) where World.State: KeptState {
    let words = try words(name + ".state")
    let counts = try self.words(name + ".counts", count: 2)
    guard let state = World.State(words: words), let steps = Int(exactly: counts[0]) else {
      throw .otherContent(
        part: name, found: "\(words.count) words", expected: "a state of the environment")
    }
    episode.random = try random(name + ".random")
    episode.environment.state = state
    (episode.steps, episode.total) = (steps, Double(bitPattern: counts[1]))
  }
}

/// A state of an environment that a checkpoint can keep.
///
/// Learners in an environment with such states go on after an interruption as if there had been
/// none.
public protocol KeptState {
  /// Everything about the state.
  var words: [UInt64] { get }
  /// The state of which these are the words.
  ///
  /// - Returns: `nil` for words that are of no state.
  init?(words: [UInt64])
}

extension Int: KeptState {
  public var words: [UInt64] { [UInt64(bitPattern: Int64(self))] }

  public init?(words: [UInt64]) {
    guard words.count == 1 else { return nil }
    self = Int(Int64(bitPattern: words[0]))
  }
}

/// The numbers of which words are the bit patterns, where there are as many as expected.
private func numbers(_ words: [UInt64], count: Int) -> [Double]? {
  words.count == count ? words.map(Double.init(bitPattern:)) : nil
}

extension CartPole.State: KeptState {
  public var words: [UInt64] {
    [position, velocity, angle, angularVelocity].map(\.bitPattern)
  }

  public init?(words: [UInt64]) {
    guard let numbers = numbers(words, count: 4) else { return nil }
    self.init(
      position: numbers[0], velocity: numbers[1], angle: numbers[2], angularVelocity: numbers[3])
  }
}

extension Pendulum.State: KeptState {
  public var words: [UInt64] { [angle, angularVelocity].map(\.bitPattern) }

  public init?(words: [UInt64]) {
    guard let numbers = numbers(words, count: 2) else { return nil }
    self.init(angle: numbers[0], angularVelocity: numbers[1])
  }
}

extension Acrobot.State: KeptState {
  public var words: [UInt64] {
    [first, second, firstVelocity, secondVelocity].map(\.bitPattern)
  }

  public init?(words: [UInt64]) {
    guard let numbers = numbers(words, count: 4) else { return nil }
    self.init(
      first: numbers[0], second: numbers[1], firstVelocity: numbers[2], secondVelocity: numbers[3])
  }
}

extension MountainCarContinuous.State: KeptState {
  public var words: [UInt64] {
    [position.bitPattern, velocity.bitPattern, isSinglePrecision ? 1 : 0]
  }

  public init?(words: [UInt64]) {
    guard words.count == 3, words[2] <= 1 else { return nil }
    self.init(
      position: Double(bitPattern: words[0]), velocity: Double(bitPattern: words[1]),
      isSinglePrecision: words[2] == 1)
  }
}
