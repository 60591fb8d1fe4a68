// The lake with holes.

/// FrozenLake-v1 and FrozenLake8x8-v1: over the ice from one corner to the goal in the other.
///
/// The four actions are left, down, right and up. On slippery ice a step goes the way that was
/// meant or to either side of it, each in one case of three. Reaching the goal earns 1; it and the
/// holes terminate. Episodes are cut off after 100 steps on the small lake and after 200 on the
/// large one (Gymnasium's `make("FrozenLake-v1", map_name="8x8")` keeps 100, which is another
/// problem).
/// > Reference: Gymnasium 1.4, `frozen_lake.py`.
public enum FrozenLake {
  /// The lake of 4 × 4 fields, `FrozenLake-v1`.
  public static func small(isSlippery: Bool = true) -> TabularEnvironment {
    TabularEnvironment(
      name: "FrozenLake-v1", model: model(of: smallMap, isSlippery: isSlippery), stepLimit: 100)
  }

  /// The lake of 8 × 8 fields, `FrozenLake8x8-v1`.
  public static func large(isSlippery: Bool = true) -> TabularEnvironment {
    TabularEnvironment(
      name: "FrozenLake8x8-v1", model: model(of: largeMap, isSlippery: isSlippery), stepLimit: 200)
  }

  private static let smallMap = ["SFFF", "FHFH", "FFFH", "HFFG"]
  private static let largeMap = [
    "SFFFFFFF", "FFFFFFFF", "FFFHFFFF", "FFFFFHFF", "FFFHFFFF", "FHHFFFHF", "FHFFHFHF", "FFFHFFFG",
  ]

  /// Reads a square map of start (S), frozen (F), hole (H) and goal (G).
  private static func model(of map: [String], isSlippery: Bool) -> TransitionModel {
    let fields = map.flatMap(Array.init)
    let grid = Grid(rows: map.count, columns: map.count)
    let moves = [(0, -1), (1, 0), (0, 1), (-1, 0)]
    return TransitionModel(
      states: fields.count, actions: 4, starts: fields.indices.filter { fields[$0] == "S" }
    ) { state, action in
      guard fields[state] != "G", fields[state] != "H" else {
        return [.init(to: state, reward: 0, isTerminal: true)]
      }
      let ways = isSlippery ? [(action + 3) % 4, action, (action + 1) % 4] : [action]
      return ways.map { way in
        let next = grid.moved(state, by: moves[way])
        return .init(
          1 / Double(ways.count), to: next, reward: fields[next] == "G" ? 1 : 0,
          isTerminal: fields[next] == "G" || fields[next] == "H")
      }
    }
  }
}

/// Fields in rows, numbered row by row, whose edge holds back who walks against it.
struct Grid {
  let rows, columns: Int

  func moved(_ place: Int, by way: (rows: Int, columns: Int)) -> Int {
    let row = min(max(place / columns + way.rows, 0), rows - 1)
    let column = min(max(place % columns + way.columns, 0), columns - 1)
    return row * columns + column
  }
}
