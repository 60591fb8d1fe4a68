// The second trial Instance: what was acknowledged survives thousands of crash schedules on disks
// that keep what they synced, and the same check catches a node or a disk that lies.
import Journal
import LabCore
import Network
import Statistics
import Testing
import TrialInstances

@testable import Simulation

/// One life of a cluster of three under random crashes.
private struct ClusterLife {
  /// What is wrong in this world.
  enum Fault {
    case none
    case answersBeforeStored
    case disksIgnoreSyncs
  }

  var acknowledged: Set<UInt64> = []
  var refused: Set<UInt64> = []
  var logs: [[UInt64]?] = []
  var restarts = 0
  var unreadableDisks = 0

  init(seed: Int, fault: Fault = .none, capacity: ByteCount? = nil) {
    let root = Seed(61).child(seed)
    var random = root.child("schedule").stream()
    var network = NetworkDescription(
      nodes: 3,
      link: LinkModel(
        delay: .model(.init(minimum: .milliseconds(1), excess: .exponential(mean: 0.003))),
        reordering: true, loss: .bernoulli(.percent(5)), duplication: .percent(3)))
    network.faults = Self.crashes(&random)
    var world = SimulatedWorld(
      network, seed: root,
      disks: DiskModel(latency: .exponential(mean: 0.004), capacity: capacity), ingredients: .none
    ) { _, _ in
      ReplicatedCounter(nodes: 3, rules: fault == .answersBeforeStored ? fault.rules : .correct)
    }
    if fault == .disksIgnoreSyncs {
      for node in 0..<3 {
        var disk = SimulatedDisk()
        disk.ignoresSyncs = true
        world.storage[node] = NodeStorage(
          disk: disk, random: root.child("liar").child(node).stream())
      }
    }
    for increment in 1...16 as ClosedRange<UInt64> {
      // A client asks twice, as one does that has heard no answer.
      for _ in 0..<2 {
        let at = Int64(random.below(450))
        world.submit(.increment(increment), to: NodeID(0), at: .after(at))
      }
    }
    world.run(until: .after(1_000)) { _, _, report in
      switch report {
      case .acknowledged(let increment): acknowledged.insert(increment)
      case .refused(let increment): refused.insert(increment)
      case .started: restarts += 1
      case .diskFailed: break
      }
    }
    restarts -= 3
    logs = (0..<3).map { world.inspect(NodeID($0)) { $0.log } }
    unreadableDisks = world.counters.unreadableDisks
  }

  /// Crashes at random, and one of all nodes at the end, so that only what is durable is left.
  private static func crashes(_ random: inout RandomStream) -> [FaultDescription] {
    var crashes = (0..<3).map {
      FaultDescription(.crash(node: NodeID($0)), at: 700, lasting: 10)
    }
    for _ in 0..<2 + random.below(5) {
      crashes.append(
        FaultDescription(
          .crash(node: NodeID(random.below(3))), at: Int64(random.below(450)),
          lasting: Int64(5 + random.below(80))))
    }
    return crashes
  }

  /// What a client would complain of; `nil` when nothing was lost.
  var complaint: String? {
    guard let first = logs[0] else { return "the first node is down" }
    let lost = acknowledged.subtracting(first)
    if !lost.isEmpty { return "acknowledged and lost: \(lost.sorted())" }
    if Set(first).count < first.count { return "counted twice: \(first)" }
    for log in logs where Array(first.prefix(log?.count ?? 0)) != log {
      return "\(log ?? []) is not the beginning of \(first)"
    }
    return nil
  }
}

extension ClusterLife.Fault {
  var rules: ReplicatedCounter.Rules {
    self == .answersBeforeStored ? .answersBeforeStored : .correct
  }
}

@Suite struct `A replicated counter` {
  @Test(arguments: 0..<4)
  func `never loses an acknowledged increment over thousands of crash schedules`(quarter: Int) {
    var (acknowledged, restarts) = (0, 0)
    for seed in quarter * 500..<(quarter + 1) * 500 {
      let life = ClusterLife(seed: seed)
      #expect(life.complaint == nil, "schedule \(seed)")
      #expect(life.unreadableDisks == 0, "schedule \(seed)")
      acknowledged += life.acknowledged.count
      restarts += life.restarts
    }
    // A schedule that acknowledges nothing or never crashes would prove nothing.
    #expect(acknowledged > 500 * 12 && restarts > 500 * 5)
  }

  @Test func `brings every node to the whole log when the crashes are over`() {
    for seed in 0..<50 {
      let life = ClusterLife(seed: seed)
      #expect(life.logs[1] == life.logs[0] && life.logs[2] == life.logs[0])
    }
  }

  @Test(arguments: [ClusterLife.Fault.answersBeforeStored, .disksIgnoreSyncs])
  private func `that speaks of what is not on disk is caught by the same check`(
    fault: ClusterLife.Fault
  ) {
    let caught = (0..<200).count { ClusterLife(seed: $0, fault: fault).complaint != nil }
    #expect(caught > 5, "\(fault) was caught in \(caught) of 200 schedules")
  }

  @Test func `tells its client when a disk is full, and loses nothing that it acknowledged`() {
    var (refused, acknowledged) = (0, 0)
    for seed in 0..<200 {
      let life = ClusterLife(seed: seed, capacity: ByteCount(400 + seed * 5))
      #expect(life.complaint == nil, "schedule \(seed)")
      #expect(life.unreadableDisks == 0, "schedule \(seed)")
      refused += life.refused.count
      acknowledged += life.acknowledged.count
    }
    #expect(refused > 200 && acknowledged > 200)
  }

  @Test func `is a value that can be compared and searched`() {
    #expect(Set([ReplicatedCounter(nodes: 3), ReplicatedCounter(nodes: 3)]).count == 1)
  }
}

@Suite struct `Disks of a world` {
  @Test func `work on several writes at once and end them in order`() {
    var world = SimulatedWorld(1, disks: DiskModel(latency: .constant(0.01)))
    for number in 1...3 { world.ask(.store(number), of: 0, at: 0) }
    let ends = world.seen(until: 1_000)
    #expect(ends == [1, 2, 3].map { Seen(0, 10, .stored($0, .durable)) })
  }

  @Test func `that are full say so, and keep all that they called durable`() {
    for bytes in stride(from: 0, to: 600, by: 20) {
      var world = SimulatedWorld(
        1, faults: [FaultDescription(.crash(node: NodeID(0)), at: 500, lasting: 10)],
        disks: DiskModel(capacity: ByteCount(bytes)), seed: UInt64(bytes))
      for number in 1...20 { world.ask(.store(number), of: 0, at: Int64(number)) }
      let reports = world.reports(until: 1_000).map(\.report)
      var durable: [Int] = []
      for report in reports {
        switch report {
        case .stored(let number, .durable): durable.append(number)
        case .stored(_, .full), .stored(_, .failed), .started: break
        default: Issue.record("\(report)")
        }
      }
      #expect(reports.count == 22, "every write ended")
      #expect(durable.count < 20 || bytes > 300)
      #expect(durable == Array(1..<durable.count + 1))
      guard case .started(let found) = reports.last else {
        Issue.record("the node did not start again")
        continue
      }
      #expect(found == durable, "\(bytes) B")
      #expect(world.counters.unreadableDisks == 0)
    }
  }
}
