// Vectors, their index and the queries of one trial, and how both are timed.

import LabCore
import LabManifest
import LabRunner
import VectorSearch

/// What a trial on search asks of which vectors.
struct SearchLoad: Sendable {
  /// The folder of the search data.
  let folder: String
  /// The vectors; the number of each is its key.
  let rows: [[Float]]
  let queries: [[Float]]
  /// How many neighbours are wanted.
  let neighbours: Int
  /// How many candidates a search keeps.
  let breadth: Int
  /// All queries are asked until so much processor time is spent.
  let leastTime: LabCore.Duration

  private static let lastData = LastMade<String, SearchData>()
  private static let lastIndex = LastMade<String, HNSWIndex>()

  /// The parameters as experiments list them.
  static let parameters =
    SearchData.parameters + [
      ParameterDescription(
        "search-breadth", .integer(1...1_000_000), default: .integer(100),
        "How many candidates a search keeps (ef)."),
      ParameterDescription(
        "least-time", .duration, default: .duration(.milliseconds(20)),
        "All queries are asked again until so much processor time is spent, and timed together."),
    ]

  /// Reads the load of a trial.
  ///
  /// - Throws: ``SearchDataError`` for a folder that is not there or not sound.
  init(_ trial: Trial) throws {
    folder = try trial.text("data")
    let folder = folder
    let data = try Self.lastData.value(for: folder) { try SearchData(folder: folder) }
    rows = data.baseRows()
    queries = data.queryRows(try trial.integer("queries"))
    neighbours = try trial.integer("neighbours")
    breadth = try trial.integer("search-breadth")
    leastTime = try trial.duration("least-time")
  }

  /// The graph of all vectors, with the settings that comparisons use.
  func index() throws -> HNSWIndex {
    try Self.lastIndex.value(for: folder) { try built(Array(rows.indices)) }
  }

  /// A new graph of some of the vectors.
  func built(_ numbers: [Int]) throws -> HNSWIndex {
    let index = try HNSWIndex(dimensions: rows.first?.count ?? 0, metric: .innerProduct)
    try index.build(numbers.map { rows[$0] }, keys: numbers.map { UInt64($0) })
    return index
  }

  /// What was found for the queries, and at which cost.
  struct Answers {
    /// The keys of each query's neighbours.
    var found: [[UInt64]] = []
    /// What all queries took together.
    var counters = SearchCounters()
    /// How many queries were answered by a walk over a graph.
    var walks = 0
    /// Processor time of one query.
    var secondsPerQuery = 0.0
  }

  /// Asks all queries, once or until enough time is spent, and times them together.
  func ask(_ search: ([Float]) throws -> SearchResult) throws -> Answers {
    var results: [SearchResult] = []
    var rounds = 0
    let watch = ProcessorWatch()
    repeat {
      results.removeAll(keepingCapacity: true)
      for query in queries { results.append(try search(query)) }
      rounds += 1
    } while watch.elapsed < leastTime
    let seconds = watch.elapsed.seconds
    var answers = Answers(secondsPerQuery: seconds / Double(max(rounds * queries.count, 1)))
    for result in results {
      answers.found.append(result.neighbours.map(\.key))
      answers.counters += result.counters
      answers.walks += result.counters.hops > 0 ? 1 : 0
    }
    return answers
  }

  /// The share of the true neighbours among some keys that were found.
  func recall(of found: [[UInt64]], among keys: [UInt64]) throws -> Double {
    let exact = SearchOptions(isExact: true, filter: KeyFilter(keys: keys))
    let index = try index()
    let wanted = min(neighbours, keys.count)
    let truth = try queries.map {
      try index.search($0, neighbours: wanted, options: exact).neighbours.map(\.key)
    }
    guard let share = Recall.share(of: found, among: truth, neighbours: wanted) else {
      throw SearchProblem.noNeighbours
    }
    return share
  }

  /// Some of the vectors' numbers, drawn evenly or all around one place.
  func draw(_ count: Int, _ choice: RowChoice, _ seed: Seed) throws -> [Int] {
    var stream = seed.stream()
    switch choice {
    case .scattered:
      return Array(rows.indices.shuffled(using: &stream).prefix(count))
    case .together:
      let middle = rows[stream.below(rows.count)]
      let options = SearchOptions(isExact: true)
      let nearest = try index().search(middle, neighbours: count, options: options)
      return nearest.neighbours.map { Int($0.key) }
    }
  }
}

/// Which vectors are meant, of all.
enum RowChoice: String, CaseIterable {
  /// Drawn evenly.
  case scattered
  /// The nearest to one of them.
  case together
}
