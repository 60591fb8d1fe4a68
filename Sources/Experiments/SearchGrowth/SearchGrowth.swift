// How do scans and graphs grow with the number of vectors, and where do they meet?

import LabCore
public import LabManifest
public import LabRunner
import Statistics
import VectorSearch

/// Fits how the cost of a scan and of a graph grows with the number of vectors.
///
/// One trial is one fit: it takes the rows and the queries in an order of its own, drawn by its
/// seed, searches growing parts of the rows by its arm's scan and by a graph at the least breadth
/// that reaches the recall, and fits power laws. Values over repetitions so show how much the
/// choice of rows and queries and the clock matter, and not whether the law is right.
public enum SearchGrowth: VectorExperiment {
  public static let description = ExperimentDescription(
    name: "search-growth",
    summary: "How time and distance evaluations of scans and graphs grow with the number of "
      + "vectors, where the graph becomes faster, and where it is 150 times as fast.",
    version: 1,
    arms: [SearchWay.naive, .scalar, .scan].map(\.description),
    parameters: SearchSettings.parameters + [
      ParameterDescription(
        "steps", .integer(3...20), default: .integer(7),
        "At how many numbers of rows is measured, evenly apart on a logarithmic axis."),
      ParameterDescription(
        "fewest-rows", .integer(10...1_000_000), default: .integer(100),
        "The smallest of these numbers; the largest is that of the rows."),
      ParameterDescription(
        "fit-from", .integer(10...100_000_000), default: .integer(1_000),
        "From how many rows on points count for the extrapolation of the speed-up."),
      ParameterDescription(
        "planted-law", .text(choices: ["none", "logarithm", "power"]), default: .text("none"),
        "A planted law in place of the scan's times and the graph's distance evaluations: "
          + "100 ln N or N to the power .35."),
      ParameterDescription(
        "scan-work", .integer(1...10_000), default: .integer(1),
        "A planted slow-down of scans: how often each query is searched, of which one counts."),
    ],
    metrics: [
      MetricDescription(
        "scan_time_exponent", .timed, unit: "1", .neutral,
        "The exponent of the scan's processor time in the number of rows."),
      MetricDescription(
        "graph_time_exponent", .timed, unit: "1", .lower,
        "The exponent of the graph's processor time."),
      MetricDescription(
        "evaluations_exponent", .sampled, unit: "1", .lower,
        "The exponent of the graph's distance evaluations."),
      MetricDescription(
        "power_over_logarithm", .sampled, unit: "1", .neutral,
        "The squared relative errors of the best power law for the graph's distance evaluations "
          + "over those of the best a + b ln N: above 1 where the logarithm fits better."),
      MetricDescription(
        "speed_up", .timed, unit: "1", .higher,
        "The scan's processor time over the graph's at the largest number of rows."),
      MetricDescription(
        "break_even_rows", .timed, unit: "1", .lower,
        "From how many rows on the graph is faster: the fewest measured where it always is, else "
          + "interpolated between measured numbers or extrapolated by a power law of the speed-up; "
          + "1e15 for never."),
      MetricDescription(
        "rows_at_150", .timed, unit: "1", .lower,
        "Likewise, at how many rows the graph is 150 times as fast."),
    ])

  /// Speed is measured, so trials run alone.
  public static func runsInRealTime(_ settings: Settings) -> Bool { true }

  public static func run(_ trial: Trial, into recorder: inout Recorder) throws {
    let way = try trial.subject(as: SearchWay.self)
    let fitFrom = try trial.integer("fit-from")
    let law = try trial.text("planted-law")
    let points = try GrowthLoad(trial, way).points()
    let rows = points.map { Double($0.rows) }
    let planted = GrowthFit.values(of: law, at: rows)
    let evaluations = planted ?? points.map(\.evaluations)
    let scan = planted ?? points.map(\.scanSeconds)
    let graph = points.map(\.graphSeconds)
    recorder.record("scan_time_exponent", try LogLogSlope(x: rows, y: scan).slope.estimate)
    recorder.record("graph_time_exponent", try LogLogSlope(x: rows, y: graph).slope.estimate)
    let fit = try LogLogSlope(x: rows, y: evaluations)
    recorder.record("evaluations_exponent", fit.slope.estimate)
    let errors = GrowthFit.errors(rows, evaluations)
    recorder.record("power_over_logarithm", errors.power / errors.logarithm)
    let speedUps = zip(scan, graph).map { $0 / $1 }
    recorder.record("speed_up", speedUps.last ?? 0)
    let crossing = SpeedUpCrossing(rows: rows, speedUps: speedUps, fitFrom: Double(fitFrom))
    recorder.record("break_even_rows", try crossing.rows(at: 1))
    recorder.record("rows_at_150", try crossing.rows(at: 150))
  }
}
