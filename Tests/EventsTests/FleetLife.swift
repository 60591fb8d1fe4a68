// A fleet under faults, with handlers that keep their position with their effects, and the plain
// account of what was promised and what came.
import LabCore
import Network
import Simulation
import Statistics
import Transport

@testable import Events

/// What befalls a fleet, and what it is asked to do.
struct FleetPlan {
  var nodes = 3
  var events = 60
  /// During which time the events are published and the faults begin.
  var busy = Duration.milliseconds(1_500)
  /// How long the fleet has when all faults are over.
  var rest = Duration.milliseconds(2_500)
  var link = LinkModel(
    delay: .model(.init(minimum: .milliseconds(2), excess: .exponential(mean: 0.004))),
    reordering: true, loss: .bernoulli(.percent(5)), duplication: .percent(3),
    corruption: .percent(1))
  var disks = DiskModel(latency: .exponential(mean: 0.003))
  var limits = EventBusLimits()
  var pace = EventBusPace()
  var rules = EventBus.Rules.correct
  /// How many faults there are; `nil` for as many as the seed says.
  var faults: Int?
  /// How many bytes of data an event has.
  var dataBytes = 40
}

/// One handler: what it has done, and how far it has come, which it writes down together.
struct Ledger {
  struct Entry: Hashable {
    var number: Int
    var source: String
    var sequence: UInt64
  }

  var entries: [Entry] = []
  var position: UInt64 = 0
  var expired: UInt64 = 0
  /// Whether the node has taken up the subscription since the handler last started.
  var isSubscribed = false
}

/// One run of a plan with a seed.
struct FleetLife {
  static let subscriber = "ledger"
  /// The handler looks at what it was handed this often.
  private static let slice = Duration.milliseconds(5)

  let plan: FleetPlan
  var ledgers: [Ledger]
  /// The numbers that were reported as published, with the publisher.
  var published: [Int: (node: Int, sequence: UInt64)] = [:]
  var refused: [Int: EventRefusal] = [:]
  var restarts = 0
  var handlerRestarts = 0
  var stops: [StopReason] = []
  var conflicts = 0
  var expiredElsewhere: [ExpiryReader: UInt64] = [:]
  var largestStore = 0
  /// When the last handler had the last event.
  var lastHandledAt = Instant.zero
  var counters: Counters?

  init(_ plan: FleetPlan, seed: Int) {
    self.plan = plan
    ledgers = Array(repeating: Ledger(), count: plan.nodes)
    let root = Seed(83).child(seed)
    var random = root.child("schedule").stream()
    var network = NetworkDescription(nodes: plan.nodes, link: plan.link)
    network.faults = Self.faults(of: plan, &random)
    run(network, root, &random)
  }

  /// Faults that are all over when the rest begins.
  private static func faults(
    of plan: FleetPlan, _ random: inout RandomStream
  ) -> [FaultDescription] {
    let count = plan.faults ?? 3 + random.below(5)
    let span = Int(plan.busy.nanoseconds)
    return (0..<count).map { _ in
      let begin = Instant.zero + .nanoseconds(Int64(random.below(span)))
      let left = (Instant.zero + plan.busy) - begin
      let length = min(left, .milliseconds(Int64(5 + random.below(400))))
      let node = NodeID(random.below(plan.nodes))
      let others = (0..<plan.nodes).map { NodeID($0) }.filter { $0 != node }
      let kind: FaultKind =
        switch random.below(8) {
        case 0: .partition(groups: [[node], others])
        case 1: .oneWay(from: [node], to: others)
        case 2: .oneWay(from: others, to: [node])
        case 3: .pause(node: node)
        case 4: .clog(from: [node], to: others)
        default: .crash(node: node)
        }
      return FaultDescription(times: .at([begin]), duration: length, kind: kind)
    }
  }

  private mutating func run(
    _ network: NetworkDescription, _ root: Seed, _ random: inout RandomStream
  ) {
    let names = network.nodes.map(\.name)
    guard
      let fleet = try? EventBusConfiguration(
        members: names, limits: plan.limits, pace: plan.pace)
    else { return }
    let rules = plan.rules
    var world = SimulatedWorld(
      network, seed: root, disks: plan.disks, ingredients: .none
    ) { node, _ in
      EventBus(name: names[Int(node.index)], fleet, rules: rules)
    }
    for number in 0..<plan.events {
      let node = NodeID(random.below(plan.nodes))
      let at = Instant.zero + .nanoseconds(Int64(random.below(Int(plan.busy.nanoseconds))))
      let data = "\(number):" + String(repeating: "x", count: plan.dataBytes)
      let type = number % 3 == 0 ? "test.passed" : "build.done"
      world.submit(.publish(number: number, type: type, data: data), to: node, at: at)
    }
    let end = Instant.zero + plan.busy + plan.rest
    while world.now < end {
      var reports: [(node: NodeID, at: Instant, report: EventBusReport)] = []
      world.run(until: world.now + Self.slice) { reports.append(($0, $1, $2)) }
      for command in handle(reports, in: world, &random) {
        world.submit(command.command, to: NodeID(command.node), at: world.now)
      }
      for node in 0..<plan.nodes {
        largestStore = max(largestStore, world.inspect(NodeID(node)) { $0.store.bytes } ?? 0)
      }
    }
    counters = world.counters
  }

