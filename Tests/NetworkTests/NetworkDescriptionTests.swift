// Which link holds between two nodes.
import LabCore
import Network
import Testing

@Suite struct `Network descriptions` {
  private func link(_ milliseconds: Int64) -> LinkModel {
    LinkModel(delay: .constant(.milliseconds(milliseconds)))
  }

  private let nodes = [
    NodeDescription(name: "a", region: "north"), NodeDescription(name: "b", region: "north"),
    NodeDescription(name: "c", region: "south"), NodeDescription(name: "d"),
  ]

  private func network(_ overrides: [LinkOverride]) -> NetworkDescription {
    NetworkDescription(nodes: nodes, link: link(1), overrides: overrides)
  }

  private func delays(_ network: NetworkDescription) -> [[Int64]] {
    (0..<4).map { from in
      (0..<4).map { to in
        guard case .model(let delay) = network.link(from: NodeID(from), to: NodeID(to)).delay else {
          return -1
        }
        return delay.minimum.nanoseconds / 1_000_000
      }
    }
  }

  @Test func `without exceptions every pair has the default link`() {
    #expect(delays(network([])) == Array(repeating: [1, 1, 1, 1], count: 4))
  }

  @Test func `an exception between nodes holds one way or both`() {
    let oneWay = LinkOverride(from: "a", to: "d", bothWays: false, link: link(5))
    #expect(
      delays(network([oneWay])) == [[1, 1, 1, 5], [1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 1, 1]])
    let both = LinkOverride(from: "a", to: "d", bothWays: true, link: link(5))
    #expect(
      delays(network([both])) == [[1, 1, 1, 5], [1, 1, 1, 1], [1, 1, 1, 1], [5, 1, 1, 1]])
  }

  @Test func `an exception between regions holds for all their nodes, also within one region`() {
    let regions = LinkOverride(from: "north", to: "south", bothWays: true, link: link(7))
    #expect(
      delays(network([regions])) == [[1, 1, 7, 1], [1, 1, 7, 1], [7, 7, 1, 1], [1, 1, 1, 1]])
    let within = LinkOverride(from: "north", to: "north", bothWays: false, link: link(2))
    #expect(delays(network([within]))[0] == [2, 2, 1, 1])
  }

  @Test func `nodes and regions mix, and the last exception that covers a pair holds`() {
    let wide = LinkOverride(from: "north", to: "south", bothWays: true, link: link(7))
    let narrow = LinkOverride(from: "a", to: "south", bothWays: false, link: link(9))
    #expect(delays(network([wide, narrow]))[0] == [1, 1, 9, 1])
    #expect(delays(network([narrow, wide]))[0] == [1, 1, 7, 1])
    #expect(delays(network([wide, narrow]))[2] == [7, 7, 1, 1])
  }

  @Test func `a network of equal nodes has their number and no faults`() {
    let network = NetworkDescription(nodes: 3, link: link(4))
    #expect(network.nodes.map(\.name) == ["n0", "n1", "n2"])
    #expect(network.faults.isEmpty && network.link(from: NodeID(0), to: NodeID(2)) == link(4))
  }
}
