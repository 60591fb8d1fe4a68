// The laboratory's own ways to search, as arms.

import LabManifest
import VectorSearch

/// A way to find the nearest rows of search data.
enum SearchWay: String, Hashable, CaseIterable {
  case naive, scalar, scan
  case float32 = "hnsw-f32"
  case float16 = "hnsw-f16"
  case int8 = "hnsw-int8"

  /// The form in which a graph keeps its vectors; `nil` for a scan.
  var storage: VectorStorage? {
    switch self {
    case .naive, .scalar, .scan: nil
    case .float32: .float32
    case .float16: .float16
    case .int8: .int8
    }
  }

  /// Of how many queries one is answered: a slow way answers few, as its peers do.
  var oneIn: Int { self == .naive ? 10 : 1 }

  /// The arm as experiments list it.
  var description: ArmDescription {
    let summary =
      switch self {
      case .naive:
        "What is written first: arrays, the cosine with both norms, all rows sorted; it answers "
          + "one query in ten."
      case .scalar: "A scan in plain Swift: one array, four sums, a list of the nearest."
      case .scan: "The exact index, with the distance kernel of this machine."
      case .float32: "The graph with vectors in single precision."
      case .float16: "The graph with vectors in half precision."
      case .int8: "The graph with codes of a byte, ranked again in single precision."
      }
    return ArmDescription(rawValue, summary)
  }
}

/// A way to search with what it searches.
enum Searcher: Sendable {
  case naive([[Float]])
  case scalar(ScalarScan)
  case exact(ExactIndex)
  case graph(HNSWIndex)

  /// Makes ready to search rows, whose numbers are their keys.
  init(_ way: SearchWay, _ rows: [[Float]], _ settings: SearchSettings) throws {
    switch way {
    case .naive: self = .naive(rows)
    case .scalar: self = .scalar(ScalarScan(rows))
    case .scan: self = .exact(try Self.exactIndex(of: rows))
    case .float32, .float16, .int8:
      let index = try HNSWIndex(
        dimensions: rows.first?.count ?? 0, metric: .innerProduct,
        storage: way.storage ?? .float32, configuration: settings.configuration)
      try index.build(rows, threads: settings.buildThreads)
      self = .graph(index)
    }
  }

  /// The exact index of rows.
  static func exactIndex(of rows: [[Float]]) throws -> ExactIndex {
    let index = try ExactIndex(dimensions: rows.first?.count ?? 0, metric: .innerProduct)
    for (key, row) in rows.enumerated() { try index.insert(row, key: UInt64(key)) }
    return index
  }

  /// What was found for some queries.
  struct Answers {
    /// The keys of each query's neighbours.
    var found: [[UInt64]]
    /// Distances that were computed for all queries.
    var evaluations: Int
  }

  /// Whether the breadth of a search matters.
  var hasBreadth: Bool {
    if case .graph = self { true } else { false }
  }

  /// Answers queries one by one.
  func answers(
    to queries: [[Float]], neighbours: Int, breadth: Int
  ) throws -> Answers {
    switch self {
    case .naive(let rows):
      let found = queries.map {
        PlainDistance.nearest(neighbours, to: $0, in: rows, .cosine).map { UInt64($0) }
      }
      return Answers(found: found, evaluations: rows.count * queries.count)
    case .scalar(let scan):
      let found = queries.map { scan.nearest(neighbours, to: $0) }
      return Answers(found: found, evaluations: scan.count * queries.count)
    case .exact(let index):
      return try Self.answers(of: index, to: queries, neighbours, SearchOptions())
    case .graph(let index):
      return try Self.answers(of: index, to: queries, neighbours, SearchOptions(breadth: breadth))
    }
  }

  private static func answers(
    of index: some VectorIndex, to queries: [[Float]], _ neighbours: Int, _ options: SearchOptions
  ) throws -> Answers {
    var answers = Answers(found: [], evaluations: 0)
    answers.found.reserveCapacity(queries.count)
    for query in queries {
      let result = try index.search(query, neighbours: neighbours, options: options)
      answers.found.append(result.neighbours.map(\.key))
      answers.evaluations += result.counters.distanceEvaluations
    }
    return answers
  }
}

/// A scan as one writes it who knows what is slow, without instructions of the machine's own.
struct ScalarScan: Sendable {
  /// How many rows there are.
  let count: Int
  private let dimensions: Int
  private let components: [Float]

  /// Copies the rows into one array.
  init(_ rows: [[Float]]) {
    count = rows.count
    dimensions = rows.first?.count ?? 0
    components = Array(rows.joined())
  }

  /// The numbers of the rows with the largest inner products, largest first.
  ///
  /// - Precondition: The query has as many components as each row.
  func nearest(_ wanted: Int, to query: [Float]) -> [UInt64] {
    precondition(query.count == dimensions, "a query of \(dimensions) components")
    let wanted = min(wanted, count)
    guard wanted > 0 else { return [] }
    var scores = [Float](repeating: -.infinity, count: wanted)
    var numbers = [UInt64](repeating: 0, count: wanted)
    components.withUnsafeBufferPointer { components in
      query.withUnsafeBufferPointer { query in
        for row in 0..<count {
          let score = Self.product(query, components, from: row * dimensions)
          guard score > scores[wanted - 1] else { continue }
          var place = wanted - 1
          while place > 0, scores[place - 1] < score {
            scores[place] = scores[place - 1]
            numbers[place] = numbers[place - 1]
            place -= 1
          }
          scores[place] = score
          numbers[place] = UInt64(row)
        }
      }
    }
    return numbers
  }

  @inline(__always)
  private static func product(
    _ query: UnsafeBufferPointer<Float>, _ components: UnsafeBufferPointer<Float>, from start: Int
  ) -> Float {
    var (a, b, c, d): (Float, Float, Float, Float) = (0, 0, 0, 0)
    let even = query.count & ~3
    var place = 0
    while place < even {
      a += query[place] * components[start + place]
      b += query[place + 1] * components[start + place + 1]
      c += query[place + 2] * components[start + place + 2]
      d += query[place + 3] * components[start + place + 3]
      place += 4
    }
    while place < query.count {
      a += query[place] * components[start + place]
      place += 1
    }
    return a + b + c + d
  }
}
