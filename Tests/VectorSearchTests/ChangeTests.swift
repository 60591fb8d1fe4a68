import LabCore
import Testing

@testable import VectorSearch

@Suite struct `Changes of an HNSW index` {
  private static let rows = Vectors.clustered(1200, dimensions: 16, seed: 21)
  private static let queries = Array(Vectors.clustered(1240, dimensions: 16, seed: 21)[1200...])
  private static let configuration = HNSWConfiguration(connectivity: 8, buildBreadth: 60)

  private func built(_ storage: VectorStorage = .float32) throws -> HNSWIndex {
    let index = try HNSWIndex(
      dimensions: 16, metric: .squaredEuclidean, storage: storage,
      configuration: Self.configuration)
    try index.build(Self.rows)
    return index
  }

  /// The recall of an index among vectors with keys.
  private func recall(_ index: HNSWIndex, _ living: [UInt64: [Float]]) throws -> Double {
    let twin = try ExactIndex(dimensions: 16, metric: .squaredEuclidean)
    for (key, row) in living { try twin.insert(row, key: key) }
    return Vectors.recall(
      try index.keys(nearest: 10, to: Self.queries),
      try twin.keys(nearest: 10, to: Self.queries))
  }

  @Test func `what is removed is never found again, and the rest still is`() throws {
    let index = try built()
    var living = Dictionary(
      uniqueKeysWithValues: Self.rows.enumerated().map {
        (UInt64($0.offset), $0.element)
      })
    var stream = Seed(22).stream()
    for key in (0..<1200 as Range<UInt64>).shuffled(using: &stream).prefix(1140) {
      try index.remove(key: key)
      living[key] = nil
      #expect(index.count == living.count)
      guard living.count % 200 == 0 else { continue }
      for found in try index.keys(nearest: 10, to: Self.queries).joined() {
        #expect(living[found] != nil, "key \(found) was removed")
      }
      index.graph.expectSound()
      let recall = try recall(index, living)
      #expect(recall >= 0.97, "recall \(recall) with \(living.count) of 1,200 left")
    }
    try index.compact()
    index.graph.expectSound()
    #expect(index.graph.count == 60 && index.count == 60)
    #expect(try recall(index, living) >= 0.97)
  }

  @Test func `removing all leaves an index that can be filled again`() throws {
    let index = try built()
    for key in 0..<1200 as Range<UInt64> { try index.remove(key: key) }
    #expect(index.count == 0)
    #expect(try index.search(Self.queries[0], neighbours: 3).neighbours.isEmpty)
    for (key, row) in Self.rows.prefix(50).enumerated() { try index.insert(row, key: UInt64(key)) }
    #expect(try index.search(Self.rows[7], neighbours: 1).neighbours.map(\.key) == [7])
    index.graph.expectSound()
  }

