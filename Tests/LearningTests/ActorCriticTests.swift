import Glibc
import LabCore
import LinearAlgebra
import Testing

@testable import Learning

@Suite struct `a rollout` {
  /// The advantages by their definition: for each step the sum over all that follow in its episode.
  private func plain(
    _ rollout: borrowing Rollout, next: [Float], discount: Double, decay: Double
  ) -> [Double] {
    let count = rollout.episodes
    var advantages = [Double](repeating: 0, count: rollout.count)
    for episode in 0..<count {
      for first in 0..<rollout.steps {
        var factor = 1.0
        for step in first..<rollout.steps {
          let row = step * count + episode
          let after: Float =
            rollout.isLast[row]
            ? rollout.cutOffValues[row]
            : (step + 1 < rollout.steps ? rollout.values[row + count] : next[episode])
          let surprise =
            Double(rollout.rewards[row]) + discount * Double(after) - Double(rollout.values[row])
          advantages[first * count + episode] += factor * surprise
          if rollout.isLast[row] { break }
          factor *= discount * decay
        }
      }
    }
    return advantages
  }

  @Test(arguments: [0, 0.8, 1])
  func `is judged as by the sum over all that follows`(decay: Double) {
    var random = Seed(1).stream()
    var rollout = Rollout(steps: 24, episodes: 3, observationWidth: 1)
    for row in 0..<rollout.count {
      rollout.rewards[row] = Float(random.standardNormal())
      rollout.values[row] = Float(random.standardNormal())
      rollout.isLast[row] = random.unit() < 0.2
      let isCutOff = rollout.isLast[row] && random.unit() < 0.5
      rollout.cutOffValues[row] = isCutOff ? Float(random.standardNormal()) : 0
    }
    let next: [Float] = [0.5, -1, 2]
    rollout.judge(next: next, discount: 0.9, decay: Float(decay))
    let expected = plain(rollout, next: next, discount: 0.9, decay: decay)
    for row in 0..<rollout.count {
      #expect(abs(Double(rollout.advantages[row]) - expected[row]) < 1e-5)
      let target = rollout.advantages[row] + rollout.values[row]
      #expect(rollout.targets[row] == target)
    }
    // Taking a step that was cut off for one that terminated would be noticed.
    rollout.cutOffValues = rollout.cutOffValues.map { _ in 0 }
    rollout.judge(next: next, discount: 0.9, decay: Float(decay))
    #expect(zip(rollout.advantages, expected).contains { abs(Double($0) - $1) > 1e-2 })
  }

  @Test func `expects something behind the limit and nothing behind the end`() throws {
    let blas = try OpenBLAS.open()
    for isTerminal in [false, true] {
      var start = Seed(2).stream()
      let world = oneState(isTerminal: isTerminal, stepLimit: 3)
      let networks = DiscreteActorCritic(
        observationWidth: 1, actionCount: 1, hidden: [4], &start)
      networks.critic.parameters[3].values.fill(5)
      var collector = RolloutCollector(
        world, networks, shape: (steps: 6, episodes: 2), seed: Seed(3), blas)
      try collector.collect(discount: 0.9, decay: 1)
      let last = collector.rollout.isLast.filter { $0 }.count
      #expect(last == (isTerminal ? 12 : 4))
      for row in 0..<12 where collector.rollout.isLast[row] {
        let expected = isTerminal ? 0 : collector.rollout.values[row]
        #expect(collector.rollout.cutOffValues[row] == expected)
      }
    }
  }
}

/// One state and one action, which earns 1.
private func oneState(isTerminal: Bool, stepLimit: Int) -> TabularEnvironment {
  let model = TransitionModel(states: 1, actions: 1, starts: [0]) { _, _ in
    [.init(to: 0, reward: 1, isTerminal: isTerminal)]
  }
  return TabularEnvironment(name: "one state", model: model, stepLimit: stepLimit)
}

/// What a critic expects in the only state.
private func expectation(_ networks: DiscreteActorCritic, _ blas: OpenBLAS) -> Float {
  let acting = DiscreteActing(networks, episodes: 1, blas)
  acting.observations.set([1])
  acting.run()
  return acting.values.number
}

@Suite struct `the learner PPO` {
  private var quick: PPOSettings {
    var settings = PPOSettings()
    settings.steps = 512
    settings.epochs = 2
    settings.hidden = [8]
    return settings
  }

  @Test func `balances the pole within 20,000 steps on most of five seeds`() throws {
    let blas = try OpenBLAS.open()
    let first = try ([1, 2, 3, 4, 5] as [UInt64]).map { seed in
      var learner = try PPO(CartPole(), PPOSettings(), seed: Seed(seed), blas)
      while learner.steps + 2_048 <= 20_000 {
        try learner.train(steps: 2_048)
        let greedy = learner.networks.greedyReturns(
          in: CartPole(), episodes: 50, seed: Seed(100), blas)
        if mean(of: greedy) >= 475 { return learner.steps }
      }
      return Int.max
    }
    #expect(first.filter { $0 <= 20_000 }.count >= 3, "\(first)")
  }

