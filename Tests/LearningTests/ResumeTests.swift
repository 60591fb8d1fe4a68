import Glibc
import Journal
import LabCore
import LinearAlgebra
import Testing

@testable import Learning

/// One of the learners, small enough to be trained many times, behind functions that are alike.
struct LearnerCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  /// Trains a new learner for the first number of steps, hands its checkpoint on, and trains on.
  ///
  /// The second seed is that of the learner that takes the checkpoint up.
  let run:
    @Sendable (
      _ seeds: (UInt64, UInt64), _ steps: (Int, Int), _ pass: (Checkpoint) throws -> Checkpoint
    ) throws -> (fingerprint: UInt64, returns: [Double])

  static let all: [LearnerCase] = [
    rollouts("ppo", ClippedSurrogate.self, pole) {
      var settings = PPOSettings()
      settings.stepsOfRollout = 16
      settings.minibatch = 64
      settings.epochs = 2
      settings.hidden = [8]
      return settings
    },
    rollouts("a2c", AdvantageUpdate.self, pole) {
      var settings = A2CSettings()
      settings.hidden = [8]
      return settings
    },
    rollouts("actor-critic", OneStepUpdate.self, pole) {
      var settings = ActorCriticSettings()
      settings.hidden = [8]
      return settings
    },
    memory("ddpg", DeterministicGradient.self, Pendulum()) { deterministic },
    memory("td3", TwinDelayedGradient.self, Pendulum()) {
      var settings = TD3Settings()
      settings.common = deterministic
      return settings
    },
    memory("sac", SoftActorCritic.self, MountainCarContinuous()) {
      var settings = SACSettings()
      settings.minibatch = 16
      settings.hidden = [8]
      settings.memory = 500
      return settings
    },
  ]

  private static let pole = CartPole()
  private static var deterministic: DDPGSettings {
    var settings = DDPGSettings()
    settings.randomSteps = 100
    settings.minibatch = 16
    settings.hidden = [8]
    settings.memory = 500
    return settings
  }

  private static func rollouts<Algorithm: RolloutAlgorithm & SendableMetatype>(
    _ name: String, _ algorithm: Algorithm.Type, _ world: CartPole,
    _ settings: @escaping @Sendable () -> Algorithm.Settings
  ) -> LearnerCase {
    LearnerCase(testDescription: name) { seeds, steps, pass in
      let blas = try OpenBLAS.open()
      func new(_ seed: UInt64) throws -> RolloutLearner<CartPole, Algorithm> {
        try RolloutLearner(world, settings(), seed: Seed(seed), blas)
      }
      var learner = try new(seeds.0)
      let early = try learner.train(steps: steps.0)
      var other = try new(seeds.1)
      try other.restore(pass(learner.checkpoint))
      let late = try other.train(steps: steps.1)
      return (other.fingerprint, early + late)
    }
  }

  private static func memory<World: Environment, Algorithm: MemoryAlgorithm & SendableMetatype>(
    _ name: String, _ algorithm: Algorithm.Type, _ world: World,
    _ settings: @escaping @Sendable () -> Algorithm.Settings
  ) -> LearnerCase where World.Action == [Float], World.State: KeptState {
    LearnerCase(testDescription: name) { seeds, steps, pass in
      let blas = try OpenBLAS.open()
      func new(_ seed: UInt64) throws -> MemoryLearner<World, Algorithm> {
        try MemoryLearner(world, settings(), seed: Seed(seed), blas)
      }
      var learner = try new(seeds.0)
      let early = try learner.train(steps: steps.0)
      var other = try new(seeds.1)
      try other.restore(pass(learner.checkpoint))
      let late = try other.train(steps: steps.1)
      return (other.fingerprint, early + late)
    }
  }
}

@Suite struct `a learner with networks` {
  @Test(arguments: LearnerCase.all)
  func `goes on after an interruption as if there had been none`(_ learner: LearnerCase) throws {
    let path = temporaryPath("resume-\(learner)")
    defer { unlink(path) }
    // 640 steps are whole rollouts of all, more than the memories hold, and end within an episode.
    let whole = try learner.run((1, 1), (1_280, 0)) { $0 }
    let halves = try learner.run((1, 2), (640, 640)) { checkpoint in
      try checkpoint.write(to: path)
      return try Checkpoint(contentsOf: path)
    }
    #expect(halves.fingerprint == whole.fingerprint && halves.returns == whole.returns)
    let other = try learner.run((2, 2), (1_280, 0)) { $0 }
    #expect(other.fingerprint != whole.fingerprint)
  }

