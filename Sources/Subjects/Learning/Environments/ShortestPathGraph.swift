// The graph on which random walks teach short ways.

public import LabCore

/// A random directed graph, in which an agent looks for the shortest way to node 0.
///
/// Actions are nodes: one to which no edge leads leaves the agent where it is. Each step costs 1,
/// so the best return from a node is minus its ``distances``. It is the world of the illustrative
/// example of the Decision Transformer, which never sees more than random walks in it.
/// > Reference: Chen et al., *Decision Transformer*, 2021, section 3.2; 20 nodes and an edge
/// > probability of 0.1 as there.
public struct ShortestPathGraph: Hashable, Sendable {
  /// For each node, the nodes to which its edges lead, in ascending order.
  public let neighbours: [[Int]]
  /// For each node, the number of edges on the shortest way to the goal; nothing where there is no
  /// way.
  public let distances: [Int?]
  /// The longest walk that counts.
  public let stepLimit: Int

  /// Draws graphs until one is worth a walk: at least three fifths of its nodes have a way to the
  /// goal within the limit, and from some it takes three steps or more.
  ///
  /// - Throws: ``LearningError/badSetting(name:value:expected:)`` where none of 10,000 graphs is.
  public init(
    nodes: Int = 20, edgeProbability: Double = 0.1, stepLimit: Int = 10,
    _ random: inout RandomStream
  ) throws(LearningError) {
    for _ in 0..<10_000 {
      let edges = (0..<nodes).map { from in
        (0..<nodes).filter { random.unit() < edgeProbability && $0 != from }
      }
      let graph = ShortestPathGraph(neighbours: edges, stepLimit: stepLimit)
      let found = graph.starts.compactMap { graph.distances[$0] }
      if found.count >= nodes * 3 / 5, found.contains(where: { $0 >= 3 }) {
        self = graph
        return
      }
    }
    throw .badSetting(
      name: "the probability of an edge", value: "\(edgeProbability)",
      expected: "one that lets most of \(nodes) nodes reach the goal, some in three steps or more,")
  }

  /// Takes edges as they are.
  ///
  /// - Precondition: They lead to nodes.
  public init(neighbours: [[Int]], stepLimit: Int) {
    self.neighbours = neighbours
    self.stepLimit = stepLimit
    var distances = [Int?](repeating: nil, count: neighbours.count)
    var frontier = [0]
    var distance = 0
    while !frontier.isEmpty {
      for node in frontier { distances[node] = distance }
      frontier = neighbours.indices.filter { node in
        distances[node] == nil && neighbours[node].contains { distances[$0] == distance }
      }
      distance += 1
    }
    self.distances = distances
  }

  /// The nodes but the goal from which it can be reached within the limit.
  public var starts: [Int] {
    neighbours.indices.filter { node in
      distances[node].map { $0 > 0 && $0 <= stepLimit } ?? false
    }
  }

  /// The graph as an environment: states and actions are nodes.
  ///
  /// - Precondition: The goal can be reached from a node.
  public func environment() -> TabularEnvironment {
    let count = neighbours.count
    let model = TransitionModel(states: count, actions: count, starts: starts) { node, action in
      let next = self.next(from: node, to: action)
      return [.init(to: next, reward: -1, isTerminal: next == 0)]
    }
    return TabularEnvironment(name: "shortest-path-graph", model: model, stepLimit: stepLimit)
  }

  /// Where a step leads.
  ///
  /// - Precondition: Both are nodes.
  public func next(from node: Int, to action: Int) -> Int {
    neighbours[node].contains(action) ? action : node
  }

  /// Walks at random: each step takes one of the node's edges, or stays where there is none.
  ///
  /// - Returns: The nodes from the start on, up to the goal or the limit.
  public func walk(from start: Int, _ random: inout RandomStream) -> [Int] {
    var nodes = [start]
    var node = start
    while node != 0, nodes.count <= stepLimit {
      let choices = neighbours[node]
      if !choices.isEmpty { node = choices[random.below(choices.count)] }
      nodes.append(node)
    }
    return nodes
  }
}
