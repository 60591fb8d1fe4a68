// What the environments of Gymnasium do; Fixtures/make_fixtures.py wrote it.
import Foundation

struct GymnasiumFixtures: Decodable {
  /// One episode; states and observations stand for every n-th step and the last one.
  struct Trajectory: Decodable {
    let environment: String
    let arguments: [String: Bool]
    let start: [Double]
    let every: Int
    let end: String
    let actions, rewards: [Double]
    let states, observations: [[Double]]

    /// The index in `states` of what stands after a step, where it was kept.
    func kept(_ step: Int) -> Int? {
      if step == actions.count - 1 { return states.count - 1 }
      return (step + 1) % every == 0 ? (step + 1) / every - 1 : nil
    }
  }

  /// The outcomes for each state and action in turn.
  struct Table: Decodable {
    let environment: String
    let stepLimit: Int?
    let actions: Int
    let starts, counts, states, ends: [Int]
    let chances, rewards: [Double]
  }

  let gymnasium: String
  let trajectories: [Trajectory]
  let tables: [Table]

  static func load() throws -> GymnasiumFixtures {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Fixtures/gymnasium.json")
    return try JSONDecoder().decode(GymnasiumFixtures.self, from: Data(contentsOf: file))
  }

  func trajectories(of environment: String) -> [Trajectory] {
    trajectories.filter { $0.environment == environment }
  }
}
