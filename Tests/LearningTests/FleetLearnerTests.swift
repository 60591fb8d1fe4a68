import Glibc
import LabCore
import LinearAlgebra
import Testing

@testable import Learning

@Suite struct `a learner for a fleet` {
  private static let actions = ["run", "retry", "skip"]
  private static let task = FleetTask(observationWidth: 3, actions: actions)
  private static let agents = ["worker-1", "worker-2", "worker-3"]

  /// Settings with which all nine come to an answer on a few thousand experiences.
  private static func settings(_ algorithm: LearningAlgorithm) -> FleetSettings {
    var settings = FleetSettings()
    settings.hidden = [32]
    settings.discount = 0.5
    settings.randomSteps = 4_000
    settings.learningRate =
      switch algorithm {
      case .qLearning, .sarsa: 0.2
      case .a2c, .ppo, .actorCritic, .decisionTransformer: 1e-2
      case .ddpg, .td3, .sac: 3e-3
      }
    return settings
  }

  private static func learner(
    _ algorithm: LearningAlgorithm, seed: UInt64
  ) throws -> FleetLearner {
    var learner = try FleetLearner(
      algorithm, task, settings(algorithm), seed: Seed(seed), try OpenBLAS.open())
    for agent in agents { learner.attach(agent) }
    return learner
  }

  private static func seen(_ state: Int) -> [Float] { (0..<3).map { $0 == state ? 1 : 0 } }

  /// Lets agents act in turn, each in a state where one action earns 1 and the others nothing.
  ///
  /// Episodes have four steps; `isTurned` pays for the others instead.
  private static func live(
    _ learner: inout FleetLearner, steps: Range<Int>, isTurned: Bool = false
  ) throws {
    for step in steps {
      let agent = step % 3
      let turn = step / 3
      let state = (turn + agent) % 3
      let action = try learner.choose(for: agents[agent], seeing: seen(state))
      let isRight = action == actions[state]
      try learner.record(
        FleetExperience(
          seen(state), action, reward: isRight != isTurned ? 1 : 0,
          next: seen((turn + 1 + agent) % 3), end: turn % 4 == 3 ? .terminated : .none),
        of: agents[agent])
    }
  }

  private static func answers(_ learner: borrowing FleetLearner) throws -> [String] {
    var answers: [String] = []
    for state in 0..<3 { answers.append(try learner.predict(seeing: seen(state))) }
    return answers
  }

  @Test(arguments: LearningAlgorithm.allCases)
  func `learns by any algorithm what each state asks for`(_ algorithm: LearningAlgorithm) throws {
    let count = algorithm == .decisionTransformer ? 12_000 : 3_000
    var learner = try Self.learner(algorithm, seed: 1)
    try Self.live(&learner, steps: 0..<count)
    #expect(learner.recorded == count)
    let answers = try Self.answers(learner)
    #expect(answers == Self.actions)
    var turned = try Self.learner(algorithm, seed: 1)
    try Self.live(&turned, steps: 0..<1_500, isTurned: true)
    let others = try Self.answers(turned)
    #expect(others != Self.actions)
  }

  @Test(arguments: LearningAlgorithm.allCases)
  func `goes on after an interruption as if there had been none`(
    _ algorithm: LearningAlgorithm
  ) throws {
    // 507 and 304 are no multiples of batches, and episodes are open.
    var whole = try Self.learner(algorithm, seed: 1)
    try Self.live(&whole, steps: 0..<811)
    var first = try Self.learner(algorithm, seed: 1)
    try Self.live(&first, steps: 0..<507)
    let path = temporaryPath("fleet-\(algorithm.rawValue)")
    defer { unlink(path) }
    try first.checkpoint.write(to: path)
    var second = try Self.learner(algorithm, seed: 2)
    try second.restore(try Checkpoint(contentsOf: path))
    try Self.live(&second, steps: 507..<811)
    #expect(second.fingerprint == whole.fingerprint)
    var other = try Self.learner(algorithm, seed: 2)
    try Self.live(&other, steps: 0..<811)
    #expect(other.fingerprint != whole.fingerprint)
  }

  @Test func `refuses what does not fit, and notes nothing then`() throws {
    var learner = try Self.learner(.sac, seed: 1)
    let right = FleetExperience([1, 0, 0], "run", reward: 1, next: [0, 1, 0], end: .none)
    let wrong: [(inout FleetExperience) -> Void] = [
      { $0.action = "quarantine" }, { $0.reward = .nan }, { $0.reward = .infinity },
      { $0.observation = [1] }, { $0.next = [0, .nan, 0] },
    ]
    for change in wrong {
      var experience = right
      change(&experience)
      #expect(throws: LearningError.self) { try learner.record(experience, of: "worker-1") }
    }
    #expect(throws: LearningError.self) { try learner.record(right, of: "stranger") }
    #expect(learner.recorded == 0)
    try learner.record(right, of: "worker-1")
    #expect(learner.recorded == 1)
    #expect(throws: LearningError.self) {
      try learner.choose(for: "stranger", seeing: [1, 0, 0])
    }
    #expect(throws: LearningError.self) { try learner.predict(seeing: [1, 0]) }
    let blas = try OpenBLAS.open()
    for actions in [["run"], ["run", "run"], []] {
      #expect(throws: LearningError.self) {
        _ = try FleetLearner(
          .ppo, FleetTask(observationWidth: 3, actions: actions), FleetSettings(), seed: Seed(1),
          blas)
      }
    }
    let other = try Self.learner(.td3, seed: 1).checkpoint
    #expect(throws: LearningError.self) { try learner.restore(other) }
  }

  @Test func `says when a table has no more room`() throws {
    var settings = FleetSettings()
    settings.memory = 2
    var learner = try FleetLearner(
      .qLearning, FleetTask(observationWidth: 1, actions: ["a", "b"]), settings, seed: Seed(1),
      try OpenBLAS.open())
    learner.attach("one")
    try learner.record(
      FleetExperience([1], "a", reward: 1, next: [2], end: .none), of: "one")
    #expect(throws: LearningError.self) {
      try learner.record(
        FleetExperience([2], "a", reward: 1, next: [3], end: .none), of: "one")
    }
    #expect(learner.recorded == 1)
  }

  @Test(arguments: [(FleetExperience.End.truncated, 2.0), (.terminated, 1)])
  func `expects what a limit cuts off, and nothing behind the end`(
    end: FleetExperience.End, worth: Double
  ) throws {
    // One state in which each step earns 1: with a discount of a half it is worth 2 if it goes on.
    for isOnPolicy in [false, true] {
      var settings = FleetSettings()
      (settings.learningRate, settings.discount) = (0.5, 0.5)
      var mind = TableMind(isOnPolicy: isOnPolicy, actions: 1, settings)
      var random = Seed(1).stream()
      for _ in 0..<100 {
        try mind.record(
          FleetStep(agent: 0, observation: [1], action: 0, reward: 1, next: [1], end: end))
        #expect(mind.train(on: 1, &random))
      }
      #expect(abs(mind.worth(of: 0, seeing: [1]) - worth) < 1e-9)
    }
  }
}

extension TableMind {
  /// The worth of an action where something was seen.
  fileprivate func worth(of action: Int, seeing: [Float]) -> Double {
    rows[seeing].map { values[$0, action] } ?? .nan
  }
}
