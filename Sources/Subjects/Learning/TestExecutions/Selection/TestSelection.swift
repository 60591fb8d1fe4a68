// One build after another: which tests to run, to run again, or to leave.

public import LabCore

/// What may be done with a test, in the order of the numbers of actions.
public enum SelectionAction: Int, CaseIterable, Hashable, Sendable {
  /// Runs it for the first time.
  case run
  /// Runs it again after a failure, where it is.
  case retry
  /// Leaves it as it stands: one that was not run stays unknown, one that failed is reported.
  case skip
  /// Runs it alone in a clean place, which takes longer and takes away some causes of flakiness.
  case isolate
  /// Takes it out until someone has looked at it: nothing is reported, whatever it said.
  case quarantine
}

/// What comes of decisions about tests, in minutes of people's time.
public struct SelectionRewards: Hashable, Sendable {
  /// A defect is reported.
  public var found = 20.0
  /// A defect is there and nobody hears of it.
  public var escaped = -60.0
  /// A failure is reported though nothing is broken.
  public var falseAlarm = -15.0
  /// A test is put into quarantine.
  public var quarantine = -4.0
  /// A minute of a machine's time.
  public var machineMinute = -0.5
  /// An action that does not fit, as running again what was not run, or more often than allowed; it
  /// counts as skipping besides.
  public var unfit = -5.0
  /// How much longer a run takes in isolation.
  public var isolationFactor = 3.0

  /// The standard ones, with which it pays to run most tests.
  public init() {}
}

/// A build's tests, one after another: each is run, run again, skipped, isolated or put into
/// quarantine.
///
/// Whether the code behind a test is broken is drawn when its turn comes, and is not seen; what is
/// seen are the test's chances and how often it has failed in this build. A run that passes settles
/// the test, and so do skipping and quarantine; then the next one has its turn, and after the last
/// the episode terminates. An action that does not fit costs, and leaves the test as skipping does,
/// so that no behaviour turns in a circle.
///
/// Skipping everything saves all machine time, and loses: every defect escapes. Running everything
/// until it passes finds few: a defect that is retried often enough may pass once.
///
/// Learners with tables use ``tabular``, whose best return dynamic programming computes; those with
/// networks and a few actions use this environment, which draws what the table has as chances;
/// those whose actions are a box use ``TestSelectionBox``.
public struct TestSelection: Environment {
  /// How things stand.
  public struct State: Hashable, Sendable {
    /// The number of the test whose turn it is.
    public var test = 0
    /// How often it has failed where it is.
    public var failures = 0
    /// Whether it has failed in isolation.
    public var hasFailedAlone = false
    /// Whether the code behind it is broken, which nobody sees.
    var isBroken = false

    /// The first test, not yet run.
    public init() {}
  }

  /// How often a test may be run where it is.
  public static let runLimit = 3

  public let name = "TestSelection"
  public let stepLimit: Int? = 200
  public let actionSpace = Space.discrete(count: SelectionAction.allCases.count)
  public let observationSpace = Space.box(0...1, dimensions: 11)
  public var state = State()
  /// The tests, in the order of their turns.
  public let tests: [SelectableTest]
  /// What comes of decisions.
  public let rewards: SelectionRewards

  /// Takes tests.
  ///
  /// - Precondition: There is one at least.
  public init(_ tests: [SelectableTest], rewards: SelectionRewards = SelectionRewards()) {
    precondition(!tests.isEmpty, "a test at least")
    self.tests = tests
    self.rewards = rewards
  }

  /// Draws tests.
  public init(count: Int, seed: Seed) {
    var random = seed.stream()
    self.init((0..<count).map { _ in SelectableTest.drawn(&random) })
  }

  public mutating func reset(_ random: inout RandomStream) {
    state = State()
    drawDefect(&random)
  }

  /// Does something with the test whose turn it is; see ``SelectionAction``.
  public mutating func step(_ action: Int, _ random: inout RandomStream) -> StepOutcome {
    precondition(SelectionAction(rawValue: action) != nil, "an action that exists")
    let action = SelectionAction(rawValue: action) ?? .skip
    let test = tests[state.test]
    let isFit = fits(action, failures: state.failures, hasFailedAlone: state.hasFailedAlone)
    guard isFit, let isIsolated = Self.place(of: action) else {
      return settle(
        rewards.settled(
          action, isFit: isFit, hasFailed: state.failures > 0 || state.hasFailedAlone,
          isBroken: state.isBroken), &random)
    }
    let cost = rewards.cost(of: test, isIsolated: isIsolated)
    let chance = test.failureProbability(isBroken: state.isBroken, isIsolated: isIsolated)
    guard random.unit() < chance else {
      return settle(cost + (state.isBroken ? rewards.escaped : 0), &random)
    }
    if isIsolated { state.hasFailedAlone = true } else { state.failures += 1 }
    return StepOutcome(reward: cost, isTerminal: false)
  }

  /// Writes the chances of the test, its duration over a minute, what makes it flaky, and how it
  /// has failed; zeros behind the last.
  public func observe(into observation: inout MutableSpan<Float>) {
    for index in 0..<observation.count { observation[index] = 0 }
    guard state.test < tests.count else { return }
    let test = tests[state.test]
    observation[0] = Float(min(test.duration.seconds / 60, 1))
    observation[1] = Float(test.defectProbability)
    observation[2] = Float(test.detectionProbability)
    observation[3] = Float(test.flakeProbability)
    for (index, cause) in FlakinessCause.allCases.enumerated() where cause == test.cause {
      observation[4 + index] = 1
    }
    observation[8] = Float(state.failures) / Float(Self.runLimit)
    observation[9] = state.hasFailedAlone ? 1 : 0
    observation[10] = Float(state.test) / Float(tests.count)
  }

  /// Whether an action fits a test that has failed so.
  func fits(_ action: SelectionAction, failures: Int, hasFailedAlone: Bool) -> Bool {
    switch action {
    case .run: failures == 0 && !hasFailedAlone
    case .retry: failures + (hasFailedAlone ? 1 : 0) > 0 && failures < Self.runLimit
    case .isolate: !hasFailedAlone
    case .skip, .quarantine: true
    }
  }

  /// Whether an action runs a test in isolation, or nothing where it does not run it.
  static func place(of action: SelectionAction) -> Bool? {
    switch action {
    case .run, .retry: false
    case .isolate: true
    case .skip, .quarantine: nil
    }
  }

  private mutating func settle(_ reward: Double, _ random: inout RandomStream) -> StepOutcome {
    state.test += 1
    (state.failures, state.hasFailedAlone) = (0, false)
    let isLast = state.test == tests.count
    if !isLast { drawDefect(&random) }
    return StepOutcome(reward: reward, isTerminal: isLast)
  }

  private mutating func drawDefect(_ random: inout RandomStream) {
    state.isBroken = random.unit() < tests[state.test].defectProbability
  }
}

extension SelectionRewards {
  /// What a run costs.
  func cost(of test: SelectableTest, isIsolated: Bool) -> Double {
    machineMinute * test.duration.seconds / 60 * (isIsolated ? isolationFactor : 1)
  }

  /// What skipping, quarantine or an action that does not fit earns.
  func settled(
    _ action: SelectionAction, isFit: Bool, hasFailed: Bool, isBroken: Bool
  ) -> Double {
    if action == .quarantine { return quarantine + (isBroken ? escaped : 0) }
    return (isFit ? 0 : unfit)
      + (hasFailed ? (isBroken ? found : falseAlarm) : (isBroken ? escaped : 0))
  }
}
