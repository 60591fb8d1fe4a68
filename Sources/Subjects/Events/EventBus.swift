// The distributed event bus: every event that was accepted reaches every node, in order per source.
public import LabCore
import Transport

/// One node of a bus that brings events to every node at least once, across losses, partitions and
/// crashes, and to a subscriber that keeps its position with its effects exactly once.
///
/// How it works:
/// - An event is numbered, written to the node's log, and only then reported as published, handed
///   to local subscribers and pushed to the peers, in this order.
/// - A peer takes the events of a source in the order of their numbers, holds back what came too
///   early, writes them to its own log, and only then hands them to its subscribers and
///   acknowledges them to the source.
/// - Whatever was not acknowledged is told of again with every digest, and a node pulls what it
///   lacks from the source or from any other member that has it. Nothing is sent twice unasked.
/// - The store is bounded. A node's own events stay until every peer has them and are at most half
///   of it; when there is no room, publishing is refused. Other events make room for newer ones,
///   and all leave when they are too old; whoever had not seen them is told how many.
///
/// ```swift
/// let fleet = try EventBusConfiguration(members: ["berlin", "lagos", "lima"])
/// var world = SimulatedWorld(network, seed: Seed(1)) { node, _ in
///   EventBus(name: fleet.members[Int(node.index)], fleet)
/// }
/// world.submit(.subscribe("log", to: EventFilter(type: "test.*")), to: NodeID(1), at: .zero)
/// world.submit(.publish(number: 1, type: "test.passed", data: "{}"), to: NodeID(0), at: .zero)
/// ```
///
/// A node that finds nothing on its disk may have lost it. It numbers no event before a peer has
/// told how far its numbers have gone, so what is published then waits, and gets its earlier events
/// back before it publishes new ones.
///
/// A message that comes again, however late, changes nothing: events are taken by their numbers,
/// what a peer holds only grows, and an answer counts for a recent request alone. So all of them
/// may travel in a first flight that could be replayed (0-RTT); all that a replay brings about is
/// that a peer counts as heard.
///
/// Members are trusted: they may stop, lag and lose their disks, but a member that lies about the
/// events of another is believed. Who a sender is, the carrier says; the bus checks that it bears
/// the name that the configuration gives it.
/// - Complexity: A message takes time in proportion to its events and to the number of members.
///   Memory is bounded by ``EventBusLimits/capacity`` and, for each member and subscriber, by
///   windows.
/// > Reference: Demers et al., *Epidemic Algorithms for Replicated Database Maintenance*, section
/// > 1.3 (anti-entropy); numbers per source as in Ladin et al., *Providing High Availability Using
/// > Lazy Replication*. The pull of what is missing is as in both; that a node pushes its own
/// > events as long as a peer keeps up is this bus's.
public struct EventBus: Instance {
  public typealias Message = EventBusMessage
  public typealias Command = EventBusCommand
  public typealias Report = EventBusReport

  /// What wakes a node.
  public enum Timer: UInt32, TimerName {
    /// It is time to tell others what is held.
    case digest
    /// It is time to ask for what is missing, or to ask somebody else.
    case repair
  }

  /// How the node behaves; everything but ``correct`` is a fault for a test to catch.
  enum Rules: Hashable, Sendable {
    case correct
    /// Speaks of events when the disk is asked to keep them.
    case speaksBeforeDurable
    /// Takes an event again that it has taken.
    case forgetsDuplicates
    /// Takes events as they come.
    case ignoresOrder
    /// Accepts events for which there is no room, and drops them.
    case dropsWhenFull
  }

  let name: String
  let configuration: EventBusConfiguration
  let rules: Rules
  /// The time of day at the beginning of the node's clock.
  let timeAtZero: Instant
  /// The tag of each member.
  let tags: [UInt64]
  let ownTag: UInt64
  var own = NodeID(0)
  var isStopped = false

  var store: EventStore
  var writer: LogWriter
  var peers: [PeerState]
  var intakes: [Intake]
  var subscribers: [Subscriber] = []
  /// The requests for missing events that may still be answered.
  var asked = AskedPulls()
  /// When the repair timer is set to fire; `never` when it is not set.
  var repairAt = Instant.never
  /// The member that is asked for its events first, and the peer that is told all next.
  var nextRepair = 0
  var nextDigest = 0
  var isBehind = false
  /// Whether the node knows how far its own numbers have gone: its disk says so, or a peer does.
  var knowsHistory = false
  var hasMetStranger = false
  var duplicates = 0
  var refusedMessages = 0

  /// Makes a node that knows nothing yet; it learns from its disk when it starts.
  ///
  /// - Parameters:
  ///   - name: The node's name, which is that of the member in its place; peers refuse a node that
  ///     has another.
  ///   - timeAtZero: The time of day at the node's `Instant.zero`, from which its events are dated.
  public init(name: String, _ configuration: EventBusConfiguration, timeAtZero: Instant = .zero) {
    self.init(name: name, configuration, rules: .correct, timeAtZero: timeAtZero)
  }

  init(
    name: String, _ configuration: EventBusConfiguration, rules: Rules, timeAtZero: Instant = .zero
  ) {
    self.name = name
    self.timeAtZero = timeAtZero
    self.configuration = configuration
    self.rules = rules
    tags = configuration.members.map { configuration.tag(of: $0) }
    ownTag = configuration.tag(of: name)
    let count = configuration.members.count
    store = EventStore(own: NodeID(0), members: count)
    writer = LogWriter(records: Backlog(first: 0))
    peers = Array(repeating: PeerState(members: count), count: count)
    intakes = Array(repeating: Intake(), count: count)
  }

