// A ring of nodes that throw dice and pass them on, so that one draw more or less changes all that
// follows.
import LabCore
import Network
import Simulation
import Statistics

/// An Instance whose every message and every pause depends on its random stream.
struct Dice: Instance {
  typealias Message = Bytes
  enum Timer: UInt32, TimerName { case roll }

  /// The nodes that play; others in the world are silent.
  let players: Int
  /// The round in which node 1 draws once more than it should, if any.
  var extraDrawAt: Int?
  private var round = 0

  init(players: Int, extraDrawAt: Int? = nil) {
    self.players = players
    self.extraDrawAt = extraDrawAt
  }

  mutating func start(_ durable: Durable, _ step: inout Step<Self>) {
    if step.node.index < players { step.set(.roll, after: .milliseconds(1)) }
  }

  mutating func fire(_ timer: Timer, _ step: inout Step<Self>) {
    round += 1
    if step.node == NodeID(1), round == extraDrawAt { _ = step.random.next() }
    var writer = ByteWriter()
    writer.write(UInt32(round))
    writer.write(step.random.next())
    step.send(writer.finish(), to: NodeID((Int(step.node.index) + 1) % players))
    step.set(.roll, after: .microseconds(Int64(500 + step.random.below(1_000))))
  }

  mutating func receive(_ message: Bytes, from sender: NodeID, _ step: inout Step<Self>) {
    if message.last.map({ $0 < 128 }) == true { step.send(message, to: sender) }
  }

  /// A world of players and silent nodes on a link that loses, doubles, changes and overtakes.
  static func world(
    players: Int = 3, nodes: Int = 3, seed: UInt64 = 1, extraDrawAt: Int? = nil,
    ingredients: FingerprintIngredients = .all
  ) -> SimulatedWorld<Dice> {
    var network = NetworkDescription(
      nodes: nodes,
      link: LinkModel(
        delay: .model(.init(minimum: .milliseconds(1), excess: .exponential(mean: 0.004))),
        loss: .gilbertElliott(
          goodToBad: .percent(2), badToGood: .percent(30), lossGood: .percent(1),
          lossBad: .percent(60)),
        duplication: .percent(5), corruption: .percent(2), bitsPerSecond: 1e7))
    network.faults = [
      FaultDescription(.crash(node: NodeID(2)), at: 40, lasting: 20),
      FaultDescription(
        times: .every(.exponential(mean: 0.03)), duration: .milliseconds(4),
        kind: .oneWay(from: [NodeID(0)], to: [NodeID(1)])),
    ]
    var world = SimulatedWorld(network, seed: Seed(seed), ingredients: ingredients) { _, _ in
      Dice(players: players, extraDrawAt: extraDrawAt)
    }
    world.trace = Trace()
    return world
  }
}