  @Test func `an update moves a vector`() throws {
    let index = try built()
    try index.update(Self.queries[0], key: 5)
    let found = try index.search(Self.queries[0], neighbours: 1).neighbours
    #expect(found == [Neighbour(key: 5, distance: 0)])
    #expect(index.count == 1200)
    #expect(throws: VectorError.unknownKey(7777)) { try index.update(Self.queries[0], key: 7777) }
    #expect(throws: VectorError.notFinite(component: 0)) {
      try index.update([Float](repeating: .nan, count: 16), key: 5)
    }
    #expect(try index.search(Self.queries[0], neighbours: 1).neighbours.map(\.key) == [5])
  }

  @Test func `a vector that is replaced again and again is found each time`() throws {
    let index = try built()
    var stream = Seed(24).stream()
    // The removed ones stand nearer to each next one than any other row, and fill its candidates.
    let place = Self.rows[5].map { $0 + 3 }
    for _ in 0..<115 {
      let row = place.map { $0 + Float(stream.unit()) * 1e-3 }
      try index.update(row, key: 5)
      #expect(
        try index.search(row, neighbours: 1).neighbours == [Neighbour(key: 5, distance: 0)])
    }
    #expect(index.graph.removedCount > 60)
    #expect(index.count == 1200)
    try index.compact()
    index.graph.expectSound()
  }

  @Test func `a search goes on behind many removed rows around its query`() throws {
    let index = try built()
    let query = Self.queries[0]
    let around = try index.search(
      query, neighbours: 110, options: SearchOptions(isExact: true)
    ).neighbours.map(\.key)
    for key in around.prefix(100) { try index.remove(key: key) }
    #expect(index.graph.removedCount == 100)
    let options = SearchOptions(breadth: 40)
    let found = try index.search(query, neighbours: 10, options: options).neighbours.map(\.key)
    #expect(Set(found).intersection(around.suffix(10)).count >= 9)
    #expect(Set(found).count == 10)
  }

  @Test(arguments: VectorMetric.allCases)
  func `a vector is found as soon as it is in`(metric: VectorMetric) throws {
    let index = try HNSWIndex(
      dimensions: 16, metric: metric,
      configuration: HNSWConfiguration(connectivity: 3, buildBreadth: 12))
    for (number, row) in Self.rows.prefix(250).enumerated() {
      // Short vectors are nobody's neighbours under the inner product.
      let row = number % 5 == 0 ? row.map { $0 * 0.05 } : row
      try index.insert(row, key: UInt64(number))
      let all = try index.search(row, neighbours: number + 1).neighbours.map(\.key)
      #expect(all.contains(UInt64(number)), "the vector \(number)")
    }
  }

  @Test func `a refused change leaves the index as it was`() throws {
    let index = try built(.float16)
    let before = index.graph.allLinks
    let huge = [Float](repeating: 70_000, count: 16)
    #expect(throws: VectorError.beyondHalfPrecision(component: 0)) {
      try index.update(huge, key: 5)
    }
    #expect(throws: VectorError.beyondHalfPrecision(component: 0)) {
      try index.build([Self.rows[0], huge], keys: [9000, 9001])
    }
    #expect(throws: VectorError.full(rows: 1200)) {
      try index.graph.reserve(VectorLimits.rows, upperLists: 0)
    }
    #expect(throws: VectorError.self) {
      try index.graph.reserve(10, upperLists: 1 << 45)
    }
    #expect(index.count == 1200 && index.graph.allLinks == before)
    try index.insert(Self.queries[0], key: 9000)
    let found = try index.search(Self.queries[0], neighbours: 1).neighbours
    #expect(found.map(\.key) == [9000])
  }

  @Test func `memory that no machine has is an error`() throws {
    let wide = try HNSWIndex(dimensions: VectorLimits.dimensions, metric: .squaredEuclidean)
    #expect(throws: VectorError.self) {
      try wide.graph.reserve(VectorLimits.rows - 1, upperLists: 0)
    }
    #expect(throws: VectorError.outOfMemory(bytes: 1 << 50)) {
      _ = try RowMemory(byteCount: 1 << 50)
    }
    try wide.insert([Float](repeating: 1, count: VectorLimits.dimensions), key: 3)
    #expect(wide.count == 1)
  }

  @Test(arguments: VectorStorage.allCases)
  func `random changes keep the graph sound and the search good`(storage: VectorStorage) throws {
    let index = try HNSWIndex(
      dimensions: 16, metric: .squaredEuclidean, storage: storage,
      configuration: Self.configuration)
    var living: [UInt64: [Float]] = [:]
    var stream = Seed(23).stream()
    for step in 0..<1500 {
      let key = UInt64(stream.below(500))
      let row = Self.rows[stream.below(Self.rows.count)]
      if living[key] == nil {
        try index.insert(row, key: key)
        living[key] = row
      } else if stream.below(2) == 0 {
        try index.remove(key: key)
        living[key] = nil
      } else {
        try index.update(row, key: key)
        living[key] = row
      }
      if step % 500 == 499 {
        #expect(index.count == living.count)
        let recall = try recall(index, living)
        #expect(recall >= 0.95, "recall \(recall) after \(step) changes")
      }
    }
    try index.compact()
    index.graph.expectSound()
    #expect(try recall(index, living) >= 0.95)
  }

  @Test func `every way to filter finds what the exact twin finds`() throws {
    let index = try built()
    let twin = try ExactIndex(dimensions: 16, metric: .squaredEuclidean)
    try twin.insertAll(Self.rows)
    for step in [2, 10, 100] as [UInt64] {
      let allowed = (0..<1200 as Range<UInt64>).filter { $0 % step == 1 }
      let listed = KeyFilter(keys: allowed)
      let tested = KeyFilter { $0 % step == 1 }
      let truth = try twin.keys(
        nearest: 5, to: Self.queries, options: SearchOptions(filter: tested))
      for plan in [nil] + FilterPlan.allCases.map(Optional.some) {
        for filter in [listed, tested] {
          let options = SearchOptions(filter: filter, filterPlan: plan)
          let found = try index.keys(nearest: 5, to: Self.queries, options: options)
          let isAllowed = found.allSatisfy { $0.allSatisfy { $0 % step == 1 } }
          #expect(isAllowed)
          let recall = Vectors.recall(found, truth)
          let name = plan?.rawValue ?? "planned"
          #expect(recall >= 0.97, "\(name), one in \(step): recall \(recall)")
        }
      }
    }
  }

  @Test func `the planner scans few rows and walks among many`() throws {
    let index = try built()
    let search = FilteredSearch(graph: index.graph, keys: index.keys, pages: nil)
    func plan(_ filter: KeyFilter, breadth: Int) -> FilterPlan {
      search.plan(SearchOptions(filter: filter), breadth: breadth)
    }
    #expect(plan(KeyFilter(keys: 0..<20), breadth: 100) == .matchingRows)
    #expect(plan(KeyFilter { $0 < 20 }, breadth: 100) == .exactScan)
    #expect(plan(KeyFilter { $0 % 10 != 0 }, breadth: 10) == .inGraph)
    #expect(plan(KeyFilter { _ in false }, breadth: 10) == .exactScan)
    // A sample of every fourth row would take these for all rows and for none.
    #expect(plan(KeyFilter { $0 % 4 == 0 }, breadth: 100) == .exactScan)
    #expect(plan(KeyFilter { $0 % 4 == 1 }, breadth: 10) == .inGraph)
    let options = SearchOptions(filter: KeyFilter(keys: 0..<20))
    let result = try index.search(Self.queries[0], neighbours: 5, options: options)
    #expect(result.counters.distanceEvaluations == 20)
    // Of the rows that are left every third is accepted; the many that are gone do not count.
    for key in 0..<1100 as Range<UInt64> { try index.remove(key: key) }
    let rest = FilteredSearch(graph: index.graph, keys: index.keys, pages: nil)
    let third = SearchOptions(filter: KeyFilter { $0 >= 1100 && $0 % 3 == 0 })
    #expect(rest.plan(third, breadth: 10) == .inGraph)
  }
}
