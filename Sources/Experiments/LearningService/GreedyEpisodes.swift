// What a policy earns from starts that are always the same.

import LabCore
public import Learning

/// Episodes in which a policy does what it thinks best, or for comparison anything.
///
/// They begin at the same states for every policy, so that two are compared on the same tasks:
/// CartPole-v1 and Pendulum-v1 at points of the Halton sequence, which fill the states that a reset
/// may draw evenly and are made alike in any language; the other environments at states that a seed
/// draws. Of a table, what a policy earns is computed exactly instead.
/// - Determinism: Policy, environment and count fix every number.
/// > Reference: Halton, *On the Efficiency of Certain Quasi-Random Sequences of Points*, Numerische
/// > Mathematik 2, 1960.
public struct GreedyEpisodes {
  /// Who acts; nobody, where every action is equally likely.
  private let policy: Policy?
  private let count: Int

  /// What a policy earns in each of some episodes, or of a table, its one expected return.
  ///
  /// - Throws: `LearningError` for a policy that sees other things than the environment shows.
  public static func returns(
    of policy: Policy, in world: LearningWorld, count: Int
  ) throws -> [Double] {
    guard let table = world.table else {
      return try world.accept(GreedyEpisodes(policy: policy, count: count))
    }
    let choices = try (0..<table.model.stateCount).map { state in
      var seen = [Float](repeating: 0, count: table.model.stateCount)
      seen[state] = 1
      return try policy.choice(seeing: seen)
    }
    return [table.model.expectedReturn(of: choices, within: table.stepLimit ?? endlessLimit)]
  }

  /// What those earn who do anything, every action being equally likely.
  ///
  /// - Throws: `LearningError` for an environment whose actions are a box without bounds.
  public static func returnsAtRandom(in world: LearningWorld, count: Int) throws -> [Double] {
    guard let table = world.table else {
      return try world.accept(GreedyEpisodes(policy: nil, count: count))
    }
    return [table.model.randomReturn(within: table.stepLimit ?? endlessLimit)]
  }

  /// Where an environment knows no limit, a policy that gets nowhere is stopped here.
  static let endlessLimit = 1_000

  private init(policy: Policy?, count: Int) {
    self.policy = policy
    self.count = count
  }

  /// A point of the Halton sequence, whose first element is left out because it is a corner.
  ///
  /// - Parameter bases: A prime for each dimension.
  static func point(_ index: Int, bases: [Int]) -> [Double] {
    bases.map { base in
      var (rest, place, value) = (index + 1, 1 / Double(base), 0.0)
      while rest > 0 {
        value += place * Double(rest % base)
        rest /= base
        place /= Double(base)
      }
      return value
    }
  }

  /// Begins an episode at the state that has the number, where states are points.
  static func start<World: Environment>(_ episode: inout Episode<World>, _ index: Int) {
    let point = point(index, bases: [2, 3, 5, 7])
    if let state = CartPole.State(
      position: 0.1 * point[0] - 0.05, velocity: 0.1 * point[1] - 0.05,
      angle: 0.1 * point[2] - 0.05, angularVelocity: 0.1 * point[3] - 0.05) as? World.State
    {
      episode.begin(at: state)
    } else if let state = Pendulum.State(
      angle: .pi * (2 * point[0] - 1), angularVelocity: 2 * point[1] - 1) as? World.State
    {
      episode.begin(at: state)
    }
  }

  private func returns<World: Environment>(
    in world: World, _ act: ([Float], inout RandomStream) throws -> World.Action
  ) throws -> [Double] {
    try (0..<count).map { index in
      var random = Seed(0).child("anything").child(index).stream()
      var episode = Episode(world, random: Seed(0).child("greedy").child(index).stream())
      Self.start(&episode, index)
      while true {
        let action = try act(episode.environment.observation(), &random)
        if episode.step(action).isLast { return episode.total }
      }
    }
  }
}

extension GreedyEpisodes: LearningWorld.Visitor {
  /// Lets the policy choose among a few actions.
  public func visit<World: Environment>(choosing world: World) throws -> [Double]
  where World.Action == Int, World.State: KeptState {
    let actions = world.actionSpace.width
    return try returns(in: world) { seen, random in
      try policy?.choice(seeing: seen) ?? random.below(actions)
    }
  }

  /// Lets the policy move in a box.
  public func visit<World: Environment>(moving world: World) throws -> [Double]
  where World.Action == [Float], World.State: KeptState {
    let box = try ActionBox(world.actionSpace)
    return try returns(in: world) { seen, random in
      try policy?.numbers(seeing: seen) ?? box.scaled(box.random(&random))
    }
  }
}

extension Policy {
  /// The best of a few actions.
  func choice(seeing observation: [Float]) throws -> Int {
    guard case .choice(let choice) = try action(seeing: observation) else {
      throw GreedyEpisodesError.otherActions(algorithm)
    }
    return choice
  }

  /// The best place in a box of actions.
  func numbers(seeing observation: [Float]) throws -> [Float] {
    guard case .numbers(let numbers) = try action(seeing: observation) else {
      throw GreedyEpisodesError.otherActions(algorithm)
    }
    return numbers
  }
}

/// Why a policy cannot be judged somewhere.
public enum GreedyEpisodesError: Error, Hashable, CustomStringConvertible {
  /// The policy of an algorithm answers with other actions than the environment takes.
  case otherActions(String)

  public var description: String {
    switch self {
    case .otherActions(let algorithm):
      "the policy of \(algorithm) gives other actions than the environment takes; one that was "
        + "trained there was expected; name the environment that it was trained in"
    }
  }
}
