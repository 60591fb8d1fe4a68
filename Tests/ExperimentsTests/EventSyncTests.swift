import LabCore
import LabManifest
import LabRecord
import LabRunner
import Testing
import Transport

@testable import Experiments

@Suite struct `Event synchronisation experiment` {
  private func trial(
    _ arm: String, _ parameters: String, loss: String = "0%", requests: Int = 80,
    size: String = "100B"
  ) throws -> Trial {
    let plan = try ManifestLoader(experiments: [EventSync.description]).plan(
      text: """
        fleetlab: 1
        title: Trial
        question: Is it right?
        experiment: event-sync
        arms: [\(arm)]
        network:
          nodes: 3
          link:
            delay: {minimum: 2ms, excess: {law: exponential, mean: 5ms}}
            reordering: true
            loss: \(loss)
        workload: {open: {law: exponential, mean: 5ms}, requests: \(requests), size: \(size)}
        parameters: {\(parameters)}
        """, path: "trial.yaml")
    var trial = try #require(plan.trials.first)
    trial.seed = Seed(92)
    return trial
  }

  /// Runs one trial and returns its numbers by metric.
  private func values(
    _ arm: String, _ parameters: String, loss: String = "0%", requests: Int = 80,
    size: String = "100B"
  ) throws -> [String: Double] {
    var recorder = Recorder()
    try EventSync.run(
      try trial(arm, parameters, loss: loss, requests: requests, size: size), into: &recorder)
    var metrics = Set(EventSync.description.metrics.map(\.name))
    // Where nothing came anywhere, nothing is stale.
    let accepted = recorder.entries.first { $0.metric == "accepted" }
    if arm == "document" || accepted?.value.text == "0" {
      metrics.subtract(["staleness_p50", "staleness_p99"])
    }
    #expect(Set(recorder.entries.map(\.metric)) == metrics)
    return Dictionary(
      uniqueKeysWithValues: recorder.entries.compactMap { entry in
        Double(entry.value.text).map { (entry.metric, $0) }
      })
  }

  @Test(arguments: FaultSchedule.allCases)
  func `finds every accepted event done once and in order on the bus of the laboratory`(
    schedule: FaultSchedule
  ) throws {
    let found = try values("event-bus", "schedule: \(schedule.rawValue), faults: 6", loss: "5%")
    let accepted = try #require(found["accepted"])
    #expect(accepted > 25)
    #expect(found["delivered_fraction"] == 1 && found["lost_accepted"] == 0)
    #expect(found["handled_twice"] == 0 && found["order_violations"] == 0)
    #expect(found["expired"] == 0 && found["refused"] == 0)
    #expect(try #require(found["time_to_convergence"]) < 3)
    if schedule == .crash { #expect(try #require(found["restarts"]) > 0) }
  }

  @Test(arguments: [FaultSchedule.partition, .crash])
  func `finds the same on that bus over QUIC`(schedule: FaultSchedule) throws {
    let found = try values(
      "event-bus-quic", "schedule: \(schedule.rawValue), patience: 30s", loss: "5%")
    #expect(try #require(found["accepted"]) > 25)
    #expect(found["delivered_fraction"] == 1 && found["lost_accepted"] == 0)
    #expect(found["handled_twice"] == 0 && found["order_violations"] == 0)
    #expect(try #require(found["time_to_convergence"]) < 10)
  }

  @Test func `finds events that are larger than a datagram on the bus over QUIC alone`() throws {
    let parameters = "schedule: none, handler-crashes: 0%, patience: 60s"
    let streamed = try values("event-bus-quic", parameters, loss: "1%", requests: 8, size: "70kB")
    #expect(streamed["delivered_fraction"] == 1 && streamed["refused"] == 0)
    #expect(streamed["accepted"] == 8 && streamed["accepted_fraction"] == 1)
    let refused = try values("event-bus", parameters, requests: 8, size: "70kB")
    #expect(refused["refused"] == 8 && refused["accepted_fraction"] == 0)
    let bare = try values("event-bus", parameters, loss: "1%", requests: 8, size: "50kB")
    #expect(bare["refused"] == 0)
    let framed = try values("framed", parameters, loss: "1%", requests: 8, size: "60kB")
    #expect(try #require(framed["delivered_fraction"]) < 1)
  }

  @Test(arguments: ["event-bus", "event-bus-quic"])
  func `finds events that name a node there alone, if handlers ask for those`(arm: String) throws {
    let found = try values(arm, "schedule: none, targeted: 50%, patience: 10s")
    #expect(found["misrouted"] == 0 && found["delivered_fraction"] == 1)
    let asking = try values(
      arm, "schedule: none, targeted: 50%, filters-targets: false, patience: 10s")
    #expect(try #require(asking["misrouted"]) > 20 && asking["delivered_fraction"] == 1)
  }

  @Test func `takes events with a target on the bus of the laboratory alone`() {
    #expect(throws: TargetsNotTold.self) { try values("framed", "targeted: 50%") }
  }

  @Test func `finds what the design of the document loses and overtakes`() throws {
    let calm = try values("framed", "schedule: none, handler-crashes: 0%")
    #expect(calm["delivered_fraction"] == 1 && calm["lost_accepted"] == 0)
    #expect(try #require(calm["order_violations"]) > 0)
    let lossy = try values("framed", "schedule: none, patience: 1s", loss: "5%")
    #expect(try #require(lossy["lost_accepted"]) > 0)
    #expect(lossy["time_to_convergence"] == 1)
    let written = try values("document", "schedule: none, handler-crashes: 0%, patience: 1s")
    #expect(written["accepted"] == 80 && written["lost_accepted"] == 80)
    #expect(abs(try #require(written["delivered_fraction"]) - 1 / 3) < 1e-9)
  }

  @Test func `finds events done twice by handlers that forget how far they were`() throws {
    let found = try values("event-bus", "handler-crashes: 20%, keeps-position: false")
    #expect(try #require(found["handled_twice"]) > 0)
    let keeping = try values("event-bus", "handler-crashes: 20%")
    #expect(keeping["handled_twice"] == 0 && keeping["lost_accepted"] == 0)
    #expect(try #require(keeping["duplicates"]) > 0)
  }

  @Test func `finds events that expired, and convergence that waits for digests`() throws {
    let short = try values("event-bus", "schedule: partition, retention: 50ms, patience: 1s")
    #expect(try #require(short["expired"]) > 0)
    let slow = try values("event-bus", "digest-period: 30s, patience: 1s", loss: "20%")
    #expect(slow["time_to_convergence"] == 1)
  }

  @Test func `has secrets of its own on every node, which the seed fixes`() throws {
    func secrets(_ seed: UInt64) throws -> [[UInt8]] {
      var trial = try trial("event-bus-quic", "schedule: none")
      trial.seed = Seed(seed)
      let fleet = try EncryptedFleet(try SyncLoad(trial), congestionControl: .cubic)
      return (0..<3).map { fleet.secret(of: NodeID($0)) }
    }
    let first = try secrets(92)
    #expect(first.allSatisfy { $0.count == 32 } && Set(first).count == 3)
    #expect(try secrets(92) == first)
    #expect(Set(first).isDisjoint(with: try secrets(93)))
  }

  @Test func `gives the same values from the same seed`() throws {
    let first = try values("event-bus", "schedule: mixed", loss: "5%")
    #expect(try values("event-bus", "schedule: mixed", loss: "5%") == first)
  }
}
