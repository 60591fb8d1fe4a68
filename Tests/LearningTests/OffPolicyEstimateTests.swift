import LabCore
import Testing

@testable import Learning

@Suite struct `An estimate from logs` {
  /// One step, two actions, of which the first earns 1 and the second nothing.
  private static let choice = TabularEnvironment(
    name: "choice",
    model: TransitionModel(states: 1, actions: 2, starts: [0]) { _, action in
      [.init(to: 0, reward: action == 0 ? 1 : 0, isTerminal: true)]
    }, stepLimit: 1)
  private static let even = StochasticPolicy([[0.5, 0.5]])
  private static let judged = StochasticPolicy([[0.9, 0.1]])

  private static func step(_ action: Int) -> LoggedEpisode {
    LoggedEpisode(
      steps: [.init(state: 0, action: action, probability: 0.5, reward: action == 0 ? 1 : 0)])
  }

  @Test func `is what one computes by hand`() throws {
    let estimate = try OffPolicyEstimate(
      of: Self.judged, from: [Self.step(0), Self.step(1), Self.step(1)], believing: [[0.8, 0.1]])
    // Weights 1.8, 0.2, 0.2.
    #expect(abs(estimate.importanceSampled - 0.6) < 1e-12)
    #expect(abs(estimate.weighted - 1.8 / 2.2) < 1e-12)
    #expect(abs(estimate.effectiveEpisodes - 2.2 * 2.2 / (3.24 + 0.08)) < 1e-12)
    #expect(estimate.episodes.map(\.weight).map { ($0 * 10).rounded() } == [18, 2, 2])
    #expect(estimate.episodes.map(\.total) == [1, 0, 0])
    // V = 0.73; 0.73 + 1.8 · 0.2, and twice 0.73 - 0.2 · 0.1.
    let robust = (1.09 + 2 * 0.71) / 3
    #expect(abs((estimate.doublyRobust ?? .nan) - robust) < 1e-12)
    #expect(abs((estimate.episodes[1].robust ?? .nan) - 0.71) < 1e-12)
  }

  @Test func `has over all possible logs the bias and the variance that theory says`() throws {
    // Two logged episodes: four equally likely logs.
    let logs = [[0, 0], [0, 1], [1, 0], [1, 1]].map { $0.map(Self.step) }
    let wrong = [[0.3, 0.6]]
    let estimates = try logs.map {
      try OffPolicyEstimate(of: Self.judged, from: $0, believing: wrong)
    }
    func mean(_ numbers: [Double]) -> Double { numbers.reduce(0, +) / 4 }
    func variance(_ numbers: [Double]) -> Double {
      mean(numbers.map { ($0 - mean(numbers)) * ($0 - mean(numbers)) })
    }
    let truth = Self.choice.model.expectedReturn(of: Self.judged, within: 1)
    #expect(abs(truth - 0.9) < 1e-12)
    let plain = estimates.map(\.importanceSampled)
    let weighted = estimates.map(\.weighted)
    let robust = estimates.map { $0.doublyRobust ?? .nan }
    #expect(abs(mean(plain) - truth) < 1e-12)
    // Of 1.8 or 0 with even chances: 0.81 for one, half of that for the mean of two.
    #expect(abs(variance(plain) - 0.405) < 1e-12)
    // Weighted: 1, 0.9, 0.9 and 0, whose mean is 0.7: drawn towards the logging policy's 0.5.
    #expect(abs(mean(weighted) - 0.7) < 1e-12)
    #expect(variance(weighted) < variance(plain))
    // Unbiased though its beliefs are wrong.
    #expect(abs(mean(robust) - truth) < 1e-12)
    let right = try logs.map {
      try OffPolicyEstimate(of: Self.judged, from: $0, believing: [[1, 0]]).doublyRobust ?? .nan
    }
    #expect(right.allSatisfy { abs($0 - truth) < 1e-12 })
  }