  @Test func `does not learn when it is paid the wrong way round`() throws {
    let blas = try OpenBLAS.open()
    var settings = PPOSettings()
    settings.steps = 8_192
    var learner = try PPO(Reversed(world: CartPole()), settings, seed: Seed(1), blas)
    let before = learner.networks.greedyReturns(
      in: CartPole(), episodes: 50, seed: Seed(100), blas)
    try learner.train(steps: 8_192)
    let after = learner.networks.greedyReturns(
      in: CartPole(), episodes: 50, seed: Seed(100), blas)
    #expect(rise(from: before, to: after) < 5)
  }

  @Test func `is the same again from the same seed`() throws {
    let blas = try OpenBLAS.open()
    func run(_ seed: UInt64) throws -> UInt64 {
      var learner = try PPO(CartPole(), quick, seed: Seed(seed), blas)
      try learner.train(steps: 512)
      return learner.networks.parameters.fingerprint
    }
    #expect(try run(5) == run(5))
    #expect(try run(5) != run(6))
  }

  @Test(arguments: [(false, 10 as Float), (true, 1)])
  func `expects what the limit cuts off, and nothing behind the end`(
    isTerminal: Bool, worth: Float
  ) throws {
    let blas = try OpenBLAS.open()
    var settings = quick
    settings.steps = 60_000
    settings.epochs = 20
    settings.learningRate = 5e-3
    settings.discount = 0.9
    var learner = try PPO(
      oneState(isTerminal: isTerminal, stepLimit: 3), settings, seed: Seed(7), blas)
    try learner.train(steps: 60_000)
    #expect(abs(expectation(learner.networks, blas) - worth) < 0.1)
  }

  @Test func `refuses settings out of range, and says when it runs away`() throws {
    let blas = try OpenBLAS.open()
    let wrong: [(inout PPOSettings) -> Void] = [
      { $0.minibatch = 100 }, { $0.episodes = 0 }, { $0.learningRate = .nan },
      { $0.discount = 1.2 }, { $0.entropyWeight = -1 }, { $0.hidden = [0] },
    ]
    for change in wrong {
      var settings = quick
      change(&settings)
      #expect(throws: LearningError.self) {
        _ = try PPO(CartPole(), settings, seed: Seed(8), blas)
      }
    }
    let model = TransitionModel(states: 1, actions: 1, starts: [0]) { _, _ in
      [.init(to: 0, reward: .nan, isTerminal: false)]
    }
    let poisoned = TabularEnvironment(name: "poisoned", model: model, stepLimit: 3)
    #expect(throws: LearningError.diverged(what: "a reward", step: 1, seed: 8)) {
      var learner = try PPO(poisoned, quick, seed: Seed(8), blas)
      try learner.train(steps: 512)
    }
  }
}