  /// What every learner keeps, beside what is its own.
  private static let parts: [String: [String]] = {
    let common = ["choices", "counts", "policy", "policy.box", "policy.shape"]
    let identity = ["seed", "settings", "world"]
    func optimiser(_ name: String) -> [String] { [name, name + ".steps"] }
    func episodes(_ names: [String]) -> [String] {
      names.flatMap { [$0 + ".counts", $0 + ".random", $0 + ".state"] }
    }
    let memory = ["actions", "counts", "next observations", "observations", "outcomes"]
      .map { "memory." + $0 }
    let several = episodes((0..<8).map { "episode \($0)" })
    let remembering = memory + episodes(["episode"]) + ["slow copies"]
    let own: [String: [String]] = [
      "ppo": ["critic", "order"] + optimiser("optimiser") + several,
      "a2c": ["critic"] + optimiser("optimiser") + several,
      "actor-critic": ["critic"] + optimiser("actor's optimiser") + optimiser("critic's optimiser")
        + episodes(["episode 0"]),
      "ddpg": ["critic"] + optimiser("actor's optimiser") + optimiser("critic's optimiser")
        + remembering,
      "td3": ["critics"] + optimiser("actor's optimiser") + optimiser("critics' optimiser")
        + remembering,
      "sac": ["critics", "temperature"] + optimiser("actor's optimiser")
        + optimiser("critics' optimiser") + optimiser("temperature's optimiser") + remembering,
    ]
    return own.mapValues { ($0 + common + identity).sorted() }
  }()

  @Test(arguments: LearnerCase.all)
  func `does not go on without any part of what it keeps`(_ learner: LearnerCase) throws {
    let names = try partsOf(learner)
    #expect(names == Self.parts[learner.testDescription])
    // Of these two only a policy that is loaded alone has need.
    for name in names where name != "policy.box" && name != "policy.shape" {
      #expect(throws: LearningError.self, "\(name)") {
        try learner.run((1, 2), (64, 64)) { checkpoint in
          var checkpoint = checkpoint
          checkpoint.parts[name] = nil
          return checkpoint
        }
      }
    }
  }

  @Test(arguments: LearnerCase.all)
  func `believes no count of steps to which nothing counts up`(_ learner: LearnerCase) throws {
    let names = try partsOf(learner).filter { $0 == "counts" || $0.hasSuffix("optimiser.steps") }
    #expect(names.count >= 2)
    for name in names {
      #expect(throws: LearningError.self, "\(name)") {
        try learner.run((1, 2), (64, 64)) { checkpoint in
          var checkpoint = checkpoint
          var words = try checkpoint.words(name)
          words[0] = UInt64(Int.max)
          checkpoint.keep(name, words: words)
          return checkpoint
        }
      }
    }
  }

  @Test func `takes no state that its environment does not have`() throws {
    let blas = try OpenBLAS.open()
    var settings = A2CSettings()
    settings.hidden = [4]
    var learner = try A2C(FrozenLake.small(), settings, seed: Seed(1), blas)
    for state in [16, UInt64.max, UInt64.max / 2] {
      var kept = learner.checkpoint
      kept.keep("episode 3.state", words: [state])
      #expect(throws: LearningError.self, "\(state)") { try learner.restore(kept) }
    }
  }

  @Test func `reports the seed with which it began, also after an interruption`() throws {
    let blas = try OpenBLAS.open()
    var settings = A2CSettings()
    settings.hidden = [4]
    let first = try A2C(CartPole(), settings, seed: Seed(11), blas)
    var second = try A2C(CartPole(), settings, seed: Seed(12), blas)
    try second.restore(first.checkpoint)
    second.networks.critic.parameters[0].values.fill(.nan)
    #expect(
      throws: LearningError.diverged(what: "the loss or its gradient", step: 40, seed: 11)
    ) { try second.train(steps: 100) }
  }

  @Test(arguments: LearnerCase.all)
  func `learns the same bytes on any number of threads`(_ learner: LearnerCase) async throws {
    let alone = try learner.run((3, 3), (640, 0)) { $0 }.fingerprint
    for threads in [2, 4] {
      let together = try await withThrowingTaskGroup(of: UInt64.self) { group in
        for _ in 0..<threads {
          group.addTask { try learner.run((3, 3), (640, 0)) { $0 }.fingerprint }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(together == Array(repeating: alone, count: threads))
    }
  }

  @Test func `refuses a checkpoint of another algorithm, world or setting`() throws {
    let blas = try OpenBLAS.open()
    var settings = A2CSettings()
    settings.hidden = [8]
    var learner = try A2C(CartPole(), settings, seed: Seed(1), blas)
    let before = learner.fingerprint
    let other = try ActorCritic(CartPole(), ActorCriticSettings(), seed: Seed(1), blas).checkpoint
    #expect(
      throws: LearningError.otherContent(
        part: "algorithm", found: "actor-critic", expected: "a2c")
    ) { try learner.restore(other) }
    let elsewhere = try A2C(Acrobot(), settings, seed: Seed(1), blas).checkpoint
    #expect(
      throws: LearningError.otherContent(
        part: "world", found: "Acrobot-v1", expected: "CartPole-v1")
    ) { try learner.restore(elsewhere) }
    settings.discount = 0.9
    let otherwise = try A2C(CartPole(), settings, seed: Seed(1), blas).checkpoint
    #expect(throws: LearningError.self) { try learner.restore(otherwise) }
    #expect(learner.fingerprint == before)
  }

  private func partsOf(_ learner: LearnerCase) throws -> [String] {
    var names: [String] = []
    _ = try learner.run((1, 1), (64, 0)) { checkpoint in
      names = checkpoint.parts.keys.sorted()
      return checkpoint
    }
    return names
  }
}

