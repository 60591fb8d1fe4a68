// Real nodes under real blows: kills, lost folders, clients that never read.

import LabCore
import Testing

@testable import Experiments
@testable import LabRunner

@Suite struct `Killed nodes` {
  private static func tally(_ change: (inout ProcessSyncLoad) -> Void) throws -> ProcessSyncTally {
    var load = ProcessSyncLoad()
    (load.events, load.kills, load.seed) = (150, 6, Seed(53))
    change(&load)
    var run = try ProcessSyncRun(load)
    try run.run()
    // Where folders are lost, a trial may be stuck before all kills are done.
    #expect(run.tally.kills == load.kills || (load.losesFolders && run.tally.kills > 0))
    #expect(run.tally.accepted.count > 20)
    return run.tally
  }

  @Test func `lose no accepted event, and handlers do each once and in order`() throws {
    let tally = try Self.tally { _ in }
    #expect(tally.isComplete && tally.lostAccepted == 0)
    #expect((tally.handledTwice, tally.orderViolations, tally.expired) == (0, 0, 0))
    #expect(tally.accepted.count + tally.unanswered + tally.refused == 150)
  }

  @Test func `are seen to have events handled twice where a handler forgets its position`() throws {
    #expect(try Self.tally { $0.keepsPosition = false }.handledTwice > 0)
  }

  @Test func `are seen to lose events with their folders`() throws {
    // Peers may have got everything in time, so that one loss in several fleets is enough.
    var lost = 0
    for _ in 0..<5 where lost == 0 {
      let tally = try Self.tally { load in
        (load.losesFolders, load.patience) = (true, .milliseconds(1_500))
      }
      lost = tally.lostAccepted
    }
    #expect(lost > 0)
  }

  @Test func `are seen to have events out of order where a handler turns them round`() throws {
    let tally = try Self.tally { load in
      load.reversesOrder = true
      load.window = 32
    }
    #expect(tally.orderViolations > 0)
  }
}

@Suite(.timeLimit(.minutes(3))) struct `A client that never reads` {
  @Test func `is handed no more than its window, and gets the rest when it reads`() throws {
    let desk = try Desk()
    let folder = try desk.fleet(port: 21_050, nodes: 1)
    let text = try desk.read("fleet/fleet.yaml")
    _ = try desk.write("\(text)\nlimits: {delivery-window: 20}\n", to: "fleet/fleet.yaml")
    let serving = try ServingNode.start(folder, "a")
    let node = try FleetFile(folder).nodes[0]
    let (subscriber, publisher) = (try BusClient(node), try BusClient(node))
    try subscriber.ask(.subscribe(.init(name: "slow", from: "oldest")))
    let data = String(repeating: "x", count: 50_000)
    for number in 0..<200 {
      try publisher.ask(.publish(.init(type: "t", data: data, number: number)))
      _ = try publisher.nextReply()
    }
    let reader = try BusClient(node)
    try reader.ask(.status)
    guard case .status(let status) = try #require(try reader.nextReply()).reply else {
      Issue.record("no status")
      return
    }
    #expect((status.uncommitted, status.nextPosition) == (20, 201))
    var positions: [UInt64] = []
    while positions.count < 200 {
      guard case .event(let event) = try #require(try subscriber.nextReply()).reply else {
        continue
      }
      positions.append(event.position)
      try subscriber.ask(.commit(event.position))
    }
    #expect(positions == Array(1...200))
    #expect(serving.end(15) == "exited with code 0")
  }
}
