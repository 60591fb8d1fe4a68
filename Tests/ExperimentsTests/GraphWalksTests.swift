// Shortest ways out of random walks.

import LabCore
import LabManifest
import LabRecord
import LabRunner
import Learning
import Testing

@testable import Experiments

@Suite struct `Graph walks` {
  static let loader = ManifestLoader(experiments: [GraphWalks.description])

  /// A small trial's values by metric; hashes as numbers are left out.
  private func values(
    _ parameters: String, arm: String = "decision-transformer", seed: UInt64
  ) throws -> [String: Double] {
    let plan = try Self.loader.plan(
      text: """
        fleetlab: 1
        title: Trial
        question: Does it find the way?
        experiment: graph-walks
        arms: [\(arm)]
        parameters: {context: 2, width: 32, heads: 1, blocks: 1, \(parameters)}
        """, path: "trial.yaml")
    var recorder = Recorder()
    var trial = try #require(plan.trials.first)
    trial.seed = Seed(seed)
    try GraphWalks.run(trial, into: &recorder)
    return Dictionary(
      uniqueKeysWithValues: recorder.entries.compactMap { entry in
        Double(entry.value.text).map { (entry.metric, $0) }
      })
  }

  @Test(arguments: [(4, 213_933_681_531_101), (17, 247_176_102_076_170)] as [(UInt64, Double)])
  func `the walks are those that the program of PyTorch draws`(
    seed: UInt64, checksum: Double
  ) throws {
    // What torch_decision_transformer.py answers for these seeds.
    #expect(try values("updates: 1", seed: seed)["walks"] == checksum)
    #expect(try values("updates: 1, planted-draws: 1", seed: seed)["walks"] != checksum)
  }

  @Test func `a learner that is told lengths solves more than one that is not, or that idles`()
    throws
  {
    let settings = "updates: 800, learning-rate: 0.02"
    let told = try values(settings, seed: 2)
    let blind = try values(settings, arm: "cloning", seed: 2)
    let idle = try values(settings + ", planted-idleness: 0.99", seed: 2)
    let solved = try #require(told["solved_fraction"])
    #expect(solved >= 0.8)
    for other in [blind, idle] {
      #expect(solved - (try #require(other["solved_fraction"])) >= 0.3, "\(other)")
      #expect(try #require(other["mean_length"]) > #require(told["mean_length"]))
      #expect(other["walks"] == told["walks"])
    }
    #expect(try #require(told["tried_fraction"]) >= solved)
    #expect(try #require(told["mean_length"]) >= #require(told["shortest_length"]))
    #expect(told["training_cpu"] == nil)
  }

  @Test func `an honest slow-down costs time and changes nothing that is learnt`() throws {
    let plain = try values("updates: 30, timed: true", seed: 2)
    let slow = try values("updates: 30, timed: true, handicap: 30", seed: 2)
    #expect(slow["mean_length"] == plain["mean_length"])
    #expect(try #require(slow["training_cpu"]) > 3 * #require(plain["training_cpu"]))
  }

  @Test(arguments: ["0", "1"]) func `a graph that is never worth a walk is refused`(
    probability: String
  ) {
    #expect(throws: LearningError.self) {
      try values("nodes: 5, edge-probability: \(probability)", seed: 1)
    }
  }
}

@Suite struct `Offline control` {
  private func values(_ arm: String, _ parameters: String = "") throws -> [String: String] {
    let loader = ManifestLoader(experiments: [OfflineControl.description])
    let plan = try loader.plan(
      text: """
        fleetlab: 1
        title: Trial
        question: Does it balance?
        experiment: offline-control
        arms: [\(arm)]
        parameters:
          {episodes: 20, practice: 2000, tests: 3, context: 3, width: 16, heads: 1, blocks: 1,
           updates: 20\(parameters)}
        """, path: "trial.yaml")
    var recorder = Recorder()
    var trial = try #require(plan.trials.first)
    trial.seed = Seed(5)
    try OfflineControl.run(trial, into: &recorder)
    return Dictionary(uniqueKeysWithValues: recorder.entries.map { ($0.metric, $0.value.text) })
  }

  @Test func `shows all arms the same, and each learns something else of it`() throws {
    let arms = try OfflineControl.description.arms.map { try values($0.name) }
    #expect(Set(arms.map { $0["shown_mean_return"] }).count == 1)
    #expect(Set(arms.map { $0["learnt"] }).count == 3)
    let idle = try arms.indices.map {
      try values(OfflineControl.description.arms[$0].name, ", planted-idleness: 1")
    }
    #expect(idle[0]["shown_best_return"] == arms[0]["shown_best_return"])
    #expect(zip(idle, arms).map { $0["learnt"] == $1["learnt"] } == [false, true, true])
  }

  @Test func `the best tenth is that which earns most`() throws {
    let episodes = try [3, 1, 5, 2, 5, 4, 1, 1, 2, 3, 2].map { count in
      try Trajectory(
        observations: Array(repeating: [0], count: count),
        actions: Array(repeating: 0, count: count), rewards: Array(repeating: 1, count: count))
    }
    #expect(OfflineLesson.bestTenth(of: episodes).map(\.count) == [5])
    #expect(
      OfflineLesson.bestTenth(of: episodes + episodes).map { $0.returnsToGo[0] } == [5, 5])
  }
}
