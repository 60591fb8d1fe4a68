// The document's bus and the mended one: one suite, run in both worlds.
import LabCore
import Testing
import Transport

@Suite(.serialized) struct `Buses in both worlds` {
  private static let limit = TransportConfiguration(maximumStreams: 2)

  private func literal(_ script: Script, in world: World) throws -> [[BusReport]] {
    let nodes = script.nodes
    return try script.run(in: world) { _, _ in
      DocumentEventBus(nodes: nodes, configuration: Self.limit)
    }
  }

  private func corrected(_ script: Script, in world: World) throws -> [[BusReport]] {
    let nodes = script.nodes
    return try script.run(in: world) { _, _ in
      DatagramEventBus(nodes: nodes, configuration: Self.limit)
    }
  }

  @Test(arguments: World.allCases)
  func `as written, the first datagram is dropped and no later one can be read`(
    world: World
  ) throws {
    var script = Script()
    for number in 0..<4 { script.publish(number, by: 0) }
    let reports = try literal(script, in: world)
    #expect(reports[0] == (0..<4).map { .emittedLocally(number: $0) })
    let later = [[BusReport]](repeating: [.unreadable, .uncaught], count: 3).flatMap { $0 }
    #expect(reports[1] == [.droppedBeforeListening] + later)
    #expect(reports[2] == reports[1])
  }

  @Test(arguments: World.allCases)
  func `as written, all peers share one stream`(world: World) throws {
    var script = Script()
    script.publish(0, by: 0)
    script.publish(1, by: 1)
    let reports = try literal(script, in: world)
    #expect(reports[2].contains(.sharedStream))
    #expect(!reports[0].contains(.sharedStream))
  }

  @Test(arguments: World.allCases)
  func `as written, a stream comes back to the node that opened it`(world: World) throws {
    var script = Script()
    script.ask(.openStream(to: NodeID(1), payloadBytes: 8), of: 0)
    let reports = try literal(script, in: world)
    #expect(reports == [[.streamToMyself, .droppedBeforeListening], [], []])
  }

  @Test(arguments: World.allCases)
  func `as written, an event that no datagram holds fails after handlers have seen it`(
    world: World
  ) throws {
    var script = Script()
    script.publish(0, by: 0, bytes: 70_000)
    let reports = try literal(script, in: world)
    let refused = BusReport.refused(number: 0, afterEmitting: true)
    #expect(reports == [[.emittedLocally(number: 0), refused], [], []])
  }

  @Test(arguments: World.allCases)
  func `as written, the target is ignored`(world: World) throws {
    var script = Script()
    script.publish(0, by: 0, to: 1)
    let reports = try literal(script, in: world)
    #expect(reports[0] == [.emittedLocally(number: 0)])
    #expect(reports[2] == [.droppedBeforeListening])
  }

  @Test(arguments: World.allCases)
  func `with mended framing every event is handled once where it is due`(world: World) throws {
    var script = Script()
    for number in 0..<6 { script.publish(number, by: number % 3) }
    script.publish(6, by: 0, to: 1)
    script.publish(7, by: 0, to: 0)
    let reports = try corrected(script, in: world)
    func handled(_ number: Int) -> BusReport {
      .handled(number: number, forMe: true, again: false)
    }
    #expect(reports[1].filter { $0 == handled(6) }.count == 1)
    #expect(!reports[2].contains(handled(6)) && !reports[1].contains(handled(7)))
    for number in 0..<6 {
      for node in 0..<3 where node != number % 3 {
        #expect(reports[node].filter { $0 == handled(number) }.count == 1)
      }
    }
  }

  @Test(arguments: World.allCases)
  func `with mended framing the limit on streams holds and too large an event is refused at once`(
    world: World
  ) throws {
    var script = Script()
    for _ in 0..<4 { script.ask(.openStream(to: NodeID(1), payloadBytes: 8), of: 0) }
    script.publish(0, by: 0, bytes: 70_000)
    let reports = try corrected(script, in: world)
    #expect(reports[1] == [.streamRefused, .streamRefused])
    #expect(reports[0] == [.refused(number: 0, afterEmitting: false)])
  }

  /// The reports of each node without their order, which real time may change between publishers.
  private func unordered(_ reports: [[BusReport]]) -> [[String]] {
    reports.map { $0.map { "\($0)" }.sorted() }
  }

  @Test func `both worlds tell the same of a longer script`() throws {
    var one = Script()
    var all = Script()
    for number in 0..<20 {
      one.publish(number, by: 0, bytes: 500 * number)
      let target = number % 4 == 0 ? (number + 1) % 3 : nil
      all.publish(number, by: number % 3, to: target, bytes: 500 * number)
    }
    #expect(try literal(one, in: .virtual) == literal(one, in: .real))
    #expect(
      try unordered(corrected(all, in: .virtual)) == unordered(corrected(all, in: .real)))
  }
}
