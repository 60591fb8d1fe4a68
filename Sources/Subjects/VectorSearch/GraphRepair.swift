// Takes removed rows out of the graph.

import CDistance

/// Gives rows that lead to removed ones other links.
///
/// Each such row chooses again among its remaining links and those of the removed rows that it led
/// to, so that paths which went over a removed row go past it; a row that is chosen anew links back
/// where it has room.
/// > Reference: Singh and others, *FreshDiskANN: A Fast and Accurate Graph-Based ANN Index for
/// > Streaming Similarity Search*, 2021, algorithm 4, with the selection of this graph.
struct GraphRepair {
  private let graph: HNSWGraph
  private let scratch: SearchScratch
  private var selection: NeighbourSelection
  private var candidates: Set<UInt32> = []

  init(_ graph: HNSWGraph) {
    self.graph = graph
    scratch = SearchScratch(layout: graph.rows.layout, metric: graph.rows.metric)
    selection = NeighbourSelection(graph)
  }

  /// Mends the lists of a row, on all its levels.
  mutating func mend(_ row: Int) {
    guard graph.status(row) == .live else { return }
    for level in 0...graph.level(row) {
      let links = graph.links(row, level: level)
      let isAffected = links.contains { $0 != HNSWGraph.noRow && isRemoved($0) }
      if isAffected { choose(links, row: row, level: level) }
    }
  }

  /// Lets searches begin at a live row: the one on the highest level.
  func moveEntry() {
    guard let entry = graph.entry, isRemoved(entry) else { return }
    let live = (0..<graph.count).lazy.filter { graph.status($0) == .live }
    graph.entry = live.max { (graph.level($0), $1) < (graph.level($1), $0) }.map(UInt32.init)
  }

  private func isRemoved(_ row: UInt32) -> Bool { graph.status(Int(row)) == .removed }

  private mutating func choose(
    _ links: UnsafeMutableBufferPointer<UInt32>, row: Int, level: Int
  ) {
    gather(links, row: row, level: level)
    scratch.query.load(row: row, of: graph.rows)
    let walk = GraphWalk(graph)
    var words: [UInt64] = []
    var rest = candidates.sorted()[...]
    while !rest.isEmpty {
      let part = rest.prefix(SearchScratch.listLength)
      for (place, candidate) in part.enumerated() { scratch.list[place] = candidate }
      walk.distances(scratch.query, scratch.list, part.count, scratch.distances)
      for (place, candidate) in part.enumerated() {
        words.append(CandidatePool.word(candidate, scratch.distances[place]))
      }
      rest = rest.dropFirst(part.count)
    }
    words.sort()
    // Choosing among chosen ones again and again would leave ever fewer links.
    let before = links.firstIndex(of: HNSWGraph.noRow) ?? links.count
    selection.select(words, limit: links.count, minimum: before)
    let lengths = level == 0 ? graph.lengths(row) : nil
    let old = Set(links)
    for place in links.indices {
      let isTaken = place < selection.taken.count
      links[place] = isTaken ? selection.taken[place] : HNSWGraph.noRow
      lengths?[place] = isTaken ? selection.lengths[place] : .nan
    }
    for (target, length) in zip(selection.taken, selection.lengths) where !old.contains(target) {
      linkBack(target, to: row, level: level, length: length)
    }
  }

  /// Gives a row that was linked to anew a link back, if it has room for one.
  private func linkBack(_ target: UInt32, to row: Int, level: Int, length: Float) {
    let links = graph.links(Int(target), level: level)
    guard let place = links.firstIndex(of: HNSWGraph.noRow), !links.contains(UInt32(row))
    else { return }
    links[place] = UInt32(row)
    if level == 0 { graph.lengths(Int(target))?[place] = length }
  }

  /// Collects the live rows that the links lead to, over removed rows as well.
  private mutating func gather(
    _ links: UnsafeMutableBufferPointer<UInt32>, row: Int, level: Int
  ) {
    candidates.removeAll(keepingCapacity: true)
    var passed: Set<UInt32> = []
    var open = links.filter { $0 != HNSWGraph.noRow }
    while let link = open.popLast() {
      guard isRemoved(link) else {
        if Int(link) != row { candidates.insert(link) }
        continue
      }
      // A few removed rows in a row are walked over; what lies farther is not near.
      guard passed.count < links.count, passed.insert(link).inserted else { continue }
      open += graph.links(Int(link), level: level).filter { $0 != HNSWGraph.noRow }
    }
  }
}
