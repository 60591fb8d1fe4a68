// What one search needs for itself.

import CDistance
import Synchronization

/// The working memory of a search: the query, the candidates, the marks of visited rows.
final class SearchScratch {
  let query: QueryBuffer
  var pool = CandidatePool()
  /// What is still to be followed, for searches that do not collect all rows that they walk over.
  var frontier = Frontier()
  var visited = VisitedMarks()
  var counters = SearchCounters()
  /// Rows to be compared next, and their distances.
  let list: UnsafeMutablePointer<UInt32>
  let distances: UnsafeMutablePointer<Float>

  /// How many rows the list holds.
  static let listLength = 2 * VectorLimits.connectivity

  init(layout: RowLayout, metric: VectorMetric) {
    query = QueryBuffer(layout: layout, metric: metric)
    list = .allocate(capacity: Self.listLength)
    list.initialize(repeating: 0, count: Self.listLength)
    distances = .allocate(capacity: Self.listLength)
    distances.initialize(repeating: 0, count: Self.listLength)
  }

  deinit {
    pool.deallocate()
    visited.deallocate()
    list.deallocate()
    distances.deallocate()
  }
}

/// The rows that a search has come across, forgotten all at once by going on to the next epoch.
struct VisitedMarks {
  private(set) var tags: UnsafeMutablePointer<UInt16>
  private(set) var epoch: UInt16 = 0
  private var capacity = 0

  init() { tags = .allocate(capacity: 1) }

  /// Gives the memory back.
  func deallocate() { tags.deallocate() }

  /// Forgets all rows, and makes room for so many.
  mutating func reset(rows: Int) {
    if rows > capacity {
      tags.deallocate()
      capacity = max(rows, 2 * capacity)
      tags = .allocate(capacity: capacity)
      tags.initialize(repeating: 0, count: capacity)
      epoch = 0
    }
    epoch &+= 1
    if epoch == 0 {
      tags.update(repeating: 0, count: capacity)
      epoch = 1
    }
  }

  /// Marks a row, and says whether it was not marked before.
  @inline(__always)
  func visit(_ row: UInt32) -> Bool {
    let isNew = tags[Int(row)] != epoch
    tags[Int(row)] = epoch
    return isNew
  }
}

/// The working memories that no search uses at the moment.
final class ScratchStore: Sendable {
  private let layout: RowLayout
  private let metric: VectorMetric
  private let idle = Mutex(Idle())

  /// A list that is handed over as a whole.
  private struct Idle: @unchecked Sendable {  // Who takes a scratch out is its only user.
    var scratches: [SearchScratch] = []
  }

  init(layout: RowLayout, metric: VectorMetric) {
    self.layout = layout
    self.metric = metric
  }

  /// A working memory that nobody else uses until it is given back.
  func take() -> SearchScratch {
    let found = idle.withLock { idle in Idle(scratches: idle.scratches.popLast().map { [$0] } ?? [])
    }
    return found.scratches.first ?? SearchScratch(layout: layout, metric: metric)
  }

  /// Gives a working memory back.
  func give(_ scratch: SearchScratch) {
    let returned = Idle(scratches: [scratch])
    idle.withLock { $0.scratches += returned.scratches }
  }
}
