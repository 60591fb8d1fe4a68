import LabCore
import LinearAlgebra
import Testing

@testable import Learning

@Suite struct `a learner with a deterministic policy` {
  private var quick: DDPGSettings {
    var settings = DDPGSettings()
    settings.steps = 2_500
    settings.randomSteps = 300
    settings.minibatch = 32
    settings.hidden = [32]
    settings.learningRate = 3e-3
    settings.discount = 0.5
    settings.followShare = 0.02
    return settings
  }

  private var swinging: DDPGSettings {
    var settings = DDPGSettings()
    settings.steps = 7_000
    settings.randomSteps = 1_000
    settings.minibatch = 64
    settings.hidden = [64, 64]
    settings.followShare = 0.01
    return settings
  }

  private func delayed(_ common: DDPGSettings) -> TD3Settings {
    var settings = TD3Settings()
    settings.common = common
    return settings
  }

  @Test func `swings the pendulum up by DDPG`() throws {
    let blas = try OpenBLAS.open()
    var learner = try DDPG(Pendulum(), swinging, seed: Seed(1), blas)
    let before = learner.greedyReturns(episodes: 20, seed: Seed(100), blas)
    try learner.train(steps: 7_000)
    let after = learner.greedyReturns(episodes: 20, seed: Seed(100), blas)
    #expect(rise(from: before, to: after) > 5, "\(after)")
  }

  @Test func `swings the pendulum up by TD3`() throws {
    let blas = try OpenBLAS.open()
    var learner = try TD3(Pendulum(), delayed(swinging), seed: Seed(1), blas)
    let before = learner.greedyReturns(episodes: 20, seed: Seed(100), blas)
    try learner.train(steps: 7_000)
    let after = learner.greedyReturns(episodes: 20, seed: Seed(100), blas)
    #expect(rise(from: before, to: after) > 5, "\(after)")
  }

  @Test func `does not learn when it is paid the wrong way round`() throws {
    let blas = try OpenBLAS.open()
    var settings = swinging
    settings.steps = 3_000
    let world = Reversed(world: Pendulum())
    var learner = try DDPG(world, settings, seed: Seed(1), blas)
    let before = learner.greedyReturns(episodes: 20, seed: Seed(100), blas)
    try learner.train(steps: 3_000)
    let after = learner.greedyReturns(episodes: 20, seed: Seed(100), blas)
    // What it earns here is what it costs in the world as it is.
    #expect(rise(from: after, to: before) < 5, "\(after)")
  }

  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func `finds an action inside its box`(seed: UInt64) throws {
    let blas = try OpenBLAS.open()
    let world = Aiming { -Double(($0 - 3) * ($0 - 3)) }
    var settings = quick
    settings.steps = 4_000
    settings.hidden = [32, 32]
    settings.learningRate = 1e-3
    var one = try DDPG(world, settings, seed: Seed(seed), blas)
    try one.train(steps: 4_000)
    var other = try TD3(world, delayed(settings), seed: Seed(seed), blas)
    try other.train(steps: 4_000)
    // Five steps, each off by less than a twentieth of the box; its middle gives -5.
    #expect(one.greedyReturns(episodes: 1, seed: Seed(1), blas)[0] > -0.2)
    #expect(other.greedyReturns(episodes: 1, seed: Seed(1), blas)[0] > -0.2)
  }

  @Test(arguments: [(false, 2 as Float), (true, 1)])
  func `expects what the limit cuts off, and nothing behind the end`(
    isTerminal: Bool, worth: Float
  ) throws {
    let blas = try OpenBLAS.open()
    let world = Aiming(isTerminal: isTerminal) { _ in 1 }
    var one = try DDPG(world, quick, seed: Seed(2), blas)
    try one.train(steps: 2_500)
    #expect(abs(one.worth(of: [0], seeing: [1], blas) - worth) < 0.1)
    var other = try TD3(world, delayed(quick), seed: Seed(2), blas)
    try other.train(steps: 2_500)
    #expect(abs(other.worth(of: [0], seeing: [1], blas) - worth) < 0.1)
  }

  @Test func `is the same again from the same seed, and not the other algorithm`() throws {
    let blas = try OpenBLAS.open()
    func one(_ seed: UInt64) throws -> UInt64 {
      var learner = try DDPG(Pendulum(), quick, seed: Seed(seed), blas)
      try learner.train(steps: 400)
      return learner.fingerprint
    }
    func other(_ seed: UInt64) throws -> UInt64 {
      var learner = try TD3(Pendulum(), delayed(quick), seed: Seed(seed), blas)
      try learner.train(steps: 400)
      return learner.fingerprint
    }
    #expect(try one(5) == one(5) && other(5) == other(5))
    #expect(try one(5) != one(6) && other(5) != other(6) && one(5) != other(5))
  }

  @Test func `moves the actor of TD3 only after every second step`() throws {
    let blas = try OpenBLAS.open()
    var learner = try TD3(Pendulum(), delayed(quick), seed: Seed(7), blas)
    let start = learner.algorithm.actor.parameters.fingerprint
    try learner.train(steps: 300)
    #expect(learner.algorithm.actor.parameters.fingerprint == start)
    try learner.train(steps: 1)
    #expect(learner.algorithm.actor.parameters.fingerprint != start)
  }

  @Test func `cuts noise off where it is told`() throws {
    let tensor = Graph(try OpenBLAS.open()).input(rows: 100, columns: 10)
    var random = Seed(8).stream()
    tensor.fillNormally(deviation: 0.2, limit: 0.5, &random)
    let greatest = tensor.elements.map(abs).max() ?? 0
    #expect(greatest == 0.5)
    let squares = tensor.elements.reduce(0) { $0 + $1 * $1 }
    #expect(abs((squares / 1_000).squareRoot() - 0.2) < 0.02)
  }

  @Test func `refuses to take every step at random`() throws {
    let blas = try OpenBLAS.open()
    var settings = quick
    settings.randomSteps = settings.steps
    #expect(throws: LearningError.self) {
      _ = try DDPG(Pendulum(), settings, seed: Seed(1), blas)
    }
    #expect(throws: LearningError.self) {
      _ = try TD3(Pendulum(), delayed(settings), seed: Seed(1), blas)
    }
    settings.randomSteps = settings.steps - 1
    _ = try DDPG(Pendulum(), settings, seed: Seed(1), blas)
  }

  @Test func `refuses settings out of range, and says when it runs away`() throws {
    let blas = try OpenBLAS.open()
    var settings = delayed(quick)
    settings.delay = 0
    #expect(throws: LearningError.self) {
      _ = try TD3(Pendulum(), settings, seed: Seed(1), blas)
    }
    var other = quick
    other.exploration = -1
    #expect(throws: LearningError.self) {
      _ = try DDPG(Pendulum(), other, seed: Seed(1), blas)
    }
    #expect(throws: LearningError.diverged(what: "a reward", step: 1, seed: 1)) {
      var learner = try DDPG(Aiming { _ in .nan }, quick, seed: Seed(1), blas)
      try learner.train(steps: 400)
    }
    #expect(throws: LearningError.diverged(what: "a reward", step: 1, seed: 1)) {
      var learner = try TD3(Aiming { _ in .nan }, delayed(quick), seed: Seed(1), blas)
      try learner.train(steps: 400)
    }
  }
}
