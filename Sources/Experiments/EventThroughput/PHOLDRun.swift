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
    var checksum: UInt64
    var pending: Int
    var pendingBytes: Int
  }

  /// Runs, and describes the run as one line of JSON.
  public func measure() -> String {
    let before = Self.processorSeconds()
    let outcome = engine == .queue ? runQueue() : runInstances()
    let seconds = Self.processorSeconds() - before
    let perEvent = Double(outcome.pendingBytes) / Double(max(outcome.pending, 1))
    return """
      {"program":"fleetlab-\(engine.rawValue)","population":\(population),"events":\(events),\
      "cpu_seconds":\(seconds),"peak_bytes":\(Self.peakBytes()),\
      "bytes_per_pending_event":\(perEvent),"checksum":"\(String(outcome.checksum, radix: 16))"}
      """
  }

  private func runQueue() -> Outcome {
    var queue = EventQueue(capacity: population + 1)
    var random = Seed(42).stream()
    var arrivals = [UInt32](repeating: 0, count: nodes)
    for _ in 0..<population { insert(after: .zero, &queue, &random) }
    for _ in 0..<events {
      guard let event = queue.removeFirst() else { break }
      arrivals[Int(event.tag)] &+= 1
      insert(after: event.time, &queue, &random)
    }
    let sum = arrivals.reduce(UInt64(0)) { $0 &* 31 &+ UInt64($1) }
    return Outcome(checksum: sum, pending: queue.count, pendingBytes: queue.memory.bytes)
  }

  @inline(__always)
  private func insert(after now: Instant, _ queue: inout EventQueue, _ random: inout RandomStream) {
    let delay = Duration(nanoseconds: Int64(random.exponential(mean: 1e9)))
    queue.insert(at: now + delay, tag: UInt32(random.below(nodes)))
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
    while world.counters.delivered < events, !world.isIdle() {
      world.run(until: .never, limit: events - world.counters.delivered)
    }
    let counters = world.counters
    return Outcome(
      checksum: world.fingerprint, pending: counters.sent - counters.delivered - counters.lost,
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
