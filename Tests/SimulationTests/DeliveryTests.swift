// Datagrams in the virtual world: when they arrive, in which order, changed or not, and how they
// are counted.
import LabCore
import Network
import Statistics
import Testing
import TrialInstances

@testable import Simulation

@Suite struct `Deliveries` {
  private func jitter(_ mean: Double, reordering: Bool) -> LinkModel {
    LinkModel(
      delay: .model(.init(minimum: .milliseconds(5), excess: .exponential(mean: mean))),
      reordering: reordering)
  }

  @Test func `come after the link's delay, with the sender's name`() {
    var world = SimulatedWorld(2, LinkModel(delay: .constant(.milliseconds(7))))
    world.ask(.send(42, to: [1]), of: 0, at: 10)
    #expect(world.seen(until: 100) == [Seen(1, 17, .heard(42, from: 0, count: 1))])
    #expect(world.counters.bytesSent == 4)
  }

  @Test func `at one moment come in the order of sending`() {
    var world = SimulatedWorld(4, LinkModel(delay: .constant(.milliseconds(7))))
    for number in 0..<30 { world.ask(.send(number, to: [3]), of: number % 3, at: 10) }
    let heard = world.seen(until: 100).map(\.report)
    #expect(heard == (0..<30).map { .heard($0, from: $0 % 3, count: $0 + 1) })
  }

  private func order(_ link: LinkModel) -> [Int] {
    var world = SimulatedWorld(2, link)
    for number in 0..<500 { world.ask(.send(number, to: [1]), of: 0, at: Int64(number)) }
    return world.seen(until: 10_000).compactMap {
      guard case .heard(let number, _, _) = $0.report else { return nil }
      return number
    }
  }

  @Test func `keep their order on a link that is first in, first out, and lose it on another`() {
    #expect(order(jitter(0.05, reordering: false)) == Array(0..<500))
    let mixed = order(jitter(0.05, reordering: true))
    #expect(mixed.sorted() == Array(0..<500) && mixed != Array(0..<500))
  }

  @Test func `to oneself arrive at once, whole and without loss`() {
    var world = SimulatedWorld(
      2, LinkModel(delay: .constant(.seconds(1)), loss: .bernoulli(.percent(100))))
    world.ask(.send(1, to: [0], bytes: 65_507), of: 0, at: 10)
    world.ask(.send(2, to: [0], bytes: 65_508), of: 0, at: 20)
    #expect(world.seen(until: 100) == [Seen(0, 10, .heard(1, from: 0, count: 1))])
    #expect(world.counters.lost(.datagramTooLarge) == 1)
  }

  @Test func `are refused for each reason, and the reason is counted`() {
    var world = SimulatedWorld(
      2, LinkModel(bitsPerSecond: 8e6, queue: ByteCount(2_000), doNotFragment: true))
    world.ask(.send(1, to: [1], bytes: 65_508), of: 0, at: 0)
    world.ask(.send(2, to: [1], bytes: 1_473), of: 0, at: 0)
    for number in 3..<6 { world.ask(.send(number, to: [1], bytes: 972), of: 0, at: 0) }
    #expect(world.seen(until: 100).map(\.milliseconds) == [1, 2])
    #expect(world.counters.lost(.datagramTooLarge) == 1)
    #expect(world.counters.lost(.packetTooLarge) == 1)
    #expect(world.counters.lost(.queueFull) == 1)
    #expect(world.counters.lost == 3)
  }

  /// An Instance that says what bytes it gets.
  private struct Echoless: Instance {
    typealias Message = Bytes
    typealias Command = Bytes
    struct Report: Hashable, Sendable, StableHashable {
      var bytes: Bytes
      func hash(into hasher: inout StableHasher) { hasher.combine(bytes) }
    }
    mutating func submit(_ command: Bytes, _ step: inout Step<Self>) {
      step.send(command, to: NodeID(1))
    }
    mutating func receive(_ message: Bytes, from sender: NodeID, _ step: inout Step<Self>) {
      step.report(Report(bytes: message))
    }
  }

  @Test func `that are corrupted differ in exactly one byte, each byte in its turn`() {
    let network = NetworkDescription(nodes: 2, link: LinkModel(corruption: .percent(100)))
    var world = SimulatedWorld(network, seed: Seed(41)) { _, _ in Echoless() }
    let sent = Bytes([1, 2, 3, 4, 5, 6, 7, 8])
    for time in 0..<2_000 as Range<Int64> { world.submit(sent, to: NodeID(0), at: .after(time)) }
    var places = [Int](repeating: 0, count: 8)
    var values: Set<UInt8> = []
    world.run(until: .after(3_000)) { _, _, report in
      let changed = (0..<8).filter { report.bytes[$0] != sent[$0] }
      #expect(report.bytes.count == 8 && changed.count == 1)
      for place in changed {
        places[place] += 1
        values.insert(report.bytes[place] ^ sent[place])
      }
    }
    #expect(world.counters.corrupted == 2_000)
    #expect(places.allSatisfy { $0 > 180 && $0 < 320 })
    #expect(values.count > 250)
  }

