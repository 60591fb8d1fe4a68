import LabCore
import LinearAlgebra
import Testing

@testable import Learning

@Suite struct `a replay buffer` {
  @Test func `forgets the oldest steps first and draws the others alike`() throws {
    var buffer = ReplayBuffer(capacity: 8, observationWidth: 2, actionWidth: 1)
    for step in 0..<11 {
      let number = Float(step)
      buffer.append(
        [number, -number], [number / 10], reward: Double(step), [number + 1, 0],
        isTerminated: step % 2 == 0)
    }
    #expect(buffer.count == 8)
    let graph = Graph(try OpenBLAS.open())
    let minibatch = Minibatch(
      observations: graph.input(rows: 4_000, columns: 2),
      actions: graph.input(rows: 4_000, columns: 1),
      nextObservations: graph.input(rows: 4_000, columns: 2))
    var random = Seed(1).stream()
    buffer.draw(into: minibatch, &random)
    var counts: [Int: Int] = [:]
    let (seen, next) = (minibatch.observations.elements, minibatch.nextObservations.elements)
    let actions = minibatch.actions.elements
    for row in 0..<4_000 {
      let step = seen[2 * row]
      counts[Int(step), default: 0] += 1
      #expect(seen[2 * row + 1] == -step)
      #expect(actions[row] == step / 10)
      #expect(next[2 * row] == step + 1)
      #expect(minibatch.rewards[row] == step)
      #expect(minibatch.continuations[row] == (Int(step) % 2 == 0 ? 0 : 1))
    }
    #expect(Set(counts.keys) == Set(3...10))
    #expect(counts.values.allSatisfy { abs($0 - 500) < 110 })
  }

  @Test func `expects nothing behind the end`() throws {
    let graph = Graph(try OpenBLAS.open())
    let input = graph.input(rows: 2, columns: 1)
    let minibatch = Minibatch(observations: input, actions: input, nextObservations: input)
    minibatch.rewards = [1, 1]
    minibatch.continuations = [1, 0]
    let (next, targets) = (graph.input(rows: 2, columns: 1), graph.input(rows: 2, columns: 1))
    next.set([10, 10])
    minibatch.writeTargets(into: targets, expecting: next, discount: 0.5)
    #expect(targets.elements == [6, 1])
  }
}

/// One dimension to act in: what is earned is minus the square of the distance from an aim.
struct Aiming: Environment {
  let name = "aiming"
  let observationSpace = Space.box(-1...1, dimensions: 1)
  let actionSpace = Space.box(low: [0], high: [4])
  let stepLimit: Int? = 5
  var isTerminal = false
  let reward: @Sendable (Float) -> Double
  var state = 0

  mutating func reset(_ random: inout RandomStream) { state = 0 }

  mutating func step(_ action: [Float], _ random: inout RandomStream) -> StepOutcome {
    StepOutcome(reward: reward(action[0]), isTerminal: isTerminal)
  }

  func observe(into observation: inout MutableSpan<Float>) { observation[0] = 1 }
}

@Suite struct `the learner SAC` {
  private var quick: SACSettings {
    var settings = SACSettings()
    settings.steps = 1_500
    settings.minibatch = 32
    settings.hidden = [32]
    settings.learningRate = 3e-3
    settings.discount = 0.5
    return settings
  }

  @Test func `swings the pendulum up`() throws {
    let blas = try OpenBLAS.open()
    var settings = SACSettings()
    settings.steps = 6_000
    settings.minibatch = 64
    settings.hidden = [64, 64]
    settings.discount = 0.98
    settings.followShare = 0.01
    var learner = try SAC(Pendulum(), settings, seed: Seed(1), blas)
    let before = learner.greedyReturns(episodes: 20, seed: Seed(100), blas)
    try learner.train(steps: 6_000)
    let after = learner.greedyReturns(episodes: 20, seed: Seed(100), blas)
    #expect(rise(from: before, to: after) > 5, "\(after)")
  }

  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func `finds an action inside its box, and cools down`(seed: UInt64) throws {
    let blas = try OpenBLAS.open()
    let world = Aiming { -Double(($0 - 3) * ($0 - 3)) }
    var settings = quick
    settings.steps = 4_000
    settings.hidden = [32, 32]
    settings.learningRate = 1e-3
    var learner = try SAC(world, settings, seed: Seed(seed), blas)
    try learner.train(steps: 4_000)
    let total = learner.greedyReturns(episodes: 1, seed: Seed(1), blas)[0]
    // Five steps, each off by less than a twentieth of the box; its middle gives -5.
    #expect(total > -0.2)
    #expect(learner.temperature < 0.5 && learner.temperature > 0)
  }

  @Test(arguments: [(false, 2 as Float), (true, 1)])
  func `expects what the limit cuts off, and nothing behind the end`(
    isTerminal: Bool, worth: Float
  ) throws {
    let blas = try OpenBLAS.open()
    var settings = quick
    settings.steps = 3_000
    var learner = try SAC(Aiming(isTerminal: isTerminal) { _ in 1 }, settings, seed: Seed(3), blas)
    try learner.train(steps: 3_000)
    // What staying undecided is worth fades with the temperature.
    #expect(abs(learner.worth(of: [0], seeing: [1], blas) - worth) < 0.1)
  }

  @Test func `is the same again from the same seed`() throws {
    let blas = try OpenBLAS.open()
    func run(_ seed: UInt64) throws -> UInt64 {
      var learner = try SAC(Pendulum(), quick, seed: Seed(seed), blas)
      try learner.train(steps: 300)
      return learner.fingerprint
    }
    #expect(try run(5) == run(5))
    #expect(try run(5) != run(6))
  }

  @Test func `refuses what it cannot do, and says when it runs away`() throws {
    let blas = try OpenBLAS.open()
    var settings = quick
    settings.followShare = 0
    #expect(throws: LearningError.self) {
      _ = try SAC(Pendulum(), settings, seed: Seed(1), blas)
    }
    #expect(throws: LearningError.self) {
      _ = try ActionBox(.discrete(count: 3))
    }
    #expect(throws: LearningError.self) {
      _ = try ActionBox(.box(low: [-.infinity], high: [1]))
    }
    #expect(throws: LearningError.diverged(what: "a reward", step: 1, seed: 1)) {
      var learner = try SAC(Aiming { _ in .nan }, quick, seed: Seed(1), blas)
      try learner.train(steps: 200)
    }
  }
}
