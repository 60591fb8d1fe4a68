// What the trials of one process share: vectors, true neighbours and indexes.

import LabCore
import LabRunner
import Synchronization
import VectorSearch

/// Search data and what was built of it, kept between trials as programs from outside keep theirs.
///
/// What is kept is fixed by the settings alone, so a trial finds the same whether it is there
/// or not. Only the last rows are kept, and the last index of each way.
final class SearchBench: Sendable {
  /// The bench of this process.
  static let shared = SearchBench()

  /// A searcher that is ready.
  struct Ready {
    var searcher: Searcher
    /// Processor time of making it ready, in seconds.
    var buildCPU: Double
    /// The queries that this way answers.
    var queries: [[Float]]
    /// The keys of their true neighbours, by the exact index.
    var truth: [[UInt64]]
    /// How many neighbours there can be.
    var neighbours: Int
  }

  private struct Built {
    var settings: SearchSettings
    var searcher: Searcher
    var cpu: Double
  }

  private struct State {
    var data: (folder: String, content: SearchData)?
    var rows: (settings: SearchSettings, rows: [[Float]])?
    var built: [SearchWay: Built] = [:]
    var truth: (settings: SearchSettings, keys: [[UInt64]])?
    var breadths: [Question: Int] = [:]
  }

  /// What decides which breadth reaches a recall.
  private struct Question: Hashable {
    var way: SearchWay
    var settings: SearchSettings
  }

  private let state = Mutex(State())

  /// The rows that settings ask for.
  ///
  /// - Throws: ``SearchDataError`` for a folder that is not there or not sound, and
  ///   ``SearchProblem`` when it has too few rows.
  func rows(_ settings: SearchSettings) throws -> [[Float]] {
    try state.withLock { try Self.rows(settings, &$0) }
  }

  /// The data that settings name.
  func data(_ settings: SearchSettings) throws -> SearchData {
    try state.withLock { try Self.data(settings, &$0) }
  }

  /// A searcher for a way and settings, built unless it was.
  func ready(_ way: SearchWay, _ settings: SearchSettings) throws -> Ready {
    try state.withLock { state in
      let rows = try Self.rows(settings, &state)
      let all = try Self.data(settings, &state).queryRows(settings.queries)
      let neighbours = min(settings.neighbours, rows.count)
      let truth = try Self.truth(settings, rows, all, neighbours, &state)
      let built = try Self.built(way, rows, settings, &state)
      let count = max(1, all.count / way.oneIn)
      return Ready(
        searcher: built.searcher, buildCPU: built.cpu, queries: Array(all.prefix(count)),
        truth: Array(truth.prefix(count)), neighbours: neighbours)
    }
  }

  private static func built(
    _ way: SearchWay, _ rows: [[Float]], _ settings: SearchSettings, _ state: inout State
  ) throws -> Built {
    let building = settings.building
    if let known = state.built[way], known.settings == building { return known }
    // Never two indexes of one way at once.
    state.built[way] = nil
    let watch = ProcessorWatch()
    let searcher = try Searcher(way, rows, settings)
    let built = Built(settings: building, searcher: searcher, cpu: watch.elapsed.seconds)
    state.built[way] = built
    return built
  }

  /// The breadth that settings ask for, or the least that reaches the recall that they ask for; 0
  /// for a scan.
  ///
  /// - Throws: ``SearchProblem/recallOutOfReach(_:breadth:)``.
  func breadth(_ way: SearchWay, _ ready: Ready, _ settings: SearchSettings) throws -> Int {
    guard ready.searcher.hasBreadth else { return 0 }
    guard settings.searchBreadth == 0 else { return settings.searchBreadth }
    let question = Question(way: way, settings: settings)
    if let known = state.withLock({ $0.breadths[question] }) { return known }
    let breadth = try LeastBreadth(from: settings.neighbours).reaching(settings.recallTarget) {
      try ready.recall(breadth: $0)
    }
    state.withLock { $0.breadths[question] = breadth }
    return breadth
  }