  @Test func `comes near the truth of the selection of tests, the robust one nearest`() throws {
    let world = TestSelection(count: 3, seed: Seed(12)).tabular
    let model = world.model
    let best = try OptimalValues(of: model, discount: 1).policy
    let logging = StochasticPolicy(of: best, actions: 5, exploring: 0.5)
    let judged = StochasticPolicy(of: best, actions: 5, exploring: 0.05)
    let truth = model.expectedReturn(of: judged, within: 200)
    let values = model.actionValues(of: judged, within: 200)
    var random = Seed(40).stream()
    var (plain, weighted, robust): ([Double], [Double], [Double]) = ([], [], [])
    for _ in 0..<60 {
      let log = (0..<300).map { _ in logging.log(in: world, &random) }
      let estimate = try OffPolicyEstimate(of: judged, from: log, believing: values)
      plain.append(estimate.importanceSampled)
      weighted.append(estimate.weighted)
      robust.append(try #require(estimate.doublyRobust))
      #expect(estimate.effectiveEpisodes < 300)
    }
    func spread(_ numbers: [Double]) -> (mean: Double, deviation: Double) {
      let mean = numbers.reduce(0, +) / Double(numbers.count)
      let squares = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return (mean, (squares / Double(numbers.count - 1)).squareRoot())
    }
    for estimates in [plain, robust] {
      let found = spread(estimates)
      // Four standard errors of sixty.
      #expect(abs(found.mean - truth) < 4 * found.deviation / Double(60).squareRoot())
    }
    #expect(spread(robust).deviation < spread(plain).deviation)
    // What the logging policy earns is something else, so that nobody can take it for the estimate.
    let logged = model.expectedReturn(of: logging, within: 200)
    #expect(
      abs(spread(robust).mean - logged) > 4 * spread(robust).deviation / Double(60).squareRoot())
  }

  @Test func `of the logging policy itself is the mean return`() throws {
    var random = Seed(4).stream()
    let world = TestSelection(count: 3, seed: Seed(2)).tabular
    let policy = StochasticPolicy(
      of: [Int](repeating: 0, count: world.model.stateCount), actions: 5, exploring: 1)
    let log = (0..<50).map { _ in policy.log(in: world, &random) }
    let mean = log.reduce(0) { $0 + $1.steps.reduce(0) { $0 + $1.reward } } / 50
    let estimate = try OffPolicyEstimate(of: policy, from: log)
    #expect(abs(estimate.importanceSampled - mean) < 1e-9 && estimate.doublyRobust == nil)
    #expect(abs(estimate.weighted - mean) < 1e-9 && estimate.effectiveEpisodes == 50)
  }

  @Test func `of nothing, of unknown actions or of rewards that are no numbers is refused`() {
    #expect(throws: LearningError.self) { try OffPolicyEstimate(of: Self.judged, from: []) }
    let bad = LoggedEpisode(
      steps: [.init(state: 0, action: 0, probability: 0.5, reward: .nan)])
    #expect(throws: LearningError.diverged(what: "a logged reward", step: 0)) {
      try OffPolicyEstimate(of: Self.judged, from: [bad])
    }
    let unseen = LoggedEpisode(steps: [.init(state: 0, action: 2, probability: 1, reward: 1)])
    let error = #expect(throws: LearningError.self) {
      try OffPolicyEstimate(of: Self.judged, from: [unseen])
    }
    #expect(error.map { "\($0)" }?.contains("action 2 in state 0") == true)
    #expect(throws: LearningError.self) {
      try OffPolicyEstimate(of: Self.judged, from: [Self.step(1)], believing: [[1]])
    }
  }

  @Test func `of a behaviour of chances has a truth that agrees with that of fixed actions`() {
    let model = TestSelection(count: 4, seed: Seed(6)).tabular.model
    let policy = (0..<model.stateCount).map { $0 % 2 == 0 ? 0 : 2 }
    let fixed = model.expectedReturn(of: policy, within: 30)
    let chances = StochasticPolicy(of: policy, actions: 5, exploring: 0)
    #expect(abs(model.expectedReturn(of: chances, within: 30) - fixed) < 1e-12)
    let even = StochasticPolicy(of: policy, actions: 5, exploring: 1)
    let random = model.randomReturn(within: 30)
    #expect(abs(model.expectedReturn(of: even, within: 30) - random) < 1e-9)
  }
}
