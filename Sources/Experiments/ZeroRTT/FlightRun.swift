// One trial: a client that comes back again and again, and somebody on the line who sends all that
// it said at first once more.
import LabCore
import LabManifest
import LabRunner
import Network
import Simulation
import Statistics
import Transport

/// What is sent when, and to whom it is sent again.
struct FlightLoad {
  /// The places of the network's nodes.
  static let (client, server, twin, eavesdropper) = (NodeID(0), NodeID(1), NodeID(2), NodeID(3))
  static let nodes = 4

  let network: NetworkDescription
  let seed: Seed
  let events: Int
  let pause: Duration
  let servers: ReplayedServers
  let usesTickets: Bool
  /// The least time from the client to the server.
  let oneWay: Duration

  init(_ trial: Trial) throws {
    guard let network = trial.cell.settings.network else {
      throw UndescribedSetting(setting: "network")
    }
    guard network.nodes.count == Self.nodes else {
      throw FlightLoadError.nodes(network.nodes.count)
    }
    guard let oneWay = network.leastDelay(from: Self.client, to: Self.server), oneWay > .zero else {
      throw FlightLoadError.noDelay
    }
    self.network = network
    self.oneWay = oneWay
    seed = trial.seed.child("world")
    events = try trial.integer("events")
    pause = try trial.duration("pause")
    servers = try trial.choice("servers")
    usesTickets = try trial.flag("ticket")
  }

  /// When an event is sent; number 0 leaves the first ticket and does not count.
  ///
  /// - Parameter quarters: How many quarters of the pause later.
  func time(of number: Int, quarters: Int64 = 0) -> Instant {
    .zero + pause * Int64(number) + .nanoseconds(pause.nanoseconds * quarters / 4)
  }
}

/// What the servers have in common, and what they remember.
enum ReplayedServers: String, CaseIterable {
  /// First flights come again to the server that has taken them.
  case one
  /// They come to a second server, which has the first one's key for tickets and a memory of its
  /// own.
  case twin
  /// The server has no room to remember first flights, and so takes no early data.
  case forgetful
}

/// Why a trial cannot run.
enum FlightLoadError: Error, CustomStringConvertible {
  case nodes(Int)
  case noDelay

  var description: String {
    switch self {
    case .nodes(let count):
      "the network has \(count) nodes; a client, a server, a second server and an eavesdropper "
        + "were expected; set network.nodes to \(FlightLoad.nodes)"
    case .noDelay:
      "the way from the client to the server has no least delay; a positive one was expected; "
        + "give the link a delay"
    }
  }
}

/// Runs a transport under the load and keeps the account of what the application got.
struct FlightRun<Node: FlightSubject & ~Copyable> {
  private let load: FlightLoad
  private var handledAt: [Int: [Instant]] = [:]
  private var early = 0
  private var refusedEarly = 0
  /// The first flight of the event that was sent last.
  private var flight: [Bytes] = []
  private var readable = 0
  private var isReplaying = false
  private var wasTaken = false
  private var replaysTaken = 0
  private var trajectory: UInt64 = 0

  init(_ load: FlightLoad) { self.load = load }

  /// Runs until the last event was sent and sent again.
  ///
  /// - Parameter trace: A folder for the timeline, the packet capture and the list of events.
  mutating func run(
    trace: String?, _ make: @escaping (NodeID, Seed) -> Node
  ) throws {
    var world = SimulatedWorld(
      load.network, seed: load.seed, ingredients: [.time, .node, .kind]
    ) { node, seed in Wiretapped(make(node, seed), node: node, seed: seed) }
    if trace != nil { world.trace = Trace() }
    for number in 0...load.events {
      world.submit(
        .inner(Node.send(number, to: FlightLoad.server)), to: FlightLoad.client,
        at: load.time(of: number))
      move(&world, to: load.time(of: number, quarters: 1))
      if number > 0, isReadable { readable += 1 }
      // Once while the connection stands, to which the flight belongs, and once when it is gone.
      replay(number, in: &world, until: load.time(of: number, quarters: 2))
      if let hangUp = Node.hangUp {
        world.submit(.inner(hangUp), to: FlightLoad.client, at: world.now)
      }
      move(&world, to: load.time(of: number, quarters: 3))
      replay(number, in: &world, until: load.time(of: number + 1))
      if wasTaken { replaysTaken += 1 }
      wasTaken = false
    }
    trajectory = world.fingerprint
    if let trace, let events = world.trace {
      try TraceFiles.write(events, names: load.network.nodes.map(\.name), to: trace)
    }
  }

  private mutating func replay(
    _ number: Int, in world: inout SimulatedWorld<Wiretapped<Node>>, until end: Instant
  ) {
    guard number > 0 else { return move(&world, to: end) }
    let receiver = load.servers == .twin ? FlightLoad.twin : FlightLoad.server
    world.submit(
      .replay(flight, to: receiver), to: FlightLoad.eavesdropper, at: world.now)
    isReplaying = true
    move(&world, to: end)
    isReplaying = false
  }

  private mutating func move(
    _ world: inout SimulatedWorld<Wiretapped<Node>>, to end: Instant
  ) {
    world.run(until: end) { node, at, report in
      switch report {
      case .recorded(let datagrams):
        // What is sent when the client hangs up is no beginning.
        if at == load.time(of: Int(at.nanoseconds / load.pause.nanoseconds)) { flight = datagrams }
      case .inner(let report):
        if let news = Node.read(report) { take(news, at: at) }
      }
    }
  }

  private mutating func take(_ news: FlightNews, at time: Instant) {
    switch news {
    case .refusedEarly: refusedEarly += 1
    case .reached: if isReplaying { wasTaken = true }
    case .handled(let number, let isEarly):
      guard !isReplaying else {
        wasTaken = true
        return
      }
      handledAt[number, default: []].append(time)
      if isEarly { early += 1 }
    }
  }

  /// Whether whoever hears the flight can read the event in it.
  private var isReadable: Bool {
    let text = Array(flightEventType.utf8)
    return flight.contains { datagram in
      let bytes = datagram.array
      return bytes.indices.dropLast(text.count - 1).contains { bytes[$0...].starts(with: text) }
    }
  }

  func record(into recorder: inout Recorder) throws(StatisticsError) {
    let delays = (1...load.events).compactMap { number -> Double? in
      guard let first = handledAt[number]?.first else { return nil }
      return (first - load.time(of: number)).seconds / load.oneWay.seconds
    }
    let events = Double(load.events)
    recorder.record("handled_fraction", Double(delays.count) / events)
    let again = handledAt.filter { $0.key > 0 }.values.reduce(0) { $0 + $1.count - 1 }
    recorder.record("handled_twice", again)
    // A nanosecond of each delay may be lost to rounding.
    recorder.record("at_once_fraction", Double(delays.count { $0 < 1.01 }) / events)
    if !delays.isEmpty {
      recorder.record("delays_to_handler", try SortedSample(delays).quantile(0.5))
    }
    recorder.record("early_fraction", Double(early) / events)
    recorder.record("refused_early_fraction", Double(refusedEarly) / events)
    recorder.record("readable_fraction", Double(readable) / events)
    recorder.record("replays", load.events)
    recorder.record("replays_taken", replaysTaken)
    recorder.record("trajectory", hash: trajectory)
  }
}
