// What is published when and by whom, and what befalls the fleet meanwhile.
import LabCore
import LabManifest
import Network
import Simulation
import Statistics

/// The load of one trial of ``EventSync``.
struct SyncLoad {
  /// One event to publish.
  struct Publication {
    var at: Instant
    var publisher: NodeID
    var payloadBytes: Int
    /// The name of the one node that it is meant for; `nil` for all.
    var target: String?
  }

  var network: NetworkDescription
  let seed: Seed
  let publications: [Publication]
  let disks: DiskModel
  let digestPeriod: Duration
  let retention: Duration
  /// Whether a handler asks for events that are meant for its node alone.
  let filtersTargets: Bool
  /// Whether a handler writes down its position with its effects.
  let keepsPosition: Bool
  /// The chance that a handler ends before it has done all that it was handed.
  let handlerCrashes: Ratio
  /// When the last event has been published and all faults are over.
  let calmAt: Instant
  /// When every publisher has its answer, if it gets one at all.
  let answeredAt: Instant
  /// When what has not come counts as lost.
  let end: Instant

  var nodes: Int { network.nodes.count }

  init(_ trial: Trial) throws {
    let settings = trial.cell.settings
    guard let network = settings.network, let workload = settings.workload else {
      throw UndescribedSetting(setting: "network and workload")
    }
    guard network.nodes.count >= 2 else { throw BusLoadError.tooFewNodes(network.nodes.count) }
    guard case .open(let interval) = workload.loop else { throw BusLoadError.closedLoop }
    seed = trial.seed.child("world")
    digestPeriod = try trial.duration("digest-period")
    retention = try trial.duration("retention")
    filtersTargets = try trial.flag("filters-targets")
    keepsPosition = try trial.flag("keeps-position")
    handlerCrashes = try trial.ratio("handler-crashes")
    let latency = try trial.duration("disk-latency")
    disks = DiskModel(
      latency: latency > .zero ? .exponential(mean: latency.seconds) : .constant(0))
    publications = Self.plan(
      workload, interval, names: network.nodes.map(\.name),
      targeted: try trial.ratio("targeted"), seed: trial.seed)
    let busy = publications.last?.at ?? .zero
    self.network = network
    self.network.faults += Self.faults(
      try trial.choice("schedule"), count: try trial.integer("faults"),
      longest: try trial.duration("fault-length"), until: busy, nodes: network.nodes.count,
      random: trial.seed.child("faults").stream())
    calmAt = self.network.faults.reduce(busy) { latest, fault in
      guard case .at(let times) = fault.times, let last = times.max() else { return latest }
      return max(latest, last + (fault.duration ?? .zero))
    }
    answeredAt = calmAt + max(.milliseconds(200), latency * 50)
    end = calmAt + (try trial.duration("patience"))
  }

  private static func plan(
    _ workload: WorkloadDescription, _ interval: Law, names: [String], targeted: Ratio, seed: Seed
  ) -> [Publication] {
    var random = seed.child("workload").stream()
    var targets = seed.child("targets").stream()
    var at = Instant.zero + .milliseconds(20)
    return (0..<workload.requests).map { _ in
      at = at + (Duration(seconds: max(0, interval.sample(&random))) ?? .zero)
      let size = max(0, min(workload.size.sample(&random), 1e6)).rounded()
      return Publication(
        at: at, publisher: NodeID(random.below(names.count)), payloadBytes: Int(size),
        target: targets.chance(targeted) ? names[targets.below(names.count)] : nil)
    }
  }

  /// Whether an event is meant for a node.
  func isDue(_ number: Int, at node: Int) -> Bool {
    publications[number].target.map { $0 == network.nodes[node].name } ?? true
  }

  /// Faults that begin while events are published.
  private static func faults(
    _ schedule: FaultSchedule, count: Int, longest: Duration, until busy: Instant, nodes: Int,
    random: RandomStream
  ) -> [FaultDescription] {
    guard schedule != .none, busy > .zero else { return [] }
    var random = random
    return (0..<count).map { number in
      let begin = Int64(random.below(Int(busy.nanoseconds)))
      let length = Int64(1 + random.below(max(1, Int(longest.nanoseconds))))
      let node = NodeID(random.below(nodes))
      let crashes = schedule == .crash || schedule == .mixed && number % 2 == 0
      var kind = FaultKind.crash(node: node)
      if !crashes {
        // The fleet falls into two parts, anywhere.
        let order = (0..<nodes).map { NodeID($0) }.shuffled(using: &random)
        let cut = 1 + random.below(nodes - 1)
        kind = .partition(groups: [Array(order[..<cut]), Array(order[cut...])])
      }
      return FaultDescription(
        times: .at([Instant(nanoseconds: begin)]), duration: .nanoseconds(length), kind: kind)
    }
  }
}

/// Which faults befall a fleet while it publishes.
enum FaultSchedule: String, CaseIterable {
  /// None but those of the network's own description.
  case none
  /// The fleet falls into two parts that cannot hear each other.
  case partition
  /// Nodes lose their memory and what they had not synced.
  case crash
  /// Crashes and partitions in turn.
  case mixed
}
