// A run small enough to be drawn and captured, with one of each thing that can happen.
import LabCore
import Network
import Statistics
import TrialInstances

@testable import Simulation

/// A replicated counter on three nodes that meets a crash, a partition, losses and duplicates.
enum SmallRun {
  static func trace(seed: UInt64 = 3) -> Trace {
    var network = NetworkDescription(
      nodes: 3,
      link: LinkModel(
        delay: .model(.init(minimum: .milliseconds(4), excess: .exponential(mean: 0.004))),
        loss: .bernoulli(.percent(10)), duplication: .percent(10)))
    network.faults = [
      FaultDescription(.crash(node: NodeID(1)), at: 60, lasting: 50),
      FaultDescription(
        .partition(groups: [[NodeID(0), NodeID(1)], [NodeID(2)]]), at: 140, lasting: 40),
    ]
    var world = SimulatedWorld(
      network, seed: Seed(seed), disks: DiskModel(latency: .constant(0.003))
    ) { _, _ in ReplicatedCounter(nodes: 3) }
    world.trace = Trace()
    for increment in 1...6 as ClosedRange<UInt64> {
      let at = Instant.after(Int64(increment) * 30)
      world.submit(.increment(increment), to: NodeID(0), at: at)
    }
    world.run(until: .after(250))
    return world.trace ?? Trace()
  }
}
