import LabCore
import Testing

@testable import VectorSearch

@Suite struct `Exact index` {
  @Test(arguments: VectorMetric.allCases)
  func `it finds what sorting all distances finds`(metric: VectorMetric) throws {
    let rows = Vectors.uniform(700, dimensions: 37, seed: 1)
    let index = try ExactIndex(dimensions: 37, metric: metric)
    try index.insertAll(rows)
    for query in Vectors.uniform(20, dimensions: 37, seed: 2) {
      let result = try index.search(query, neighbours: 10)
      let expected = PlainDistance.nearest(10, to: query, in: rows, metric)
      #expect(result.neighbours.map(\.key) == expected.map(UInt64.init))
      #expect(result.counters.distanceEvaluations == 700)
      for neighbour in result.neighbours {
        let distance = PlainDistance.distance(rows[Int(neighbour.key)], query, metric)
        #expect(abs(Double(neighbour.distance) - distance) < 1e-4)
      }
    }
  }

  @Test(arguments: [VectorStorage.float16, .int8])
  func `smaller storage finds nearly the same`(storage: VectorStorage) throws {
    let rows = Vectors.clustered(1000, dimensions: 48, seed: 3)
    let queries = Vectors.clustered(50, dimensions: 48, seed: 3)
    let exact = try ExactIndex(dimensions: 48, metric: .cosine)
    let smaller = try ExactIndex(dimensions: 48, metric: .cosine, storage: storage)
    try exact.insertAll(rows)
    try smaller.insertAll(rows)
    let truth = try exact.keys(nearest: 10, to: queries)
    let recall = Vectors.recall(try smaller.keys(nearest: 10, to: queries), truth)
    #expect(recall > 0.98, "recall \(recall)")
    // Codes that are not ranked again must be worse, or the ranking would do nothing.
    guard storage == .int8 else { return }
    let bare = SearchOptions(rerankBreadth: 10)
    let unranked = Vectors.recall(try smaller.keys(nearest: 10, to: queries, options: bare), truth)
    #expect(unranked < recall)
  }

  @Test(arguments: VectorMetric.allCases)
  func `codes rule rows out and never a neighbour`(metric: VectorMetric) throws {
    let rows = Vectors.clustered(1500, dimensions: 96, spread: 0.5, seed: 8)
    let queries = Vectors.clustered(40, dimensions: 96, spread: 0.5, seed: 9)
    let plain = try ExactIndex(dimensions: 96, metric: metric)
    let coded = try ExactIndex(dimensions: 96, metric: metric, storage: .int8)
    try plain.insertAll(rows)
    try coded.insertAll(rows)
    let exact = SearchOptions(isExact: true)
    for query in queries + rows.prefix(10) {
      let found = try coded.search(query, neighbours: 10, options: exact)
      #expect(found.neighbours == (try plain.search(query, neighbours: 10)).neighbours)
      // Inner products have no bound, so each row is compared once, and others a few times more.
      let evaluations = found.counters.distanceEvaluations
      let isBounded = metric != .innerProduct
      #expect(isBounded ? (1510..<2700).contains(evaluations) : evaluations == 1500)
    }
  }

  @Test(arguments: [VectorMetric.cosine, .squaredEuclidean])
  func `true distances lie within the bounds of their codes`(metric: VectorMetric) throws {
    for scale in [1e-12, 1, 1e12] as [Float] {
      let vectors = Vectors.uniform(60, dimensions: 50, seed: 10).map { $0.map { $0 * scale } }
      let layout = RowLayout(dimensions: 50, storage: .int8, linkLimit: 0)
      let table = try VectorRows(layout: layout, metric: metric, capacity: 60)
      let query = QueryBuffer(layout: layout, metric: metric)
      for (row, vector) in vectors.enumerated() {
        try query.load(vector)
        table.write(query, to: row)
      }
      try query.load(vectors[0])
      let bounds = try #require(CodeBounds(table, query.request.pointee))
      let kernel = DistanceKernels.best.kernel(metric, .int8)
      var distances = [Float](repeating: 0, count: 60)
      table.distances(kernel, query, nil, count: 60, into: &distances)
      for (row, vector) in vectors.enumerated() {
        let (lower, upper) = bounds.bounds(distances[row], table.term(row))
        let truth = PlainDistance.distance(vectors[0], vector, metric)
        let raw = metric == .cosine ? truth - 1 : truth
        #expect(Double(lower) <= raw && raw <= Double(upper), "row \(row) at \(scale)")
        // Bounds that are far apart would rule nothing out.
        #expect(Double(upper - lower) < 0.3 * (metric == .cosine ? 1 : Double(scale * scale) * 50))
      }
    }
  }

