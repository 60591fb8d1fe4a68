// An actor that chooses and a critic that expects, as PPO and A2C use them.

import Glibc
public import LabCore
public import LinearAlgebra

/// Two networks of the same hidden widths: one gives the chances of each action, one the worth of
/// what is seen.
///
/// Both are tanh networks with orthogonal weights; the actor's last layer begins small, so that at
/// first all actions are nearly as likely.
public struct DiscreteActorCritic {
  /// Gives a number for each action: the logarithms of their chances, but for a constant.
  public let actor: MultilayerPerceptron
  /// Gives the worth.
  public let critic: MultilayerPerceptron

  /// Makes both networks.
  ///
  /// - Precondition: Both counts are positive.
  public init(
    observationWidth: Int, actionCount: Int, hidden: [Int], _ random: inout RandomStream
  ) {
    actor = MultilayerPerceptron(
      widths: [observationWidth] + hidden + [actionCount], activation: .hyperbolicTangent,
      start: .orthogonal(lastGain: 0.01), &random)
    critic = MultilayerPerceptron(
      widths: [observationWidth] + hidden + [1], activation: .hyperbolicTangent,
      start: .orthogonal(lastGain: 1), &random)
  }

  /// How many numbers are seen.
  public var observationWidth: Int { actor.layers[0].weights.columns }

  /// What is trained, the actor's first.
  public var parameters: [Parameter] { actor.parameters + critic.parameters }
}

/// The networks recorded for acting: what is seen in several episodes goes in, choices come out.
public struct DiscreteActing {
  /// Where to write what is seen, a row for each episode.
  public let observations: Tensor
  /// The logarithms of the chances of each action.
  public let logProbabilities: Tensor
  /// The worth of what is seen.
  public let values: Tensor
  private let graph: Graph

  /// Records the networks for a number of episodes.
  public init(_ networks: DiscreteActorCritic, episodes: Int, _ blas: OpenBLAS) {
    graph = Graph(blas)
    observations = graph.input(rows: episodes, columns: networks.observationWidth)
    logProbabilities = networks.actor(observations, isTrained: false).logSoftmax
    values = networks.critic(observations, isTrained: false)
  }

  /// Computes chances and worth of what was written.
  public func run() { graph.forward() }

  /// Draws an action for a row, as likely as it was computed to be.
  public func draw(_ row: Int, _ random: inout RandomStream) -> Int {
    let last = logProbabilities.columns - 1
    var remaining = random.unit()
    for action in 0..<last {
      remaining -= exp(Double(logProbability(row, action)))
      if remaining < 0 { return action }
    }
    return last
  }

  /// The likeliest action for a row, the lowest of those that are equally likely.
  public func best(_ row: Int) -> Int {
    (1..<max(logProbabilities.columns, 1)).reduce(0) { best, action in
      logProbability(row, action) > logProbability(row, best) ? action : best
    }
  }

  /// The logarithm of the chance of an action in a row.
  ///
  /// - Precondition: Both exist.
  public func logProbability(_ row: Int, _ action: Int) -> Float {
    precondition(action >= 0 && action < logProbabilities.columns, "an action that exists")
    return logProbabilities.values.base[row * logProbabilities.columns + action]
  }
}

extension DiscreteActorCritic {
  /// What the likeliest actions earn, in episodes from starts that a seed fixes.
  ///
  /// - Parameter stepLimit: After how many steps an episode ends where the environment knows no
  ///   limit.
  /// - Returns: The return of each episode.
  /// - Determinism: The same starts for every policy that is asked with the same seed.
  public func greedyReturns<World: Environment>(
    in world: World, episodes count: Int, seed: Seed, stepLimit: Int = 10_000, _ blas: OpenBLAS
  ) -> [Double] where World.Action == Int {
    let acting = DiscreteActing(self, episodes: count, blas)
    var episodes = (0..<count).map {
      Episode(
        world, random: seed.child($0).stream(), stepLimit: world.stepLimit ?? stepLimit)
    }
    var open = Array(0..<count)
    while !open.isEmpty {
      for index in open {
        episodes[index].environment.observe(into: acting.observations.values, row: index)
      }
      acting.run()
      open.removeAll { episodes[$0].step(acting.best($0)).isLast }
    }
    return episodes.map(\.total)
  }
}
