// The load that the simulator and its peers are timed under.

import Foundation
import LabCore
import LabManifest
import LabRecord
import LabRunner
import Testing

@testable import Experiments

@Suite struct `Event throughput` {
  /// Runs a trial of a small load and returns its values by metric.
  private func values(
    _ arm: String, _ parameters: String = "", seed: UInt64 = 255
  ) throws -> [String: Double] {
    let plan = try Self.loader.plan(
      text: """
        fleetlab: 1
        title: Trial
        question: Is it right?
        experiment: event-throughput
        arms: [\(arm)]
        parameters: {events: 20000, \(parameters)}
        """, path: "trial.yaml")
    var recorder = Recorder()
    var trial = try #require(plan.trials.first)
    trial.seed = Seed(seed)
    try EventThroughput.run(trial, into: &recorder)
    return Dictionary(
      uniqueKeysWithValues: try recorder.entries.map { entry in
        (entry.metric, try #require(Double(entry.value.text)))
      })
  }

  static let loader = ManifestLoader(experiments: [EventThroughput.description])

  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  @Test func `the queue makes the deliveries of the heap in C++`() throws {
    // What heap.cpp answers for this load and the seed 255.
    #expect(try values("queue")["checksum"] == 61_188_996_795_246)
    #expect(try values("queue", "planted-draws: 1")["checksum"] != 61_188_996_795_246)
    #expect(try values("queue", seed: 254)["checksum"] != 61_188_996_795_246)
  }

  @Test(arguments: ["queue", "instance"])
  func `the work depends on the seed alone, and extra deliveries do not count`(arm: String) throws {
    let checksum = try values(arm)["checksum"]
    #expect(try values(arm)["checksum"] == checksum)
    #expect(try values(arm, "handicap: 2.5")["checksum"] == checksum)
    #expect(try values(arm, seed: 3)["checksum"] != checksum)
  }

  @Test func `extra deliveries slow down what counts`() throws {
    // Ten times the work on a machine that is at most a few times slower for a moment.
    let plain = try (0..<3).compactMap { _ in try values("queue")["events_per_second"] }.max() ?? 0
    let slow =
      try (0..<3).compactMap { _ in
        try values("queue", "handicap: 30")["events_per_second"]
      }.min() ?? 0
    #expect(slow < plain / 3)
  }

  @Test func `memory is counted for each message under way`() throws {
    let queue = try #require(try values("queue")["pending_bytes"])
    #expect((16...17).contains(queue))
    #expect(try #require(try values("queue", "spare-room: 7")["pending_bytes"]) > 64)
    let crowd = "population: 20000"
    #expect(try #require(try values("instance", crowd)["pending_bytes"]) <= 64)
    let burst = try #require(
      try values("instance", "population: 2000, spare-room: 7")["pending_bytes"])
    #expect(burst > 64)
  }

  @Test func `fewer messages than nodes are refused`() {
    #expect(throws: PHOLDLoad.Problem.self) { try values("queue", "population: 10") }
  }

  @Test func `the manifest runs the laboratory's arms and its peers, alone`() throws {
    let path = Self.root.appending(path: "Experiments/simulation/event-throughput.yaml").path
    for size in RunSize.allCases {
      let plan = try Self.loader.plan(path: path, size: size)
      #expect(plan.manifest.arms == ["queue", "instance", "heap", "simpy"])
      #expect(plan.manifest.criteria.count == 6)
      #expect(plan.cells.allSatisfy { EventThroughput.runsInRealTime($0.settings) })
    }
  }
}