  /// Lets each handler do its work, as far as its node and itself live long enough.
  private mutating func handle(
    _ reports: [(node: NodeID, at: Instant, report: EventBusReport)],
    in world: borrowing SimulatedWorld<EventBus>, _ random: inout RandomStream
  ) -> [(command: EventBusCommand, node: Int)] {
    var commands: [(EventBusCommand, Int)] = []
    var handed: [[(at: Instant, delivery: EventDelivery)]] = Array(
      repeating: [], count: plan.nodes)
    for (node, at, report) in reports {
      let place = Int(node.index)
      switch report {
      case .delivered(_, let delivery):
        if ledgers[place].isSubscribed { handed[place].append((at, delivery)) }
      case .subscribed: ledgers[place].isSubscribed = true
      case .started:
        // The node had crashed, and its handler with it: some of what it was handed is done.
        write(Array(handed[place].prefix(random.below(handed[place].count + 1))), to: place)
        handed[place] = []
        restarts += at > .zero ? 1 : 0
        commands.append(resubscribe(place))
      default: take(report, from: place)
      }
    }
    for place in 0..<plan.nodes where !handed[place].isEmpty {
      let isDown = world.inspect(NodeID(place)) { _ in true } == nil
      let isEnding = !isDown && plan.faults != 0 && random.chance(.percent(1))
      let done = isDown || isEnding ? random.below(handed[place].count + 1) : handed[place].count
      write(Array(handed[place].prefix(done)), to: place)
      if isEnding {
        handlerRestarts += 1
        commands.append(resubscribe(place))
      } else {
        commands.append(
          (.commit(subscriber: Self.subscriber, position: ledgers[place].position), place))
      }
    }
    return commands
  }

  /// A handler starts and asks for what comes after all that it has done.
  private mutating func resubscribe(_ place: Int) -> (EventBusCommand, Int) {
    ledgers[place].isSubscribed = false
    return (.subscribe(Self.subscriber, from: .after(ledgers[place].position)), place)
  }

  /// The effect and the position, in one go.
  private mutating func write(
    _ handed: [(at: Instant, delivery: EventDelivery)], to place: Int
  ) {
    for (at, delivery) in handed {
      let number = delivery.event.data.split(separator: ":").first.flatMap { Int($0) } ?? -1
      ledgers[place].entries.append(
        .init(number: number, source: delivery.event.source, sequence: delivery.sequence))
      ledgers[place].position = delivery.position
      lastHandledAt = max(lastHandledAt, at)
    }
  }

  private mutating func take(_ report: EventBusReport, from place: Int) {
    switch report {
    case .published(let number, let sequence): published[number] = (place, sequence)
    case .refused(let number, let reason): refused[number] = reason
    case .stopped(let reason): stops.append(reason)
    case .conflict: conflicts += 1
    case .expired(let count, for: .subscriber): ledgers[place].expired += count
    case .expired(let count, for: let reader): expiredElsewhere[reader, default: 0] += count
    default: break
    }
  }

  /// What a user would complain of; `nil` when every promise was kept.
  var complaint: String? {
    if !stops.isEmpty { return "stopped: \(stops)" }
    if conflicts > 0 { return "\(conflicts) numbers were given twice" }
    for (place, ledger) in ledgers.enumerated() {
      let numbers = ledger.entries.map(\.number)
      if Set(numbers).count < numbers.count { return "n\(place) has handled an event twice" }
      let lost = Set(published.keys).subtracting(numbers)
      if UInt64(lost.count) > ledger.expired {
        return "n\(place) lacks \(lost.sorted()), of which \(ledger.expired) expired"
      }
      let unwanted = Set(refused.keys).intersection(numbers)
      if !unwanted.isEmpty { return "n\(place) has handled what was refused: \(unwanted.sorted())" }
      for source in Set(ledger.entries.map(\.source)) {
        let sequences = ledger.entries.filter { $0.source == source }.map(\.sequence)
        if zip(sequences, sequences.dropFirst()).contains(where: { $0 >= $1 }) {
          return "n\(place) has handled \(source) out of order: \(sequences)"
        }
      }
    }
    return nil
  }
}
