// One trial: a fleet under faults, with a handler on every node that may end at any moment.
import LabCore
import LabRunner
import Network
import Simulation
import Statistics

/// Runs a bus under a load and keeps the account of what was promised and what was done.
struct SyncRun {
  /// How often a handler turns to what it was handed.
  private let slice = Duration.milliseconds(2)
  private let load: SyncLoad
  private let hasSubscriptions: Bool
  private var handlers: [SyncHandler]
  private var random: RandomStream
  private(set) var tally: SyncTally

  /// Prepares a run.
  ///
  /// - Parameter hasSubscriptions: Whether handlers must ask for events; otherwise a bus hands them
  ///   all that come.
  init(_ load: SyncLoad, hasSubscriptions: Bool) {
    self.load = load
    self.hasSubscriptions = hasSubscriptions
    handlers = Array(
      repeating: SyncHandler(isSubscribed: !hasSubscriptions), count: load.nodes)
    random = load.seed.child("handlers").stream()
    tally = SyncTally(load: load)
  }

  /// Runs until everything has had its time.
  ///
  /// - Parameters:
  ///   - trace: A folder for the timeline, the packet capture and the list of events.
  ///   - ingredients: What the trajectory's hash is taken over.
  mutating func run<Bus: SyncSubject & ~Copyable>(
    trace: String?, _ ingredients: FingerprintIngredients, _ make: @escaping (NodeID, Seed) -> Bus
  ) throws {
    var world = SimulatedWorld(
      load.network, seed: load.seed, disks: load.disks, ingredients: ingredients, make: make)
    if trace != nil { world.trace = Trace() }
    for (number, event) in load.publications.enumerated() {
      world.submit(Bus.publish(event, number), to: event.publisher, at: event.at)
    }
    while world.now < load.end {
      var commands: [(command: Bus.Command, node: NodeID)] = []
      world.run(until: min(load.end, world.now + slice)) { node, at, report in
        guard let news = Bus.read(report) else { return }
        if let command = take(news, from: node, at: at).flatMap(Bus.command) {
          commands.append((command, node))
        }
      }
      for node in 0..<load.nodes where !handlers[node].handed.isEmpty {
        let isUp = world.inspect(NodeID(node)) { _ in true } ?? false
        if let command = work(node, isUp: isUp).flatMap(Bus.command) {
          commands.append((command, NodeID(node)))
        }
      }
      for (command, node) in commands { world.submit(command, to: node, at: world.now) }
      // With nothing lacking, the rest of the time would only repeat digests.
      if trace == nil, world.now > load.answeredAt, tally.isComplete { break }
    }
    tally.datagrams = world.counters.sent
    tally.bytes = world.counters.bytesSent
    tally.trajectory = world.fingerprint
    if let trace, let events = world.trace {
      try TraceFiles.write(events, names: load.network.nodes.map(\.name), to: trace)
    }
  }

  private mutating func take(
    _ news: SyncNews, from node: NodeID, at time: Instant
  ) -> SyncRequest? {
    let place = Int(node.index)
    switch news {
    case .started:
      // The handler ended with its node, somewhere in what it had been handed.
      finish(place, random.below(handlers[place].handed.count + 1))
      if time > .zero { tally.restarts += 1 }
      return begin(place)
    case .subscribed: handlers[place].isSubscribed = true
    case .handed(let number, let position):
      guard handlers[place].isSubscribed else { break }
      tally.hand(number, to: place)
      handlers[place].handed.append((number, position, time))
    case .accepted(let number):
      tally.accept(number, at: time)
      // A bus without subscriptions has shown the event to its own handlers by now.
      if !hasSubscriptions {
        tally.hand(number, to: place)
        handlers[place].handed.append((number, 0, time))
      }
    case .refused: tally.refused += 1
    case .expired(let count): tally.expired += Int(clamping: count)
    }
    return nil
  }

  /// A handler starts and asks for what comes after its position.
  private mutating func begin(_ place: Int) -> SyncRequest? {
    handlers[place].handed = []
    handlers[place].isSubscribed = !hasSubscriptions
    guard hasSubscriptions else { return nil }
    return .subscribe(
      after: load.keepsPosition ? handlers[place].position : 0,
      to: load.filtersTargets ? load.network.nodes[place].name : nil)
  }

  /// Lets a handler do what it was handed, unless it or its node ends before.
  private mutating func work(_ place: Int, isUp: Bool) -> SyncRequest? {
    let count = handlers[place].handed.count
    let ends = isUp && random.chance(load.handlerCrashes)
    guard isUp, !ends else {
      finish(place, random.below(count + 1))
      return isUp ? begin(place) : nil
    }
    finish(place, count)
    return hasSubscriptions ? .commit(handlers[place].position) : nil
  }

  /// The effects and the position, together.
  private mutating func finish(_ place: Int, _ count: Int) {
    for (number, position, at) in handlers[place].handed.prefix(count) {
      tally.handle(number, at: place, at)
      handlers[place].position = position
    }
    handlers[place].handed = []
  }
}

/// A handler: what it has done so far survives it, and so does its position if it keeps one.
private struct SyncHandler {
  var position: UInt64 = 0
  /// What it was handed and has not done yet.
  var handed: [(number: Int, position: UInt64, at: Instant)] = []
  /// Whether deliveries belong to its present life; a bus without subscriptions always delivers.
  var isSubscribed: Bool
}
