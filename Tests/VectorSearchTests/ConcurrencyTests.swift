import LabCore
import Synchronization
import Testing

@testable import VectorSearch

@Suite struct `Searches beside changes` {
  /// Searches on three tasks until a fourth has made its changes.
  private func searchBeside(
    _ index: any VectorIndex, queries: [[Float]], keys: Range<UInt64>,
    changes: @escaping @Sendable () throws -> Void
  ) async throws -> Int {
    let isDone = Atomic(false)
    return try await withThrowingTaskGroup(of: Int.self) { group in
      for first in 0..<3 {
        group.addTask {
          var searches = 0
          while !isDone.load(ordering: .acquiring) || searches < 10 {
            let query = queries[(first + searches) % queries.count]
            let found = try index.search(query, neighbours: 5).neighbours
            #expect(found.allSatisfy { keys.contains($0.key) })
            #expect(zip(found, found.dropFirst()).allSatisfy { $0.distance <= $1.distance })
            searches += 1
          }
          return searches
        }
      }
      group.addTask {
        defer { isDone.store(true, ordering: .releasing) }
        try changes()
        return 0
      }
      return try await group.reduce(0, +)
    }
  }

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
    let searches = try await searchBeside(index, queries: Self.rows, keys: 0..<500) {
      try Self.change(index, steps: 400)
      try index.compact()
    }
    #expect(searches >= 30)
    index.graph.expectSound()
  }

  @Test func `rows are scanned while they change`() async throws {
    let index = try ExactIndex(dimensions: 12, metric: .cosine)
    try index.insertAll(Array(Self.rows.prefix(100)))
    let searches = try await searchBeside(index, queries: Self.rows, keys: 0..<500) {
      try Self.change(index, steps: 400)
    }
    #expect(searches >= 30)
  }
}
