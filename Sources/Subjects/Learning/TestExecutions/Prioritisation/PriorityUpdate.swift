// Learning priorities from cycles that are played again.

import LabCore
import LinearAlgebra

/// A cycle as it was seen, with what came of it.
struct RememberedCycle {
  /// The signals of its tests, one test behind another.
  let numbers: [Float]
  let base: [Float]
  let hasFailed: [Bool]
  /// The time that there is, none of it taken.
  private let time: TimeBudget

  init(_ outcome: CycleOutcome, numbers: [[Float]], base: [Float]) {
    self.numbers = numbers.flatMap(\.self)
    self.base = base
    hasFailed = outcome.cycle.executions.map(\.hasFailed)
    time = TimeBudget(of: outcome.cycle, share: outcome.budget)
  }

  /// How many tests it has.
  var count: Int { base.count }

  /// Whether an order can be better or worse.
  var isInstructive: Bool { hasFailed.contains(true) && hasFailed.contains(false) }

  /// What each test earns where its cycle is played again in the order of other priorities: parts
  /// of m times n times NAPFD within the budget.
  ///
  /// - Complexity: O(n log n) in the count of tests.
  func rewards(of priorities: [Double]) -> [Double] {
    let order = priorities.indices.sorted { (-priorities[$0], $0) < (-priorities[$1], $1) }
    var rewards = [Double](repeating: 0, count: priorities.count)
    var time = time
    var hasRun = [Bool](repeating: false, count: priorities.count)
    var (passes, lost) = (0.0, 0.0)
    for place in order {
      let fits = time.run(place)
      if hasFailed[place] {
        rewards[place] = fits ? -passes : -Double(priorities.count)
        if !fits { lost += Double(priorities.count) - passes }
      } else if fits {
        passes += 1
      }
      hasRun[place] = fits
    }
    var failuresBehind = 0.0
    for place in order.reversed() {
      if hasFailed[place] {
        failuresBehind += 1
      } else if hasRun[place] {
        rewards[place] = -failuresBehind
      }
      // Whoever used the time that a failing test lacked answers for it, by the share of time.
      if hasRun[place] { rewards[place] -= lost * time.shareOfUsed(place) }
    }
    let failing = Double(hasFailed.count { $0 })
    return rewards.map { $0 / failing }
  }
}

/// One gradient of actor and critic.
struct PriorityUpdate {
  private let graph: Graph
  private let inputs, verdicts, base, priorities, rewards, weights, priorWeights: Tensor
  private let advantages: Tensor
  private let values: Tensor
  private let judging: Graph
  private let judgedInputs, judgedVerdicts: Tensor
  private let loss: Tensor
  private let deviation: Double
  private var optimiser: Optimiser

  init(
    _ actor: MultilayerPerceptron, _ settings: PriorityActorCriticSettings, width: Int,
    _ start: inout RandomStream, _ blas: OpenBLAS
  ) {
    let count = settings.minibatch
    let critic = MultilayerPerceptron(
      widths: [width + 1] + settings.hidden + [1], activation: .hyperbolicTangent,
      start: .orthogonal(lastGain: 1), &start)
    deviation = settings.deviation

    judging = Graph(blas)
    judgedInputs = judging.input(rows: count, columns: width)
    judgedVerdicts = judging.input(rows: count, columns: 1)
    values = critic(Tensor.joined(judgedInputs, judgedVerdicts), isTrained: false)

    graph = Graph(blas)
    inputs = graph.input(rows: count, columns: width)
    verdicts = graph.input(rows: count, columns: 1)
    base = graph.input(rows: count, columns: 1)
    priorities = graph.input(rows: count, columns: 1)
    rewards = graph.input(rows: count, columns: 1)
    weights = graph.input(rows: count, columns: 1)
    advantages = graph.input(rows: count, columns: 1)
    let changes = actor(inputs)
    let distances = priorities - (base + changes)
    let scale = Float(-0.5 / (settings.deviation * settings.deviation))
    let logProbabilities = scale * distances.squared
    let surprise = (critic(Tensor.joined(inputs, verdicts)) - rewards).squared
    priorWeights = graph.input(rows: count, columns: 1)
    loss =
      Float(settings.valueWeight) * surprise.sum(weightedBy: weights)
      - (advantages * logProbabilities).sum(weightedBy: weights)
      + (-scale) * changes.squared.sum(weightedBy: priorWeights)
    optimiser = Optimiser(
      actor.parameters + critic.parameters, .adam(epsilon: 1e-5), rate: settings.learningRate,
      gradientNormLimit: settings.gradientNormLimit)
  }

  /// Plays remembered cycles with priorities drawn anew until the minibatch is full; of a cycle
  /// that does not fit, tests are drawn.
  mutating func fill(
    from memory: [RememberedCycle], using acting: BatchedScores,
    _ settings: PriorityActorCriticSettings, _ random: inout RandomStream
  ) throws(LearningError) {
    let count = rewards.rows
    var row = 0
    while row < count {
      let cycle = memory[random.below(memory.count)]
      let middles = try acting.scores(ofJoined: cycle.numbers, step: optimiser.steps)
      let drawn = middles.indices.map {
        Double(cycle.base[$0]) + middles[$0] + deviation * random.standardNormal()
      }
      let earned = cycle.rewards(of: drawn)
      var places = Array(drawn.indices)
      if places.count > count - row { random.shuffle(&places) }
      for place in places.prefix(count - row) {
        write(cycle, place, priority: drawn[place], reward: earned[place], to: row)
        row += 1
      }
    }
  }

  /// Learns from the minibatch.
  ///
  /// - Parameter priorWeight: The weight of the divergence from the policy of the beginning.
  /// - Returns: Whether the loss is a finite number.
  mutating func run(priorWeight: Double) -> Bool {
    judgedInputs.copy(from: inputs)
    judgedVerdicts.copy(from: verdicts)
    judging.forward()
    let count = rewards.rows
    weights.values.fill(1 / Float(count))
    priorWeights.values.fill(Float(priorWeight / Double(count)))
    for row in 0..<count {
      advantages.values.base[row] = rewards.values.base[row] - values.values.base[row]
    }
    graph.forward()
    graph.backward(from: loss)
    optimiser.step()
    return loss.number.isFinite
  }

  private func write(
    _ cycle: RememberedCycle, _ place: Int, priority: Double, reward: Double, to row: Int
  ) {
    let width = inputs.columns
    for column in 0..<width {
      inputs.values.base[row * width + column] = cycle.numbers[place * width + column]
    }
    verdicts.values.base[row] = cycle.hasFailed[place] ? 1 : 0
    base.values.base[row] = cycle.base[place]
    priorities.values.base[row] = Float(priority)
    rewards.values.base[row] = Float(reward)
  }
}