  private static func data(_ settings: SearchSettings, _ state: inout State) throws -> SearchData {
    if let data = state.data, data.folder == settings.data { return data.content }
    state = State()
    let data = try SearchData(folder: settings.data)
    guard data.about.queries > 0 else { throw SearchProblem.noQueries(settings.data) }
    state.data = (settings.data, data)
    return data
  }

  private static func rows(_ settings: SearchSettings, _ state: inout State) throws -> [[Float]] {
    let data = try data(settings, &state)
    let key = settings.selection
    if let known = state.rows, known.settings == key { return known.rows }
    guard settings.rows <= data.about.rows else {
      throw SearchProblem.tooFewRows(
        settings.data, wanted: settings.rows, found: data.about.rows)
    }
    let rows = data.baseRows(settings.rows > 0 ? settings.rows : nil)
    state = State(data: state.data, rows: (key, rows), breadths: state.breadths)
    return rows
  }

  private static func truth(
    _ settings: SearchSettings, _ rows: [[Float]], _ queries: [[Float]], _ neighbours: Int,
    _ state: inout State
  ) throws -> [[UInt64]] {
    var key = settings.selection
    (key.queries, key.neighbours) = (settings.queries, settings.neighbours)
    if let known = state.truth, known.settings == key { return known.keys }
    let exact = Searcher.exact(try Searcher.exactIndex(of: rows))
    let keys = try exact.answers(to: queries, neighbours: neighbours, breadth: 0).found
    state.truth = (key, keys)
    return keys
  }
}

extension SearchBench.Ready {
  /// The share of true neighbours that are found with a breadth.
  func recall(breadth: Int) throws -> Double {
    let found = try searcher.answers(to: queries, neighbours: neighbours, breadth: breadth).found
    return try recall(of: found)
  }

  /// The share of true neighbours among those that were found.
  func recall(of found: [[UInt64]]) throws -> Double {
    guard let share = Recall.share(of: found, among: truth, neighbours: neighbours) else {
      throw SearchProblem.noNeighbours
    }
    return share
  }
}

extension SearchSettings {
  /// The settings that decide which rows there are, all others alike.
  var selection: SearchSettings {
    var key = self
    (key.queries, key.neighbours, key.searchBreadth, key.recallTarget) = (0, 0, 0, 0)
    (key.connectivity, key.buildBreadth, key.buildThreads) = (0, 0, 0)
    return key
  }

  /// The settings that decide what is built, all others alike.
  var building: SearchSettings {
    var key = self
    (key.queries, key.neighbours, key.searchBreadth, key.recallTarget) = (0, 0, 0, 0)
    return key
  }
}

/// Why a trial on search cannot be run.
enum SearchProblem: Error, CustomStringConvertible {
  case tooFewRows(String, wanted: Int, found: Int)
  case noQueries(String)
  case noNeighbours
  case noGraph(arm: String)
  case noBreadth
  case recallOutOfReach(Double, breadth: Int)

  var description: String {
    switch self {
    case .tooFewRows(let folder, let wanted, let found):
      "'\(folder)' has \(found) rows; \(wanted) were expected; ask for fewer or make more"
    case .noQueries(let folder):
      "'\(folder)' has no query; at least one was expected; make the folder anew"
    case .noNeighbours:
      "there is no true neighbour to compare with; at least one row was expected; raise 'rows'"
    case .noGraph(let arm):
      "the arm '\(arm)' builds no graph; an arm that does was expected; take it out of 'arms'"
    case .noBreadth:
      "'search-breadth' is 0; the breadth of the stated settings was expected; set it"
    case .recallOutOfReach(let recall, let breadth):
      "the recall \(recall) is not reached at a breadth of \(breadth); a recall within reach was "
        + "expected; lower 'recall-target'"
    }
  }
}