  @Test func `removal and update keep the other vectors`() throws {
    let rows = Vectors.uniform(200, dimensions: 8, seed: 4)
    let index = try ExactIndex(dimensions: 8, metric: .squaredEuclidean)
    try index.insertAll(rows)
    var living: [UInt64: [Float]] = [:]
    for (number, row) in rows.enumerated() { living[UInt64(number)] = row }
    var stream = Seed(5).stream()
    for step in 0..<300 {
      let key = UInt64(stream.below(200))
      if living[key] == nil {
        #expect(throws: VectorError.unknownKey(key)) { try index.remove(key: key) }
        try index.insert(rows[step % 200], key: key)
        living[key] = rows[step % 200]
      } else if step % 2 == 0 {
        try index.remove(key: key)
        living[key] = nil
      } else {
        try index.update(rows[step % 200], key: key)
        living[key] = rows[step % 200]
      }
      #expect(index.count == living.count)
    }
    for (key, row) in living {
      let nearest = try index.search(row, neighbours: 1).neighbours[0]
      #expect(nearest.distance == 0)
      #expect(living[nearest.key] == row, "key \(key)")
    }
  }

  @Test func `bad requests are refused and change nothing`() throws {
    let index = try ExactIndex(dimensions: 4, metric: .cosine)
    try index.insert([1, 0, 0, 0], key: 7)
    #expect(throws: VectorError.duplicateKey(7)) { try index.insert([0, 1, 0, 0], key: 7) }
    #expect(throws: VectorError.dimensions(found: 3, expected: 4)) {
      try index.insert([1, 2, 3], key: 8)
    }
    #expect(throws: VectorError.zeroVector) { try index.insert([0, 0, 0, 0], key: 8) }
    #expect(throws: VectorError.notFinite(component: 2)) {
      try index.insert([1, 2, .nan, 3], key: 8)
    }
    #expect(throws: VectorError.notFinite(component: 1)) {
      try index.search([1, -.infinity, 0, 0], neighbours: 1)
    }
    #expect(throws: VectorError.badCount(0)) { try index.search([1, 0, 0, 0], neighbours: 0) }
    #expect(throws: VectorError.unknownKey(8)) { try index.update([1, 0, 0, 0], key: 8) }
    #expect(throws: VectorError.badDimensions(0)) {
      try ExactIndex(dimensions: 0, metric: .cosine)
    }
    #expect(index.count == 1)
    #expect(try index.search([1, 0, 0, 0], neighbours: 99).neighbours.map(\.key) == [7])
  }

  @Test func `half precision refuses what it cannot hold, unless lengths do not count`() throws {
    let huge: [Float] = [1, -65_520, 0, 0]
    for metric in [VectorMetric.innerProduct, .squaredEuclidean] {
      let index = try ExactIndex(dimensions: 4, metric: metric, storage: .float16)
      #expect(throws: VectorError.beyondHalfPrecision(component: 1)) {
        try index.insert(huge, key: 1)
      }
      try index.insert([1, -65_504, 0, 0], key: 1)
      #expect(try index.search(huge, neighbours: 1).neighbours.map(\.key) == [1])
    }
    let directions = try ExactIndex(dimensions: 4, metric: .cosine, storage: .float16)
    try directions.insert(huge, key: 1)
    #expect(directions.count == 1)
  }

  @Test func `an empty index finds nothing`() throws {
    let index = try ExactIndex(dimensions: 4, metric: .squaredEuclidean)
    #expect(try index.search([0, 0, 0, 0], neighbours: 3).neighbours.isEmpty)
  }

  @Test func `equal vectors come in the order of their rows`() throws {
    let index = try ExactIndex(dimensions: 3, metric: .cosine)
    for key in 0..<100 { try index.insert([1, 2, 3], key: UInt64(1000 - key)) }
    let found = try index.search([1, 2, 3], neighbours: 5).neighbours.map(\.key)
    #expect(found == [1000, 999, 998, 997, 996])
  }

  @Test func `a filter hides what it does not accept`() throws {
    let rows = Vectors.uniform(300, dimensions: 6, seed: 6)
    let index = try ExactIndex(dimensions: 6, metric: .squaredEuclidean)
    try index.insertAll(rows)
    let allowed = (0..<300).filter { $0 % 7 == 3 }
    let expected = PlainDistance.nearest(
      5, to: rows[0], in: allowed.map { rows[$0] }, .squaredEuclidean
    ).map { UInt64(allowed[$0]) }
    let listed = SearchOptions(filter: KeyFilter(keys: allowed.map(UInt64.init)))
    let tested = SearchOptions(filter: KeyFilter { $0 % 7 == 3 })
    for options in [listed, tested] {
      let result = try index.search(rows[0], neighbours: 5, options: options)
      #expect(result.neighbours.map(\.key) == expected)
    }
    let few = try index.search(rows[0], neighbours: 5, options: listed)
    #expect(few.counters.distanceEvaluations == allowed.count)
  }
}
