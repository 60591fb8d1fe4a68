// A node that does what a test tells it, and tells what happens to it.
import LabCore
import Network
import Simulation

/// An Instance whose commands are its effects and whose reports are its events.
struct Probe: Instance {
  typealias Message = Bytes

  struct Timer: TimerName {
    let index: UInt32
    init(index: UInt32) { self.index = index }
  }

  enum Command: Hashable, Sendable {
    case idle
    /// Send a number in a datagram of at least 4 bytes to each of some nodes.
    case send(Int, to: [Int], bytes: Int = 4)
    /// Set a timer, once or with a period.
    case set(UInt32, after: Duration, period: Duration? = nil)
    case cancel(UInt32)
    case store(Int)
    /// Report a random number.
    case draw
  }

  enum Report: Hashable, Sendable, StableHashable {
    /// The node starts and finds these numbers on its disk.
    case started([Int])
    /// It heard a number, and how many datagrams it has heard in this life.
    case heard(Int, from: Int, count: Int)
    /// A timer fired, at a time on the node's own clock.
    case fired(UInt32, local: Instant)
    case stored(Int, StorageOutcome)
    case drew(UInt64)

    func hash(into hasher: inout StableHasher) { hasher.combine("\(self)") }
  }

  /// Whether the node reports nothing.
  var isQuiet = false
  /// The timer that a datagram with this number cancels or moves, for tests of their interplay.
  var onHearing: [Int: Command] = [:]
  private var heard = 0
  private var periods: [UInt32: Duration] = [:]

  init(isQuiet: Bool = false, onHearing: [Int: Command] = [:]) {
    self.isQuiet = isQuiet
    self.onHearing = onHearing
  }

  mutating func start(_ durable: Durable, _ step: inout Step<Self>) {
    tell(.started(durable.records.map { Self.number(in: $0) }), &step)
  }

  mutating func receive(_ message: Bytes, from sender: NodeID, _ step: inout Step<Self>) {
    heard += 1
    let number = Self.number(in: message)
    tell(.heard(number, from: Int(sender.index), count: heard), &step)
    if let command = onHearing[number] { submit(command, &step) }
  }

  mutating func fire(_ timer: Timer, _ step: inout Step<Self>) {
    tell(.fired(timer.index, local: step.now), &step)
    if let period = periods[timer.index] { step.set(timer, after: period) }
  }

  mutating func stored(_ ticket: Ticket, _ outcome: StorageOutcome, _ step: inout Step<Self>) {
    tell(.stored(Int(ticket.number), outcome), &step)
  }

  mutating func submit(_ command: Command, _ step: inout Step<Self>) {
    switch command {
    case .idle: break
    case .send(let number, let receivers, let bytes):
      for receiver in receivers {
        step.send(Self.datagram(number, bytes: bytes), to: NodeID(receiver))
      }
    case .set(let index, let delay, let period):
      periods[index] = period
      step.set(Timer(index: index), after: delay)
    case .cancel(let index):
      periods[index] = nil
      step.cancel(Timer(index: index))
    case .store(let number):
      step.store(.append(Self.datagram(number)), as: Ticket(UInt64(number)))
    case .draw: tell(.drew(step.random.next()), &step)
    }
  }

  private func tell(_ report: Report, _ step: inout Step<Self>) {
    if !isQuiet { step.report(report) }
  }

  static func datagram(_ number: Int, bytes: Int = 4) -> Bytes {
    var writer = ByteWriter()
    writer.write(UInt32(number))
    writer.write(raw: [UInt8](repeating: 0, count: max(0, bytes - 4)))
    return writer.finish()
  }

  static func number(in bytes: Bytes) -> Int {
    var reader = ByteReader(bytes)
    return reader.read(UInt32.self).map(Int.init) ?? -1
  }
}

/// A report with its node and the world's time in milliseconds.
struct Seen<Report: Hashable & Sendable>: Hashable, Sendable {
  var node: Int
  var milliseconds: Double
  var report: Report

  init(_ node: Int, _ milliseconds: Double, _ report: Report) {
    self.node = node
    self.milliseconds = milliseconds
    self.report = report
  }
}

extension SimulatedWorld where Node: ~Copyable, Node.Report: Hashable {
  /// Runs up to a time in milliseconds and returns the reports.
  mutating func reports(until milliseconds: Int64) -> [Seen<Node.Report>] {
    var seen: [Seen<Node.Report>] = []
    run(until: .after(milliseconds)) { node, at, report in
      seen.append(Seen(Int(node.index), at.seconds * 1_000, report))
    }
    return seen
  }
}

extension SimulatedWorld where Node == Probe {
  /// A world of probes.
  init(
    _ nodes: Int, _ link: LinkModel = LinkModel(), faults: [FaultDescription] = [],
    disks: DiskModel = DiskModel(), seed: UInt64 = 1
  ) {
    var network = NetworkDescription(nodes: nodes, link: link)
    network.faults = faults
    self.init(network, seed: Seed(seed), disks: disks) { _, _ in Probe() }
  }

  /// Whether a node is not down.
  func isUp(_ node: Int) -> Bool { inspect(NodeID(node)) { _ in true } == true }

  mutating func ask(_ command: Probe.Command, of node: Int, at milliseconds: Int64) {
    submit(command, to: NodeID(node), at: .after(milliseconds))
  }

  /// Runs up to a time and returns the reports, but for those of nodes that start.
  mutating func seen(until milliseconds: Int64) -> [Seen<Probe.Report>] {
    reports(until: milliseconds).filter {
      if case .started = $0.report { return false }
      return true
    }
  }
}

extension Instant {
  /// The point some milliseconds after the beginning.
  static func after(_ milliseconds: Int64) -> Instant { .zero + .milliseconds(milliseconds) }
}

extension FaultDescription {
  /// A fault that begins at some milliseconds and lasts some.
  init(_ kind: FaultKind, at begin: Int64..., lasting: Int64?) {
    self.init(
      times: .at(begin.map { .after($0) }), duration: lasting.map { .milliseconds($0) }, kind: kind)
  }
}
