// Does a search answer fast enough, and does the document's benchmark count right?

import LabCore
public import LabManifest
public import LabRunner
import Statistics

/// Times single queries, warm and cold, serves queries that come at a rate, and runs the document's
/// benchmark beside an independent count.
public enum SearchService: VectorExperiment {
  public static let description = ExperimentDescription(
    name: "search-service",
    summary: "The time of single queries, the backlog at a rate of queries, and the throughput "
      + "that the document's benchmark reports beside the one that is counted.",
    version: 1,
    arms: SearchWay.allCases.map(\.description),
    parameters: SearchSettings.parameters + [
      ParameterDescription(
        "rate", .number(0.1...1_000_000), default: .number(100),
        "How many queries come in a second, independently of each other."),
      ParameterDescription(
        "span", .duration, default: .duration(.seconds(2)), "For how long they come."),
      ParameterDescription(
        "clients", .integer(1...64), default: .integer(1),
        "How many clients run the document's benchmark at once."),
      ParameterDescription(
        "planted-delay", .duration, default: .duration(.zero),
        "A planted wait before each answer."),
    ],
    metrics: [
      MetricDescription(
        "warm_latency", .timed, unit: "histogram", .lower,
        "The time of each query, after all were asked once."),
      MetricDescription(
        "cold_latency", .timed, unit: "histogram", .lower,
        "The time of each query after the caches of the processor were overwritten."),
      MetricDescription(
        "largest_backlog", .timed, unit: "1", .lower,
        "The most queries that had come and were not answered, counted when one is answered."),
      MetricDescription(
        "throughput_error", .timed, unit: "1", .lower,
        "How far the throughput that the document's benchmark reports to a client, 1000 over its "
          + "mean time in milliseconds, is from the queries that all clients got answered in a "
          + "second, as a share of the latter."),
    ])

  /// Speed is measured, so trials run alone.
  public static func runsInRealTime(_ settings: Settings) -> Bool { true }

  public static func run(_ trial: Trial, into recorder: inout Recorder) throws {
    let settings = try SearchSettings(trial)
    let way = try trial.subject(as: SearchWay.self)
    let rate = try trial.number("rate")
    let span = try trial.duration("span")
    let clients = try trial.integer("clients")
    let delay = try trial.duration("planted-delay")
    let ready = try SearchBench.shared.ready(way, settings)
    let breadth = try SearchBench.shared.breadth(way, ready, settings)
    let load = ServiceLoad(ready: ready, breadth: breadth, delay: delay)
    recorder.record("warm_latency", try load.latencies(isCold: false))
    recorder.record("cold_latency", try load.latencies(isCold: true))
    var stream = trial.seed.child("arrivals").stream()
    recorder.record(
      "largest_backlog", try load.largestBacklog(rate: rate, span: span, &stream))
    recorder.record("throughput_error", try load.throughputError(clients: clients))
  }
}
