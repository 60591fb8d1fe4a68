// The walk along the cliff.

/// CliffWalking-v1: from one end of a cliff to the other, over 4 × 12 fields.
///
/// The four actions are up, right, down and left. Each step costs 1; one over the cliff costs 100
/// and leads back to the start without ending the episode. Only the goal ends it: there is no limit
/// of steps.
/// > Reference: Sutton and Barto, *Reinforcement Learning: An Introduction*, second edition, 2018,
/// > example 6.6; Gymnasium 1.4, `cliffwalking.py`.
public enum CliffWalking {
  /// The walk.
  public static func environment() -> TabularEnvironment {
    let grid = Grid(rows: 4, columns: 12)
    let (start, goal) = (36, 47)
    let moves = [(-1, 0), (0, 1), (1, 0), (0, -1)]
    let model = TransitionModel(states: 48, actions: 4, starts: [start]) { state, action in
      let next = grid.moved(state, by: moves[action])
      let isCliff = next > start && next < goal
      return [
        .init(
          to: isCliff ? start : next, reward: isCliff ? -100 : -1, isTerminal: next == goal)
      ]
    }
    return TabularEnvironment(name: "CliffWalking-v1", model: model, stepLimit: nil)
  }
}
