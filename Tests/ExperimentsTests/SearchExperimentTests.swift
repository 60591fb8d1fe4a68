// What the experiments on filters, removal, files and the document's test measure.

import Foundation
import LabCore
import LabManifest
import LabRecord
import LabRunner
import Testing

@testable import Experiments

/// Vectors in a folder that goes with the value.
private final class VectorFolder {
  let path: String

  init(rows: Int = 300, dimensions: Int = 16) throws {
    let name = "search-experiment-\(UUID().uuidString)"
    path = FileManager.default.temporaryDirectory.appending(path: name).path
    let vectors = SyntheticVectors(isClustered: true, dimensions: dimensions, seed: Seed(81))
    try SearchData.write(
      base: vectors.base(rows), queries: vectors.queries(12), .init(.clustered, seed: 81),
      dimensions: dimensions, to: path)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Runs one trial and returns its values by metric.
private func values(
  of experiment: any Experiment.Type, _ arm: String, _ parameters: String,
  clock: (() -> Instant)? = nil
) throws -> [String: Double] {
  let plan = try ManifestLoader(experiments: [experiment.description]).plan(
    text: """
      fleetlab: 1
      title: Trial
      question: Is it right?
      experiment: \(experiment.description.name)
      arms: [\(arm)]
      parameters: {\(parameters)}
      """, path: "trial.yaml")
  var recorder = Recorder()
  var trial = try #require(plan.trials.first)
  trial.seed = Seed(82)
  if let clock {
    try LiteralSearchTest.run(trial, clock: clock, into: &recorder)
  } else {
    try experiment.run(trial, into: &recorder)
  }
  return Dictionary(
    uniqueKeysWithValues: try recorder.entries.map { entry in
      (entry.metric, try #require(Double(entry.value.text)))
    })
}

/// A clock that goes on by the same span at each reading.
private func clock(_ step: LabCore.Duration) -> () -> Instant {
  var now = Instant.zero
  return {
    now = now + step
    return now
  }
}

@Suite struct `Filtered search experiment` {
  @Test(arguments: RowChoice.allCases)
  func `every way but the last finds the matching rows`(choice: RowChoice) throws {
    let folder = try VectorFolder()
    for way in FilterWay.allCases {
      let found = try values(
        of: FilteredSearch.self, way.rawValue,
        "data: \(folder.path), least-time: 0s, selectivity: 4%, accepted: \(choice.rawValue)")
      let recall = try #require(found["recall"])
      if way == .postFilter { #expect(recall < 0.6) } else { #expect(recall >= 0.95, "\(way)") }
      let walked: Double = way == .inGraph || way == .postFilter ? 1 : 0
      #expect(found["walked"] == walked, "\(way)")
      let evaluations = found["distance_evaluations"]
      if way == .matchingRows || way == .planner { #expect(evaluations == 12) }
    }
  }

  @Test func `a single matching row is found`() throws {
    let folder = try VectorFolder()
    let found = try values(
      of: FilteredSearch.self, "planner", "data: \(folder.path), least-time: 0s, selectivity: 0.1%")
    #expect(found["recall"] == 1 && found["distance_evaluations"] == 1)
  }

  @Test func `a folder that is not there is named with the script that makes it`() {
    #expect(throws: SearchDataError.missing(path: "/none/clustered-9x9")) {
      try values(of: FilteredSearch.self, "planner", "data: /none/clustered-9x9")
    }
  }
}

@Suite struct `Deletes experiment` {
  @Test func `each way finds what is left, and what is planted is counted`() throws {
    let folder = try VectorFolder()
    let common = "data: \(folder.path), least-time: 0s, deleted: 80%"
    var bytes: [String: Double] = [:]
    for way in DeleteWay.allCases {
      let found = try values(of: Deletes.self, way.rawValue, common)
      #expect(try #require(found["recall"]) >= 0.97, "\(way)")
      #expect(found["removed_found"] == 0, "\(way)")
      bytes[way.rawValue] = found["index_bytes"]
    }
    let (compacted, fresh) = (try #require(bytes["compacted"]), try #require(bytes["fresh"]))
    #expect(compacted <= 1.1 * fresh)
    #expect(try #require(bytes["repaired"]) > 3 * fresh)
    let ghosts = try values(of: Deletes.self, "repaired", "\(common), planted-ghosts: true")
    #expect(try #require(ghosts["removed_found"]) > 0)
    let other = try values(of: Deletes.self, "repaired", "\(common), removed-rows: together")
    #expect(try #require(other["recall"]) >= 0.97)
  }
}

@Suite struct `Test of a search` {
  private static let small = "patterns: 600"

  @Test func `the document's passes on nearly all broken searches, and the scan`() throws {
    let found = try values(
      of: LiteralSearchTest.self, "as-written", Self.small, clock: clock(.milliseconds(9)))
    // Nine results are not ten; all else is fine.
    #expect(found["caught_fraction"] == 1.0 / 7)
    #expect(found["arbitrary_caught"] == 0)
    #expect(found["graph_passed"] == 1 && found["scan_passed"] == 1)
    let slow = try values(
      of: LiteralSearchTest.self, "as-written", Self.small, clock: clock(.milliseconds(10)))
    #expect(slow["graph_passed"] == 0 && slow["scan_passed"] == 0)
  }

  @Test func `ours passes on the graph alone`() throws {
    let found = try values(
      of: LiteralSearchTest.self, "ours", "patterns: 1000, queries: 6, search-breadth: 30")
    #expect(found["graph_passed"] == 1 && found["scan_passed"] == 0)
    #expect(found["caught_fraction"] == 1)
    let poor = try values(
      of: LiteralSearchTest.self, "ours",
      "patterns: 600, queries: 6, search-breadth: 10, connectivity: 2")
    #expect(poor["graph_passed"] == 0)
  }
}

@Suite struct `Index files experiment` {
  @Test(arguments: ["f32", "f16", "int8"])
  func `every flipped byte of an index is found, and few of an array`(storage: String) throws {
    let common = "storage: \(storage), vectors: 80, dimensions: 8, flips: 40, queries: 3"
    let index = try values(of: IndexFiles.self, "index", common)
    #expect(index["found"] == 1 && index["wrong_answers"] == 0)
    let array = try values(of: IndexFiles.self, "array", common)
    #expect(try #require(array["found"]) < 0.5 && array["wrong_answers"] ?? 0 > 0)
  }
}

@Suite struct `Manifests on search` {
  @Test(arguments: ["filtered-search", "deletes", "literal-search-test", "index-files"])
  func `have plans at every size`(name: String) throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let path = root.appending(path: "Experiments/search/\(name).yaml").path
    let loader = ManifestLoader(experiments: AllExperiments.types.map { $0.description })
    for size in RunSize.allCases {
      let plan = try loader.plan(path: path, size: size)
      #expect(!plan.cells.isEmpty && !plan.manifest.criteria.isEmpty)
    }
  }
}
