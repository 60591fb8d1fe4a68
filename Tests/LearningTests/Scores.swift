// What tests make of scores over seeds and episodes, and a world that turns them round.
import LabCore

@testable import Learning

/// The mean.
func mean(of numbers: some Collection<Double>) -> Double {
  numbers.reduce(0, +) / Double(numbers.count)
}

/// The mean of the middle half of the sorted numbers, the interquartile mean.
///
/// Of as many numbers as four divides.
func middleMean(of numbers: [Double]) -> Double {
  let quarter = numbers.count / 4
  return mean(of: numbers.sorted()[quarter..<(numbers.count - quarter)])
}

/// By how many of its standard errors the mean of the later numbers lies above that of the earlier
/// ones.
func rise(from earlier: some Collection<Double>, to later: some Collection<Double>) -> Double {
  func squaredError(_ numbers: some Collection<Double>) -> Double {
    let mean = mean(of: numbers)
    let variance =
      numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(numbers.count - 1)
    return variance / Double(numbers.count)
  }
  return (mean(of: later) - mean(of: earlier))
    / (squaredError(earlier) + squaredError(later)).squareRoot()
}

/// A world of one number that can be seen for some steps, and then is none.
struct Clouding: Environment {
  let stepsUntilDark: Int
  var state = 0

  var name: String { "clouding" }
  var observationSpace: Space { .box(0...1, dimensions: 1) }
  var actionSpace: Space { .discrete(count: 2) }
  var stepLimit: Int? { nil }

  mutating func reset(_ random: inout RandomStream) { state = 0 }

  mutating func step(_ action: Int, _ random: inout RandomStream) -> StepOutcome {
    state += 1
    return StepOutcome(reward: 1, isTerminal: false)
  }

  func observe(into observation: inout MutableSpan<Float>) {
    observation[0] = state < stepsUntilDark ? 1 : .nan
  }
}

/// A world that pays for failing: every step costs what it would earn.
struct Reversed<World: Environment>: Environment {
  var world: World

  var name: String { "reversed " + world.name }
  var observationSpace: Space { world.observationSpace }
  var actionSpace: Space { world.actionSpace }
  var stepLimit: Int? { world.stepLimit }
  var state: World.State {
    get { world.state }
    set { world.state = newValue }
  }

  mutating func reset(_ random: inout RandomStream) { world.reset(&random) }

  mutating func step(_ action: World.Action, _ random: inout RandomStream) -> StepOutcome {
    var outcome = world.step(action, &random)
    outcome.reward = -outcome.reward
    return outcome
  }

  func observe(into observation: inout MutableSpan<Float>) { world.observe(into: &observation) }
}
