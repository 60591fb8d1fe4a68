import LabCore
import Testing

@testable import Learning

@Suite struct `an episode` {
  @Test func `is cut off at its limit and not before`() {
    var episode = Episode(Pendulum(), random: Seed(1).stream())
    for step in 1...200 {
      let outcome = episode.step([0])
      #expect(!outcome.isTerminated && outcome.isTruncated == (step == 200))
    }
    #expect(episode.steps == 200 && episode.total < 0)
  }

  @Test func `tells its natural end from the limit, also in one step`() {
    let lake = FrozenLake.small(isSlippery: false)
    var short = Episode(lake, random: Seed(1).stream(), stepLimit: 2)
    #expect(!short.step(2).isLast)
    let both = { (episode: inout Episode<TabularEnvironment>) in
      episode.begin(at: 1)
      _ = episode.step(0)
      episode.begin(at: 4)
      return episode.step(2)
    }(&short)
    #expect(both.isTerminated && !both.isTruncated)
    var one = Episode(lake, random: Seed(1).stream(), stepLimit: 1)
    one.begin(at: 14)
    let goal = one.step(2)
    #expect(goal.isTerminated && goal.isTruncated && goal.reward == 1)
  }

  @Test func `without a limit goes on`() {
    var episode = Episode(CliffWalking.environment(), random: Seed(1).stream())
    for _ in 0..<5_000 { #expect(!episode.step(3).isLast) }
  }

  @Test func `is the same again from the same stream, and another from another`() {
    func run(_ seed: Int) -> [Double] {
      var episode = Episode(CartPole(), random: Seed(7).child(seed).stream())
      var seen: [Double] = []
      for step in 0..<300 {
        let outcome = episode.step(step % 3 == 0 ? 1 : 0)
        seen += [episode.state.angle, outcome.reward]
        if outcome.isLast { episode.begin() }
      }
      return seen
    }
    #expect(run(1) == run(1))
    #expect(run(1) != run(2))
  }

  @Test func `begins within the bounds of its environment and spreads over them`() {
    func starts<World: Environment>(_ world: World) -> [[Float]] {
      var episode = Episode(world, random: Seed(3).stream())
      return (0..<400).map { _ in
        episode.begin()
        return episode.environment.observation()
      }
    }
    func ranges(_ seen: [[Float]]) -> [(Float, Float)] {
      seen[0].indices.map { place in
        let column = seen.map { $0[place] }
        return (column.min() ?? 0, column.max() ?? 0)
      }
    }
    #expect(
      ranges(starts(CartPole())).allSatisfy { $0 >= -0.05 && $0 < -0.04 && $1 > 0.04 && $1 <= 0.05 }
    )
    let pendulum = ranges(starts(Pendulum()))
    #expect(pendulum[0].0 < -0.99 && pendulum[0].1 > 0.99 && pendulum[2].1 <= 1)
    let car = ranges(starts(MountainCarContinuous()))
    #expect(car[0].0 >= -0.6 && car[0].1 <= -0.4 && car[0].1 - car[0].0 > 0.19 && car[1] == (0, 0))
    let acrobot = ranges(starts(Acrobot()))
    #expect(acrobot[4].0 >= -0.1 && acrobot[4].1 <= 0.1 && acrobot[4].1 > 0.09)
    let taxi = Set(starts(Taxi.environment()).map { $0.firstIndex(of: 1) ?? -1 })
    #expect(taxi.count > 150 && taxi.isSubset(of: Taxi.environment().model.starts))
  }

  @Test(arguments: [FrozenLake.small(), Taxi.environment()])
  func `shows a state as a one-hot vector`(_ environment: TabularEnvironment) {
    var environment = environment
    environment.state = 13
    let seen = environment.observation()
    #expect(seen.count == environment.observationSpace.width)
    #expect(seen[13] == 1 && seen.reduce(0, +) == 1)
  }

  @Test func `draws outcomes as often as they are likely`() {
    let lake = FrozenLake.small()
    var random = Seed(5).stream()
    var counts: [Int: Int] = [:]
    for _ in 0..<30_000 { counts[lake.model.sample(2, in: 8, &random).state, default: 0] += 1 }
    // Right of field 8 lies 9; the slips lead down to 12 and up to 4.
    #expect(Set(counts.keys) == [4, 9, 12])
    #expect(counts.values.allSatisfy { abs($0 - 10_000) < 330 })
  }
}

@Suite struct `a graph of short ways` {
  @Test(arguments: 0..<5)
  func `knows its distances, which its exact optimum confirms`(seed: Int) throws {
    var random = Seed(9).child(seed).stream()
    let graph = try ShortestPathGraph(&random)
    let values = try OptimalValues(of: graph.environment().model, discount: 0.999)
    #expect(graph.starts.count >= 12)
    for node in graph.starts {
      let distance = try #require(graph.distances[node])
      // The sum of a discounted -1 for each step.
      let expected = -(0..<distance).reduce(0.0) { sum, _ in 1 + 0.999 * sum }
      #expect(abs(values.ofStates[node] - expected) < 1e-9)
    }
  }

  @Test func `is walked along its edges and no further than the limit`() throws {
    var random = Seed(10).stream()
    let graph = try ShortestPathGraph(&random)
    var reached = 0
    for _ in 0..<500 {
      let nodes = graph.walk(from: 1 + random.below(19), &random)
      #expect(nodes.count <= graph.stepLimit + 1 && nodes.count > 1)
      #expect(!nodes.dropLast().contains(0))
      for (from, to) in zip(nodes, nodes.dropFirst()) {
        #expect(
          graph.neighbours[from].contains(to) || (graph.neighbours[from].isEmpty && from == to))
      }
      reached += nodes.last == 0 ? 1 : 0
    }
    #expect(reached > 25 && reached < 475)
  }

  @Test func `knows what walks show, and what they earned`() throws {
    // 3 → 2 → 1 → 0 with a way round by 4, and 5, from which no edge leads.
    let graph = ShortestPathGraph(neighbours: [[], [0], [1, 4], [2], [1], []], stepLimit: 4)
    #expect(graph.starts == [1, 2, 3, 4])
    let walks = [[3, 2, 4, 1, 0], [5, 5, 5, 5, 5]]
    #expect(graph.starts(shownBy: walks) == [1, 4])
    #expect(graph.starts(shownBy: walks + [[2, 1, 0]]) == [1, 2, 4])
    let buffer = try graph.trajectories(of: walks)
    // A walk that was cut off may have as many steps and one more before it.
    #expect(buffer.trajectories.map(\.returnsToGo) == [[-4, -3, -2, -1], [-9, -8, -7, -6]])
    #expect(buffer.trajectories[0].observations[0] == [0, 0, 0, 1, 0, 0])
    #expect(buffer.trajectories[0].actions == [2, 4, 1, 0])
    #expect(throws: LearningError.self) { try graph.trajectories(of: [[3]]) }
  }
}
