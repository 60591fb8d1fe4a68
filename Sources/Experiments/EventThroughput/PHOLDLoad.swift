// PHOLD, timed: the event queue alone, or a whole step of the simulator.
import Glibc
import LabCore
import LabManifest
import LabRunner
import Network
import Simulation
import Statistics

/// What one run of PHOLD was and cost.
struct PHOLDOutcome {
  /// How many deliveries count.
  var events: Int
  /// Processor time of the deliveries, without the filling before.
  var time: Duration
  /// A number that only the same deliveries give.
  var checksum: UInt64
  /// How many messages were under way at the end.
  var pending: Int
  /// The memory that holds them.
  var memory: ByteCount
}

/// The load of one trial, with the faults that a manifest may plant.
struct PHOLDLoad {
  /// Why a load cannot be run.
  struct Problem: Error, CustomStringConvertible {
    let description: String
  }

  /// How many messages are under way.
  let population: Int
  /// How many deliveries count.
  let events: Int
  /// How many nodes there are.
  let nodes: Int
  /// The extra deliveries that are made and do not count, as a share of those that do.
  let handicap: Double
  /// How many numbers are drawn in vain at the start.
  let plantedDraws: Int
  /// Room that is taken in vain, as a multiple of the room that is needed: the queue reserves it,
  /// and Instances fill it with messages at the start that they do not send on.
  let spareRoom: Double
  /// The root of the draws.
  let seed: Seed

  /// Reads the load of a trial.
  ///
  /// - Throws: ``Problem`` when there are fewer messages than nodes.
  init(_ trial: Trial) throws {
    population = try trial.integer("population")
    events = try trial.integer("events")
    nodes = try trial.integer("nodes")
    handicap = try trial.number("handicap")
    plantedDraws = try trial.integer("planted-draws")
    spareRoom = try trial.number("spare-room")
    seed = trial.seed
    guard population >= nodes else {
      throw Problem(
        description: "population is \(population) and nodes is \(nodes); at least one message for "
          + "each node was expected; raise one or lower the other")
    }
  }

  private var extraEvents: Int { Int(Double(events) * handicap) }

  /// The event queue with the load written around it, which is the work of the C++ reference.
  func runQueue() -> PHOLDOutcome {
    let room = Int(Double(population + 1) * (1 + spareRoom))
    var queue = EventQueue(capacity: room)
    var random = SplitMix64(state: seed.value)
    for _ in 0..<plantedDraws { _ = random.next() }
    let nodes = UInt64(self.nodes)
    var arrivals = [UInt32](repeating: 0, count: self.nodes)
    for _ in 0..<population {
      let span = random.span()
      queue.insert(at: .zero + span, tag: UInt32(random.next() % nodes))
    }
    let watch = ProcessorWatch()
    Self.hop(&queue, &random, &arrivals, count: events)
    var wasted = [UInt32](repeating: 0, count: self.nodes)
    Self.hop(&queue, &random, &wasted, count: extraEvents)
    let time = watch.elapsed
    let sum = arrivals.reduce(UInt64(0)) { $0 &* 31 &+ UInt64($1) }
    return PHOLDOutcome(
      events: events, time: time, checksum: sum, pending: queue.count, memory: queue.memory)
  }

  @inline(__always)
  private static func hop(
    _ queue: inout EventQueue, _ random: inout SplitMix64, _ arrivals: inout [UInt32], count: Int
  ) {
    let nodes = UInt64(arrivals.count)
    for _ in 0..<count {
      guard let event = queue.removeFirst() else { return }
      arrivals[Int(event.tag)] &+= 1
      let span = random.span()
      queue.insert(at: event.time + span, tag: UInt32(random.next() % nodes))
    }
  }

  /// Instances in the simulator, with loss, a timer and a fingerprint.
  func runInstances() -> PHOLDOutcome {
    let delay = DelayModel.model(
      DelayParameters(minimum: .zero, excess: .exponential(mean: 1)))
    let link = LinkModel(delay: delay, reordering: true, loss: .bernoulli(.percent(0.001)))
    let (nodes, share) = (nodes, population / nodes)
    let burst = Int(Double(share) * spareRoom)
    let network = NetworkDescription(nodes: nodes, link: link)
    var world = SimulatedWorld(network, seed: seed) { _, _ in
      PHOLD(nodes: nodes, initial: share + burst, swallowed: burst)
    }
    world.run(until: .zero)
    let watch = ProcessorWatch()
    Self.deliver(events, in: &world)
    let (done, fingerprint) = (world.counters.delivered, world.fingerprint)
    if extraEvents > 0 { Self.deliver(done + extraEvents, in: &world) }
    let time = watch.elapsed
    let counters = world.counters
    return PHOLDOutcome(
      events: done, time: time, checksum: fingerprint,
      pending: counters.sent - counters.delivered - counters.lost, memory: world.memory)
  }

  private static func deliver(_ total: Int, in world: inout SimulatedWorld<PHOLD>) {
    while world.counters.delivered < total, !world.isIdle() {
      world.run(until: .never, limit: total - world.counters.delivered)
    }
  }
}

/// The stream of the C++ reference, so that both do the same work and show the same checksum.
private struct SplitMix64 {
  var state: UInt64

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
