import LabCore
import Testing

@testable import Learning

@Suite struct `an environment beside Gymnasium's` {
  let fixtures: GymnasiumFixtures

  init() throws { fixtures = try GymnasiumFixtures.load() }

  @Test func `CartPole-v1 moves bit for bit alike through whole episodes`() throws {
    let replay = try Replay(fixtures, CartPole(), action: { Int($0) }, state: CartPole.State.init)
    #expect(replay.steps > 500)
    #expect(replay.deviation == 0 && replay.rewardDeviation == 0)
    #expect(replay.freeDeviation == 0)
  }

  @Test func `Pendulum-v1 moves alike`() throws {
    let replay = try Replay(fixtures, Pendulum(), action: { [Float($0)] }) { numbers, _ in
      Pendulum.State(angle: numbers[0], angularVelocity: numbers[1])
    }
    #expect(replay.steps > 140)
    #expect(replay.deviation < 1e-9 && replay.rewardDeviation < 1e-9)
  }

  @Test func `MountainCarContinuous-v0 moves alike`() throws {
    let replay = try Replay(fixtures, MountainCarContinuous(), action: { [Float($0)] }) {
      MountainCarContinuous.State(
        position: $0[0], velocity: $0[1], isSinglePrecision: $1)
    }
    #expect(replay.steps > 140)
    #expect(replay.deviation < 1e-9 && replay.rewardDeviation < 1e-9)
  }

  @Test func `Acrobot-v1 moves alike`() throws {
    let replay = try Replay(fixtures, Acrobot(), action: { Int($0) }, state: Acrobot.State.init)
    #expect(replay.steps > 140)
    #expect(replay.deviation < 1e-9 && replay.rewardDeviation < 1e-9)
  }

  @Test(arguments: [
    FrozenLake.small(), FrozenLake.large(), Taxi.environment(), CliffWalking.environment(),
  ])
  func `a tabular one has the same outcomes everywhere`(_ environment: TabularEnvironment) throws {
    let table = try #require(fixtures.tables.first { $0.environment == environment.name })
    let model = environment.model
    #expect(environment.stepLimit == table.stepLimit)
    #expect(model.actionCount == table.actions && model.starts == table.starts)
    #expect(model.stateCount * model.actionCount == table.counts.count)
    var place = 0
    for (cell, count) in table.counts.enumerated() {
      let (state, action) = cell.quotientAndRemainder(dividingBy: table.actions)
      let expected = (place..<(place + count)).map {
        TransitionModel.Outcome(
          table.chances[$0], to: table.states[$0], reward: table.rewards[$0],
          isTerminal: table.ends[$0] == 1)
      }
      place += count
      let found = Array(model.outcomes(of: action, in: state))
      let same = zip(found, expected).allSatisfy {
        abs($0.probability - $1.probability) < 1e-15 && $0.state == $1.state
          && $0.reward == $1.reward && $0.isTerminal == $1.isTerminal
      }
      #expect(found.count == count && same, "action \(action) in state \(state)")
    }
  }

  @Test(arguments: [
    FrozenLake.small(isSlippery: false), FrozenLake.large(isSlippery: false), Taxi.environment(),
    CliffWalking.environment(),
  ])
  func `a tabular one without chance walks the same way`(
    _ environment: TabularEnvironment
  ) throws {
    let trajectories = fixtures.trajectories(of: environment.name).filter {
      !environment.name.hasPrefix("FrozenLake") || $0.arguments["is_slippery"] == false
    }
    #expect(!trajectories.isEmpty)
    for trajectory in trajectories {
      var episode = Episode(environment, random: Seed(1).stream())
      episode.begin(at: Int(trajectory.start[0]))
      for (index, action) in trajectory.actions.enumerated() {
        let step = episode.step(Int(action))
        #expect(step.reward == trajectory.rewards[index])
        if let kept = trajectory.kept(index) {
          #expect(Double(episode.state) == trajectory.states[kept][0])
        }
        expectEnd(of: trajectory, after: index, step)
      }
    }
  }

