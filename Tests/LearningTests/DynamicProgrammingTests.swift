import LabCore
import Testing

@testable import Learning

@Suite struct `exact dynamic programming` {
  let lake = FrozenLake.small().model
  let largeLake = FrozenLake.large().model
  let taxi = Taxi.environment().model
  let cliff = CliffWalking.environment().model

  @Test func `finds the published optimum of the cliff`() throws {
    let values = try OptimalValues(of: cliff, discount: 1)
    #expect(values.ofStates[36] == -13)
    #expect(cliff.expectedReturn(of: values.policy, within: 100) == -13)
    #expect(cliff.bestReturn(within: 13) == -13 && cliff.bestReturn(within: 12) == -12)
  }

  @Test func `finds the mean optimum of the taxi`() throws {
    let values = try OptimalValues(of: taxi, discount: 1)
    let mean = taxi.starts.reduce(0) { $0 + values.ofStates[$1] } / Double(taxi.starts.count)
    #expect(abs(mean - 7.93) < 1e-9)
    #expect(abs(taxi.bestReturn(within: 200) - 7.93) < 1e-9)
    #expect(abs(taxi.randomReturn(within: 200) + 771) < 1)
  }

  @Test func `finds what the lakes allow, with and without their limits`() throws {
    let endless = try OptimalValues(of: lake, discount: 1)
    #expect(abs(endless.ofStates[0] - 0.8235) < 5e-5)
    let policy = try OptimalValues(of: lake, discount: 0.99).policy
    #expect(abs(lake.expectedReturn(of: policy, within: 100) - 0.7402) < 5e-5)
    #expect(abs(lake.bestReturn(within: 100) - 0.7442) < 5e-5)
    #expect(abs(largeLake.bestReturn(within: 200) - 0.9132) < 5e-5)
    let large = try OptimalValues(of: largeLake, discount: 0.999).policy
    #expect(abs(largeLake.expectedReturn(of: large, within: 200) - 0.8857) < 5e-5)
    // The large lake under the limit of the small one is another problem.
    #expect(abs(largeLake.bestReturn(within: 100) - 0.641) < 5e-4)
  }

  @Test func `gives the same values by sweeping and by improving policies`() throws {
    for (model, discount) in [(lake, 0.99), (largeLake, 0.999), (cliff, 0.95), (taxi, 0.9)] {
      let swept = try OptimalValues(of: model, discount: discount)
      let improved = try OptimalValues(byImprovingPolicies: model, discount: discount)
      let furthest = zip(swept.ofStates, improved.ofStates).reduce(0) { max($0, abs($1.0 - $1.1)) }
      #expect(furthest < 1e-9)
    }
  }

  @Test(arguments: [FrozenLake.small(), FrozenLake.large()])
  func `foretells what its policy earns when it is played`(
    _ environment: TabularEnvironment
  ) throws {
    let limit = try #require(environment.stepLimit)
    let policy = try OptimalValues(of: environment.model, discount: 0.99).policy
    let foretold = environment.model.expectedReturn(of: policy, within: limit)
    let episodes = 4_000
    let mean = played(environment, policy, episodes: episodes)
    // Five standard deviations of a mean of zeros and ones.
    let bound = 5 * (foretold * (1 - foretold) / Double(episodes)).squareRoot()
    #expect(abs(mean - foretold) < bound)
    // The opposite policy earns what is foretold for it, which lies outside that bound.
    let worse = policy.map { ($0 + 2) % 4 }
    let changed = environment.model.expectedReturn(of: worse, within: limit)
    #expect(abs(played(environment, worse, episodes: episodes) - changed) < bound)
    #expect(abs(mean - changed) > bound)
  }

  @Test func `foretells the taxi and the cliff to the last digit`() throws {
    for environment in [Taxi.environment(), CliffWalking.environment()] {
      let values = try OptimalValues(of: environment.model, discount: 1)
      var episode = Episode(environment, random: Seed(21).stream())
      for start in environment.model.starts {
        episode.begin(at: start)
        while !episode.step(values.policy[episode.state]).isLast {}
        #expect(abs(episode.total - values.ofStates[start]) < 1e-9)
      }
    }
  }

  @Test func `says when values do not settle`() {
    let endless = TransitionModel(states: 1, actions: 1, starts: [0]) { _, _ in
      [.init(to: 0, reward: 1, isTerminal: false)]
    }
    #expect(throws: LearningError.unbounded(sweeps: 200_000)) {
      try OptimalValues(of: endless, discount: 1)
    }
    #expect(throws: LearningError.self) { try OptimalValues(of: endless, discount: 1.5) }
    #expect(throws: LearningError.self) {
      try OptimalValues(byImprovingPolicies: endless, discount: 1)
    }
  }

  @Test func `comes to rest where values are large`() throws {
    // It is best to go to and fro between the two dearer states.
    let model = TransitionModel(states: 3, actions: 2, starts: [0]) { state, action in
      [.init(to: (state + 1 + action) % 3, reward: 1e9 / 3 * Double(state + 1), isTerminal: false)]
    }
    for discount in [0.9, 0.999_999] {
      let improved = try OptimalValues(byImprovingPolicies: model, discount: discount)
      let exact = 1e9 * (1 + discount * 2 / 3) / (1 - discount * discount)
      #expect(abs(improved.ofStates[2] / exact - 1) < 1e-8)
    }
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity])
  func `refuses rewards that are no finite numbers, also beside others`(reward: Double) {
    let model = TransitionModel(states: 1, actions: 2, starts: [0]) { _, action in
      [.init(to: 0, reward: action == 1 ? reward : 1, isTerminal: true)]
    }
    #expect(throws: LearningError.unbounded(sweeps: 1)) {
      try OptimalValues(byImprovingPolicies: model, discount: 0.5)
    }
    #expect(throws: LearningError.self) { try OptimalValues(of: model, discount: 0.5) }
  }

  /// The mean return of episodes in which a policy acts.
  private func played(
    _ environment: TabularEnvironment, _ policy: [Int], episodes: Int
  ) -> Double {
    var episode = Episode(environment, random: Seed(20).stream())
    var sum = 0.0
    for _ in 0..<episodes {
      episode.begin()
      while !episode.step(policy[episode.state]).isLast {}
      sum += episode.total
    }
    return sum / Double(episodes)
  }
}
