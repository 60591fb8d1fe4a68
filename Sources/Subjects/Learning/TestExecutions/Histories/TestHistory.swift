// What is known of the tests that a project has run, cycle after cycle.

public import LabCore

/// Runs of tests, cycle by cycle, in the order in which cycles happened.
///
/// A cycle is what one build or commit ran. Every run knows what had come of the same test before,
/// so that whoever orders the tests of a cycle needs nothing of its own but the cycle.
/// - Complexity: 40 bytes a run. While it is read, 8 more, and as many again where the cycles of
///   the files are mixed up; growing arrays may hold twice that for a moment.
public struct TestHistory: Hashable, Sendable {
  /// The names of the tests, in the order in which people sort names, numbers by their size; a run
  /// refers to them by number.
  public let tests: [String]
  /// All runs, cycle after cycle.
  public let executions: [TestExecution]
  /// Which runs belong to which cycle, in the order of the cycles.
  public let cycles: [Range<Int>]

  /// Combines what has been read.
  ///
  /// - Precondition: The ranges follow one another without gaps; runs refer to tests that exist.
  init(tests: [String], executions: [TestExecution], cycles: [Range<Int>]) {
    self.tests = tests
    self.executions = executions
    self.cycles = cycles
  }

  /// The same runs, but each knows as its past what had come of any test of its cycle: nothing but
  /// chance is left of what verdicts tell.
  public func shufflingPasts(seed: Seed) -> TestHistory {
    var random = seed.stream()
    var executions = executions
    for cycle in cycles {
      for last in cycle.dropFirst().reversed() {
        let other = cycle.lowerBound + random.below(last - cycle.lowerBound + 1)
        (executions[last].past, executions[other].past) = (
          executions[other].past, executions[last].past
        )
      }
    }
    return TestHistory(tests: tests, executions: executions, cycles: cycles)
  }

  /// The runs of a cycle.
  ///
  /// - Precondition: The cycle exists.
  public func executions(of cycle: Int) -> ArraySlice<TestExecution> { executions[cycles[cycle]] }

  /// How many runs failed.
  public var failures: Int { executions.count { $0.hasFailed } }

  /// In how many cycles a run failed.
  public var failingCycles: Int {
    cycles.count { executions[$0].contains { $0.hasFailed } }
  }
}

/// One run of one test.
public struct TestExecution: Hashable, Sendable, BitwiseCopyable {
  /// The number of the test in its history.
  public var test: Int32
  /// Whether it failed.
  public var hasFailed: Bool
  /// How long it took, which nobody knows before it has run; zero where nobody has measured it.
  public var duration: Duration
  /// How long it was to be expected to take, from earlier cycles alone: the latest duration of the
  /// same test that was measured, else the mean of all that were, else zero.
  ///
  /// A duration of zero counts as one that nobody has measured: runners write it where a run broke
  /// off, and so it would tell verdicts.
  public var expectedDuration: Duration
  /// When the test had been run last, in whole seconds since 1970; 0 where that is not known.
  public var lastRunSeconds: Int64
  /// What had come of the same test before.
  public var past: PastVerdicts

  /// Combines what is known.
  public init(
    test: Int, duration: Duration, expectedDuration: Duration = .zero, lastRunSeconds: Int64 = 0,
    hasFailed: Bool, past: PastVerdicts = PastVerdicts()
  ) {
    self.test = Int32(test)
    self.duration = duration
    self.expectedDuration = expectedDuration
    self.lastRunSeconds = lastRunSeconds
    self.hasFailed = hasFailed
    self.past = past
  }
}

/// The latest verdicts of a test, at most 50.
public struct PastVerdicts: Hashable, Sendable, BitwiseCopyable {
  /// How many are kept, as in the published histories.
  public static let limit = 50
  /// Bit `n` below the limit is set where the verdict before `n` later ones was a failure; the
  /// count stands above them.
  private var word: UInt64 = 0

  /// Begins without any.
  public init() {}

  /// Takes verdicts, the newest first; those beyond the limit are left out.
  public init(newestFirst verdicts: some Sequence<Bool>) {
    var (bits, count): (UInt64, Int) = (0, 0)
    for hasFailed in verdicts.prefix(Self.limit) {
      if hasFailed { bits |= 1 << UInt64(count) }
      count += 1
    }
    word = Self.word(bits, count)
  }

  /// Adds a verdict that is newer than all.
  public mutating func append(hasFailed: Bool) {
    word = Self.word(bits << 1 | (hasFailed ? 1 : 0), min(count + 1, Self.limit))
  }

  /// How many verdicts are known.
  public var count: Int { Int(word >> UInt64(Self.limit)) }

  /// How many failures are known.
  public var failures: Int { bits.nonzeroBitCount }

  /// Whether the verdict before `age` later ones was a failure, or nothing where there is none.
  public subscript(age: Int) -> Bool? {
    age >= 0 && age < count ? bits >> UInt64(age) & 1 == 1 : nil
  }

  private var bits: UInt64 { word & Self.mask }

  private static var mask: UInt64 { 1 << UInt64(limit) - 1 }

  private static func word(_ bits: UInt64, _ count: Int) -> UInt64 {
    bits & mask | UInt64(count) << UInt64(limit)
  }
}
