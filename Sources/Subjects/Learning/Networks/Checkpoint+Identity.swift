// What a checkpoint belongs to, and the places in environments that it keeps.

public import LabCore

extension Checkpoint {
  /// Keeps what must be the same where a learner goes on, and the seed that it began from.
  mutating func keepIdentity(world: String, settings: some Hashable, seed: Seed) {
    keep("world", text: world)
    keep("settings", text: "\(settings)")
    keep("seed", words: [seed.value])
  }

  /// The seed from which the learner began whose checkpoint it is.
  ///
  /// - Throws: ``LearningError/otherContent(part:found:expected:)``.
  public func seed() throws(LearningError) -> Seed { Seed(try words("seed", count: 1)[0]) }

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
  func count(_ name: String) throws(LearningError) -> Int { try counts(name, 1)[0] }

  /// So many counts that were kept together.
  ///
  /// - Throws: ``LearningError/otherContent(part:found:expected:)``, also for a count to which
  ///   nothing counts up in a lifetime.
  func counts(_ name: String, _ count: Int) throws(LearningError) -> [Int] {
    let words = try words(name, count: count)
    guard words.allSatisfy({ $0 <= Self.greatestCount }) else {
      throw .otherContent(part: name, found: "\(words)", expected: "counts up to 2^53")
    }
    return words.map { Int($0) }
  }

  /// The greatest count that is believed.
  static let greatestCount: UInt64 = 1 << 53

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
    guard let state = World.State(words: words), episode.environment.has(state) else {
      throw .otherContent(
        part: name, found: "the words \(words)", expected: "a state of the environment")
    }
    guard counts[0] <= Self.greatestCount else {
      throw .otherContent(
        part: name, found: "\(counts[0]) steps", expected: "a count of steps up to 2^53")
    }
    episode.random = try random(name + ".random")
    episode.environment.state = state
    (episode.steps, episode.total) = (Int(counts[0]), Double(bitPattern: counts[1]))
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
