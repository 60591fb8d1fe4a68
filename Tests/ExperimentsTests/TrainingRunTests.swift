// Learners and environments by name, and what policies earn from fixed starts.
import Foundation
import LabCore
import Learning
import LinearAlgebra
import Testing

@testable import Experiments

@Suite struct `A training run` {
  private let blas: OpenBLAS

  init() throws { blas = try OpenBLAS.open() }

  private func options(_ budget: Int, hidden: [Int] = [8]) -> TrainingOptions {
    var options = TrainingOptions()
    options.budget = budget
    options.hidden = hidden
    options.minibatch = 64
    options.randomSteps = 20
    return options
  }

  /// Every algorithm that learns as it goes, with an environment that it can act in.
  static let pairs: [(LearningAlgorithm, LearningWorld)] = [
    (.qLearning, .taxi), (.sarsa, .cliffWalking), (.actorCritic, .acrobot), (.a2c, .cartPole),
    (.ppo, .testSelection), (.ddpg, .mountainCar), (.td3, .pendulum), (.sac, .pendulum),
  ]

  @Test(arguments: pairs)
  func `goes on after a stop as if there had been none`(
    algorithm: LearningAlgorithm, world: LearningWorld
  ) throws {
    let budget = world.table == nil || algorithm == .ppo ? 1_024 : 40
    func run() throws -> TrainingRun {
      try TrainingRun(algorithm, in: world, options(budget), seed: Seed(51), blas)
    }
    let whole = try run()
    try whole.train(budget)
    let first = try run()
    try first.train(budget / 2)
    #expect(first.spent < budget)
    let second = try run()
    try second.restore(first.checkpoint)
    try second.train(budget)
    #expect(second.spent == whole.spent)
    #expect(second.fingerprint == whole.fingerprint)
    #expect(first.fingerprint != whole.fingerprint)
  }

  @Test func `is refused where the learner cannot act`() throws {
    for (algorithm, world) in [
      (LearningAlgorithm.ppo, LearningWorld.pendulum), (.sac, .cartPole), (.qLearning, .acrobot),
      (.decisionTransformer, .taxi),
    ] {
      #expect {
        try TrainingRun(algorithm, in: world, TrainingOptions(), seed: Seed(1), blas)
      } throws: { error in
        "\(error)".hasPrefix("\(algorithm.rawValue) cannot act in \(world.rawValue); ")
      }
    }
  }

  @Test func `takes over every option that is set`() throws {
    var options = TrainingOptions()
    options.budget = 7
    options.learningRate = 0.25
    options.discount = 0.5
    options.exploration = 0.75
    options.minibatch = 32
    options.hidden = [3]
    options.randomSteps = 5
    #expect(options.table.learningRate == 0.25 && options.table.lastExploration == 0.05)
    options.exploration = 0.01
    #expect(options.table.lastExploration == 0.01)
    (options.exploration, options.lastExploration) = (0.75, 0.5)
    #expect(options.table.lastExploration == 0.5)
    #expect(options.ppo.minibatch == 32 && options.ppo.hidden == [3])
    #expect(options.a2c.stepsOfRollout == 4 && options.a2c.discount == 0.5)
    #expect(options.td3.common.exploration == 0.75 && options.td3.common.randomSteps == 5)
    #expect(options.sac.steps == 7 && options.sac.learningRate == 0.25)
    let standard = ActorCriticSettings()
    #expect(options.actorCritic.criticRate == 0.25)
    #expect(
      abs(options.actorCritic.actorRate / 0.25 - standard.actorRate / standard.criticRate) < 1e-15)
  }

  @Test func `leaves steps to learn from, unless it is told otherwise`() throws {
    var options = TrainingOptions()
    #expect(options.ddpg.randomSteps == 10_000 && options.sac.randomSteps == 100)
    options.budget = 5_000
    #expect(options.ddpg.randomSteps == 2_500 && options.td3.randomSteps == 2_500)
    #expect(options.sac.randomSteps == 100)
    options.randomSteps = 5_000
    for algorithm in [LearningAlgorithm.ddpg, .td3, .sac] {
      #expect(throws: LearningError.self) {
        try TrainingRun(algorithm, in: .pendulum, options, seed: Seed(1), blas)
      }
    }
  }

  @Test func `knows which options an algorithm does not have`() {
    var options = TrainingOptions()
    (options.exploration, options.minibatch, options.randomSteps) = (0.1, 8, 9)
    options.hidden = [4]
    #expect(
      options.foreign(to: .qLearning) == ["--minibatch", "--hidden", "--random-steps"])
    #expect(
      options.foreign(to: .actorCritic) == ["--exploration", "--minibatch", "--random-steps"])
    #expect(options.foreign(to: .ppo) == ["--exploration", "--random-steps"])
    #expect(options.foreign(to: .a2c) == ["--exploration", "--random-steps"])
    #expect(options.foreign(to: .sac) == ["--exploration"])
    #expect(options.foreign(to: .td3) == [] && options.foreign(to: .ddpg) == [])
    #expect(TrainingOptions().foreign(to: .sarsa) == [])
  }

  @Test(arguments: pairs)
  func `takes over the seed of what it goes on for`(
    algorithm: LearningAlgorithm, world: LearningWorld
  ) throws {
    let first = try TrainingRun(algorithm, in: world, options(256), seed: Seed(51), blas)
    let second = try TrainingRun(algorithm, in: world, options(256), seed: Seed(52), blas)
    try second.restore(first.checkpoint)
    #expect(second.seed == Seed(51))
  }
}