@Suite struct `the learner A2C` {
  @Test func `says from which step on what it sees is no number`() throws {
    let blas = try OpenBLAS.open()
    var settings = A2CSettings()
    (settings.episodes, settings.hidden) = (1, [4])
    let world = Clouding(stepsUntilDark: 7)
    #expect(throws: LearningError.diverged(what: "an observation", step: 8, seed: 3)) {
      var learner = try A2C(world, settings, seed: Seed(3), blas)
      try learner.train(steps: 100)
    }
  }

  @Test func `says when its networks are no numbers any more`() throws {
    let blas = try OpenBLAS.open()
    var settings = A2CSettings()
    settings.hidden = [4]
    var learner = try A2C(CartPole(), settings, seed: Seed(3), blas)
    learner.networks.critic.parameters[0].values.fill(.nan)
    #expect(
      throws: LearningError.diverged(what: "the loss or its gradient", step: 40, seed: 3)
    ) { try learner.train(steps: 100) }
  }

  @Test func `is judged also where episodes have no limit`() throws {
    let blas = try OpenBLAS.open()
    let world = CliffWalking.environment()
    let learner = try A2C(world, A2CSettings(), seed: Seed(4), blas)
    let networks = learner.networks
    // Down from the start leads nowhere, so the episode would never end.
    for parameter in networks.actor.parameters { parameter.values.fill(0) }
    networks.actor.parameters.last?.values.base[2] = 1
    let returns = networks.greedyReturns(
      in: world, episodes: 2, seed: Seed(1), stepLimit: 30, blas)
    #expect(returns == [-30, -30])
  }

  @Test func `refuses settings that no machine has room for`() throws {
    let blas = try OpenBLAS.open()
    let changes: [(inout A2CSettings) -> Void] = [
      { ($0.episodes, $0.stepsOfRollout) = (.max, 2) }, { $0.stepsOfRollout = .max },
      { ($0.episodes, $0.stepsOfRollout) = (1 << 20, 1 << 20) }, { $0.hidden = [.max] },
      { $0.hidden = Array(repeating: 1, count: 40) },
    ]
    for change in changes {
      var settings = A2CSettings()
      change(&settings)
      #expect(throws: LearningError.self) {
        _ = try A2C(CartPole(), settings, seed: Seed(8), blas)
      }
    }
    var settings = PPOSettings()
    (settings.episodes, settings.stepsOfRollout) = (.max, .max)
    #expect(throws: LearningError.self) {
      _ = try PPO(CartPole(), settings, seed: Seed(8), blas)
    }
  }

  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func `learns to keep the pole up for longer`(seed: UInt64) throws {
    let blas = try OpenBLAS.open()
    var learner = try A2C(CartPole(), A2CSettings(), seed: Seed(seed), blas)
    let returns = try learner.train(steps: 30_000)
    #expect(rise(from: returns.prefix(50), to: returns.suffix(50)) > 5)
    var other = try A2C(Reversed(world: CartPole()), A2CSettings(), seed: Seed(seed), blas)
    let costs = try other.train(steps: 30_000)
    #expect(rise(from: costs.suffix(50), to: costs.prefix(50)) < 5)
  }

  @Test func `is the same again from the same seed`() throws {
    let blas = try OpenBLAS.open()
    func run(_ seed: UInt64) throws -> UInt64 {
      var learner = try A2C(CartPole(), A2CSettings(), seed: Seed(seed), blas)
      try learner.train(steps: 2_000)
      return learner.networks.parameters.fingerprint
    }
    #expect(try run(5) == run(5))
    #expect(try run(5) != run(6))
  }

  @Test(arguments: [(false, 10 as Float), (true, 1)])
  func `expects what the limit cuts off, and nothing behind the end`(
    isTerminal: Bool, worth: Float
  ) throws {
    let blas = try OpenBLAS.open()
    var settings = A2CSettings()
    settings.discount = 0.9
    settings.hidden = [8]
    settings.learningRate = 2e-3
    var learner = try A2C(
      oneState(isTerminal: isTerminal, stepLimit: 3), settings, seed: Seed(7), blas)
    try learner.train(steps: 100_000)
    #expect(abs(expectation(learner.networks, blas) - worth) < 0.1)
  }

  @Test func `refuses settings out of range`() throws {
    let blas = try OpenBLAS.open()
    var settings = A2CSettings()
    settings.stepsOfRollout = 0
    #expect(throws: LearningError.self) {
      _ = try A2C(CartPole(), settings, seed: Seed(8), blas)
    }
  }
}

@Suite struct `the learner one-step actor-critic` {
  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func `learns to keep the pole up for longer`(seed: UInt64) throws {
    let blas = try OpenBLAS.open()
    var learner = try ActorCritic(CartPole(), ActorCriticSettings(), seed: Seed(seed), blas)
    let returns = try learner.train(steps: 20_000)
    #expect(rise(from: returns.prefix(50), to: returns.suffix(20)) > 5)
  }

  @Test func `is the same again from the same seed`() throws {
    let blas = try OpenBLAS.open()
    func run(_ seed: UInt64) throws -> UInt64 {
      var learner = try ActorCritic(CartPole(), ActorCriticSettings(), seed: Seed(seed), blas)
      try learner.train(steps: 500)
      return learner.networks.parameters.fingerprint
    }
    #expect(try run(5) == run(5))
    #expect(try run(5) != run(6))
  }

  @Test(arguments: [(false, 10 as Float), (true, 1)])
  func `expects what the limit cuts off, and nothing behind the end`(
    isTerminal: Bool, worth: Float
  ) throws {
    let blas = try OpenBLAS.open()
    var settings = ActorCriticSettings()
    settings.discount = 0.9
    settings.hidden = [8]
    settings.criticRate = 1e-2
    settings.steps = 20_000
    var learner = try ActorCritic(
      oneState(isTerminal: isTerminal, stepLimit: 3), settings, seed: Seed(7), blas)
    try learner.train(steps: 20_000)
    #expect(abs(expectation(learner.networks, blas) - worth) < 0.1)
  }

  @Test func `refuses settings out of range, and says when it runs away`() throws {
    let blas = try OpenBLAS.open()
    var settings = ActorCriticSettings()
    settings.actorRate = 0
    #expect(throws: LearningError.self) {
      _ = try ActorCritic(CartPole(), settings, seed: Seed(8), blas)
    }
    let model = TransitionModel(states: 1, actions: 1, starts: [0]) { _, _ in
      [.init(to: 0, reward: .nan, isTerminal: false)]
    }
    let poisoned = TabularEnvironment(name: "poisoned", model: model, stepLimit: 3)
    #expect(throws: LearningError.diverged(what: "a reward", step: 1, seed: 8)) {
      var learner = try ActorCritic(poisoned, ActorCriticSettings(), seed: Seed(8), blas)
      try learner.train(steps: 10)
    }
  }
}
