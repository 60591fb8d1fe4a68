// One trial: publishers and handlers at every node, and kills in the middle.
import LabCore
import LabRunner

/// Publishes at every node of a fleet of processes, handles every event at every node, and kills
/// nodes meanwhile.
///
/// A publisher keeps a few events under way. A handler asks for what comes after its position,
/// which it keeps together with what it has done; it outlives its node.
struct ProcessSyncRun {
  /// What a publisher has under way.
  private struct Publisher {
    var client: BusClient?
    /// Events that wait, newest last.
    var waiting: [Int] = []
    /// Events without an answer, with the time at which they were asked for.
    var asked: [Int: Instant] = [:]

    var isDone: Bool { waiting.isEmpty && asked.isEmpty }
  }

  private struct Handler {
    var client: BusClient?
    var position: UInt64 = 0
  }

  /// How long to wait for news before looking whether a node can be reached again.
  private static let pause = Duration.milliseconds(5)

  private let load: ProcessSyncLoad
  private let fleet: ProcessFleet
  private var random: RandomStream
  private var publishers: [Publisher]
  private var handlers: [Handler]
  /// After how many finished events nodes are killed, the last first.
  private var killsLeft: [Int]
  /// After how many finished events a node is started again.
  private var restarts: [Int: Int] = [:]
  private var finished = 0
  private var progressAt = Stopwatch.monotonic()
  private(set) var tally: ProcessSyncTally

  init(_ load: ProcessSyncLoad) throws {
    self.load = load
    fleet = try ProcessFleet(nodes: load.nodes, tracesSyncs: load.countsSyncs)
    random = load.seed.stream()
    publishers = Array(repeating: Publisher(), count: load.nodes)
    handlers = Array(repeating: Handler(), count: load.nodes)
    for number in (0..<load.events).reversed() {
      publishers[number % load.nodes].waiting.append(number)
    }
    var stream = random
    killsLeft = (0..<load.kills).map { _ in 1 + stream.below(max(1, load.events)) }
      .sorted(by: >)
    random = stream
    tally = ProcessSyncTally(nodes: load.nodes)
  }

  /// Runs to the end: everything handled, or the patience over.
  mutating func run() throws {
    for node in 0..<load.nodes { try fleet.start(node) }
    progressAt = Stopwatch.monotonic()
    while !publishers.allSatisfy(\.isDone) || !killsLeft.isEmpty || !restarts.isEmpty {
      try turn()
      try killAndRestart()
      guard Stopwatch.monotonic() - progressAt < load.patience else { break }
    }
    for node in restarts.keys { try fleet.start(node) }
    restarts = [:]
    for index in publishers.indices { forget(publisherAt: index) }
    let calmAt = Stopwatch.monotonic()
    while !tally.isComplete, Stopwatch.monotonic() - calmAt < load.patience { try turn() }
    tally.convergence = min(load.patience, Stopwatch.monotonic() - calmAt)
    if load.countsSyncs { tally.syncs = try fleet.countSyncs() }
  }

  /// Lets every client say and hear what there is.
  private mutating func turn() throws {
    try fleet.checkLives()
    connect()
    let clients = publishers.compactMap(\.client) + handlers.compactMap(\.client)
    BusClient.wait(for: clients, atMost: Self.pause)
    for node in 0..<load.nodes {
      publish(node)
      handle(node)
    }
  }

  private mutating func connect() {
    for node in 0..<load.nodes where fleet.isUp(node) {
      let place = fleet.fleet.nodes[node]
      if publishers[node].client == nil { publishers[node].client = try? BusClient(place) }
      if handlers[node].client == nil, let client = try? BusClient(place) {
        let position = load.keepsPosition ? handlers[node].position : 0
        let wish = BusRequest.Subscription(name: "handler", from: "\(position)")
        handlers[node].client = (try? client.ask(.subscribe(wish))) == nil ? nil : client
      }
    }
  }

  // MARK: Publishing

  private mutating func publish(_ node: Int) {
    guard let client = publishers[node].client, hear(node) else { return }
    do throws(BusClient.Failure) {
      while publishers[node].asked.count < load.window,
        let number = publishers[node].waiting.popLast()
      {
        publishers[node].asked[number] = Stopwatch.monotonic()
        try client.ask(
          .publish(.init(type: "test.completed", data: load.data(of: number), number: number)))
      }
    } catch { forget(publisherAt: node) }
  }

  /// Takes the answers that are there; returns whether the node is still there.
  @discardableResult
  private mutating func hear(_ node: Int) -> Bool {
    do throws(BusClient.Failure) {
      while let (reply, _) = try publishers[node].client?.takeReply() { take(reply, at: node) }
      return true
    } catch {
      forget(publisherAt: node)
      return false
    }
  }

  private mutating func take(_ reply: BusReply, at node: Int) {
    let number: Int?
    switch reply {
    case .published(_, let name): number = name
    case .refused(_, let name): number = name
    default: return
    }
    guard let number, let asked = publishers[node].asked.removeValue(forKey: number) else { return }
    if case .published = reply {
      tally.accept(number, after: Stopwatch.monotonic() - asked)
    } else {
      tally.refuse()
    }
    progress(1)
  }

  /// A publisher's node is gone; what had no answer stays without one.
  private mutating func forget(publisherAt node: Int) {
    publishers[node].client = nil
    tally.leaveUnanswered(publishers[node].asked.count)
    progress(publishers[node].asked.count)
    publishers[node].asked = [:]
  }

  private mutating func progress(_ count: Int) {
    finished += count
    if count > 0 { progressAt = Stopwatch.monotonic() }
  }

  // MARK: Handling

  private mutating func handle(_ node: Int) {
    guard let client = handlers[node].client else { return }
    do throws(BusClient.Failure) {
      var events: [BusEvent] = []
      while let (reply, _) = try client.takeReply() {
        switch reply {
        case .event(let event): events.append(event)
        case .expired(let count): tally.expire(count)
        default: break
        }
      }
      guard let newest = events.last?.position else { return }
      if load.reversesOrder { events.reverse() }
      for event in events { perform(event, at: node) }
      handlers[node].position = newest
      try client.ask(.commit(newest))
    } catch { handlers[node].client = nil }
  }

  private mutating func perform(_ event: BusEvent, at node: Int) {
    guard let number = ProcessSyncLoad.number(in: event.data),
      let source = fleet.fleet.place(of: event.source)
    else { return }
    tally.handle(number, at: node, of: source, event.sequence)
  }

  // MARK: Kills

  private mutating func killAndRestart() throws {
    let isStuck = (0..<load.nodes).allSatisfy { !fleet.isUp($0) || publishers[$0].isDone }
    for (node, due) in restarts where finished >= due || isStuck {
      restarts[node] = nil
      try fleet.start(node)
    }
    guard let next = killsLeft.last, finished >= min(next, load.events) || isStuck else { return }
    let up = (0..<load.nodes).filter { fleet.isUp($0) }
    guard !up.isEmpty else { return }
    killsLeft.removeLast()
    let victim = up[random.below(up.count)]
    fleet.kill(victim, losingFolder: load.losesFolders)
    // What the node had told before it was killed counts.
    BusClient.wait(
      for: [publishers[victim].client, handlers[victim].client].compactMap(\.self), atMost: .zero)
    hear(victim)
    forget(publisherAt: victim)
    handle(victim)
    handlers[victim].client = nil
    tally.kills += 1
    restarts[victim] = finished + random.below(1 + load.events / (2 * max(1, load.kills)))
  }
}
