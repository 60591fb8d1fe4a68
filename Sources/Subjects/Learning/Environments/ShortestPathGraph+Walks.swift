// What random walks in a graph teach, and what a learner has made of them.

public import LabCore

extension ShortestPathGraph {
  /// Random walks, each from a node that is drawn among all but the goal.
  public func walks(_ count: Int, _ random: inout RandomStream) -> [[Int]] {
    (0..<count).map { _ in
      let start = 1 + random.below(neighbours.count - 1)
      return walk(from: start, &random)
    }
  }

  /// The starts from which one of the walks goes a shortest way: of the others nothing is shown.
  public func starts(shownBy walks: [[Int]]) -> Set<Int> {
    var shown: Set<Int> = []
    for walk in walks where walk.last == 0 {
      for (place, node) in walk.dropLast().enumerated()
      where distances[node] == walk.count - 1 - place { shown.insert(node) }
    }
    return shown
  }

  /// Walks as trajectories; behind one that the limit cut off, one step more than the longest walk
  /// is expected, so that it counts as worse than any that arrives.
  ///
  /// - Throws: ``LearningError/badSetting(name:value:expected:)`` for a walk without a step.
  public func trajectories(of walks: [[Int]]) throws(LearningError) -> TrajectoryBuffer {
    var buffer = TrajectoryBuffer()
    for walk in walks {
      buffer.append(
        try Trajectory(
          observations: walk.dropLast().map(observation), actions: Array(walk.dropFirst()),
          rewards: walk.dropFirst().map { _ in -1 },
          expecting: walk.last == 0 ? 0 : -Double(stepLimit + 1)))
    }
    return buffer
  }

  /// How many steps a learner takes to the goal that is told in how many to be there; nothing where
  /// it is not there within the limit.
  ///
  /// - Precondition: It was made for the graph's observations and actions.
  public func steps(
    from start: Int, promised count: Int, by learner: borrowing DecisionTransformer
  ) -> Int? {
    var history = DecisionHistory(aimingAt: -Float(count), seeing: observation(start))
    var node = start
    for step in 1...stepLimit {
      let action = learner.act(after: history)
      node = next(from: node, to: action)
      if node == 0 { return step }
      history.append(action, earning: -1, seeing: observation(node))
    }
    return nil
  }

  /// What is seen at a node: a 1 at its place among zeros.
  private func observation(_ node: Int) -> [Float] {
    neighbours.indices.map { $0 == node ? 1 : 0 }
  }
}
