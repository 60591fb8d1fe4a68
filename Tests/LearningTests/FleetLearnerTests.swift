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

  @Test(arguments: [(false, -5.0), (true, 0)])
  func `learns on its policy only from what the agent did where the step led`(
    isMissing: Bool, worth: Double
  ) throws {
    var settings = FleetSettings()
    (settings.learningRate, settings.discount, settings.exploration) = (1, 1, 0)
    var mind = TableMind(isOnPolicy: true, actions: 2, settings)
    var random = Seed(1).stream()
    // Where [2] is seen, action 1 is worth -5 and action 0 nothing.
    try mind.record(
      FleetStep(agent: 0, observation: [2], action: 1, reward: -5, next: [4], end: .terminated))
    #expect(mind.train(on: 1, &random))
    try mind.record(
      FleetStep(agent: 0, observation: [1], action: 0, reward: 0, next: [2], end: .none))
    try mind.record(
      FleetStep(
        agent: 0, observation: isMissing ? [3] : [2], action: 1, reward: -5, next: [4],
        end: .terminated))
    #expect(mind.train(on: 2, &random))
    #expect(mind.worth(of: 0, seeing: [1]) == worth)
  }

  @Test func `forgets the oldest episodes of a Decision Transformer, and no open one`() throws {
    var settings = FleetSettings()
    (settings.memory, settings.randomSteps) = (12, 12)
    (settings.updateFrequency, settings.batchSize) = (1_000, 2)
    func new(_ seed: UInt64) throws -> FleetLearner {
      var learner = try FleetLearner(
        .decisionTransformer, Self.task, settings, seed: Seed(seed), try OpenBLAS.open())
      for agent in Self.agents { learner.attach(agent) }
      return learner
    }
    // Two agents in turn, whose episodes have four steps: from the 13th step on, one makes way.
    func live(_ learner: inout FleetLearner, _ steps: Range<Int>) throws {
      for step in steps {
        try learner.record(
          FleetExperience(
            Self.seen(step % 3), Self.actions[step % 3], reward: Double(step),
            next: Self.seen((step + 1) % 3), end: step / 2 % 4 == 3 ? .terminated : .none),
          of: Self.agents[step % 2])
      }
      try learner.train()
    }
    var whole = try new(1)
    try live(&whole, 0..<29)
    try live(&whole, 29..<70)
    #expect(whole.recorded == 70)
    var first = try new(1)
    try live(&first, 0..<29)
    let kept = first.checkpoint
    #expect(try kept.steps("lived", width: 3, actions: 3).count <= 12)
    #expect(try kept.count("lived.recorded") == 29)
    var second = try new(2)
    try second.restore(kept)
    try live(&second, 29..<70)
    #expect(second.fingerprint == whole.fingerprint)
    // An episode that never ends fills the memory and cannot make way.
    var endless = try new(1)
    let step = FleetExperience([1, 0, 0], "run", reward: 1, next: [1, 0, 0], end: .none)
    for _ in 0..<12 { try endless.record(step, of: "worker-1") }
    #expect(throws: LearningError.self) { try endless.record(step, of: "worker-1") }
    #expect(endless.recorded == 12)
    settings.memory = 11
    #expect(throws: LearningError.self) { _ = try new(1) }
  }

  @Test(arguments: LearningAlgorithm.allCases)
  func `believes no count to which nothing counts up`(_ algorithm: LearningAlgorithm) throws {
    var learner = try Self.learner(algorithm, seed: 1)
    try learner.restore(learner.checkpoint)
    for counts in [[UInt64(Int.max), 0], [1 << 52, 1 << 52], [0, 1]] as [[UInt64]] {
      var kept = learner.checkpoint
      kept.keep("fleet.counts", words: counts)
      #expect(throws: LearningError.self, "\(counts)") { try learner.restore(kept) }
    }
    // Experiences that are said to wait but are not there are no ground to stop.
    var kept = learner.checkpoint
    kept.keep("fleet.counts", words: [5, 5])
    try learner.restore(kept)
    try learner.train()
  }

  @Test(arguments: LearningAlgorithm.allCases.filter { $0 != .decisionTransformer })
  func `expects something behind a limit and nothing behind the end, by any that values`(
    _ algorithm: LearningAlgorithm
  ) throws {
    // One state in which each step earns 1 and is the last: with a discount of a half it is worth 2
    // if only a limit ended it, and what SAC adds for staying undecided.
    func worth(_ end: FleetExperience.End) throws -> Double {
      var settings = FleetSettings()
      (settings.hidden, settings.discount, settings.batchSize) = ([8], 0.5, 4)
      settings.learningRate = 1e-2
      let blas = try OpenBLAS.open()
      var learner = try FleetLearner(
        algorithm, FleetTask(observationWidth: 1, actions: ["a", "b"]), settings, seed: Seed(1),
        blas)
      learner.attach("one")
      for _ in 0..<2_000 {
        let action = try learner.choose(for: "one", seeing: [1])
        try learner.record(
          FleetExperience([1], action, reward: 1, next: [1], end: end), of: "one")
      }
      return try Self.worth(by: algorithm, learner.checkpoint, blas)
    }
    #expect(try worth(.truncated) > 1.4)
    #expect(abs(try worth(.terminated) - 1) < 0.3)
  }

  /// What a learner of one hidden layer of 8 that sees 1 and has two actions expects of its state.
  private static func worth(
    by algorithm: LearningAlgorithm, _ checkpoint: Checkpoint, _ blas: OpenBLAS
  ) throws -> Double {
    switch algorithm {
    case .qLearning, .sarsa:
      return try checkpoint.words("table.values").map(Double.init(bitPattern:)).max() ?? .nan
    case .actorCritic, .a2c, .ppo:
      var random = Seed(1).stream()
      let networks = DiscreteActorCritic(
        observationWidth: 1, actionCount: 2, hidden: [8], &random)
      try checkpoint.restore("networks", to: networks.parameters)
      return Double(networks.critic.number(for: [1], blas))
    case .ddpg, .td3, .sac, .decisionTransformer:
      let critics = (0..<(algorithm == .ddpg ? 1 : 2)).map { _ in
        MultilayerPerceptron(widths: [3, 8, 1], .rectifier)
      }
      try checkpoint.restore(
        algorithm == .ddpg ? "critic" : "critics", to: critics.flatMap(\.parameters))
      return Double(critics[0].number(for: [1, 0, 0], blas))
    }
  }
}

extension TableMind {
  /// The worth of an action where something was seen.
  fileprivate func worth(of action: Int, seeing: [Float]) -> Double {
    rows[seeing].map { values[$0, action] } ?? .nan
  }
}
