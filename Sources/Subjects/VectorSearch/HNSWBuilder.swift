// How rows are linked into the graph.

import CDistance

/// Links new rows in batches: all rows of a batch search the graph as it was before, which several
/// threads do at once, and only then are the links back to them made, each list by one thread.
///
/// - Determinism: The rows, their order and the seed fix the graph; the number of threads does not
///   change it.
/// > Reference: Malkov and Yashunin, algorithm 1; the batches follow Manohar and others,
/// > *ParlayANN: Scalable and Deterministic Parallel Graph-Based Approximate Nearest Neighbor
/// > Search Algorithms*, PPoPP 2024.
struct HNSWBuilder {
  /// A link from an old row to a new one, still to be made.
  private struct BackLink: Comparable {
    var level: Int
    var target: UInt32
    var row: UInt32
    var length: Float

    static func < (left: BackLink, right: BackLink) -> Bool {
      (left.level, left.target, left.row) < (right.level, right.target, right.row)
    }
  }

  /// What each thread has for itself.
  private final class Worker {
    let scratch: SearchScratch
    var selection: NeighbourSelection
    var merged: [UInt64] = []
    var backLinks: [BackLink] = []

    init(_ graph: HNSWGraph) {
      scratch = SearchScratch(layout: graph.rows.layout, metric: graph.rows.metric)
      selection = NeighbourSelection(graph)
    }
  }

  /// A batch is at most this share of the rows that are there already, so that what its rows do not
  /// know of each other hardly matters.
  private static let batchShare = 64
  private static let largestBatch = 1024

  private let graph: HNSWGraph
  private let workers: [Worker]

  /// Prepares for linking into a graph whose rows stay where they are until it is done.
  init(_ graph: HNSWGraph, threads: Int) {
    self.graph = graph
    workers = (0..<max(threads, 1)).map { _ in Worker(graph) }
  }

  /// Links rows that have no links yet, in their order.
  ///
  /// - Parameter exclusively: Runs what must not run beside searches.
  func link(_ rows: [UInt32], exclusively: (() -> Void) -> Void) {
    var rest = rows[...]
    while let first = rest.first {
      guard let entry = graph.entry else {
        exclusively { graph.entry = first }
        rest.removeFirst()
        continue
      }
      let top = graph.level(Int(entry))
      let linked = graph.count - rest.count
      let size = min(max(linked / Self.batchShare, 1), Self.largestBatch)
      // A row above all others is a batch of its own, and the next search begins there.
      let batch = rest.prefix(size).prefix { graph.level(Int($0)) <= top }
      let chosen = batch.isEmpty ? rest.prefix(1) : batch
      makeForwardLinks(Array(chosen), entry: entry)
      exclusively {
        makeBackLinks()
        if graph.level(Int(first)) > top { graph.entry = first }
      }
      rest = rest.dropFirst(chosen.count)
    }
  }

  /// The first half: each row of the batch gets its links; nothing leads to it yet.
  private func makeForwardLinks(_ batch: [UInt32], entry: UInt32) {
    ParallelLoop.run(workers, count: batch.count) { worker, place in
      search(row: Int(batch[place]), entry: entry, worker)
    }
  }

  /// The second half: the rows that were linked to are linked back.
  private func makeBackLinks() {
    var links = workers.flatMap(\.backLinks)
    for worker in workers { worker.backLinks.removeAll(keepingCapacity: true) }
    links.sort()
    var groups: [Range<Int>] = []
    var first = 0
    for place in links.indices {
      let isLast =
        place + 1 == links.count || links[place + 1].target != links[place].target
        || links[place + 1].level != links[place].level
      guard isLast else { continue }
      groups.append(first..<place + 1)
      first = place + 1
    }
    ParallelLoop.run(workers, count: groups.count) { worker, place in
      linkBack(links[groups[place]], worker)
    }
  }

  private func search(row: Int, entry: UInt32, _ worker: Worker) {
    let walk = GraphWalk(graph)
    let scratch = worker.scratch
    scratch.query.load(row: row, of: graph.rows)
    let top = graph.level(Int(entry))
    let level = min(graph.level(row), top)
    do {
      var nearest = try walk.descend(scratch, from: entry, level: top, to: level)
      for level in (0...level).reversed() {
        scratch.pool.reset(capacity: graph.configuration.buildBreadth)
        scratch.visited.reset(rows: graph.count)
        try walk.explore(scratch, from: nearest, level: level)
        nearest = CandidatePool.row(scratch.pool[0])
        if level == 0, isShortOfLiveRows(scratch.pool) {
          try collectLiveRows(row: row, from: nearest, entry: entry, scratch)
        }
        take(row: row, level: level, worker)
      }
    } catch {
      preconditionFailure("a graph that is being built is in memory: \(error)")
    }
  }

