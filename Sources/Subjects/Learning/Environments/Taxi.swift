// The taxi that fetches and delivers.

/// Taxi-v4, whose rules are those of Taxi-v3: a taxi fetches a passenger at one of four stands and
/// sets them down at another.
///
/// The six actions are south, north, east, west, pick up and set down. Each step costs 1, an
/// illegal fetching or setting down 10; the delivery earns 20 and ends the episode, which is cut
/// off after 200 steps. A state is ((row · 5 + column) · 5 + passenger) · 4 + destination;
/// passenger 4 sits in the taxi.
/// > Reference: Dietterich, *Hierarchical Reinforcement Learning with the MAXQ Value Function
/// > Decomposition*, JAIR 13, 2000; Gymnasium 1.4, `taxi.py`.
public enum Taxi {
  /// The town.
  public static func environment() -> TabularEnvironment {
    let starts = (0..<500).filter { state in
      let place = Place(state)
      return place.passenger != inTaxi && place.passenger != place.destination
    }
    let model = TransitionModel(states: 500, actions: 6, starts: starts) { state, action in
      [outcome(of: action, at: Place(state))]
    }
    return TabularEnvironment(name: "Taxi-v4", model: model, stepLimit: 200)
  }

  private static let inTaxi = 4
  /// Red, green, yellow and blue, each a row and a column.
  private static let stands = [[0, 0], [0, 4], [4, 0], [4, 3]]
  /// For each row, the columns behind which a wall stands.
  private static let walls = [[1], [1], [], [0, 2], [0, 2]]

  /// A state in its parts.
  private struct Place {
    var row, column, passenger, destination: Int

    init(_ state: Int) {
      destination = state % 4
      passenger = state / 4 % 5
      column = state / 20 % 5
      row = state / 100
    }

    var state: Int { ((row * 5 + column) * 5 + passenger) * 4 + destination }
    /// The stand where the taxi is.
    var stand: Int? { stands.firstIndex(of: [row, column]) }
  }

  private static func outcome(of action: Int, at before: Place) -> TransitionModel.Outcome {
    var after = before
    var reward = -1.0
    var isTerminal = false
    switch action {
    case 0: after.row = min(before.row + 1, 4)
    case 1: after.row = max(before.row - 1, 0)
    case 2:
      if !walls[before.row].contains(before.column) { after.column = min(before.column + 1, 4) }
    case 3:
      if !walls[before.row].contains(before.column - 1) { after.column = max(before.column - 1, 0) }
    case 4:
      if before.passenger != inTaxi, before.stand == before.passenger {
        after.passenger = inTaxi
      } else {
        reward = -10
      }
    default:
      if before.passenger == inTaxi, let stand = before.stand {
        after.passenger = stand
        isTerminal = stand == before.destination
        if isTerminal { reward = 20 }
      } else {
        reward = -10
      }
    }
    return .init(to: after.state, reward: reward, isTerminal: isTerminal)
  }
}
