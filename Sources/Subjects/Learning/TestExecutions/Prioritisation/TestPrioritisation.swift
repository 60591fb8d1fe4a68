// A history as an environment, for every learner whose actions are a box.

public import LabCore

/// The tests of a history, one a step: the agent sees a test and gives it a priority between -1
/// and 1.
///
/// An action of DDPG, TD3 or SAC is a number and not an order; here the number is the priority of
/// the one test that is seen, and whoever wants an order sorts a cycle's tests by the priorities of
/// the policy. An episode is a cycle. As an order's worth is known only when it is whole, a step
/// earns what tells priorities apart one by one: a test that failed costs w (1 − a)², one that
/// passed (1 + a)², with w the count of passed over that of failed tests in the cycles so far. The
/// best priority for signals x is then (w p − (1 − p)) / (w p + (1 − p)) for the chance p of
/// failing, which orders by p.
///
/// A step looks at the verdict of its own test alone, and does not lead to the next: a discount of
/// 0 fits. After the last cycle the first follows again.
/// > Reference: Bagherzadeh, Kahani and Briand, *Reinforcement Learning for Test Case
/// > Prioritization*, TSE 2022, section 3.3 (pointwise), for the face; the reward is of our own.
public struct TestPrioritisation: Environment {
  /// Which test of which cycle is seen.
  public struct State: Hashable, Sendable {
    /// The number of the cycle.
    public var cycle: Int
    /// The place of the test in the cycle.
    public var place: Int
    /// How many tests have passed since the beginning.
    var passed = 0
    /// How many have failed.
    var failed = 0
  }

  public let name = "TestPrioritisation"
  public let stepLimit: Int? = nil
  public let actionSpace = Space.box(-1...1, dimensions: 1)
  public let observationSpace: Space
  /// Which test is seen; setting it goes on from there.
  ///
  /// - Precondition: The history has the cycle.
  public var state = State(cycle: 0, place: 0) {
    didSet { lookAtCycle() }
  }
  /// What is seen of a test.
  public let signals: TestSignals
  private let history: TestHistory
  /// The signals of the tests of the cycle, kept while its tests are gone through.
  private var seen: (cycle: Int, numbers: [[Float]])

  /// The name with a hash of the history and what is seen of it: a checkpoint over another history
  /// is told apart by it.
  ///
  /// - Complexity: O(runs).
  public var identity: String {
    "\(name)-\(signals.rawValue)-\(String(history.fingerprint, radix: 16))"
  }

  /// Begins with the first cycle.
  ///
  /// - Precondition: The history holds a run.
  public init(_ history: TestHistory, seeing signals: TestSignals = .all) {
    precondition(!history.executions.isEmpty, "a run of a test at least")
    self.history = history
    self.signals = signals
    observationSpace = .box(-.infinity ... .infinity, dimensions: signals.width)
    seen = (0, signals.numbers(of: history.cycle(0)))
  }

  /// Goes on with the next cycle; the first time, and after the last one, with the first.
  public mutating func reset(_ random: inout RandomStream) {
    if state.place > 0 { state.cycle = (state.cycle + 1) % history.cycles.count }
    state.place = 0
  }

  /// Gives the test that is seen a priority.
  public mutating func step(_ action: [Float], _ random: inout RandomStream) -> StepOutcome {
    precondition(action.count == 1, "one priority")
    let priority = Double(min(max(action[0], -1), 1))
    let hasFailed = history.cycle(state.cycle)[state.place].hasFailed
    if hasFailed { state.failed += 1 } else { state.passed += 1 }
    let weight = Double(state.passed + 1) / Double(state.failed + 1)
    let distance = hasFailed ? 1 - priority : 1 + priority
    state.place += 1
    return StepOutcome(
      reward: -(hasFailed ? weight : 1) * distance * distance,
      isTerminal: state.place >= history.cycles[state.cycle].count)
  }

  /// Writes the signals of the test that is seen; behind the last test of a cycle, zeros.
  public func observe(into observation: inout MutableSpan<Float>) {
    let numbers = seen.numbers
    for index in 0..<observation.count {
      observation[index] = state.place < numbers.count ? numbers[state.place][index] : 0
    }
  }

  private mutating func lookAtCycle() {
    guard seen.cycle != state.cycle else { return }
    seen = (state.cycle, signals.numbers(of: history.cycle(state.cycle)))
  }
}
