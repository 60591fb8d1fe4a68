// What the experiments on logs and on histories of tests measure.

import Foundation
import LabCore
import LabManifest
import LabRecord
import LabRunner
import Learning
import Testing

@testable import Experiments

/// The plan of one arm with parameters.
private func plan(
  _ experiment: any Experiment.Type, _ arm: String, _ parameters: String
) throws -> Plan {
  try ManifestLoader(experiments: [experiment.description]).plan(
    text: """
      fleetlab: 1
      title: Trial
      question: Is it right?
      experiment: \(experiment.description.name)
      arms: [\(arm)]
      parameters: {\(parameters)}
      """, path: "trial.yaml")
}

/// Runs one trial and returns its values by metric.
func trialValues(
  of experiment: any Experiment.Type, _ arm: String, _ parameters: String, seed: UInt64 = 91
) throws -> [String: MeasuredValue] {
  var trial = try #require(try plan(experiment, arm, parameters).trials.first)
  trial.seed = Seed(seed)
  var recorder = Recorder()
  try experiment.run(trial, into: &recorder)
  return Dictionary(uniqueKeysWithValues: recorder.entries.map { ($0.metric, $0.value) })
}

@Suite struct `Learning from a log` {
  private func numbers(_ arm: String, _ parameters: String) throws -> [String: Double] {
    try trialValues(of: OffPolicyHistory.self, arm, parameters).compactMapValues(\.number)
  }

  @Test func `changes nothing without evidence, and then weights are even`() throws {
    let found = try numbers("cautious", "logs: 4, builds: 200, evidence: 1000000")
    #expect(abs(try #require(found["gain"])) < 1e-9)
    #expect(found["better"] == 0 && found["effective_builds"] == 100)
    #expect(found["regret"] == found["logging_regret"])
    // Even weights make both estimates the mean return.
    #expect(abs(try #require(found["error_is"]) - #require(found["error_wis"])) < 1e-9)
  }

  @Test(arguments: ["q-learning", "model", "cautious"])
  func `of everything beats whoever wrote it, unless its rewards are shuffled`(
    arm: String
  ) throws {
    let setting = "logs: 3, builds: 2000, coverage: 100%"
    let found = try numbers(arm, setting)
    #expect(try #require(found["gain"]) > 5 && found["better"] == 1)
    #expect(try #require(found["regret"]) >= -1e-9)
    let shuffled = try numbers(arm, "\(setting), shuffled-rewards: true")
    #expect(try #require(shuffled["gain"]) < (try #require(found["gain"])) - 5)
  }

  @Test func `is judged in pieces by narrower intervals, and wrongly where chances are not stated`()
    throws
  {
    let setting = "logs: 8, builds: 2000, coverage: 100%"
    let whole = try numbers("cautious", setting)
    let pieces = try numbers("cautious", "\(setting), pieces: test")
    #expect(whole["gain"] == pieces["gain"])
    #expect(try #require(pieces["width_is"]) < (try #require(whole["width_is"])) / 2)
    #expect(
      try #require(pieces["effective_builds"]) > 4 * (try #require(whole["effective_builds"])))
    #expect(try #require(pieces["covered_is"]) >= 0.6)
    let half = "logs: 8, builds: 2000, coverage: 50%, pieces: test, stated-chances: false"
    #expect(try #require(try numbers("cautious", half)["covered_is"]) <= 0.25)
  }

  @Test func `by the plug-in is the same for the same seed, and intervals may be drawn`() throws {
    let setting = "logs: 2, builds: 100, interval: bootstrap"
    let once = try trialValues(of: OffPolicyHistory.self, "plug-in", setting)
    #expect(try trialValues(of: OffPolicyHistory.self, "plug-in", setting) == once)
    #expect(try trialValues(of: OffPolicyHistory.self, "plug-in", setting, seed: 92) != once)
    #expect(once.count == OffPolicyHistory.description.metrics.count)
  }

  @Test func `of actions that were never tried is refused`() {
    let error = #expect(throws: LogCourseError.self) { try numbers("model", "coverage: 0%") }
    #expect(error?.description.contains("above 0 %") == true)
  }
}

@Suite struct `Ordering a history` {
  private func numbers(_ arm: String, _ parameters: String) throws -> [String: Double] {
    try trialValues(of: HistoryPrioritisation.self, arm, parameters).compactMapValues(\.number)
  }

  @Test func `that is drawn lies between chance and the bound, for rules and for learners`() throws
  {
    let napfd = try ["random", "failure-rate", "actor-critic", "bound"].map {
      try #require(try numbers($0, "cycles: 40")["napfd"])
    }
    #expect(napfd[0] < napfd[1] - 0.1 && napfd[0] < napfd[2] - 0.1)
    #expect(napfd[1] < napfd[3] && napfd[2] < napfd[3])
  }

  @Test func `with shuffled pasts is worse for those who learn, and the same for rules`() throws {
    func loss(_ arm: String) throws -> Double {
      let shuffled = try numbers(arm, "cycles: 40, shuffled-pasts: true")
      return try #require(try numbers(arm, "cycles: 40")["napfd"]) - #require(shuffled["napfd"])
    }
    #expect(try loss("actor-critic") > 0.1)
    #expect(try loss("failure-rate") == 0)
  }

  @Test func `reads a file, and tells which by its fingerprint`() throws {
    let path = FileManager.default.temporaryDirectory
      .appending(path: "history-\(UUID().uuidString).csv").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let heading = "Id;Name;Duration;LastRun;LastResults;Verdict;Cycle\n"
    let rows = "1;a;1;2026-01-01 04:45;[];0;1\n2;b;1;2026-01-01 04:45;[];1;1\n"
    try Data((heading + rows).utf8).write(to: URL(filePath: path))
    let setting = "history: \(path), budget: 100%"
    let found = try trialValues(of: HistoryPrioritisation.self, "bound", setting)
    #expect(found["failing_cycles"] == .integer(1) && found["napfd"] == .number(0.75))
    #expect(found["history"] == .hash(try TestHistory(contentsOf: path).fingerprint))
    try Data((heading + rows.replacing(";1;1\n", with: ";0;1\n")).utf8)
      .write(to: URL(filePath: path))
    let error = #expect(throws: PrioritisationProblem.self) {
      try numbers("random", "history: \(path)")
    }
    #expect(error == .nothingFailed(runs: 2))
  }

  @Test func `that is not there is refused, and known before anything runs`() throws {
    let plan = try plan(HistoryPrioritisation.self, "random", "history: /nowhere/h.csv")
    let missing = HistoryPrioritisation.missing(for: plan)
    #expect(missing.count == 1 && missing[0].contains("'/nowhere/h.csv'"))
    let error = #expect(throws: PrioritisationProblem.self) {
      try numbers("random", "history: /nowhere/h.csv")
    }
    #expect(error.map { [$0.description] } == missing)
    let drawn = try self.planOfDrawn()
    #expect(HistoryPrioritisation.missing(for: drawn).isEmpty)
  }

  private func planOfDrawn() throws -> Plan {
    try plan(HistoryPrioritisation.self, "random", "history: synthetic")
  }
}
