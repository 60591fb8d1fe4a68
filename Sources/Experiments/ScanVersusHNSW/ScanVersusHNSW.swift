// How much faster than a scan is a graph, at which recall, and beside which peers?

import LabCore
public import LabManifest
public import LabRunner

/// Searches the same rows by scans and by graphs, the laboratory's own and from outside.
///
/// A peer gets the parameters by their names, reads the folder `data` itself, builds with the
/// connectivity and the breadth that are set, searches one query after the other on one thread, and
/// answers with ``description``'s metrics but `distance_evaluations`, which few peers count. The
/// parameters that plant work are for the laboratory's own arms; a peer passes over them.
public enum ScanVersusHNSW: VectorExperiment {
  public static let description = ExperimentDescription(
    name: "scan-versus-hnsw",
    summary: "The nearest neighbours of real and synthetic vectors, by scans and by graphs, at a "
      + "set breadth or at the least breadth that reaches a recall.",
    version: 1,
    arms: SearchWay.allCases.map(\.description),
    parameters: SearchSettings.parameters + [
      ParameterDescription(
        "scan-work", .integer(1...10_000), default: .integer(1),
        "A planted slow-down of the laboratory's own scans: how often each query is searched, of "
          + "which one counts."),
      ParameterDescription(
        "graph-work", .integer(1...10_000), default: .integer(1),
        "The same of the laboratory's own graphs."),
    ],
    metrics: [
      MetricDescription(
        "query_cpu", .timed, unit: "s", .lower, "Processor time of a query, over all queries."),
      MetricDescription(
        "query_wall", .timed, unit: "s", .lower,
        "The median time of a query by the wall clock, in a second pass."),
      MetricDescription(
        "recall", .exact, unit: "1", .higher,
        "The share of the true neighbours of all queries that were found; of the laboratory's arms "
          + "beside its exact index, of a peer beside an exact search of its own."),
      MetricDescription(
        "search_breadth", .exact, unit: "1", .lower,
        "The candidates that were kept; 0 for a scan."),
      MetricDescription(
        "distance_evaluations", .exact, unit: "1", .lower,
        "Distances that were computed for a query, on average."),
      MetricDescription(
        "build_cpu", .ceiling, unit: "s", .lower,
        "Processor time of building the index that was searched, whenever that was."),
      RunnerMetric.peakBytes.description,
    ])

  /// Speed is measured, so trials run alone.
  public static func runsInRealTime(_ settings: Settings) -> Bool { true }

  public static func run(_ trial: Trial, into recorder: inout Recorder) throws {
    let settings = try SearchSettings(trial)
    let way = try trial.subject(as: SearchWay.self)
    let work = try trial.integer(way.storage == nil ? "scan-work" : "graph-work")
    let ready = try SearchBench.shared.ready(way, settings)
    let breadth = try SearchBench.shared.breadth(way, ready, settings)
    let (queries, neighbours) = (ready.queries, ready.neighbours)
    let watch = ProcessorWatch()
    let answers = try ready.searcher.answers(to: queries, neighbours: neighbours, breadth: breadth)
    for _ in 1..<work {
      _ = try ready.searcher.answers(to: queries, neighbours: neighbours, breadth: breadth)
    }
    let time = watch.elapsed
    var walls: [Double] = []
    for query in queries {
      let start = Stopwatch.monotonic()
      _ = try ready.searcher.answers(to: [query], neighbours: neighbours, breadth: breadth)
      walls.append((Stopwatch.monotonic() - start).seconds)
    }
    walls.sort()
    let count = Double(queries.count)
    recorder.record("query_cpu", time.seconds / count)
    recorder.record("query_wall", (walls[walls.count / 2] + walls[(walls.count - 1) / 2]) / 2)
    recorder.record("recall", try ready.recall(of: answers.found))
    recorder.record("search_breadth", breadth)
    recorder.record("distance_evaluations", Double(answers.evaluations) / count)
    recorder.record("build_cpu", ready.buildCPU)
  }
}
