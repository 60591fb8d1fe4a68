// What the experiment on hostile datagrams finds, and that it finds its planted breaks.
import LabCore
import LabManifest
import LabRecord
import LabRunner
import Testing

@testable import Experiments

@Suite struct `Hostile datagrams` {
  /// Runs one trial and returns its numbers by metric.
  private func values(_ parameters: String) throws -> [String: Double] {
    let plan = try ManifestLoader(experiments: [HostileDatagrams.description]).plan(
      text: """
        fleetlab: 1
        title: Trial
        question: Is it right?
        experiment: hostile-datagrams
        parameters: {\(parameters)}
        """, path: "trial.yaml")
    var recorder = Recorder()
    var trial = try #require(plan.trials.first)
    trial.seed = Seed(46)
    try HostileDatagrams.run(trial, into: &recorder)
    return Dictionary(
      uniqueKeysWithValues: recorder.entries.compactMap { entry in
        Double(entry.value.text).map { (entry.metric, $0) }
      })
  }

  @Test func `leave every request answered, and nothing forged`() throws {
    let found = try values("connections: 40")
    #expect(found["answered_fraction"] == 1 && found["wrong_bytes"] == 0)
    #expect(try #require(found["hostile_datagrams"]) > 5_000)
    #expect(try #require(found["abandoned_fraction"]) <= 0.05)
  }

  @Test func `end connections where nothing else arrives, and those are counted`() throws {
    let found = try values("connections: 60, loses-originals: true, patience: 100ms")
    #expect(found["answered_fraction"] == 0)
    #expect(try #require(found["abandoned_fraction"]) > 0.01)
  }

  @Test func `do not hide a server that answers other bytes`() throws {
    #expect(try #require(try values("connections: 5, lies: true")["wrong_bytes"]) > 0)
  }
}
