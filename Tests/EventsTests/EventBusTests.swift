import LabCore
import Network
import Simulation
import Statistics
import Testing

@testable import Events

@Suite struct `An event bus` {
  @Test(arguments: 0..<4)
  func `brings every accepted event to every handler once and in order, whatever fails`(
    quarter: Int
  ) {
    var (published, restarts, handlerRestarts) = (0, 0, 0)
    for seed in quarter * 25..<(quarter + 1) * 25 {
      var plan = FleetPlan()
      plan.nodes = 3 + seed % 4
      let life = FleetLife(plan, seed: seed)
      #expect(life.complaint == nil, "seed \(seed)")
      published += life.published.count
      restarts += life.restarts
      handlerRestarts += life.handlerRestarts
    }
    // Schedules in which nothing is published and nothing fails would prove nothing.
    #expect(published > 25 * 45 && restarts > 25 && handlerRestarts > 25)
  }

  @Test func `does so among ten nodes with thousands of events`() {
    var plan = FleetPlan()
    (plan.nodes, plan.events) = (10, 2_000)
    plan.busy = .seconds(4)
    let life = FleetLife(plan, seed: 1)
    #expect(life.complaint == nil)
    #expect(life.published.count > 1_600 && life.restarts > 0)
  }

  @Test(arguments: [
    EventBus.Rules.speaksBeforeDurable, .forgetsDuplicates, .ignoresOrder,
  ])
  func `with a planted fault is caught by the same account`(rules: EventBus.Rules) {
    var plan = FleetPlan()
    plan.rules = rules
    // On a slow disk, what is said too early is often lost.
    if rules == .speaksBeforeDurable { plan.disks.latency = .exponential(mean: 0.05) }
    let caught = (0..<20).count { FleetLife(plan, seed: $0).complaint != nil }
    #expect(caught > 2, "\(rules) was caught in \(caught) of 20 schedules")
  }

  /// So little room, and so much to publish, that publishers are refused.
  private func crowded(_ rules: EventBus.Rules) -> FleetPlan {
    var plan = FleetPlan()
    plan.rules = rules
    plan.events = 200
    plan.limits.capacity = ByteCount(8_192)
    plan.limits.event = ByteCount(1_000)
    plan.dataBytes = 300
    return plan
  }

  @Test func `refuses aloud what finds no room, and loses nothing that it accepted`() {
    var (refused, published) = (0, 0)
    for seed in 0..<12 {
      let life = FleetLife(crowded(.correct), seed: seed)
      #expect(life.complaint == nil, "seed \(seed)")
      #expect(life.largestStore <= 8_192, "seed \(seed)")
      refused += life.refused.values.count { $0 == .storeFull }
      published += life.published.count
    }
    #expect(refused > 20 && published > 600)
  }

  @Test func `that drops what finds no room is caught`() {
    let caught = (0..<8).count { FleetLife(crowded(.dropsWhenFull), seed: $0).complaint != nil }
    #expect(caught > 2, "caught in \(caught) of 8 schedules")
  }

  @Test func `loses nothing that it accepted when disks are full`() {
    var (refused, published) = (0, 0)
    for seed in 0..<12 {
      var plan = FleetPlan()
      plan.events = 150
      plan.disks.capacity = ByteCount(6_000 + seed * 1_000)
      let life = FleetLife(plan, seed: seed)
      let complaint = life.complaint
      // A node whose disk is full cannot take what others publish; what it has is in order.
      #expect(complaint == nil || complaint?.contains("lacks") == true, "seed \(seed)")
      for (place, ledger) in life.ledgers.enumerated() {
        let own = Set(life.published.filter { $0.value.node == place }.keys)
        #expect(own.subtracting(ledger.entries.map(\.number)).isEmpty, "seed \(seed), n\(place)")
      }
      refused += life.refused.values.count { $0 == .diskFull }
      published += life.published.count
    }
    #expect(refused > 20 && published > 200)
  }

  @Test func `runs the same from the same seed`() {
    let lives = (0..<2).map { _ in FleetLife(FleetPlan(), seed: 5) }
    #expect(lives[0].ledgers.map(\.entries) == lives[1].ledgers.map(\.entries))
    #expect(lives[0].counters == lives[1].counters)
  }
}
