// Makes every row reachable.

import CDistance

/// Finds the rows of level 0 to which no path leads, and links them in.
///
/// The choice of links drops some, and rows far from all others, or with short vectors under the
/// inner product, may lose the last link to them. No search of any breadth would find these again.
/// - Complexity: One pass over all links, and a search for each row that no path leads to.
struct GraphConnection {
  private let graph: HNSWGraph
  private var isReached: [Bool]
  private var open: [UInt32] = []

  /// Links every row in that is not vacant.
  static func connect(_ graph: HNSWGraph) {
    guard let entry = graph.entry else { return }
    var connection = GraphConnection(graph)
    connection.reach(from: entry)
    connection.connectRest(entry)
  }

  /// Links one row in that no link leads to.
  static func connect(_ row: UInt32, of graph: HNSWGraph) {
    guard let entry = graph.entry, entry != row else { return }
    let scratch = SearchScratch(layout: graph.rows.layout, metric: graph.rows.metric)
    GraphConnection(graph).linkIn(row, entry, scratch)
  }

  private init(_ graph: HNSWGraph) {
    self.graph = graph
    isReached = [Bool](repeating: false, count: graph.count)
  }

  private mutating func reach(from row: UInt32) {
    isReached[Int(row)] = true
    open.append(row)
    while let row = open.popLast() {
      for link in graph.links(Int(row), level: 0) {
        if link == HNSWGraph.noRow { break }
        if isReached[Int(link)] { continue }
        isReached[Int(link)] = true
        open.append(link)
      }
    }
  }

  private mutating func connectRest(_ entry: UInt32) {
    let lost = (0..<graph.count).filter { !isReached[$0] && graph.status($0) != .vacant }
    guard !lost.isEmpty else { return }
    let scratch = SearchScratch(layout: graph.rows.layout, metric: graph.rows.metric)
    for row in lost where !isReached[row] {
      linkIn(UInt32(row), entry, scratch)
      reach(from: UInt32(row))
    }
  }

  /// Links a row from the nearest row that can be reached and has room for one more link; when none
  /// near has any, the nearest gives up a link, which the row itself takes over.
  private func linkIn(_ row: UInt32, _ entry: UInt32, _ scratch: SearchScratch) {
    scratch.query.load(row: Int(row), of: graph.rows)
    scratch.pool.reset(capacity: graph.configuration.buildBreadth)
    scratch.visited.reset(rows: graph.count)
    // A graph that changes is in memory, where no page can be damaged.
    try? GraphWalk(graph).explore(scratch, from: entry, level: 0)
    let found = (0..<scratch.pool.count).map { scratch.pool[$0] }
    let roomy = found.first {
      graph.links(Int(CandidatePool.row($0)), level: 0).last == HNSWGraph.noRow
    }
    guard let word = roomy ?? found.first else { return }
    let host = Int(CandidatePool.row(word))
    let links = graph.links(host, level: 0)
    let place = links.firstIndex(of: HNSWGraph.noRow) ?? links.count - 1
    let replaced = links[place]
    links[place] = row
    graph.lengths(host)?[place] = CandidatePool.distance(word)
    guard replaced != HNSWGraph.noRow else { return }
    let own = graph.links(Int(row), level: 0)
    guard !own.contains(replaced) else { return }
    let ownPlace = own.firstIndex(of: HNSWGraph.noRow) ?? own.count - 1
    own[ownPlace] = replaced
    graph.lengths(Int(row))?[ownPlace] = .nan
  }
}
