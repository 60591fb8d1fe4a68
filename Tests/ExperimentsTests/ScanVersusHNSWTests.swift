// Searches of the same rows by scans and graphs.

import Foundation
import LabCore
import LabManifest
import LabRecord
import LabRunner
import Testing

@testable import Experiments

/// A folder of search data that is removed with the value.
final class SearchFolder {
  let path: String

  init(rows: Int = 400, queries: Int = 40, dimensions: Int = 24) throws {
    path =
      FileManager.default.temporaryDirectory
      .appending(path: "fleetlab-search-\(UUID().uuidString)").path
    let vectors = SyntheticVectors(isClustered: true, dimensions: dimensions, seed: Seed(7))
    try SearchData.write(
      base: vectors.base(rows), queries: vectors.queries(queries),
      SearchDataAbout.Origin(.clustered, seed: 7), dimensions: dimensions, to: path)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Runs a trial of an experiment on the folder and returns its entries by metric.
  func entries(
    _ experiment: any Experiment.Type, arm: String, _ parameters: String = "", seed: UInt64 = 255
  ) throws -> [String: MeasuredValue] {
    let plan = try ManifestLoader(experiments: [experiment.description]).plan(
      text: """
        fleetlab: 1
        title: Trial
        question: Is it right?
        experiment: \(experiment.description.name)
        arms: [\(arm)]
        parameters: {data: \(path)\(parameters.isEmpty ? "" : ", \(parameters)")}
        """, path: "trial.yaml")
    var trial = try #require(plan.trials.first)
    trial.seed = Seed(seed)
    var recorder = Recorder()
    try experiment.run(trial, into: &recorder)
    return Dictionary(recorder.entries.map { ($0.metric, $0.value) }) { first, _ in first }
  }

  /// The numbers of a trial by metric.
  func numbers(
    _ experiment: any Experiment.Type, arm: String, _ parameters: String = "", seed: UInt64 = 255
  ) throws -> [String: Double] {
    try entries(experiment, arm: arm, parameters, seed: seed).compactMapValues(\.number)
  }
}

@Suite(.serialized) struct `Scan versus HNSW` {
  @Test(arguments: ["naive", "scalar", "scan"])
  func `every scan finds the true neighbours with a distance for each row`(arm: String) throws {
    let values = try SearchFolder().numbers(ScanVersusHNSW.self, arm: arm)
    #expect(values["recall"] == 1)
    #expect(values["distance_evaluations"] == 400)
    #expect(values["search_breadth"] == 0)
    #expect(try #require(values["query_cpu"]) > 0)
  }

  @Test(arguments: ["hnsw-f32", "hnsw-f16", "hnsw-int8"])
  func `a graph searches with the least breadth that reaches the recall`(arm: String) throws {
    let folder = try SearchFolder(rows: 1_200)
    func values(_ parameters: String) throws -> [String: Double] {
      try folder.numbers(
        ScanVersusHNSW.self, arm: arm, "connectivity: 4, build-breadth: 20, \(parameters)")
    }
    let found = try values("recall-target: 97%")
    let breadth = Int(try #require(found["search_breadth"]))
    #expect(try #require(found["recall"]) >= 0.97)
    #expect(breadth > 10)
    #expect(try #require(try values("search-breadth: \(breadth - 1)")["recall"]) < 0.97)
    #expect(try values("search-breadth: \(breadth)")["recall"] == found["recall"])
  }

  @Test func `rows are the first of the folder`() throws {
    let folder = try SearchFolder()
    let values = try folder.numbers(ScanVersusHNSW.self, arm: "scan", "rows: 150")
    #expect(values["distance_evaluations"] == 150)
    #expect(throws: SearchProblem.self) {
      try folder.numbers(ScanVersusHNSW.self, arm: "scan", "rows: 401")
    }
  }

  @Test func `planted work slows down what counts`() throws {
    let folder = try SearchFolder()
    func least(_ parameters: String) throws -> Double {
      try (0..<3).map { _ in
        try #require(
          try folder.numbers(ScanVersusHNSW.self, arm: "scalar", parameters)["query_cpu"])
      }.min() ?? 0
    }
    #expect(try least("scan-work: 40") > 5 * (try least("scan-work: 1")))
  }

  @Test func `a folder that is not there names the script that makes it`() throws {
    let plan = try ManifestLoader(experiments: [ScanVersusHNSW.description]).plan(
      text: """
        fleetlab: 1
        title: Trial
        question: Is it right?
        experiment: scan-versus-hnsw
        arms: [scan]
        parameters: {data: /nowhere/clustered-1000x384}
        """, path: "trial.yaml")
    var recorder = Recorder()
    let error = try #require(throws: SearchDataError.self) {
      try ScanVersusHNSW.run(plan.trials[0], into: &recorder)
    }
    #expect("\(error)".contains("./Scripts/search-data clustered-1000x384"))
  }

  @Test func `the scalar scan keeps the nearest in order, ties by row`() {
    let scan = ScalarScan([[1, 0, 0, 0, 1], [0, 2, 0, 0, 0], [1, 0, 0, 0, 1], [3, 0, 0, 0, 0]])
    #expect(scan.nearest(3, to: [1, 0, 0, 0, 1]) == [3, 0, 2])
    #expect(scan.nearest(9, to: [0, 1, 0, 0, 0]) == [1, 0, 2, 3])
  }

  @Test func `the least breadth is found in any curve that grows, and none beyond the limit`()
    throws
  {
    for least in [10, 11, 17, 64, 1_000, LeastBreadth.limit] {
      let found = try LeastBreadth(from: 10).reaching(0.9) { $0 >= least ? 0.9 : 0.89 }
      #expect(found == least)
    }
    #expect(throws: SearchProblem.self) { try LeastBreadth(from: 10).reaching(0.9) { _ in 0.8 } }
  }
}

