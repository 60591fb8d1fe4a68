// The selection of tests for learners whose actions are a box.

public import LabCore

/// ``TestSelection`` with a whole test a step: how often to run it, and what to do with one that
/// keeps failing.
///
/// DDPG, TD3 and SAC know no five actions; what is continuous about selecting tests is an effort.
/// Of the two components, each from -1 to 1,
///
/// - the first is the budget of runs: its range is cut into four equal parts for 0 (skip), 1, 2 and
///   3 runs, each of which happens only if all before it failed;
/// - the second says what follows a failure of the last one: below -1/3 quarantine, up to 1/3 a
///   report, above it one more run in isolation, whose failure is reported.
///
/// So every behaviour of a learner has a meaning, but not every behaviour of the five actions can
/// be reached: isolation before the first run cannot, for one. The best return of the table is
/// therefore a bound here, and not what is surely within reach.
public struct TestSelectionBox: Environment {
  public let name = "TestSelectionBox"
  public let actionSpace = Space.box(-1...1, dimensions: 2)
  private var inner: TestSelection

  /// Takes the environment of single actions.
  public init(_ selection: TestSelection) { inner = selection }

  public var stepLimit: Int? { inner.stepLimit }
  public var observationSpace: Space { inner.observationSpace }
  /// The name with a hash of the tests and the rewards, see ``TestSelection/identity``.
  public var identity: String { "\(name)-\(String(inner.fingerprint, radix: 16))" }
  public var state: TestSelection.State {
    get { inner.state }
    set { inner.state = newValue }
  }

  public mutating func reset(_ random: inout RandomStream) { inner.reset(&random) }

  /// Deals with the test whose turn it is, and earns what all actions for it earn together.
  public mutating func step(_ action: [Float], _ random: inout RandomStream) -> StepOutcome {
    precondition(action.count == 2, "a budget of runs and what follows")
    let test = inner.state.test
    var total = 0.0
    while true {
      let next = Self.next(after: inner.state, action)
      let outcome = inner.step(next.rawValue, &random)
      total += outcome.reward
      if outcome.isTerminal || inner.state.test != test {
        return StepOutcome(reward: total, isTerminal: outcome.isTerminal)
      }
    }
  }

  public func observe(into observation: inout MutableSpan<Float>) {
    inner.observe(into: &observation)
  }

  /// What the two numbers mean where a test has failed so often.
  static func next(after state: TestSelection.State, _ action: [Float]) -> SelectionAction {
    // What is no number counts as -1: the loss of a learner that has run away tells of it.
    let effort: Float = action[0] >= 1 ? 1 : action[0] > -1 ? action[0] : -1
    let share = (effort + 1) / 2
    let runs = min(Int(share * Float(TestSelection.runLimit + 1)), TestSelection.runLimit)
    if state.failures < runs && !state.hasFailedAlone {
      return state.failures == 0 ? .run : .retry
    }
    guard state.failures > 0 else { return .skip }
    if action[1] < -1 / 3 { return .quarantine }
    return action[1] > 1 / 3 && !state.hasFailedAlone ? .isolate : .skip
  }
}
