// An index after many of its rows were removed, beside a new one of those that are left.

import LabCore
public import LabManifest
public import LabRunner
import VectorSearch

/// Removes rows one by one, and searches before and after compaction.
///
/// The rows to remove are fixed by the parameters, not by the repetition, so an index is made once
/// and searched many times.
public enum Deletes: VectorExperiment {
  public static let description = ExperimentDescription(
    name: "deletes",
    summary: "An index of which up to nearly all rows were removed, one by one.",
    version: 1,
    arms: DeleteWay.allCases.map { ArmDescription($0.rawValue, $0.summary) },
    parameters: SearchLoad.parameters + [
      ParameterDescription(
        "deleted", .ratio, default: .ratio(.percent(95)), "The share of the rows that is removed."),
      ParameterDescription(
        "removed-rows", .text(choices: RowChoice.allCases.map(\.rawValue)),
        default: .text(RowChoice.scattered.rawValue),
        "Which rows those are: drawn evenly, or the nearest to one of them."),
      ParameterDescription(
        "draw", .integer(0...1_000_000_000), default: .integer(1), "Decides the draw of the rows."),
      ParameterDescription(
        "planted-ghosts", .flag, default: .flag(false),
        "A planted fault: nothing is removed from the index that is searched."),
    ],
    metrics: [
      MetricDescription(
        "recall", .exact, unit: "1", .higher,
        "The share of the true neighbours among the rows that are left that were found."),
      MetricDescription(
        "query_cpu", .timed, unit: "s", .lower, "Processor time of a query, over all queries."),
      MetricDescription(
        "distance_evaluations", .exact, unit: "1", .lower,
        "Distances that were computed for a query, on average."),
      MetricDescription(
        "removed_found", .exact, unit: "1", .lower, "How many found rows were removed before."),
      MetricDescription(
        "index_bytes", .exact, unit: "B", .lower, "Memory of the rows with their links."),
      MetricDescription(
        "change_cpu", .ceiling, unit: "s", .lower,
        "Processor time of removing one row, repair and compaction included, or of building for "
          + "each row that is left."),
      RunnerMetric.peakBytes.description,
    ])

  /// Speed is measured, so trials run alone.
  public static func runsInRealTime(_ settings: Settings) -> Bool { true }

  public static func run(_ trial: Trial, into recorder: inout Recorder) throws {
    let load = try SearchLoad(trial)
    let way = try trial.subject(as: DeleteWay.self)
    let choice = try trial.choice("removed-rows", as: RowChoice.self)
    let share = try trial.share("deleted")
    let count = min(Int((share * Double(load.rows.count)).rounded()), load.rows.count - 1)
    let draw = try trial.integer("draw")
    let removed = try load.draw(count, choice, Seed(UInt64(draw)))
    let hasGhosts = try trial.flag("planted-ghosts")
    let key = ChangedIndex.Key(
      folder: load.folder, choice: choice, removed: removed.count, draw: draw,
      hasGhosts: hasGhosts)
    let changed = try way.kept.value(for: key) {
      try ChangedIndex(way, load, removed, hasGhosts: hasGhosts)
    }
    let answers = try load.ask(changed.search(load))
    let queries = Double(load.queries.count)
    let gone = Set(removed.map { UInt64($0) })
    recorder.record("recall", try load.recall(of: answers.found, among: changed.living))
    recorder.record("query_cpu", answers.secondsPerQuery)
    recorder.record(
      "distance_evaluations", Double(answers.counters.distanceEvaluations) / queries)
    recorder.record("removed_found", answers.found.joined().count { gone.contains($0) })
    recorder.record("index_bytes", changed.index.byteCount)
    recorder.record("change_cpu", changed.secondsPerChange)
  }
}

/// What was done to the index that is searched.
enum DeleteWay: String, CaseIterable {
  case repaired, compacted, fresh, marked

  /// What it is, as the experiment says.
  var summary: String {
    switch self {
    case .repaired: "Rows are removed, and the graph repairs itself on the way."
    case .compacted: "The same, and then the memory of removed rows is given back."
    case .fresh: "A new index of the rows that are left."
    case .marked: "Nothing is taken out: searches walk over all rows and pass over removed ones."
    }
  }

  /// The indexes of this way that were made last.
  fileprivate var kept: LastMade<ChangedIndex.Key, ChangedIndex> {
    switch self {
    case .repaired: Self.lastRepaired
    case .compacted: Self.lastCompacted
    case .fresh: Self.lastFresh
    case .marked: Self.lastMarked
    }
  }

  /// Controls search the indexes of the cells again.
  private static let cells = 8
  private static let lastRepaired = LastMade<ChangedIndex.Key, ChangedIndex>(capacity: cells)
  private static let lastCompacted = LastMade<ChangedIndex.Key, ChangedIndex>(capacity: cells)
  private static let lastFresh = LastMade<ChangedIndex.Key, ChangedIndex>(capacity: cells)
  private static let lastMarked = LastMade<ChangedIndex.Key, ChangedIndex>(capacity: cells)
}

/// An index after its changes.
private struct ChangedIndex: Sendable {
  /// What fixes it, besides the way.
  struct Key: Hashable {
    var folder: String
    var choice: RowChoice
    var removed: Int
    var draw: Int
    var hasGhosts: Bool
  }

  let index: HNSWIndex
  /// The keys of the rows that are left.
  let living: [UInt64]
  let secondsPerChange: Double
  private let filter: KeyFilter?

  init(_ way: DeleteWay, _ load: SearchLoad, _ removed: [Int], hasGhosts: Bool) throws {
    let gone = Set(removed)
    let rest = load.rows.indices.filter { !gone.contains($0) }
    living = rest.map { UInt64($0) }
    let all = Array(load.rows.indices)
    switch way {
    case .fresh:
      let watch = ProcessorWatch()
      index = try load.built(rest)
      secondsPerChange = watch.elapsed.seconds / Double(max(rest.count, 1))
    case .marked:
      (index, secondsPerChange) = (try load.index(), 0)
    case .repaired, .compacted:
      index = try load.built(all)
      let watch = ProcessorWatch()
      for number in hasGhosts ? [] : removed { try index.remove(key: UInt64(number)) }
      if way == .compacted { try index.compact() }
      secondsPerChange = watch.elapsed.seconds / Double(max(removed.count, 1))
    }
    let left = Set(living)
    filter = way == .marked ? KeyFilter { left.contains($0) } : nil
  }

  /// The search for one query.
  func search(_ load: SearchLoad) -> ([Float]) throws -> SearchResult {
    let options = SearchOptions(
      breadth: load.breadth, filter: filter, filterPlan: filter.map { _ in .inGraph })
    return { try index.search($0, neighbours: load.neighbours, options: options) }
  }
}
