// Waiting in line: a queue with one server, simulated with messages and timers.
import LabCore
import Network
import Simulation
import Statistics

/// The mean time that a job spends at a server which jobs reach at random.
///
/// With arrivals at rate λ, mean service time s and load ρ = λs, the mean time at the server is
/// s / (1 − ρ) for exponential service and s (1 + ρ / (2 (1 − ρ))) for constant service.
/// > Reference: Kleinrock, *Queueing Systems*, volume 1, 1975, sections 3.2 and 5.6.
struct QueueCheck {
  var exponentialService: Bool
  /// The load, 0.8 of what the server can do.
  private static let load = 0.8
  private static let service = 0.010

  func run(jobs: Int, factor: Double, seed: Seed) -> Check.Outcome {
    let service = Law.exponential(mean: Self.service * factor)
    let law = exponentialService ? service : .constant(Self.service * factor)
    var world = SimulatedWorld(NetworkDescription(nodes: 2), seed: seed) { node, _ in
      QueueNode(
        isSource: node == NodeID(0), interval: .exponential(mean: Self.service / Self.load),
        service: law)
    }
    // The first tenth fills the queue to its usual length and is not counted.
    let warmUp = jobs / 10
    var finished = 0
    var total = 0.0
    while finished < warmUp + jobs {
      world.run(until: world.now + .seconds(1)) { _, _, sojourn in
        finished += 1
        if finished > warmUp, finished <= warmUp + jobs { total += sojourn.time.seconds }
      }
    }
    let rho = Self.load
    let formula =
      exponentialService
      ? Self.service / (1 - rho) : Self.service * (1 + rho / (2 * (1 - rho)))
    return Check.Outcome(
      measured: total / Double(jobs), formula: formula, fingerprint: world.fingerprint)
  }
}

/// Either the source of jobs or the server of the queue.
struct QueueNode: Instance {
  /// A job; it carries when it was sent.
  struct Message: WireMessage {
    var sent: Instant
    var wireBytes: Int { 8 }
    func encode(into writer: inout ByteWriter) { writer.write(sent.nanoseconds) }
    static func decode(_ bytes: Bytes) -> Message? {
      var reader = ByteReader(bytes)
      guard let time = reader.read(Int64.self), reader.remaining == 0 else { return nil }
      return Message(sent: Instant(nanoseconds: time))
    }
    func hash(into hasher: inout StableHasher) { hasher.combine(sent.nanoseconds) }
  }

  enum Timer: UInt32, TimerName {
    case nextArrival
    case serviceEnds
  }

  /// How long a job was at the server.
  struct Report: Sendable, StableHashable {
    var time: Duration
    func hash(into hasher: inout StableHasher) { hasher.combine(time.nanoseconds) }
  }

  let isSource: Bool
  let interval: Law
  let service: Law
  private var waiting: [Instant] = []
  private var next = 0

  init(isSource: Bool, interval: Law, service: Law) {
    self.isSource = isSource
    self.interval = interval
    self.service = service
  }

  mutating func start(_ durable: Durable, _ step: inout Step<Self>) {
    if isSource { step.set(.nextArrival, after: draw(interval, &step)) }
  }

  mutating func receive(_ message: Message, from sender: NodeID, _ step: inout Step<Self>) {
    waiting.append(message.sent)
    if waiting.count - next == 1 { step.set(.serviceEnds, after: draw(service, &step)) }
  }

  mutating func fire(_ timer: Timer, _ step: inout Step<Self>) {
    switch timer {
    case .nextArrival:
      step.send(Message(sent: step.now), to: NodeID(1))
      step.set(.nextArrival, after: draw(interval, &step))
    case .serviceEnds:
      step.report(Report(time: step.now - waiting[next]))
      next += 1
      if next == waiting.count { (waiting, next) = ([], 0) }
      if next < waiting.count { step.set(.serviceEnds, after: draw(service, &step)) }
    }
  }

  private func draw(_ law: Law, _ step: inout Step<Self>) -> Duration {
    Duration(seconds: law.sample(&step.random)) ?? .zero
  }
}
