// RETECS with a network.

public import LabCore
public import LinearAlgebra

/// The published agent whose network of one hidden layer tells the chance that a test fails.
///
/// It remembers the latest 10,000 runs with their rewards. In the first cycle and every fifth it
/// draws 1,000 of them, newer ones more likely, and learns from each once by Adam in minibatches of
/// 200; the first time it learns for up to 750 rounds, until the loss rests. Before that it orders
/// at random.
/// > Reference: Spieker et al., ISSTA 2017, section 3.3; settings as in the authors' program, but
/// > for the weight penalty of 1e-4 that their library adds, and for what it sees, see
/// > ``TestSignals/published``.
public struct RetecsNetwork: PrioritisationAgent {
  private static let memoryLimit = 10_000
  private static let drawn = 1_000
  private static let batch = 200

  private let network: MultilayerPerceptron
  private var optimiser: Optimiser
  private let acting: BatchedScores
  private let graph: Graph
  private let inputs, targets, weights, loss: Tensor
  private var memory: [(numbers: [Float], reward: Float)] = []
  private var seen: [[Float]] = []
  private var cycles = 0
  private var isFitted = false
  private var random: RandomStream

  /// Begins without knowledge.
  public init(seed: Seed, _ blas: OpenBLAS) {
    var start = seed.child("networks").stream()
    network = MultilayerPerceptron(widths: [6, 12, 1], activation: .rectifier, &start)
    optimiser = Optimiser(network.parameters, .adam(), rate: 1e-3)
    acting = BatchedScores(network, blas)
    graph = Graph(blas)
    inputs = graph.input(rows: Self.batch, columns: 6)
    targets = graph.input(rows: Self.batch, columns: 1)
    weights = graph.input(rows: Self.batch, columns: 1)
    let scores = network(inputs)
    // The cross-entropy of a logistic chance.
    loss = (scores.mapped(.softplus) - scores * targets).sum(weightedBy: weights)
    random = seed.child("choices").stream()
  }

  /// The chance of failing, as far as its order goes; the same for all before it has learnt.
  public mutating func priorities(of cycle: TestCycle) throws(LearningError) -> [Double] {
    seen = RetecsSignals(of: cycle).numbers
    guard isFitted else { return seen.map { _ in 0 } }
    return try acting.scores(of: seen, step: cycles)
  }

  /// Remembers, and learns in every fifth cycle.
  public mutating func learn(from outcome: CycleOutcome) throws(LearningError) {
    cycles += 1
    memory += zip(seen, outcome.failureRewards).map { ($0, Float($1)) }
    memory.removeFirst(max(memory.count - Self.memoryLimit, 0))
    guard cycles == 1 || cycles % 5 == 0 else { return }
    let sample = draw()
    guard Set(sample.map(\.reward)).count > 1 else { return }
    if isFitted { return try fit(sample, rounds: 1) }
    isFitted = true
    try fit(sample, rounds: 750)
  }

  /// Runs without repetition, the newest the likeliest: weights rise with the place in memory.
  ///
  /// > Reference: Efraimidis and Spirakis, *Weighted random sampling with a reservoir*, 2006.
  private mutating func draw() -> [(numbers: [Float], reward: Float)] {
    // The smallest of exponential draws over their weights are a weighted sample.
    let keys = memory.indices.map { random.exponential(mean: 1 / Double($0 + 1)) }
    let order = memory.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }
    return order.prefix(Self.drawn).map { memory[$0] }
  }

  private mutating func fit(
    _ sample: [(numbers: [Float], reward: Float)], rounds: Int
  ) throws(LearningError) {
    var order = Array(sample.indices)
    var (best, restingRounds) = (Double.infinity, 0)
    for _ in 0..<rounds {
      random.shuffle(&order)
      var total = 0.0
      for first in stride(from: 0, to: order.count, by: Self.batch) {
        let rows = order[first..<min(first + Self.batch, order.count)]
        load(rows.map { sample[$0] })
        graph.forward()
        graph.backward(from: loss)
        guard loss.number.isFinite else { throw .diverged(what: "the loss", step: cycles) }
        optimiser.step()
        total += Double(loss.number) * Double(rows.count)
      }
      let mean = total / Double(order.count)
      restingRounds = mean > best - 1e-4 ? restingRounds + 1 : 0
      best = min(best, mean)
      if restingRounds >= 10 { return }
    }
  }

  private func load(_ rows: [(numbers: [Float], reward: Float)]) {
    let share = 1 / Float(rows.count)
    let lack = Self.batch - rows.count
    inputs.set(rows.flatMap(\.numbers) + [Float](repeating: 0, count: 6 * lack))
    targets.set(rows.map(\.reward) + [Float](repeating: 0, count: lack))
    weights.set(rows.map { _ in share } + [Float](repeating: 0, count: lack))
  }
}

/// The first output of a network, recorded for as many rows as come.
struct BatchedScores {
  private static let rows = 64
  private let graph: Graph
  private let inputs, outputs: Tensor

  init(_ network: MultilayerPerceptron, _ blas: OpenBLAS) {
    graph = Graph(blas)
    inputs = graph.input(rows: Self.rows, columns: network.layers[0].weights.columns)
    outputs = network(inputs, isTrained: false).columns(0..<1)
  }

  /// The first output for each row.
  ///
  /// - Throws: ``LearningError/diverged(what:step:)`` for one that is no finite number.
  func scores(of rows: [[Float]], step: Int) throws(LearningError) -> [Double] {
    try scores(ofJoined: rows.flatMap(\.self), step: step)
  }

  /// The same for rows that stand one behind another in one array.
  func scores(ofJoined numbers: [Float], step: Int) throws(LearningError) -> [Double] {
    let block = Self.rows * inputs.columns
    var scores: [Double] = []
    scores.reserveCapacity(numbers.count / inputs.columns)
    for first in stride(from: 0, to: numbers.count, by: block) {
      let count = min(block, numbers.count - first)
      for index in 0..<block {
        inputs.values.base[index] = index < count ? numbers[first + index] : 0
      }
      graph.forward()
      scores += outputs.elements.prefix(count / inputs.columns).map(Double.init)
    }
    guard scores.allSatisfy(\.isFinite) else {
      throw .diverged(what: "a priority", step: step)
    }
    return scores
  }
}
