// The patterns of a test of a search, and the two tests.

import LabCore
import LabManifest
import LabRunner
import VectorSearch

/// Patterns in a graph, with the queries that tests ask.
struct SearchedPatterns {
  /// How a test ended.
  struct Outcome {
    var hasPassed: Bool
    /// How long the first query took by the wall clock.
    var firstDuration: LabCore.Duration
  }

  private static let dimensions = 384
  /// What both tests ask for.
  private static let limit = 10
  /// What the laboratory's test asks of a right search: the recall, and the share of all patterns
  /// that it may compare with a query, which a linear search misses whatever machine runs it.
  private static let leastRecall = 0.95
  private static let mostEvaluations = 0.5

  private let index: HNSWIndex
  private let queries: [[Float]]
  private let count: Int
  private let breadth: Int
  private let work: Int
  private let seed: Seed
  private let clock: () -> Instant

  /// Makes the patterns of a trial.
  ///
  /// - Parameter isLiteral: Whether vectors are made as the document's listing makes them, of
  ///   random components for each text anew; otherwise by the clustered law.
  init(_ trial: Trial, isLiteral: Bool, clock: @escaping () -> Instant) throws {
    self.clock = clock
    count = try trial.integer("patterns")
    breadth = try trial.integer("search-breadth")
    work = try trial.integer("work")
    seed = trial.seed
    let asked = isLiteral ? 2 : try trial.integer("queries") + 1
    let connectivity = try trial.integer("connectivity")
    var rows: [[Float]]
    if isLiteral {
      var stream = seed.child("embeddings").stream()
      rows = (0..<count + asked).map { _ in
        (0..<Self.dimensions).map { _ in Float(stream.unit()) }
      }
    } else {
      let vectors = SyntheticVectors(
        isClustered: true, dimensions: Self.dimensions, seed: seed.child("clusters"))
      let numbers = vectors.base(count) + vectors.queries(asked)
      rows = (0..<count + asked).map {
        Array(numbers[$0 * Self.dimensions..<($0 + 1) * Self.dimensions])
      }
    }
    queries = Array(rows.suffix(asked))
    rows.removeLast(asked)
    index = try HNSWIndex(
      dimensions: Self.dimensions, metric: .cosine,
      configuration: HNSWConfiguration(connectivity: connectivity))
    try index.build(rows)
  }

  /// The document's test: one query, fewer than 10 ms between two readings of a clock of whole
  /// milliseconds, ten results.
  func passesLiterally(_ search: TestedSearch) throws -> Outcome {
    let start = clock()
    let found = try answer(search, to: 0).keys
    let end = clock()
    let duration = end.nanoseconds / 1_000_000 - start.nanoseconds / 1_000_000
    return Outcome(
      hasPassed: duration < 10 && found.count == Self.limit, firstDuration: end - start)
  }

  /// The laboratory's test: each query finds ten different patterns, nearly all true neighbours are
  /// among those of all queries, and few distances are computed.
  func passesOurs(_ search: TestedSearch) throws -> Outcome {
    let start = clock()
    _ = try answer(search, to: 0)
    let duration = clock() - start
    let asked = queries.count - 1
    var (hits, evaluations, isWhole) = (0, 0, true)
    for query in 0..<asked {
      let answered = try answer(search, to: query)
      let found = Set(answered.keys)
      isWhole = isWhole && answered.keys.count == Self.limit && found.count == Self.limit
      evaluations += answered.evaluations
      hits += found.intersection(try answer(.scan, to: query).keys).count
    }
    let recall = Double(hits) / Double(asked * Self.limit)
    let share = Double(evaluations) / Double(asked * count)
    return Outcome(
      hasPassed: isWhole && recall >= Self.leastRecall && share <= Self.mostEvaluations,
      firstDuration: duration)
  }

  private typealias Answer = (keys: [UInt64], evaluations: Int)

  /// What a search answers; a right one searches as often as is planted.
  private func answer(_ search: TestedSearch, to query: Int) throws -> Answer {
    for _ in 1..<max(1, search.isBroken ? 1 : work) { _ = try oneAnswer(search, to: query) }
    return try oneAnswer(search, to: query)
  }

  private func oneAnswer(_ search: TestedSearch, to query: Int) throws -> Answer {
    let vector = queries[query]
    switch search {
    case .graph: return try nearest(vector, isExact: false)
    case .scan: return try nearest(vector, isExact: true)
    case .arbitrary:
      var stream = seed.child("arbitrary").child(query).stream()
      return ((0..<Self.limit).map { _ in UInt64(stream.below(count)) }, 0)
    case .first: return ((0..<UInt64(Self.limit)).map { $0 }, 0)
    case .farthest: return try nearest(vector.map { -$0 }, isExact: false)
    case .repeated:
      let answer = try nearest(vector, isExact: false)
      return (
        answer.keys.prefix(1).flatMap { [UInt64](repeating: $0, count: Self.limit) },
        answer.evaluations
      )
    case .mistaken: return try nearest(queries[query + 1], isExact: false)
    case .nine:
      let answer = try nearest(vector, isExact: false)
      return (Array(answer.keys.dropLast()), answer.evaluations)
    case .strangers: return ((0..<Self.limit).map { UInt64(count + $0) }, 0)
    }
  }

  private func nearest(_ vector: [Float], isExact: Bool) throws -> Answer {
    let options = SearchOptions(breadth: breadth, isExact: isExact)
    let result = try index.search(vector, neighbours: Self.limit, options: options)
    return (result.neighbours.map(\.key), result.counters.distanceEvaluations)
  }
}
