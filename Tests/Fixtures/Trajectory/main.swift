// A small run with every kind of chance in it, printed event by event.
//
// Scripts/test builds it for debugging and for release and compares what the two print: the
// optimiser must not change a trajectory.
import LabCore
import Network
import Simulation
import Statistics

/// A node that answers every message, now and then stores one, and pokes its neighbour when idle.
struct Gossip: Instance {
  typealias Message = Bytes

  enum Timer: UInt32, TimerName {
    case idle
    case next
  }

  let nodes: Int
  private var count: UInt64 = 0

  init(nodes: Int) { self.nodes = nodes }

  mutating func start(_ durable: Durable, _ step: inout Step<Self>) {
    count = UInt64(durable.records.count)
    step.set(.next, after: .milliseconds(Int64(step.random.below(50))))
  }

  mutating func receive(_ message: Bytes, from sender: NodeID, _ step: inout Step<Self>) {
    step.set(.idle, after: .milliseconds(200))
    if message.count < 64 {
      step.send(Bytes(message.array + [UInt8(truncatingIfNeeded: count)]), to: sender)
    }
  }

  mutating func fire(_ timer: Timer, _ step: inout Step<Self>) {
    count += 1
    step.store(.append(Bytes([UInt8(truncatingIfNeeded: count)])), as: Ticket(count))
    step.set(.next, after: .milliseconds(100))
  }

  mutating func stored(_ ticket: Ticket, _ outcome: StorageOutcome, _ step: inout Step<Self>) {
    step.send(Bytes([UInt8(step.random.below(256))]), to: NodeID(step.random.below(nodes)))
  }
}

let excess = Law.mixture([
  (weight: 5, law: .gamma(shape: 0.7, scale: 0.004)),
  (weight: 3, law: .lognormal(median: 0.003, sigma: 1)),
  (weight: 2, law: .weibull(shape: 1.4, scale: 0.005)),
  (weight: 1, law: .pareto(minimum: 0.001, tailIndex: 1.5)),
  (weight: 1, law: .normal(mean: 0.004, standardDeviation: 0.002)),
])
let link = LinkModel(
  delay: .model(
    DelayParameters(
      minimum: .milliseconds(5), excess: excess,
      drift: DelayDrift(deviation: 0.5, correlationTime: .seconds(1)),
      spikes: DelaySpikes(chance: .percent(1), size: .exponential(mean: 0.1)))),
  loss: .gilbertElliott(
    goodToBad: .percent(2), badToGood: .percent(30), lossGood: .percent(0.1),
    lossBad: .percent(70)),
  duplication: .percent(2), corruption: .percent(1), bitsPerSecond: 1e6)
var network = NetworkDescription(nodes: 5, link: link)
network.faults = [
  FaultDescription(
    times: .at([.zero + .seconds(1)]), duration: .seconds(1),
    kind: .partition(groups: [[NodeID(0), NodeID(1)], [NodeID(2), NodeID(3), NodeID(4)]])),
  FaultDescription(
    times: .every(.exponential(mean: 1)), duration: .milliseconds(300),
    kind: .crash(node: NodeID(2))),
  FaultDescription(
    times: .at([.zero + .milliseconds(500)]), duration: .seconds(2),
    kind: .clockSkew(node: NodeID(3), offset: .milliseconds(-40), rate: 1.02)),
]
var world = SimulatedWorld(network, seed: Seed(2026)) { _, _ in Gossip(nodes: 5) }
world.trace = Trace(capacity: 2_000)
world.run(until: .zero + .seconds(5))
for event in world.trace?.events ?? [] { print(event) }
print("fingerprint \(String(world.fingerprint, radix: 16)), \(world.counters.events) events")
