// One byte of a file of vectors is another: is that found, and is a wrong answer given?

import LabCore
public import LabManifest
public import LabRunner

/// Flips single bytes of an index's file, and of an array file with the same vectors beside it.
///
/// An array file (.npy) has no checksums; what it lets through shows that the bars can be missed.
public enum IndexFiles: Experiment {
  public static let description = ExperimentDescription(
    name: "index-files",
    summary: "Files of vectors of which one byte is wrong.",
    version: 1,
    arms: [
      ArmDescription("index", "The file of a graph, verified, and searched through a mapping."),
      ArmDescription("array", "The vectors in an array file, read and searched by a scan."),
    ],
    parameters: [
      ParameterDescription(
        "storage", .text(choices: ["f32", "f16", "int8"]), default: .text("f32"),
        "In which form the index keeps its vectors."),
      ParameterDescription(
        "vectors", .integer(20...1_000_000), default: .integer(400), "How many vectors there are."),
      ParameterDescription(
        "dimensions", .integer(2...4_096), default: .integer(32), "How many components each has."),
      ParameterDescription(
        "flips", .integer(1...1_000_000), default: .integer(1_000),
        "How many bytes are flipped, one at a time, each at a place that a draw decides."),
      ParameterDescription(
        "queries", .integer(1...1_000), default: .integer(10),
        "How many queries are asked of each damaged file."),
    ],
    metrics: [
      MetricDescription(
        "found", .exact, unit: "1", .higher,
        "The share of flipped bytes that are found when the whole file is checked or read."),
      MetricDescription(
        "wrong_answers", .exact, unit: "1", .lower,
        "Flipped bytes after which a search answered otherwise than before, and no error came."),
      MetricDescription(
        "found_by_search", .exact, unit: "1", .higher,
        "The share of flipped bytes that the queries alone came upon."),
    ])

  /// The name of the distance kernels, on which the graph depends.
  public static var exactness: [String: String] { SearchKernels.distance }

  public static func run(_ trial: Trial, into recorder: inout Recorder) throws {
    let file = try DamagedFile(trial)
    defer { file.remove() }
    var stream = trial.seed.child("flips").stream()
    let flips = try trial.integer("flips")
    var (found, wrong, met) = (0, 0, 0)
    for _ in 0..<flips {
      let place = stream.below(file.byteCount)
      let damage = try file.flip(place, by: UInt8(1 + stream.below(255)))
      found += damage.isFound ? 1 : 0
      met += damage.answer == .refused ? 1 : 0
      wrong += damage.answer == .wrong ? 1 : 0
    }
    recorder.record("found", Double(found) / Double(flips))
    recorder.record("wrong_answers", wrong)
    recorder.record("found_by_search", Double(met) / Double(flips))
  }
}
