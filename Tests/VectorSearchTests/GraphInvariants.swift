// What must hold of every graph.
import Testing

@testable import VectorSearch

extension HNSWGraph {
  /// Checks every list of links, and that every live row can be reached on every level it stands
  /// on.
  func expectSound(sourceLocation: SourceLocation = #_sourceLocation) {
    guard let entry else {
      #expect(liveCount == 0, sourceLocation: sourceLocation)
      return
    }
    if removedCount == 0 {
      #expect(status(Int(entry)) == .live, sourceLocation: sourceLocation)
    }
    for row in 0..<count where status(row) == .live {
      #expect(level(row) <= topLevel, sourceLocation: sourceLocation)
      for level in 0...level(row) {
        let problem = problem(ofListOf: row, level: level)
        #expect(problem == nil, "row \(row), level \(level)", sourceLocation: sourceLocation)
      }
    }
    let reached = reachable(from: entry)
    let live = (0..<count).filter { status($0) == .live }
    let lost = live.filter { !reached.contains($0) }
    #expect(lost.isEmpty, "rows that nothing leads to", sourceLocation: sourceLocation)
  }

  private func problem(ofListOf row: Int, level: Int) -> String? {
    let list = links(row, level: level)
    let links = list.prefix { $0 != Self.noRow }
    if list.dropFirst(links.count).contains(where: { $0 != Self.noRow }) { return "a gap" }
    if Set(links).count != links.count { return "a link twice" }
    for link in links {
      if link == UInt32(row) { return "a link to itself" }
      if link >= UInt32(count) { return "a link to no row" }
      if status(Int(link)) == .vacant { return "a link to a vacant row" }
      if self.level(Int(link)) < level { return "a link to a row below" }
    }
    return nil
  }

  private func reachable(from entry: UInt32) -> Set<Int> {
    var reached: Set<Int> = [Int(entry)]
    var open = [Int(entry)]
    while let row = open.popLast() {
      for level in 0...level(row) {
        for link in links(row, level: level) where link != Self.noRow {
          if reached.insert(Int(link)).inserted { open.append(Int(link)) }
        }
      }
    }
    return reached
  }

  /// All links, to compare graphs by.
  var allLinks: [[UInt32]] {
    (0..<count).flatMap { row in
      (0...level(row)).map { Array(links(row, level: $0)) }
    }
  }
}
