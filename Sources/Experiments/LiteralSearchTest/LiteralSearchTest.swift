// Does the document's own test of its search tell a right search from a broken one?

import LabCore
public import LabManifest
public import LabRunner

/// Runs two tests on right and on broken searches, and counts which of them each test catches.
///
/// The arm `as-written` is the test of section 3.2: 10,000 patterns, one search, less than 10 ms by
/// a clock of whole milliseconds, ten results. Its patterns get the vectors that the listing makes:
/// 384 random components. The arm `ours` asks many queries among vectors with clusters, compares
/// what is found with the truth, and counts distance evaluations instead of time.
public enum LiteralSearchTest: Experiment {
  public static let description = ExperimentDescription(
    name: "literal-search-test",
    summary: "The document's test of its search, on right searches and on broken ones.",
    version: 1,
    arms: [
      ArmDescription("as-written", "The test of the document: fewer than 10 ms and ten results."),
      ArmDescription("ours", "Ten neighbours, nearly all of them true, at few evaluations."),
    ],
    parameters: [
      ParameterDescription(
        "patterns", .integer(100...10_000_000), default: .integer(10_000),
        "How many patterns are searched."),
      ParameterDescription(
        "queries", .integer(1...10_000), default: .integer(50),
        "How many queries the test of the laboratory asks."),
      ParameterDescription(
        "search-breadth", .integer(1...1_000_000), default: .integer(100),
        "How many candidates the graph keeps (ef)."),
      ParameterDescription(
        "connectivity", .integer(2...256), default: .integer(16),
        "How many links a pattern gets in the graph (M)."),
      ParameterDescription(
        "work", .integer(1...1_000_000), default: .integer(1),
        "A planted slow-down: how often each query is searched, of which one counts."),
    ],
    metrics: [
      MetricDescription(
        "graph_passed", .sampled, unit: "1", .higher,
        "1 when the test passes on the search by a graph, else 0."),
      MetricDescription(
        "scan_passed", .sampled, unit: "1", .lower,
        "1 when it passes on the linear scan, which it should tell from the graph, else 0."),
      MetricDescription(
        "caught_fraction", .sampled, unit: "1", .higher,
        "The share of broken searches on which the test fails."),
      MetricDescription(
        "arbitrary_caught", .sampled, unit: "1", .higher,
        "1 when the test fails on a search that returns ten arbitrary rows, else 0."),
      MetricDescription(
        "graph_duration", .timed, unit: "s", .lower,
        "The first query's time by the wall clock, by the graph."),
      MetricDescription(
        "scan_duration", .timed, unit: "s", .lower,
        "The first query's time by the wall clock, by the scan."),
    ])

  /// The document's test reads the clock.
  public static func runsInRealTime(_ settings: Settings) -> Bool { true }

  /// The name of the distance kernels, on which the graph depends.
  public static var exactness: [String: String] { SearchKernels.distance }

  public static func run(_ trial: Trial, into recorder: inout Recorder) throws {
    try run(trial, clock: Stopwatch.monotonic, into: &recorder)
  }

  /// Runs a trial by any clock.
  static func run(
    _ trial: Trial, clock: @escaping () -> Instant, into recorder: inout Recorder
  ) throws {
    let isLiteral = trial.arm == "as-written"
    let patterns = try SearchedPatterns(trial, isLiteral: isLiteral, clock: clock)
    let test = isLiteral ? patterns.passesLiterally : patterns.passesOurs
    let graph = try test(.graph)
    let scan = try test(.scan)
    let broken = TestedSearch.allCases.filter(\.isBroken)
    let caught = try broken.filter { try !test($0).hasPassed }
    recorder.record("graph_passed", graph.hasPassed ? 1 : 0)
    recorder.record("scan_passed", scan.hasPassed ? 1 : 0)
    recorder.record("caught_fraction", Double(caught.count) / Double(broken.count))
    recorder.record("arbitrary_caught", caught.contains(.arbitrary) ? 1 : 0)
    recorder.record("graph_duration", graph.firstDuration.seconds)
    recorder.record("scan_duration", scan.firstDuration.seconds)
  }
}