  /// Whether so many candidates were removed that those that are left might not be links enough.
  private func isShortOfLiveRows(_ pool: CandidatePool) -> Bool {
    guard graph.removedCount > 0 else { return false }
    let live = (0..<pool.count).lazy.filter {
      graph.status(Int(CandidatePool.row(pool[$0]))) == .live
    }
    return live.count < graph.configuration.connectivity
  }

  /// Searches on behind the removed rows that stand around a new one.
  private func collectLiveRows(
    row: Int, from nearest: UInt32, entry: UInt32, _ scratch: SearchScratch
  ) throws(IndexFileError) {
    scratch.pool.reset(capacity: graph.configuration.buildBreadth)
    scratch.visited.reset(rows: graph.count)
    try GraphWalk(graph).explore(scratch, from: nearest, and: entry) {
      graph.status(Int($0)) == .live && Int($0) != row
    }
  }

  /// Links a row to the best of its candidates.
  private func take(row: Int, level: Int, _ worker: Worker) {
    let pool = worker.scratch.pool
    let candidates = (0..<pool.count).lazy.map { pool[$0] & ~1 }.filter {
      let candidate = Int(CandidatePool.row($0))
      return candidate != row && graph.status(candidate) == .live
    }
    worker.selection.select(candidates, limit: graph.configuration.connectivity)
    let links = graph.links(row, level: level)
    let lengths = level == 0 ? graph.lengths(row) : nil
    for (place, target) in worker.selection.taken.enumerated() {
      let length = worker.selection.lengths[place]
      links[place] = target
      lengths?[place] = length
      worker.backLinks.append(
        BackLink(level: level, target: target, row: UInt32(row), length: length))
    }
  }

  /// Adds links to the list of one row, and chooses again when there are too many.
  private func linkBack(_ news: ArraySlice<BackLink>, _ worker: Worker) {
    guard let one = news.first else { return }
    let (row, level) = (Int(one.target), one.level)
    let links = graph.links(row, level: level)
    let lengths = level == 0 ? graph.lengths(row) : nil
    let count = links.firstIndex(of: HNSWGraph.noRow) ?? links.count
    if count + news.count <= links.count {
      for (place, link) in zip(count..., news) {
        links[place] = link.row
        lengths?[place] = link.length
      }
      return
    }
    worker.merged.removeAll(keepingCapacity: true)
    for link in news { worker.merged.append(CandidatePool.word(link.row, link.length)) }
    appendLinks(of: row, links[..<count], lengths, worker)
    worker.merged.sort()
    worker.selection.select(worker.merged, limit: links.count)
    write(worker.selection, to: links, lengths)
  }

  /// Adds a row's links with their lengths to the candidates; unknown lengths are computed.
  private func appendLinks(
    of row: Int, _ links: Slice<UnsafeMutableBufferPointer<UInt32>>,
    _ lengths: UnsafeMutablePointer<Float>?, _ worker: Worker
  ) {
    let isKnown =
      lengths.map { lengths in links.indices.allSatisfy { !lengths[$0].isNaN } } ?? false
    if let lengths, isKnown {
      for place in links.indices {
        worker.merged.append(CandidatePool.word(links[place], lengths[place]))
      }
      return
    }
    let scratch = worker.scratch
    scratch.query.load(row: row, of: graph.rows)
    for (place, link) in links.enumerated() { scratch.list[place] = link }
    GraphWalk(graph).distances(scratch.query, scratch.list, links.count, scratch.distances)
    for (place, link) in links.enumerated() {
      worker.merged.append(CandidatePool.word(link, scratch.distances[place]))
    }
  }

  private func write(
    _ selection: NeighbourSelection, to links: UnsafeMutableBufferPointer<UInt32>,
    _ lengths: UnsafeMutablePointer<Float>?
  ) {
    for (place, row) in selection.taken.enumerated() {
      links[place] = row
      lengths?[place] = selection.lengths[place]
    }
    for place in selection.taken.count..<links.count { links[place] = HNSWGraph.noRow }
  }
}