  @Test func `slippery steps lead where the recorded ones may`() throws {
    let environment = FrozenLake.small()
    let trajectories = fixtures.trajectories(of: environment.name).filter(\.arguments.isEmpty)
    #expect(!trajectories.isEmpty)
    for trajectory in trajectories {
      var state = Int(trajectory.start[0])
      for (index, action) in trajectory.actions.enumerated() {
        let next = Int(trajectory.states[index][0])
        let outcomes = environment.model.outcomes(of: Int(action), in: state)
        #expect(outcomes.contains { $0.state == next && $0.reward == trajectory.rewards[index] })
        state = next
      }
    }
  }
}

/// Whether a step ends the episode as the recorded one did.
private func expectEnd(
  of trajectory: GymnasiumFixtures.Trajectory, after step: Int, _ found: EpisodeStep
) {
  let isLast = step == trajectory.actions.count - 1
  #expect(found.isTerminated == (isLast && trajectory.end == "terminated"), "step \(step)")
  #expect(
    (found.isTruncated && !found.isTerminated) == (isLast && trajectory.end == "truncated"),
    "step \(step)")
}

/// The recorded episodes of an environment, taken again: each step from the recorded state, and
/// each episode from its start.
private struct Replay {
  var steps = 0
  /// The largest distance of a state or observation after one step from the recorded one.
  var deviation = 0.0
  var rewardDeviation = 0.0
  /// The largest distance of a state when nothing but the start was taken from the record.
  var freeDeviation = 0.0

  init<World: Environment>(
    _ fixtures: GymnasiumFixtures, _ world: World, action: (Double) -> World.Action,
    state: ([Double], _ hasMoved: Bool) -> World.State
  ) throws {
    let trajectories = fixtures.trajectories(of: world.name)
    try #require(!trajectories.isEmpty)
    for trajectory in trajectories {
      var free = Episode(world, random: Seed(1).stream())
      free.begin(at: state(trajectory.start, false))
      var before: [Double]? = trajectory.start
      for (index, number) in trajectory.actions.enumerated() {
        let freeStep = free.step(action(number))
        expectEnd(of: trajectory, after: index, freeStep)
        let kept = trajectory.kept(index)
        if let kept {
          let expected = state(trajectory.states[kept], true)
          freeDeviation = max(freeDeviation, distance(free.state, expected))
        }
        if let before, let kept {
          var single = world
          single.state = state(before, index > 0)
          var random = Seed(1).stream()
          let outcome = single.step(action(number), &random)
          rewardDeviation = max(rewardDeviation, abs(outcome.reward - trajectory.rewards[index]))
          deviation = max(deviation, distance(single.state, state(trajectory.states[kept], true)))
          let seen = zip(single.observation(), trajectory.observations[kept])
          #expect(seen.allSatisfy { abs($0 - Float($1)) <= Float($1).magnitude * 3e-7 + 1e-9 })
          steps += 1
        }
        before = kept.map { trajectory.states[$0] }
      }
      // Where only some states were kept, the free run is the one to hold against them.
      if trajectory.every > 1 {
        steps += trajectory.actions.count
      }
    }
  }
}

/// The largest distance between the numbers of two states.
private func distance<State>(_ left: State, _ right: State) -> Double {
  zip(Mirror(reflecting: left).children, Mirror(reflecting: right).children).reduce(0) {
    guard let one = $1.0.value as? Double, let other = $1.1.value as? Double else { return $0 }
    return max($0, abs(one - other))
  }
}

extension CartPole.State {
  fileprivate init(_ numbers: [Double], _: Bool) {
    self.init(
      position: numbers[0], velocity: numbers[1], angle: numbers[2], angularVelocity: numbers[3])
  }
}

extension Acrobot.State {
  fileprivate init(_ numbers: [Double], _: Bool) {
    self.init(
      first: numbers[0], second: numbers[1], firstVelocity: numbers[2], secondVelocity: numbers[3])
  }
}