  @Test func `that are no message any more after a corruption are lost as unreadable`() {
    let network = NetworkDescription(nodes: 2, link: LinkModel(corruption: .percent(100)))
    var world = SimulatedWorld(network, seed: Seed(42)) { _, _ in PingPong() }
    world.submit(.play(with: NodeID(1), rounds: 400), to: NodeID(0), at: .zero)
    world.run(until: .after(60_000))
    let counters = world.counters
    // One byte in five is the kind, and 254 of its 255 other values are no message.
    #expect(counters.lost(.unreadable) > 50 && counters.corrupted > 200)
    #expect(counters.lost(.unreadable) + counters.corrupted == counters.sent)
  }

  @Test func `balance: what was sent or doubled was delivered, was lost or is under way`() {
    for seed in 0..<20 as Range<UInt64> {
      var link = jitter(0.03, reordering: seed % 2 == 0)
      (link.loss, link.duplication) = (.bernoulli(.percent(10)), .percent(20))
      (link.corruption, link.bitsPerSecond) = (.percent(10), seed % 3 == 0 ? 200_000 : nil)
      link.queue = ByteCount(400)
      var world = SimulatedWorld(
        4, link,
        faults: [
          FaultDescription(.crash(node: NodeID(1)), at: 100, 300, lasting: 60),
          FaultDescription(.pause(node: NodeID(2)), at: 150, lasting: 100),
          FaultDescription(
            .partition(groups: [[NodeID(0), NodeID(1)], [NodeID(2), NodeID(3)]]), at: 200,
            lasting: 90),
          FaultDescription(.clog(from: [NodeID(3)], to: [NodeID(0)]), at: 50, 400, lasting: 80),
          FaultDescription(.crash(node: NodeID(2)), at: 170, lasting: 20),
        ], seed: seed)
      for number in 0..<500 {
        world.ask(.send(number, to: [0, 1, 2, 3]), of: number % 4, at: Int64(number))
      }
      for time in stride(from: 0, to: 900, by: 13) as StrideTo<Int64> {
        world.run(until: .after(time))
        let counters = world.counters
        let underWay = world.messages.capacity - world.messages.freeCount
        #expect(
          counters.sent + counters.duplicated == counters.delivered + counters.lost + underWay)
      }
      #expect(world.messages.capacity == world.messages.freeCount)
      #expect(world.counters.lost(.receiverDown) > 0 && world.counters.lost(.partitioned) > 0)
    }
  }

  @Test func `equal counters are equal and count the events of the queue`() {
    var one = SimulatedWorld(2)
    var other = SimulatedWorld(2)
    one.ask(.send(1, to: [1]), of: 0, at: 5)
    #expect(one.run(until: .after(4)) == 2)
    #expect(one.run(until: .after(9), limit: 1) == 1 && one.now == .after(5))
    #expect(one.run(until: .after(9)) == 1 && one.now == .after(9))
    #expect(one.counters.events == 4)
    other.run(until: .after(9))
    #expect(one.counters != other.counters)
    other.ask(.send(1, to: [1]), of: 0, at: 9)
    other.run(until: .after(9))
    #expect(one.counters == other.counters)
  }

  @Test func `a command for a node that is not there, or for the past, traps`() async {
    await #expect(processExitsWith: .failure) {
      var world = SimulatedWorld(2)
      world.ask(.idle, of: 2, at: 0)
    }
    await #expect(processExitsWith: .failure) {
      var world = SimulatedWorld(2)
      world.run(until: .after(5))
      world.ask(.idle, of: 1, at: 4)
    }
    await #expect(processExitsWith: .failure) {
      var world = SimulatedWorld(2)
      world.ask(.send(1, to: [2]), of: 1, at: 4)
      world.run(until: .after(5))
    }
  }

  @Test func `a pending event takes at most 64 bytes beside its message`() {
    let link = LinkModel(delay: .constant(.seconds(1)))
    var worstCase = 0.0
    for pending in [70_000, 100_000, 132_000] {
      var world = SimulatedWorld(2, link)
      for _ in 0..<pending / 100 {
        world.submit(.send(1, to: [Int](repeating: 1, count: 100)), to: NodeID(0), at: .zero)
      }
      world.run(until: .after(1))
      #expect(world.queue.count == pending)
      let each = Double(world.memory.bytes) / Double(pending)
      worstCase = max(worstCase, each - Double(MemoryLayout<Bytes>.stride))
    }
    #expect(worstCase <= 64)
  }
}
