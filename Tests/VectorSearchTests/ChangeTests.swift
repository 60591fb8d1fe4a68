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
    let options = SearchOptions(filter: KeyFilter(keys: 0..<20))
    let result = try index.search(Self.queries[0], neighbours: 5, options: options)
    #expect(result.counters.distanceEvaluations == 20)
  }
}
