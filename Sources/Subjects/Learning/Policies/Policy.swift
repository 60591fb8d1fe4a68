// What a learner has come to, for predictions elsewhere.

public import LinearAlgebra

/// A trained policy, loaded from a checkpoint without its environment, its settings or its past.
///
/// It serves one thread at a time.
public struct Policy {
  /// A network and how its output becomes an action.
  public enum Network {
    /// A number for each of a few actions; the greatest is done. Tanh stands between layers.
    case chances(MultilayerPerceptron)
    /// A number for each dimension of a box, squashed by tanh; ReLU stands between layers.
    case squashed(MultilayerPerceptron)
    /// Means and logarithms of deviations for each dimension of a box; the squashed means are done.
    case gaussian(MultilayerPerceptron)

    /// The network itself.
    public var network: MultilayerPerceptron {
      switch self {
      case .chances(let network), .squashed(let network), .gaussian(let network): network
      }
    }

    var kind: UInt64 {
      switch self {
      case .chances: 0
      case .squashed: 1
      case .gaussian: 2
      }
    }

    /// A network of given widths whose numbers are to come.
    init?(kind: UInt64, widths: [Int]) {
      switch kind {
      case 0: self = .chances(MultilayerPerceptron(widths: widths, .hyperbolicTangent))
      case 1: self = .squashed(MultilayerPerceptron(widths: widths, .rectifier))
      case 2 where (widths.last ?? 1) % 2 == 0:
        self = .gaussian(MultilayerPerceptron(widths: widths, .rectifier))
      default: return nil
      }
    }
  }

  /// What to do.
  public enum Action: Hashable, Sendable {
    /// One of a few.
    case choice(Int)
    /// A place in the environment's box.
    case numbers([Float])
  }

  private enum Answer {
    case table(ActionValues)
    case network(Network, graph: Graph, input: Tensor, output: Tensor, box: ActionBox?)
  }

  /// Which algorithm came to it.
  public let algorithm: String
  /// How many numbers it sees.
  public let observationWidth: Int
  private let answer: Answer

  /// Loads what any learner of a table, on its policy or off it has come to.
  ///
  /// - Throws: ``LearningError`` for a file that is missing, damaged or of another version, or that
  ///   holds no such policy.
  public init(contentsOf path: String, _ blas: OpenBLAS) throws(LearningError) {
    try self.init(try Checkpoint(contentsOf: path), blas)
  }

  /// Takes over what a learner has come to.
  ///
  /// - Throws: ``LearningError/otherContent(part:found:expected:)`` for a checkpoint without a
  ///   policy.
  public init(_ checkpoint: Checkpoint, _ blas: OpenBLAS) throws(LearningError) {
    algorithm = checkpoint.algorithm
    if checkpoint.algorithm == QLearning.name || checkpoint.algorithm == SARSA.name {
      let values = try checkpoint.actionValues()
      observationWidth = values.stateCount
      answer = .table(values)
      return
    }
    let (network, box) = try checkpoint.policy()
    let graph = Graph(blas)
    let width = network.network.layers[0].weights.columns
    let input = graph.input(rows: 1, columns: width)
    let raw = network.network(input, isTrained: false)
    let output =
      switch network {
      case .chances: raw
      case .squashed: raw.mapped(.hyperbolicTangent)
      case .gaussian: raw.columns(0..<(raw.columns / 2)).mapped(.hyperbolicTangent)
      }
    observationWidth = width
    answer = .network(network, graph: graph, input: input, output: output, box: box)
  }

  /// The action that the policy thinks best; of equally good ones, the lowest.
  ///
  /// - Parameter observation: What is seen; a table takes a state as a one-hot vector.
  /// - Throws: ``LearningError/badSetting(name:value:expected:)`` for an observation of another
  ///   width or with numbers that are not finite.
  public func action(seeing observation: [Float]) throws(LearningError) -> Action {
    guard observation.count == observationWidth, observation.allSatisfy(\.isFinite) else {
      throw .badSetting(
        name: "the observation", value: "\(observation)",
        expected: "\(observationWidth) finite numbers")
    }
    switch answer {
    case .table(let values):
      return .choice(values.best(in: observation.indexOfGreatest))
    case .network(_, let graph, let input, let output, let box):
      input.set(observation)
      graph.forward()
      let numbers = output.elements
      return box.map { .numbers($0.scaled(numbers)) } ?? .choice(numbers.indexOfGreatest)
    }
  }
}

extension [Float] {
  /// Where the greatest number stands, the first of those that are equal; 0 where there is none.
  var indexOfGreatest: Int { indices.dropFirst().reduce(0) { self[$1] > self[$0] ? $1 : $0 } }
}

extension MultilayerPerceptron {
  /// A network whose numbers come from elsewhere later and begin as 0.
  init(widths: [Int], _ activation: ElementFunction) {
    self.init(
      layers: (1..<widths.count).map { Linear(inputs: widths[$0 - 1], outputs: widths[$0]) },
      activation: activation)
  }
}

extension Checkpoint {
  /// Keeps a policy with its shape, so that it can be loaded alone.
  mutating func keepPolicy(_ policy: Policy.Network, _ box: ActionBox? = nil) {
    let layers = policy.network.layers
    let widths = [layers[0].weights.columns] + layers.map(\.weights.rows)
    keep("policy.shape", words: [policy.kind] + widths.map(UInt64.init))
    keep("policy", policy.network.parameters)
    let bounds = box.map { $0.middles + $0.halves } ?? []
    keep("policy.box", words: bounds.map { UInt64($0.bitPattern) })
  }

  /// A policy that was kept, with the box of its actions.
  ///
  /// - Throws: ``LearningError/otherContent(part:found:expected:)``.
  func policy() throws(LearningError) -> (Policy.Network, ActionBox?) {
    let shape = try words("policy.shape")
    // No layer here is wider; within this bound a product of two widths is far from overflowing.
    let widths = shape.dropFirst().compactMap { Int(exactly: $0) }
      .filter { (1...LearningError.greatestWidth).contains($0) }
    // The numbers are counted before memory is taken for them.
    let count = zip(widths.prefix(64), widths.prefix(64).dropFirst()).reduce(0) { sum, pair in
      sum + pair.1 * (pair.0 + 1)
    }
    guard (2...64).contains(widths.count), widths.count == shape.count - 1,
      try size("policy") == 4 * count,
      let network = Policy.Network(kind: shape[0], widths: widths)
    else {
      throw .otherContent(
        part: "policy.shape", found: "\(shape)", expected: "the widths of the policy's network")
    }
    try restore("policy", to: network.network.parameters)
    let bounds = try words("policy.box").map { Float(bitPattern: UInt32(truncatingIfNeeded: $0)) }
    let outputs = network.kind == 2 ? widths[widths.count - 1] / 2 : widths[widths.count - 1]
    guard bounds.count == (network.kind == 0 ? 0 : 2 * outputs) else {
      throw .otherContent(
        part: "policy.box", found: "\(bounds.count) numbers", expected: "the box of its actions")
    }
    guard !bounds.isEmpty else { return (network, nil) }
    return (
      network,
      ActionBox(middles: Array(bounds.prefix(outputs)), halves: Array(bounds.suffix(outputs)))
    )
  }
}
