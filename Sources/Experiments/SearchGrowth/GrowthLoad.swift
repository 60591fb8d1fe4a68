// Searches of growing parts of the same rows.

import Glibc
import LabCore
import LabManifest
import LabRunner
import VectorSearch

/// The searches of one trial.
struct GrowthLoad {
  /// What was measured with some of the rows.
  struct Point {
    var rows: Int
    /// Processor time of a query.
    var scanSeconds: Double
    var graphSeconds: Double
    /// The graph's distance evaluations of a query.
    var evaluations: Double
  }

  private let way: SearchWay
  private let settings: SearchSettings
  private let steps: Int
  private let fewest: Int
  private let work: Int
  private let rows: [[Float]]
  private let queries: [[Float]]

  /// Draws the order of rows and queries.
  ///
  /// - Throws: ``SearchDataError``, and ``SearchProblem`` for data with too few rows.
  init(_ trial: Trial, _ way: SearchWay) throws {
    self.way = way
    steps = try trial.integer("steps")
    fewest = try trial.integer("fewest-rows")
    work = try trial.integer("scan-work")
    settings = try SearchSettings(trial)
    let all = try SearchBench.shared.data(settings)
    rows = Self.shuffled(
      try SearchBench.shared.rows(settings), seed: trial.seed.child("rows"))
    queries = Array(
      Self.shuffled(all.queryRows(), seed: trial.seed.child("queries")).prefix(settings.queries))
    guard rows.count > fewest else {
      throw SearchProblem.tooFewRows(settings.data, wanted: fewest + 1, found: rows.count)
    }
  }

  private static func shuffled(_ rows: [[Float]], seed: Seed) -> [[Float]] {
    var stream = seed.stream()
    var rows = rows
    for place in rows.indices.dropFirst().reversed() {
      rows.swapAt(place, stream.below(place + 1))
    }
    return rows
  }

  /// The numbers of rows: evenly apart on a logarithmic axis, each once.
  var sizes: [Int] {
    let (low, high) = (log(Double(fewest)), log(Double(rows.count)))
    return (0..<steps).map { step in
      Int(exp(low + (high - low) * Double(step) / Double(steps - 1)).rounded())
    }
  }

  /// Measures with every number of rows.
  func points() throws -> [Point] {
    try sizes.map { try point(Array(rows.prefix($0))) }
  }

  private func point(_ rows: [[Float]]) throws -> Point {
    let neighbours = min(settings.neighbours, rows.count)
    let truth = try Searcher.exact(try Searcher.exactIndex(of: rows))
      .answers(to: queries, neighbours: neighbours, breadth: 0).found
    func ready(_ way: SearchWay) throws -> SearchBench.Ready {
      let count = max(1, queries.count / way.oneIn)
      return SearchBench.Ready(
        searcher: try Searcher(way, rows, settings), buildCPU: 0,
        queries: Array(queries.prefix(count)), truth: Array(truth.prefix(count)),
        neighbours: neighbours)
    }
    let (scan, graph) = (try ready(way), try ready(.float32))
    let breadth = try LeastBreadth(from: neighbours).reaching(settings.recallTarget) {
      try graph.recall(breadth: $0)
    }
    // There and back, so that a drift of the machine hits both alike.
    var seconds = (scan: 0.0, graph: 0.0)
    var evaluations = 0
    for isForwards in [true, false] {
      if isForwards { seconds.scan += try time(scan, breadth: 0, times: work).seconds }
      for _ in 0..<2 {
        let (graphSeconds, answers) = try time(graph, breadth: breadth, times: 1)
        seconds.graph += graphSeconds / 2
        evaluations = answers.evaluations
      }
      if !isForwards { seconds.scan += try time(scan, breadth: 0, times: work).seconds }
    }
    return Point(
      rows: rows.count, scanSeconds: seconds.scan / 2, graphSeconds: seconds.graph / 2,
      evaluations: Double(evaluations) / Double(graph.queries.count))
  }

  /// Processor time of a query, with the answers.
  private func time(
    _ ready: SearchBench.Ready, breadth: Int, times: Int
  ) throws -> (seconds: Double, answers: Searcher.Answers) {
    let watch = ProcessorWatch()
    var answers = Searcher.Answers(found: [], evaluations: 0)
    for _ in 0..<times {
      answers = try ready.searcher.answers(
        to: ready.queries, neighbours: ready.neighbours, breadth: breadth)
    }
    return (watch.elapsed.seconds / Double(ready.queries.count), answers)
  }
}
