// A small fleet that a test tells what to do, step by step.
import LabCore
import Network
import Simulation
import Transport

@testable import Events

/// A simulated fleet and all that it has reported.
struct Fleet: ~Copyable {
  struct Told: Hashable {
    var node: Int
    var at: Instant
    var report: EventBusReport
  }

  var world: SimulatedWorld<EventBus>
  private(set) var told: [Told] = []

  /// Makes a fleet on perfect links with a delay of 10 ms, unless a test wants others.
  ///
  /// - Parameter names: What the nodes call themselves; the members' names unless a test says so.
  init(
    _ nodes: Int, limits: EventBusLimits = EventBusLimits(), pace: EventBusPace = EventBusPace(),
    link: LinkModel = LinkModel(delay: .constant(.milliseconds(10))),
    faults: [FaultDescription] = [], names: [String]? = nil
  ) throws(EventBusConfigurationError) {
    var network = NetworkDescription(nodes: nodes, link: link)
    network.faults = faults
    let members = network.nodes.map(\.name)
    let names = names ?? members
    let fleet = try EventBusConfiguration(members: members, limits: limits, pace: pace)
    world = SimulatedWorld(network, seed: Seed(7), ingredients: .none) { node, _ in
      EventBus(name: names[Int(node.index)], fleet)
    }
  }

  /// Hands a command to a node now.
  mutating func ask(_ command: EventBusCommand, of node: Int) {
    world.submit(command, to: NodeID(node), at: world.now)
  }

  /// Publishes an event whose data is its number and some filling.
  mutating func publish(_ numbers: Range<Int>, at node: Int, bytes: Int = 0) {
    for number in numbers {
      let data = "\(number):" + String(repeating: "x", count: bytes)
      ask(.publish(number: number, type: "test.passed", data: data), of: node)
    }
  }

  /// Lets time pass, and returns what was told meanwhile.
  @discardableResult
  mutating func run(for span: LabCore.Duration) -> [Told] {
    let before = told.count
    var news: [Told] = []
    world.run(until: world.now + span) {
      news.append(Told(node: Int($0.index), at: $1, report: $2))
    }
    told += news
    return Array(told[before...])
  }

  /// The numbers of the events that a subscriber of a node was handed.
  func handed(_ subscriber: String, of node: Int) -> [Int] {
    told.compactMap { told in
      guard told.node == node, case .delivered(subscriber, let delivery) = told.report else {
        return nil
      }
      return delivery.event.data.split(separator: ":").first.flatMap { Int($0) }
    }
  }

  /// How many events a node reported as expired for somebody.
  func expired(for reader: ExpiryReader, at node: Int) -> UInt64 {
    told.reduce(0) { sum, told in
      guard told.node == node, case .expired(let count, for: reader) = told.report else {
        return sum
      }
      return sum + count
    }
  }

  /// The reasons for which a node refused events.
  func refusals(at node: Int) -> [EventRefusal] {
    told.compactMap { told in
      guard told.node == node, case .refused(_, let reason) = told.report else { return nil }
      return reason
    }
  }

  /// A fault at milliseconds of the fleet's time.
  static func fault(_ kind: FaultKind, at begin: Int64, lasting: Int64) -> FaultDescription {
    FaultDescription(
      times: .at([.zero + .milliseconds(begin)]), duration: .milliseconds(lasting), kind: kind)
  }
}