@Suite struct `Greedy episodes` {
  @Test func `begin at the points of Halton's sequence`() {
    #expect(GreedyEpisodes.point(0, bases: [2, 3]) == [1.0 / 2, 1.0 / 3])
    #expect(GreedyEpisodes.point(2, bases: [2, 3]) == [3.0 / 4, 1.0 / 9])
    #expect(GreedyEpisodes.point(4, bases: [2]) == [5.0 / 8])
  }

  @Test func `of a table earn exactly what its values say`() throws {
    let blas = try OpenBLAS.open()
    var options = TrainingOptions()
    (options.budget, options.learningRate, options.exploration) = (500, 0.5, 0.1)
    options.lastExploration = 0.1
    options.discount = 1
    let run = try TrainingRun(.qLearning, in: .cliffWalking, options, seed: Seed(3), blas)
    try run.train(500)
    #expect(try GreedyEpisodes.returns(of: run.policy, in: .cliffWalking, count: 9) == [-13])
  }

  @Test func `refuse a policy that answers with other actions`() throws {
    let blas = try OpenBLAS.open()
    var options = TrainingOptions()
    (options.budget, options.hidden) = (256, [4])
    let run = try TrainingRun(.ppo, in: .cartPole, options, seed: Seed(3), blas)
    #expect(throws: GreedyEpisodesError.otherActions("ppo")) {
      try run.policy.numbers(seeing: [0, 0, 0, 0])
    }
    #expect(throws: LearningError.self) {
      try GreedyEpisodes.returns(of: run.policy, in: .acrobot, count: 1)
    }
  }
}

@Suite struct `A trace of an environment` {
  private func trace(_ world: LearningWorld, _ text: String) throws -> EnvironmentTrace {
    let script = try JSONDecoder().decode(EnvironmentTrace.Script.self, from: Data(text.utf8))
    return try EnvironmentTrace(script, in: world, seed: Seed(1))
  }

  @Test func `carries out actions until the episode ends`() throws {
    let walk = try trace(.cliffWalking, #"{"state": [36], "actions": [0, 1, 2, 0]}"#)
    #expect(walk.states == [[36], [24], [25], [36], [24]])
    #expect(walk.rewards == [-1, -1, -100, -1])
    let end = try trace(.cliffWalking, #"{"state": [35], "actions": [2, 0, 0]}"#)
    #expect(end.states == [[35], [47]] && end.terminated == [true])
  }

  @Test func `takes the numbers of a state, and actions of a box`() throws {
    let swing = try trace(.pendulum, #"{"state": [0, 1], "actions": [[2], [-9]]}"#)
    #expect(swing.states[0] == [0, 1] && swing.rewards.count == 2)
    // The cost of the first step: a tenth of the squared speed and a thousandth of the torque's.
    #expect(abs(swing.rewards[0] + 0.1 + 0.004) < 1e-8)
  }

  @Test(arguments: [
    (LearningWorld.cartPole, #"{"state": [1, 2], "actions": [0]}"#),
    (.cartPole, #"{"state": [0, 0, 0, 0], "actions": [2]}"#),
    (.cartPole, #"{"state": [0, 0, 0, 0], "actions": [0.5]}"#),
    (.taxi, #"{"state": [500], "actions": [0]}"#),
    (.pendulum, #"{"state": [0, 0], "actions": [[1, 1]]}"#),
    (.pendulum, #"{"state": [0, 0], "actions": [[1e300]]}"#),
    (.cartPole, #"{"state": [1e300, 0, 0, 0], "actions": [0]}"#),
    (.frozenLake, #"{"state": [-1], "actions": [0]}"#),
  ])
  func `refuses what the environment does not have`(world: LearningWorld, text: String) {
    #expect(throws: EnvironmentTraceError.self) { try trace(world, text) }
  }
}
