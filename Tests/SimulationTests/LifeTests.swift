// Instances that cannot be copied: built once a life, and ended exactly once.
import LabCore
import Network
import Testing

@testable import Simulation

/// Counts beginnings and ends of Instances, by the number of the life.
private final class Register {
  var begun = 0
  var ended: [Int: Int] = [:]
}

/// What an Instance owns and nobody else has.
private final class Engine {
  let number: Int
  private let register: Register

  init(_ register: Register) {
    number = register.begun
    register.begun += 1
    self.register = register
  }

  deinit { register.ended[number, default: 0] += 1 }
}

/// An Instance that cannot be copied, as one that owns a C engine.
private struct Owner: Instance, ~Copyable {
  typealias Message = Bytes
  typealias Command = Int
  struct Report: Hashable, Sendable, StableHashable {
    var received: Int
    func hash(into hasher: inout StableHasher) { hasher.combine(received) }
  }

  private let engine: Engine
  private var received = 0

  init(_ register: Register) { engine = Engine(register) }

  mutating func submit(_ command: Int, _ step: inout Step<Owner>) {
    step.send(Bytes([UInt8(command)]), to: NodeID(command))
  }

  mutating func receive(_ message: Bytes, from sender: NodeID, _ step: inout Step<Owner>) {
    received += 1
    step.report(Report(received: received))
  }

  var life: Int { engine.number }
}

@Suite struct `Instances that cannot be copied` {
  private func network(_ faults: [FaultDescription]) -> NetworkDescription {
    NetworkDescription(
      nodes: NetworkDescription(nodes: 3).nodes, link: LinkModel(), faults: faults)
  }

  @Test func `run like any other`() {
    let register = Register()
    var world = SimulatedWorld(network([]), seed: Seed(1)) { _, _ in Owner(register) }
    for time in 0..<5 as Range<Int64> { world.submit(2, to: NodeID(0), at: .after(time)) }
    #expect(world.reports(until: 100).map(\.report.received) == [1, 2, 3, 4, 5])
    #expect(world.inspect(NodeID(2)) { $0.life } == 2)
  }

  @Test func `end exactly once, whether their node crashed, is down or runs at the end`() {
    for end in [5, 15, 25, 35, 45, 500] as [Int64] {
      let register = Register()
      do {
        let faults = [
          FaultDescription(.crash(node: NodeID(1)), at: 10, 30, lasting: 10),
          FaultDescription(.crash(node: NodeID(1)), at: 32, lasting: 4),
          FaultDescription(.crash(node: NodeID(2)), at: 20, lasting: nil),
          FaultDescription(.pause(node: NodeID(0)), at: 12, lasting: 20),
        ]
        var world = SimulatedWorld(network(faults), seed: Seed(1)) { _, _ in Owner(register) }
        for time in 0..<50 as Range<Int64> {
          world.submit(Int(time) % 3, to: NodeID(Int(time) % 2), at: .after(time))
        }
        world.run(until: .after(end))
      }
      #expect(register.ended.count == register.begun, "\(end) ms")
      #expect(register.ended.values.allSatisfy { $0 == 1 }, "\(end) ms")
      #expect(register.begun == (end < 20 ? 3 : end < 40 ? 4 : 5))
    }
  }

  @Test func `end with their messages when the world ends with datagrams under way`() {
    let register = Register()
    do {
      var described = network([])
      described.link = LinkModel(delay: .constant(.seconds(100)))
      var world = SimulatedWorld(described, seed: Seed(1)) { _, _ in Owner(register) }
      for time in 0..<50 as Range<Int64> { world.submit(2, to: NodeID(0), at: .after(time)) }
      world.run(until: .after(60))
      #expect(world.messages.capacity - world.messages.freeCount == 50)
    }
    #expect(register.ended.count == 3)
  }
}