@Suite(.serialized) struct `Experiments on search` {
  @Test func `an index is built, saved and opened`() throws {
    let folder = try SearchFolder()
    let single = try folder.numbers(IndexBuilding.self, arm: "hnsw-f32")
    let half = try folder.numbers(IndexBuilding.self, arm: "hnsw-f16")
    let (long, short) = (try #require(single["file_bytes"]), try #require(half["file_bytes"]))
    #expect(short < long)
    #expect(long > 400 * 24 * 4)
    #expect(
      single.keys.sorted() == [
        "build_cpu", "build_wall", "file_bytes", "open_wall", "resident_bytes",
      ])
    let parallel = try folder.numbers(IndexBuilding.self, arm: "hnsw-f32-parallel")
    #expect(parallel["file_bytes"] == long)
  }

  @Test func `growth is fitted, and a planted law is told from the other`() throws {
    let folder = try SearchFolder(rows: 800)
    let settings = "steps: 5, fit-from: 100, connectivity: 4, build-breadth: 20"
    let values = try folder.numbers(SearchGrowth.self, arm: "naive", settings)
    let exponent = try #require(values["evaluations_exponent"])
    #expect((0..<1).contains(exponent))
    #expect(try #require(values["rows_at_150"]) >= values["break_even_rows"] ?? .infinity)
    #expect(
      try folder.numbers(SearchGrowth.self, arm: "naive", settings)["evaluations_exponent"]
        == exponent)
    let logarithm = try folder.numbers(
      SearchGrowth.self, arm: "naive", "\(settings), planted-law: logarithm")
    #expect(try #require(logarithm["power_over_logarithm"]) > 1)
    let power = try folder.numbers(
      SearchGrowth.self, arm: "naive", "\(settings), planted-law: power")
    #expect(try #require(power["power_over_logarithm"]) < 1)
    #expect(abs(try #require(power["evaluations_exponent"]) - 0.35) < 1e-9)
  }

  @Test func `a crossing is interpolated where it was measured and extrapolated elsewhere`() throws
  {
    let rows = [100.0, 1_000, 10_000, 100_000]
    let speedUps = rows.map { 0.02 * $0.squareRoot() }
    let crossing = SpeedUpCrossing(rows: rows, speedUps: speedUps, fitFrom: 100)
    #expect(abs(try crossing.rows(at: 1) / 2_500 - 1) < 1e-9)
    #expect(abs(try crossing.rows(at: 150) / 56_250_000 - 1) < 1e-9)
    let falling = SpeedUpCrossing(rows: rows, speedUps: speedUps.reversed(), fitFrom: 100)
    #expect(try falling.rows(at: 150) == SpeedUpCrossing.never)
    let lost = SpeedUpCrossing(rows: rows, speedUps: [0.5, 2, 0.5, 3], fitFrom: 100)
    #expect((10_000...100_000).contains(try lost.rows(at: 1)))
  }

  @Test func `a service is timed, and a planted delay lets queries wait`() throws {
    let folder = try SearchFolder()
    let settings = "queries: 5, span: 100ms, rate: 100, search-breadth: 20"
    let plain = try folder.entries(SearchService.self, arm: "hnsw-f32", settings)
    #expect(
      plain.keys.sorted() == [
        "cold_latency", "largest_backlog", "throughput_error", "warm_latency",
      ])
    let slow = try folder.numbers(
      SearchService.self, arm: "hnsw-f32", "\(settings), planted-delay: 30ms, clients: 2")
    let (waiting, before) = (slow["largest_backlog"], plain["largest_backlog"]?.number)
    #expect(try #require(waiting) >= 2)
    #expect(try #require(before) >= 1)
    // Each of two clients reports its own half of what both get.
    #expect((0.3...0.7).contains(try #require(slow["throughput_error"])))
  }

  @Test func `a setting counts as better only when it is faster by the margin`() throws {
    let folder = try SearchFolder(rows: 600)
    let settings = "search-breadth: 30, connectivity: 8, build-breadth: 100"
    let slowed = try folder.numbers(
      SettingChoice.self, arm: "hnsw-f32", "\(settings), stated-work: 40")
    let compared = try #require(slowed["compared_settings"])
    #expect(slowed["better_settings"] == compared)
    let others = try folder.numbers(
      SettingChoice.self, arm: "hnsw-f32", "\(settings), margin: 99%")
    #expect(others["better_settings"] == 0)
  }

  @Test func `the manifests plan at every size`() throws {
    let folder = Checkout.root.appending(path: "Experiments/search")
    let loader = ManifestLoader(experiments: AllExperiments.types.map { $0.description })
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".yaml") }
    #expect(names.count >= 10)
    for name in names {
      for size in RunSize.allCases {
        _ = try loader.plan(path: folder.appending(path: name).path, size: size)
      }
    }
  }
}

/// Where the checkout is.
private enum Checkout {
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
}