@Suite struct `a policy` {
  @Test func `is loaded alone and does what its learner does`() throws {
    let blas = try OpenBLAS.open()
    let path = temporaryPath("policy")
    defer { unlink(path) }
    var settings = A2CSettings()
    settings.hidden = [8, 8]
    var pole = try A2C(CartPole(), settings, seed: Seed(1), blas)
    try pole.train(steps: 4_000)
    try pole.checkpoint.write(to: path)
    let policy = try Policy(contentsOf: path, blas)
    #expect(policy.algorithm == "a2c" && policy.observationWidth == 4)
    let acting = DiscreteActing(pole.networks, episodes: 1, blas)
    var random = Seed(2).stream()
    var counts = [0, 0]
    for _ in 0..<200 {
      let seen = (0..<4).map { _ in Float(random.standardNormal()) }
      acting.observations.set(seen)
      acting.run()
      #expect(try policy.action(seeing: seen) == .choice(acting.best(0)))
      counts[acting.best(0)] += 1
    }
    #expect(counts.allSatisfy { $0 > 0 })

    var soft = SACSettings()
    soft.hidden = [8]
    soft.minibatch = 16
    var car = try SAC(MountainCarContinuous(), soft, seed: Seed(1), blas)
    try car.train(steps: 300)
    try car.checkpoint.write(to: path)
    let driver = try Policy(contentsOf: path, blas)
    let box = try ActionBox(MountainCarContinuous().actionSpace)
    #expect(
      try driver.action(seeing: [-0.5, 0.01])
        == .numbers(box.scaled(car.algorithm.best([-0.5, 0.01]))))

    var walker = try QLearning(
      FrozenLake.small(),
      .init(learningRate: 0.1, discount: 0.99, exploration: (1, 1), episodes: 500), seed: Seed(1))
    try walker.train()
    try walker.checkpoint.write(to: path)
    let table = try Policy(contentsOf: path, blas)
    for state in 0..<16 {
      let seen = (0..<16).map { $0 == state ? Float(1) : 0 }
      #expect(try table.action(seeing: seen) == .choice(walker.values.policy[state]))
    }
  }

  @Test func `refuses what it cannot see and files that hold none`() throws {
    let blas = try OpenBLAS.open()
    let pole = try A2C(CartPole(), A2CSettings(), seed: Seed(1), blas)
    let policy = try Policy(pole.checkpoint, blas)
    #expect(throws: LearningError.self) { try policy.action(seeing: [1, 2]) }
    #expect(throws: LearningError.self) { try policy.action(seeing: [1, 2, .nan, 0]) }
    #expect(throws: LearningError.self) { try Policy(Checkpoint(algorithm: "a2c"), blas) }
    var checkpoint = pole.checkpoint
    for shape in [
      [0, 4, 64, 64, 3], [9, 4, 64, 64, 2], [0, 4], [0, .max, .max, 2], [0, 1 << 40, 1 << 40],
      [0, UInt64(Int.max), 1], [0, UInt64(Int.max) - 1, 1], [0, 1 << 20 + 1, 1],
      [0] + Array(repeating: 1 << 20, count: 70),
    ] as [[UInt64]] {
      checkpoint.keep("policy.shape", words: shape)
      #expect(throws: LearningError.self, "\(shape)") { try Policy(checkpoint, blas) }
    }
  }
}

/// Where a test of this process may write.
func temporaryPath(_ name: String) -> String {
  "\(getenv("TMPDIR").map { String(cString: $0) } ?? "/var/tmp")/\(name)-\(getpid()).fleetlearn"
}