  /// The members in their order.
  var members: [String] { configuration.members }
  /// The numbers of all other members.
  var peerNumbers: [Int] { members.indices.filter { $0 != Int(own.index) } }

  public mutating func start(_ durable: Durable, _ step: inout Step<Self>) {
    own = step.node
    guard Int(own.index) < members.count else { return stop(.noMember, &step) }
    guard
      let recovered =
        RecoveredLog(durable, by: ownTag, own: own, members: members, at: step.now)
    else {
      return stop(.foreignDisk, &step)
    }
    store = recovered.store
    knowsHistory = durable.snapshot != nil || !durable.records.isEmpty || members.count == 1
    writer = LogWriter(
      records: recovered.records, snapshotBytes: recovered.snapshotBytes,
      committed: recovered.subscribers)
    for member in members.indices {
      let next = store.next(of: NodeID(member))
      intakes[member].accepted = next
      intakes[member].known = next
      peers[member].lastHeard = step.now
    }
    settlePins()
    // Of what comes back from the log, whatever is beyond half of the room was acknowledged before.
    while store.pinnedBytes > configuration.limits.capacity.bytes / 2 {
      store.unpin(before: store.pinnedFirst + 1)
    }
    makeRoom(for: 0, &step)
    step.report(.started(events: store.order.count, nextPosition: store.order.next))
    for peer in peerNumbers { sendDigest(to: peer, isWhole: true, &step) }
    // Nodes that start together speak at different times.
    let period = Int(configuration.pace.digestPeriod.nanoseconds)
    step.set(.digest, after: .nanoseconds(Int64(1 + step.random.below(period))))
    nextDigest = step.random.below(members.count)
  }

  public mutating func submit(_ command: EventBusCommand, _ step: inout Step<Self>) {
    switch command {
    case .publish(let number, let id, let type, let target, let data):
      let event = FleetEvent(
        id: id ?? FleetEvent.randomID(&step.random), type: type, source: members(at: own),
        target: target, data: data, timestamp: timeAtZero + (step.now - .zero))
      publish(number, event, isRepeatable: id != nil, &step)
    case .subscribe(let name, let filter, let start): subscribe(name, filter, start, &step)
    case .commit(let name, let position): commit(name, position, &step)
    case .unsubscribe(let name): unsubscribe(name, &step)
    case .status: step.report(.status(status(at: step.now)))
    }
  }

  public mutating func receive(
    _ message: EventBusMessage, from sender: NodeID, _ step: inout Step<Self>
  ) {
    guard !isStopped, sender != own, isMember(message, from: sender, &step) else { return }
    hear(Int(sender.index), &step)
    switch message.body {
    case .push(let run, let next) where run.source == sender:
      learn(of: Int(sender.index), next: next, at: step.now)
      take(run, &step)
    case .push: refusedMessages += 1
    case .pull(let number, let source, let gaps):
      answer(number, source, gaps, to: sender, &step)
    case .answer(let number, let run, let holding, let isLast):
      takeAnswer(number, run, holding, isLast: isLast, from: sender, &step)
    case .digest(let holdings, let isWhole, let wantsAnswer):
      takeDigest(holdings, isWhole: isWhole, wantsAnswer: wantsAnswer, from: sender, &step)
    }
    flush(&step)
    repair(&step)
  }

  public mutating func fire(_ timer: Timer, _ step: inout Step<Self>) {
    guard !isStopped else { return }
    switch timer {
    case .digest:
      noteSilence(&step)
      expireAged(&step)
      tellPeers(&step)
      step.set(.digest, after: configuration.pace.digestPeriod)
    case .repair: repairAt = .never
    }
    flush(&step)
    repair(&step)
  }

  /// Ends the node's life; only a restart goes on.
  mutating func stop(_ reason: StopReason, _ step: inout Step<Self>) {
    isStopped = true
    step.report(.stopped(reason))
  }

  /// Whether a message comes from the member that its sender is; a stranger is reported once.
  private mutating func isMember(
    _ message: EventBusMessage, from sender: NodeID, _ step: inout Step<Self>
  ) -> Bool {
    let place = Int(sender.index)
    if tags.indices.contains(place), tags[place] == message.tag { return true }
    refusedMessages += 1
    let isKnown = peers.indices.contains(place) ? peers[place].isRefused : hasMetStranger
    if peers.indices.contains(place) {
      peers[place].isRefused = true
    } else {
      hasMetStranger = true
    }
    if !isKnown { step.report(.strangerRefused(sender)) }
    return false
  }

  private func status(at now: Instant) -> EventBusStatus {
    let silence = configuration.pace.silence
    let reachable = peerNumbers.filter {
      peers[$0].isReachable == true && now - peers[$0].lastHeard <= silence
    }
    return EventBusStatus(
      holdings: members.indices.map { store.holding(of: NodeID($0)) },
      known: intakes.map(\.known), reachable: reachable.map { NodeID($0) },
      bytesKept: ByteCount(store.bytes), bytesPinned: ByteCount(store.pinnedBytes),
      nextPosition: store.order.next, subscribers: subscribers.count,
      uncommitted: subscribers.reduce(0) { $0 + $1.outstanding.count }, duplicates: duplicates,
      refusedMessages: refusedMessages)
  }
}
