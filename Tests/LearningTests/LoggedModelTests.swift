import LabCore
import Testing

@testable import Learning

@Suite struct `A model from a log` {
  /// In state 0, action 0 ends with 1, action 1 leads to state 1, where action 0 ends with 4 or 0.
  private static func episode(_ steps: [(state: Int, action: Int, reward: Double)]) -> LoggedEpisode
  {
    LoggedEpisode(
      steps: steps.map {
        .init(state: $0.state, action: $0.action, probability: 0.5, reward: $0.reward)
      })
  }

  private static let log = [
    episode([(0, 0, 1)]), episode([(0, 1, -1), (1, 0, 4)]), episode([(0, 1, -1), (1, 0, 4)]),
    episode([(0, 1, -1), (1, 0, 0)]),
  ]
  private static let logging = StochasticPolicy([[0.25, 0.75], [0.5, 0.5]])

  @Test func `has the frequencies of the log as chances`() throws {
    let logged = try LoggedModel(of: Self.log, states: 2, actions: 2)
    #expect(logged.counts == [[1, 3], [3, 0]])
    #expect(
      Array(logged.model.outcomes(of: 1, in: 0)) == [.init(to: 1, reward: -1, isTerminal: false)])
    #expect(
      Array(logged.model.outcomes(of: 0, in: 1)) == [
        .init(to: 1, reward: 8.0 / 3, isTerminal: true)
      ])
    #expect(
      Array(logged.model.outcomes(of: 1, in: 1)) == [.init(to: 1, reward: 0, isTerminal: true)])
    // Half of the chances of state 1 went to the action that earns nothing.
    #expect(abs(logged.model.expectedReturn(of: Self.logging, within: 9) - 0.5) < 1e-12)
  }

  @Test func `has one outcome a next state, whatever was earned on the way`() throws {
    // 100,000 steps of as many rewards, of which a fifth leads on; then as many next states.
    let log = (0..<100_000).map { number in
      let reward = Double(number) / 7
      return Self.episode(number % 5 == 0 ? [(0, 0, reward), (1, 0, 0)] : [(0, 0, reward)])
    }
    let outcomes = try LoggedModel(of: log, states: 2, actions: 1).model.outcomes(of: 0, in: 0)
    #expect(outcomes.map(\.isTerminal) == [true, false])
    #expect(abs(outcomes[0].probability - 0.8) < 1e-12)
    #expect(abs(outcomes[0].reward * 7 - 50_000) < 1e-6)
    #expect(abs(outcomes[1].reward * 7 - 49_997.5) < 1e-6)
    let wide = (0..<30_000).map { Self.episode([(0, 0, 1), ($0 + 1, 0, 0)]) }
    let model = try LoggedModel(of: wide, states: 30_001, actions: 1).model
    #expect(model.outcomes(of: 0, in: 0).count == 30_000)
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity])
  func `of rewards that are no finite numbers is refused`(reward: Double) {
    let error = #expect(throws: LearningError.self) {
      try LoggedModel(of: [Self.episode([(0, 1, reward)])], states: 1, actions: 2)
    }
    #expect(error.map { "\($0)" }?.contains("action 1 in state 0") == true)
    // Finite ones may have a sum that is not.
    #expect(throws: LearningError.self) {
      try LoggedModel(
        of: [Self.episode([(0, 0, 1e308)]), Self.episode([(0, 0, 1e308)])], states: 1, actions: 1)
    }
  }

  @Test func `is left by its policy only where the log shows enough`() throws {
    let logged = try LoggedModel(of: Self.log, states: 2, actions: 2)
    func policy(_ evidence: Int, _ doubt: LoggedModel.Doubt) -> [[Double]] {
      logged.policy(improving: Self.logging, evidence: evidence, doubt: doubt, within: 9)
        .probabilities
    }
    // -1 + 8/3 is more than 1, and untried actions are not taken.
    #expect(policy(1, .avoid) == [[0, 1], [1, 0]])
    // Keeping half of the untried action makes the way over state 1 the worse one.
    #expect(policy(1, .keep) == [[1, 0], [0.5, 0.5]])
    // The one try of action 0 is not enough.
    #expect(policy(2, .keep) == [[0.25, 0.75], [0.5, 0.5]])
    #expect(policy(2, .avoid) == [[0, 1], [1, 0]])
    #expect(policy(4, .avoid) == Self.logging.probabilities)
  }

  @Test func `of a long log of everything is nearly the world, and its policy nearly the best`()
    throws
  {
    let world = TestSelection(count: 2, seed: Seed(31)).tabular
    let states = world.model.stateCount
    let logging = StochasticPolicy(
      of: [Int](repeating: 0, count: states), actions: 5, exploring: 1)
    var random = Seed(32).stream()
    let log = (0..<6_000).map { _ in logging.log(in: world, &random) }
    func regret(_ log: [LoggedEpisode]) throws -> Double {
      let policy = try LoggedModel(of: log, states: states, actions: 5)
        .policy(improving: logging, evidence: 10, doubt: .keep, within: 200)
      return world.model.bestReturn(within: 200)
        - world.model.expectedReturn(of: policy, within: 200)
    }
    #expect(try regret(log) < 0.5)
    // The planted shortness is found.
    #expect(try regret(Array(log.prefix(30))) > 2)
  }

  @Test func `of nothing or of what is not there is refused`() {
    #expect(throws: LearningError.self) { try LoggedModel(of: [], states: 1, actions: 2) }
    let error = #expect(throws: LearningError.self) {
      try LoggedModel(of: Self.log, states: 1, actions: 2)
    }
    #expect(error.map { "\($0)" }?.contains("action 0 in state 1") == true)
  }

  @Test func `takes pieces of episodes where something new begins`() {
    let whole = Self.episode([(0, 0, 1), (2, 1, 2), (3, 0, 3), (5, 1, 4)])
    let pieces = whole.cut { $0 / 2 != $1 / 2 }
    #expect(pieces.map { $0.steps.map(\.state) } == [[0], [2, 3], [5]])
    #expect(whole.cut { _, _ in false } == [whole])
    #expect(LoggedEpisode(steps: []).cut { _, _ in true }.isEmpty)
  }
}
