// A test as it truly is: what makes it fail, and what it is there to find.

public import LabCore

/// What makes a test fail now and then though nothing is broken.
public enum FlakinessCause: String, CaseIterable, Hashable, Sendable {
  /// Tests before it leave something behind.
  case order
  /// It depends on the clock, or on how fast the machine is.
  case time
  /// It fights others for memory, ports or files.
  case resource
  /// It talks over a network.
  case network

  /// Which share of such failures is left when the test runs alone in a clean place.
  public var shareLeftInIsolation: Double {
    switch self {
    case .order: 0
    case .resource: 0.1
    case .network: 0.6
    case .time: 1
    }
  }
}

/// A test with its true chances, which who selects tests is out to guess or is told.
public struct SelectableTest: Hashable, Sendable {
  /// How long it takes.
  public var duration: Duration
  /// How likely the code that it looks at is broken in a build.
  public var defectProbability: Double
  /// How likely it fails where that code is broken.
  public var detectionProbability: Double
  /// How likely it fails though nothing is broken: one minus its pass probability.
  public var flakeProbability: Double
  /// What makes it do so.
  public var cause: FlakinessCause

  /// Combines them.
  ///
  /// - Precondition: Probabilities lie from 0 to 1, and the duration is not negative.
  public init(
    duration: Duration, defect: Double, detection: Double, flake: Double, cause: FlakinessCause
  ) {
    precondition(
      [defect, detection, flake].allSatisfy { $0 >= 0 && $0 <= 1 } && duration >= .zero,
      "probabilities from 0 to 1 and a duration of at least 0")
    self.duration = duration
    defectProbability = defect
    detectionProbability = detection
    flakeProbability = flake
    self.cause = cause
  }

  /// How likely a run fails.
  public func failureProbability(isBroken: Bool, isIsolated: Bool) -> Double {
    let flake = flakeProbability * (isIsolated ? cause.shareLeftInIsolation : 1)
    return isBroken ? detectionProbability + (1 - detectionProbability) * flake : flake
  }

  /// A test that is drawn: short or long, seldom or often flaky, seldom linked to a defect.
  ///
  /// - Parameters:
  ///   - defects: How likely at most the code behind it is broken in a build; at least it is so
  ///     with a thirtieth of that.
  ///   - flaky: How many of the tests are flaky, from 0 to 1.
  public static func drawn(
    defects: Double = 0.15, flaky: Double = 0.4, _ random: inout RandomStream
  ) -> SelectableTest {
    let seconds = random.uniform(0.1, 1) * (random.unit() < 0.3 ? 60 : 4)
    let causes = FlakinessCause.allCases
    return SelectableTest(
      duration: Duration(seconds: seconds) ?? .zero, defect: random.uniform(defects / 30, defects),
      detection: random.uniform(0.7, 1),
      flake: random.unit() < flaky ? random.uniform(0.05, 0.4) : random.uniform(0, 0.02),
      cause: causes[random.below(causes.count)])
  }
}
