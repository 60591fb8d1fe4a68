import LabCore
import Testing

@testable import VectorSearch

@Suite struct `Searches beside changes` {
  /// Searches on two tasks while a third, which begins first, makes its changes.
  private func searchBeside(
    _ index: any VectorIndex, changes: @escaping @Sendable () throws -> Void
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try changes() }
      for first in 0..<2 {
        group.addTask {
          for number in 0..<Self.searches {
            let query = Self.rows[(first + number) % Self.rows.count]
            let found = try index.search(query, neighbours: 5).neighbours
            #expect(found.allSatisfy { $0.key < 500 })
            #expect(zip(found, found.dropFirst()).allSatisfy { $0.distance <= $1.distance })
          }
        }
      }
      try await group.waitForAll()
    }
  }

  private static let searches = 500
  private static let rows = Vectors.clustered(500, dimensions: 12, seed: 31)

  /// Inserts, updates and removes by a seed.
  private static func change(_ index: any VectorIndex, steps: Int) throws {
    var stream = Seed(32).stream()
    var living: Set<UInt64> = Set(0..<100)
    for _ in 0..<steps {
      let key = UInt64(stream.below(500))
      let row = rows[stream.below(rows.count)]
      if !living.contains(key) {
        try index.insert(row, key: key)
        living.insert(key)
      } else if stream.below(3) == 0 {
        try index.update(row, key: key)
      } else {
        try index.remove(key: key)
        living.remove(key)
      }
    }
    #expect(index.count == living.count)
  }

  @Test(arguments: VectorStorage.allCases)
  func `a graph is searched while it changes`(storage: VectorStorage) async throws {
    let configuration = HNSWConfiguration(connectivity: 6, buildBreadth: 30, searchBreadth: 30)
    let index = try HNSWIndex(
      dimensions: 12, metric: .cosine, storage: storage, configuration: configuration)
    try index.build(Array(Self.rows.prefix(100)), threads: 2)
    try await searchBeside(index) {
      try Self.change(index, steps: 400)
      try index.compact()
    }
    index.graph.expectSound()
  }

  @Test(arguments: [false, true])
  func `a search beside updates finds every key once`(isExact: Bool) async throws {
    let configuration = HNSWConfiguration(connectivity: 6, buildBreadth: 30)
    let index = try HNSWIndex(
      dimensions: 12, metric: .squaredEuclidean, configuration: configuration)
    try index.build(Array(Self.rows.prefix(60)))
    let all = SearchOptions(breadth: 1000, isExact: isExact)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for step in 0..<600 { try index.update(Self.rows[step % 500], key: UInt64(step % 60)) }
      }
      group.addTask {
        for number in 0..<Self.searches {
          let found = try index.search(Self.rows[number], neighbours: 60, options: all)
          #expect(Set(found.neighbours.map(\.key)).count == 60)
          #expect(found.neighbours.count == 60 && index.count == 60)
        }
      }
      try await group.waitForAll()
    }
    index.graph.expectSound()
  }

  @Test func `rows are scanned while they change`() async throws {
    let index = try ExactIndex(dimensions: 12, metric: .cosine)
    try index.insertAll(Array(Self.rows.prefix(100)))
    try await searchBeside(index) {
      try Self.change(index, steps: 400)
    }
  }
}
