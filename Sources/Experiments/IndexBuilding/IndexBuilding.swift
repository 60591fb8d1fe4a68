// What does an index cost to build, to keep and to open, beside its peers?

import Foundation
import LabCore
public import LabManifest
public import LabRunner
import VectorSearch

/// Builds an index in every trial, saves it, and opens it again.
///
/// A peer does the same with the parameters by their names, and answers with all metrics; where it
/// cannot map a file, it opens it by reading all of it.
public enum IndexBuilding: VectorExperiment {
  /// The arm that builds with several threads.
  private static let parallelArm = "hnsw-f32-parallel"

  public static let description = ExperimentDescription(
    name: "index-building",
    summary: "Building, saving and opening an index of vectors.",
    version: 1,
    arms: SearchWay.allCases.filter { $0.storage != nil }.map(\.description) + [
      ArmDescription(
        parallelArm, "The graph in single precision, built by 'parallel-threads' threads.")
    ],
    parameters: SearchSettings.parameters + [
      ParameterDescription(
        "parallel-threads", .integer(1...256), default: .integer(2),
        "How many threads the parallel arm builds with."),
      ParameterDescription(
        "planted-builds", .integer(0...100), default: .integer(0),
        "A planted slow-down of the laboratory's own arms: how often an index is built in vain."),
    ],
    metrics: [
      MetricDescription(
        "build_cpu", .timed, unit: "s", .lower, "Processor time of building, over all threads."),
      MetricDescription("build_wall", .timed, unit: "s", .lower, "The same by the wall clock."),
      MetricDescription(
        "file_bytes", .exact, unit: "B", .lower, "The length of the index's file."),
      MetricDescription(
        "resident_bytes", .ceiling, unit: "B", .lower,
        "By how much the resident memory grows when the file is read into memory."),
      MetricDescription(
        "open_wall", .timed, unit: "s", .lower,
        "The time of opening the file by mapping it, or by reading it where that is all there is."),
      RunnerMetric.peakBytes.description,
    ])

  /// Speed is measured, so trials run alone.
  public static func runsInRealTime(_ settings: Settings) -> Bool { true }

  public static func run(_ trial: Trial, into recorder: inout Recorder) throws {
    var settings = try SearchSettings(trial)
    let threads = try trial.integer("parallel-threads")
    let planted = try trial.integer("planted-builds")
    let way: SearchWay = trial.arm == parallelArm ? .float32 : try trial.subject()
    if trial.arm == parallelArm { settings.buildThreads = threads }
    let rows = try SearchBench.shared.rows(settings)
    let (watch, start) = (ProcessorWatch(), Stopwatch.monotonic())
    var searcher = try Searcher(way, rows, settings)
    for _ in 0..<planted { searcher = try Searcher(way, rows, settings) }
    recorder.record("build_cpu", watch.elapsed.seconds)
    recorder.record("build_wall", (Stopwatch.monotonic() - start).seconds)
    guard case .graph(let index) = searcher else { throw SearchProblem.noGraph(arm: trial.arm) }
    try recordFile(of: index, into: &recorder)
  }

  private static func recordFile(of index: HNSWIndex, into recorder: inout Recorder) throws {
    let files = FileManager.default
    let folder = try files.url(
      for: .itemReplacementDirectory, in: .userDomainMask,
      appropriateFor: files.temporaryDirectory, create: true)
    defer { try? files.removeItem(at: folder) }
    let path = folder.appending(path: "index").path
    try index.save(to: path)
    recorder.record("file_bytes", try Data(contentsOf: URL(filePath: path)).count)
    guard let before = ProcessMemory.resident() else { throw MemoryUnknown() }
    let loaded = try HNSWIndex(loading: path)
    guard let after = ProcessMemory.resident() else { throw MemoryUnknown() }
    // The index must live until the memory was read.
    withExtendedLifetime(loaded) { recorder.record("resident_bytes", max(0, after - before)) }
    let start = Stopwatch.monotonic()
    let mapped = try HNSWIndex(mapping: path)
    let wall = (Stopwatch.monotonic() - start).seconds
    withExtendedLifetime(mapped) { recorder.record("open_wall", wall) }
  }

  /// Why the memory of the process cannot be told.
  private struct MemoryUnknown: Error, CustomStringConvertible {
    var description: String {
      "/proc does not say how much memory this process holds; Linux with /proc was expected; "
        + "mount it"
    }
  }
}
