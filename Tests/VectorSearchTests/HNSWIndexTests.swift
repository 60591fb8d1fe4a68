import LabCore
import Testing

@testable import VectorSearch

@Suite struct `HNSW index` {
  private static let rows = Vectors.clustered(1500, dimensions: 24, seed: 11)
  private static let queries = Array(Vectors.clustered(1560, dimensions: 24, seed: 11)[1500...])

  private func exact(_ metric: VectorMetric, _ rows: [[Float]] = Self.rows) throws -> ExactIndex {
    let index = try ExactIndex(dimensions: rows[0].count, metric: metric)
    try index.insertAll(rows)
    return index
  }

  private func graph(
    _ metric: VectorMetric, _ storage: VectorStorage = .float32, threads: Int = 1,
    rows: [[Float]] = Self.rows, seed: UInt64 = 7
  ) throws -> HNSWIndex {
    let configuration = HNSWConfiguration(connectivity: 8, buildBreadth: 60, seed: seed)
    let index = try HNSWIndex(
      dimensions: rows[0].count, metric: metric, storage: storage, configuration: configuration)
    try index.build(rows, threads: threads)
    return index
  }

  @Test(arguments: VectorMetric.allCases, VectorStorage.allCases)
  func `it finds nearly what the exact twin finds`(
    metric: VectorMetric, storage: VectorStorage
  ) throws {
    let truth = try exact(metric).keys(nearest: 10, to: Self.queries)
    let index = try graph(metric, storage)
    index.graph.expectSound()
    let wide = SearchOptions(breadth: 100)
    let recall = Vectors.recall(
      try index.keys(nearest: 10, to: Self.queries, options: wide), truth)
    #expect(recall >= 0.97, "recall \(recall)")
    let narrow = SearchOptions(breadth: 10)
    let less = Vectors.recall(
      try index.keys(nearest: 10, to: Self.queries, options: narrow), truth)
    #expect(less < recall, "recall \(less) at a tenth of the breadth")
  }

  @Test(arguments: VectorMetric.allCases)
  func `as broad as the index, a search is exact`(metric: VectorMetric) throws {
    let twin = try exact(metric)
    let index = try graph(metric)
    let all = SearchOptions(breadth: Self.rows.count)
    for query in Self.queries.prefix(20) {
      let found = try index.search(query, neighbours: 25, options: all)
      #expect(found.neighbours == (try twin.search(query, neighbours: 25)).neighbours)
      #expect(found.counters.distanceEvaluations >= Self.rows.count)
    }
  }

  @Test func `a search looks at few vectors and says how many`() throws {
    let index = try graph(.cosine)
    let options = SearchOptions(breadth: 20)
    for query in Self.queries {
      let counters = try index.search(query, neighbours: 10, options: options).counters
      #expect((20..<700).contains(counters.distanceEvaluations))
      #expect((20..<100).contains(counters.hops))
    }
  }

  @Test func `the number of threads does not change the graph`() throws {
    let one = try graph(.cosine, threads: 1)
    let three = try graph(.cosine, threads: 3)
    #expect(one.graph.allLinks == three.graph.allLinks)
    #expect(one.graph.entry == three.graph.entry)
    let other = try graph(.cosine, seed: 8)
    #expect(other.graph.allLinks != one.graph.allLinks)
  }

  @Test func `vectors that come one by one are found as well as those of a batch`() throws {
    let truth = try exact(.squaredEuclidean).keys(nearest: 10, to: Self.queries)
    let configuration = HNSWConfiguration(connectivity: 8, buildBreadth: 60)
    let index = try HNSWIndex(
      dimensions: 24, metric: .squaredEuclidean, configuration: configuration)
    try index.insertAll(Self.rows)
    try index.compact()
    index.graph.expectSound()
    let recall = Vectors.recall(try index.keys(nearest: 10, to: Self.queries), truth)
    #expect(recall >= 0.97, "recall \(recall)")
  }

  @Test func `thousands of equal vectors are all found`() throws {
    let rows = [[Float]](repeating: [1, 2, 3, 4], count: 3000)
    let index = try graph(.squaredEuclidean, rows: rows)
    let found = try index.search(
      [1, 2, 3, 4], neighbours: 3000, options: SearchOptions(breadth: 3000))
    #expect(found.neighbours.allSatisfy { $0.distance == 0 })
    #expect(found.neighbours.count == 3000)
    #expect(try index.search([1, 2, 3, 4], neighbours: 10).neighbours.count == 10)
  }

  @Test func `an empty index finds nothing, and one of one vector that`() throws {
    let index = try HNSWIndex(dimensions: 2, metric: .cosine)
    #expect(try index.search([1, 0], neighbours: 3).neighbours.isEmpty)
    try index.insert([3, 4], key: 99)
    let found = try index.search([3, 4], neighbours: 3).neighbours
    #expect(found.map(\.key) == [99])
    #expect(abs(found[0].distance) < 1e-6)
  }

  @Test func `bad requests are refused and change nothing`() throws {
    let index = try graph(.cosine)
    #expect(throws: VectorError.duplicateKey(3)) { try index.insert(Self.rows[0], key: 3) }
    #expect(throws: VectorError.duplicateKey(9000)) {
      try index.build([Self.rows[0], Self.rows[1]], keys: [9000, 9000])
    }
    #expect(throws: VectorError.zeroVector) {
      try index.build([Self.rows[0], [Float](repeating: 0, count: 24)], keys: [9000, 9001])
    }
    #expect(throws: VectorError.badCount(0)) { try index.search(Self.rows[0], neighbours: 0) }
    #expect(throws: VectorError.self) {
      try index.search(Self.rows[0], neighbours: 1, options: SearchOptions(breadth: 0))
    }
    #expect(throws: VectorError.self) {
      try HNSWIndex(
        dimensions: 4, metric: .cosine, configuration: HNSWConfiguration(connectivity: 1))
    }
    #expect(index.count == Self.rows.count)
    #expect(try index.search(Self.rows[5], neighbours: 5000).neighbours.count == Self.rows.count)
  }
}
