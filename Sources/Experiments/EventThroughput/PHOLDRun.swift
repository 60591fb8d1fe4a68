// PHOLD, timed: the event queue alone, or a whole step of the simulator.
import Glibc
import LabCore
import Network
import Simulation
import Statistics

/// One timed run of PHOLD.
public struct PHOLDRun: Sendable {
  /// What runs.
  public enum Engine: String, Sendable, CaseIterable {
    /// The event queue, with the load written around it.
    case queue
    /// Instances in the simulator, with loss, a timer and a fingerprint.
    case instance
  }

  private let engine: Engine
  private let nodes: Int
  private let population: Int
  private let events: Int

  /// Describes a run.
  ///
  /// - Parameters:
  ///   - nodes: How many nodes there are, at least 1.
  ///   - population: How many messages are under way, at least one a node.
  ///   - events: How many deliveries are measured.
  public init(engine: Engine, nodes: Int, population: Int, events: Int) {
    self.engine = engine
    self.nodes = nodes
    self.population = population
    self.events = events
  }

  /// What a run was and cost.
  private struct Outcome {
    var seconds: Double
    var checksum: UInt64
    var pending: Int
    var pendingBytes: Int
  }

  /// Runs, and describes the run as one line of JSON.
  ///
  /// The seconds are those of the deliveries, without the filling of the queue before.
  public func measure() -> String {
    let outcome = engine == .queue ? runQueue() : runInstances()
    let perEvent = Double(outcome.pendingBytes) / Double(max(outcome.pending, 1))
    return """
      {"program":"fleetlab-\(engine.rawValue)","population":\(population),"events":\(events),\
      "cpu_seconds":\(outcome.seconds),"peak_bytes":\(Self.peakBytes()),\
      "bytes_per_pending_event":\(perEvent),"checksum":"\(String(outcome.checksum, radix: 16))"}
      """
  }

  /// The stream of the C++ reference, so that both do the same work and show the same checksum.
  private struct SplitMix64 {
    var state: UInt64 = 42

    @inline(__always)
    mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var word = state
      word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
      word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
      return word ^ (word >> 31)
    }

    /// An exponential span with a mean of a second.
    @inline(__always)
    mutating func span() -> Duration {
      Duration(nanoseconds: Int64(-log(1 - Double(next() >> 11) * 0x1p-53) * 1e9))
    }
  }

  private func runQueue() -> Outcome {
    var queue = EventQueue(capacity: population + 1)
    var random = SplitMix64()
    let nodes = UInt64(self.nodes)
    var arrivals = [UInt32](repeating: 0, count: self.nodes)
    for _ in 0..<population {
      let span = random.span()
      queue.insert(at: .zero + span, tag: UInt32(random.next() % nodes))
    }
    let before = Self.processorSeconds()
    for _ in 0..<events {
      guard let event = queue.removeFirst() else { break }
      arrivals[Int(event.tag)] &+= 1
      let span = random.span()
      queue.insert(at: event.time + span, tag: UInt32(random.next() % nodes))
    }
    let seconds = Self.processorSeconds() - before
    let sum = arrivals.reduce(UInt64(0)) { $0 &* 31 &+ UInt64($1) }
    return Outcome(
      seconds: seconds, checksum: sum, pending: queue.count, pendingBytes: queue.memory.bytes)
  }

  private func runInstances() -> Outcome {
    let delay = DelayModel.model(
      DelayParameters(minimum: .zero, excess: .exponential(mean: 1)))
    let link = LinkModel(delay: delay, reordering: true, loss: .bernoulli(.percent(0.001)))
    let (nodes, share) = (nodes, population / nodes)
    let network = NetworkDescription(nodes: nodes, link: link)
    var world = SimulatedWorld(network, seed: Seed(1)) { _, _ in
      PHOLD(nodes: nodes, initial: share)
    }
    world.run(until: .zero)
    let before = Self.processorSeconds()
    while world.counters.delivered < events, !world.isIdle() {
      world.run(until: .never, limit: events - world.counters.delivered)
    }
    let seconds = Self.processorSeconds() - before
    let counters = world.counters
    let pending = counters.sent - counters.delivered - counters.lost
    return Outcome(
      seconds: seconds, checksum: world.fingerprint, pending: pending,
      pendingBytes: world.memory.bytes)
  }

  private static func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  private static func peakBytes() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
  }
}
