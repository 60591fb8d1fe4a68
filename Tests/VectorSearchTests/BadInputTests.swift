// What no index may take, and what it must bear.

import LabCore
import Testing

@testable import VectorSearch

@Suite struct `Bad input` {
  /// One of both kinds of index, with two vectors under the keys 7 and 8.
  private static func index(
    _ kind: Kind, _ metric: VectorMetric, _ storage: VectorStorage
  ) throws -> any VectorIndex {
    let index: any VectorIndex =
      switch kind {
      case .exact: try ExactIndex(dimensions: 3, metric: metric, storage: storage)
      case .graph: try HNSWIndex(dimensions: 3, metric: metric, storage: storage)
      }
    try index.insert([1, 0, 0], key: 7)
    try index.insert([0, 1, 0], key: 8)
    return index
  }

  enum Kind: CaseIterable {
    case exact, graph
  }

  private static let largest = Float.greatestFiniteMagnitude

  @Test(arguments: Kind.allCases, VectorMetric.allCases)
  func `is refused by every index as vector and as query, and changes nothing`(
    kind: Kind, metric: VectorMetric
  ) throws {
    for storage in VectorStorage.allCases {
      let index = try Self.index(kind, metric, storage)
      let bad: [([Float], VectorError)] = [
        ([1, .nan, 0], .notFinite(component: 1)),
        ([1, 0, .infinity], .notFinite(component: 2)),
        ([-.infinity, 0, .nan], .notFinite(component: 0)),
        ([0, Self.largest, 0], .notFinite(component: 1)),
        ([1, 0], .dimensions(found: 2, expected: 3)),
        ([1, 0, 0, 0], .dimensions(found: 4, expected: 3)),
        ([], .dimensions(found: 0, expected: 3)),
      ]
      for (vector, error) in bad {
        #expect(throws: error) { try index.insert(vector, key: 9) }
        #expect(throws: error) { try index.update(vector, key: 7) }
        #expect(throws: error) { try index.search(vector, neighbours: 1) }
      }
      #expect(throws: VectorError.duplicateKey(7)) { try index.insert([0, 0, 1], key: 7) }
      #expect(throws: VectorError.unknownKey(9)) { try index.update([0, 0, 1], key: 9) }
      #expect(throws: VectorError.unknownKey(9)) { try index.remove(key: 9) }
      #expect(throws: VectorError.badCount(0)) { try index.search([1, 0, 0], neighbours: 0) }
      #expect(throws: VectorError.badCount(-1)) { try index.search([1, 0, 0], neighbours: -1) }
      #expect(index.count == 2)
      let found = try index.search([1, 0.1, 0], neighbours: .max).neighbours.map(\.key)
      #expect(found == [7, 8])
    }
  }

  @Test(arguments: Kind.allCases, VectorMetric.allCases)
  func `of length zero is refused where lengths decide the direction alone`(
    kind: Kind, metric: VectorMetric
  ) throws {
    for storage in VectorStorage.allCases {
      let index = try Self.index(kind, metric, storage)
      for zero: [Float] in [[0, 0, 0], [-0.0, 0, 0]] {
        if metric == .cosine {
          #expect(throws: VectorError.zeroVector) { try index.insert(zero, key: 9) }
          #expect(throws: VectorError.zeroVector) { try index.search(zero, neighbours: 1) }
        } else {
          try index.insert(zero, key: 9)
          #expect(try index.search(zero, neighbours: 3).neighbours.count == 3)
          try index.remove(key: 9)
        }
      }
    }
  }

  @Test(arguments: Kind.allCases, VectorStorage.allCases)
  func `may be a filter of strangers, of all or of nothing`(
    kind: Kind, storage: VectorStorage
  ) throws {
    let index = try Self.index(kind, .innerProduct, storage)
    let filters: [(KeyFilter, [UInt64])] = [
      (KeyFilter(keys: []), []), (KeyFilter(keys: [1, 2, .max]), []),
      (KeyFilter(keys: [8, 9]), [8]), (KeyFilter { _ in false }, []), (KeyFilter { $0 == 8 }, [8]),
    ]
    for (filter, expected) in filters {
      for plan in [nil] + FilterPlan.allCases.map(Optional.some) {
        let options = SearchOptions(filter: filter, filterPlan: plan)
        let found = try index.search([1, 0, 0], neighbours: 5, options: options)
        #expect(found.neighbours.map(\.key) == expected)
      }
    }
  }

  @Test func `of 100,000 equal vectors is searched as any other`() throws {
    let count = 100_000
    let rows = [[Float]](repeating: [1, 2], count: count)
    let index = try HNSWIndex(
      dimensions: 2, metric: .cosine,
      configuration: HNSWConfiguration(connectivity: 2, buildBreadth: 4))
    try index.build(rows)
    let found = try index.search([1, 2], neighbours: 10).neighbours
    #expect(Set(found.map(\.key)).count == 10)
    let exact = SearchOptions(isExact: true)
    let first = try index.search([2, 4], neighbours: 10, options: exact).neighbours.map(\.key)
    #expect(first == (0..<10).map { UInt64($0) })
    try index.update([-1, 1], key: 77_777)
    #expect(try index.search([-1, 1], neighbours: 1).neighbours.map(\.key) == [77_777])
  }
}
