import LabCore
import LabManifest
import LabRecord
import LabRunner
import Testing

@testable import Experiments

@Suite struct `Zero round trips` {
  private func plan(
    _ arm: String, _ parameters: String, nodes: Int = 4, link: String = "{delay: 20ms}"
  ) throws -> Trial {
    let plan = try ManifestLoader(experiments: [ZeroRTT.description]).plan(
      text: """
        fleetlab: 1
        title: Trial
        question: Is it right?
        experiment: zero-rtt
        arms: [\(arm)]
        network: {nodes: \(nodes), link: \(link)}
        parameters: {events: 20, \(parameters)}
        """, path: "trial.yaml")
    var trial = try #require(plan.trials.first)
    trial.seed = Seed(37)
    return trial
  }

  /// Runs one trial and returns its numbers by metric.
  private func values(_ arm: String, _ parameters: String = "ticket: true") throws
    -> [String: Double]
  {
    var recorder = Recorder()
    try ZeroRTT.run(try plan(arm, parameters), into: &recorder)
    return Dictionary(
      uniqueKeysWithValues: recorder.entries.compactMap { entry in
        Double(entry.value.text).map { (entry.metric, $0) }
      })
  }

  @Test func `are enough for a client with a ticket, and nobody gets anything for its flight`()
    throws
  {
    let found = try values("quic")
    #expect(found["at_once_fraction"] == 1 && found["delays_to_handler"] == 1)
    #expect(found["early_fraction"] == 1 && found["handled_twice"] == 0)
    #expect(found["replays"] == 20 && found["replays_taken"] == 0)
    #expect(found["readable_fraction"] == 0)
  }

  @Test func `are not enough without a ticket`() throws {
    let found = try values("quic", "ticket: false")
    #expect(found["handled_fraction"] == 1 && found["delays_to_handler"] == 3)
    #expect(found["at_once_fraction"] == 0 && found["early_fraction"] == 0)
  }

  @Test func `are refused by a server that cannot remember, and the event comes again`() throws {
    let found = try values("quic", "servers: forgetful")
    #expect(found["refused_early_fraction"] == 1 && found["early_fraction"] == 0)
    #expect(found["handled_fraction"] == 1 && found["handled_twice"] == 0)
    #expect(found["delays_to_handler"] == 3 && found["replays_taken"] == 0)
  }

  @Test func `let every flight in again at a server that shares the key and not the memory`()
    throws
  {
    let found = try values("quic", "servers: twin")
    #expect(found["replays_taken"] == 20 && found["at_once_fraction"] == 1)
  }

  @Test func `say nothing for the design of the document, which anybody can read and repeat`()
    throws
  {
    let written = try values("document")
    #expect(written["handled_fraction"] == 0 && written["delays_to_handler"] == nil)
    #expect(written["replays_taken"] == 20 && written["readable_fraction"] == 1)
    let framed = try values("framed")
    #expect(framed["at_once_fraction"] == 1 && framed["readable_fraction"] == 1)
    // It knows events by their ids, so one that comes again is not handled again.
    #expect(framed["replays_taken"] == 0)
  }

  @Test func `need four nodes and a delay`() throws {
    var recorder = Recorder()
    #expect(throws: FlightLoadError.self) {
      try ZeroRTT.run(try plan("quic", "ticket: true", nodes: 2), into: &recorder)
    }
    #expect(throws: FlightLoadError.self) {
      try ZeroRTT.run(try plan("quic", "ticket: true", link: "{loss: 0%}"), into: &recorder)
    }
  }
}
