// The nearest of those rows that a filter accepts: how many are found, and in what time?

import LabCore
public import LabManifest
public import LabRunner
import VectorSearch

/// Searches with a filter in the ways that an index can, and as the document does.
///
/// The document's listing asks its index for twice as many vectors as it wants and gives it no
/// filter; the arm `post-filter` does that and then drops what the filter does not accept.
public enum FilteredSearch: VectorExperiment {
  public static let description = ExperimentDescription(
    name: "filtered-search",
    summary: "The nearest neighbours among the rows that a filter accepts.",
    version: 1,
    arms: FilterWay.allCases.map { ArmDescription($0.rawValue, $0.summary) },
    parameters: SearchLoad.parameters + [
      ParameterDescription(
        "selectivity", .ratio, default: .ratio(.percent(1)),
        "The share of the rows that the filter accepts, at least one row."),
      ParameterDescription(
        "accepted", .text(choices: RowChoice.allCases.map(\.rawValue)),
        default: .text(RowChoice.scattered.rawValue),
        "Which rows those are: drawn evenly, or the nearest to one of them, as the tests of one "
          + "framework may be."),
      ParameterDescription(
        "fetched", .integer(1...1_000_000), default: .integer(20),
        "How many neighbours are asked for before the filter by the arm that filters afterwards."),
    ],
    metrics: [
      MetricDescription(
        "recall", .exact, unit: "1", .higher,
        "The share of the true neighbours among the accepted rows that were found."),
      MetricDescription(
        "query_cpu", .timed, unit: "s", .lower, "Processor time of a query, over all queries."),
      MetricDescription(
        "distance_evaluations", .exact, unit: "1", .lower,
        "Distances that were computed for a query, on average."),
      MetricDescription(
        "walked", .exact, unit: "1", .neutral,
        "The share of queries that were answered by a walk over the graph; the others by a scan."),
      RunnerMetric.peakBytes.description,
    ])

  /// Speed is measured, so trials run alone.
  public static func runsInRealTime(_ settings: Settings) -> Bool { true }

  public static func run(_ trial: Trial, into recorder: inout Recorder) throws {
    let load = try SearchLoad(trial)
    let way = try trial.subject(as: FilterWay.self)
    let choice = try trial.choice("accepted", as: RowChoice.self)
    let share = try trial.share("selectivity")
    let count = max(1, Int((share * Double(load.rows.count)).rounded()))
    let accepted = try load.draw(count, choice, trial.seed).map { UInt64($0) }
    let search = try way.search(
      load, accepted, fetched: try trial.integer("fetched"))
    let answers = try load.ask(search)
    let queries = Double(load.queries.count)
    recorder.record("recall", try load.recall(of: answers.found, among: accepted))
    recorder.record("query_cpu", answers.secondsPerQuery)
    recorder.record(
      "distance_evaluations", Double(answers.counters.distanceEvaluations) / queries)
    recorder.record("walked", Double(answers.walks) / queries)
  }
}

/// A way to search with a filter.
enum FilterWay: String, CaseIterable {
  case planner, predicate
  case inGraph = "in-graph"
  case matchingRows = "matching-rows"
  case postFilter = "post-filter"

  /// What it is, as the experiment says.
  var summary: String {
    switch self {
    case .planner: "The index chooses, and knows the accepted keys one by one."
    case .predicate: "The index chooses, and can only ask whether a key is accepted."
    case .inGraph: "A walk over the whole graph that collects accepted rows alone."
    case .matchingRows: "A scan of the accepted rows, by their listed keys."
    case .postFilter: "The nearest of all rows, of which the filter then drops some."
    }
  }

  /// The search for one query; the filter is made once, before.
  func search(
    _ load: SearchLoad, _ accepted: [UInt64], fetched: Int
  ) throws -> ([Float]) throws -> SearchResult {
    let index = try load.index()
    let set = Set(accepted)
    var options = SearchOptions(breadth: load.breadth, filter: KeyFilter(keys: accepted))
    let wanted = load.neighbours
    switch self {
    case .planner: break
    case .predicate: options.filter = KeyFilter { set.contains($0) }
    case .inGraph: options.filterPlan = .inGraph
    case .matchingRows: options.filterPlan = .matchingRows
    case .postFilter:
      options.filter = nil
      return { query in
        var result = try index.search(query, neighbours: fetched, options: options)
        result.neighbours.removeAll { !set.contains($0.key) }
        result.neighbours = Array(result.neighbours.prefix(wanted))
        return result
      }
    }
    return { try index.search($0, neighbours: wanted, options: options) }
  }
}
