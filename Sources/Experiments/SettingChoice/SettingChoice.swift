// Are the document's settings of a graph a good choice?

import LabCore
public import LabManifest
public import LabRunner

/// Looks for settings that beat the document's.
///
/// One trial builds a graph with the settings that the manifest states, and one for each smaller or
/// equal connectivity and build breadth of a grid; larger ones cost more memory or build time. A
/// setting counts where it builds in no more processor time and memory, and reaches at least the
/// same recall at some breadth; its time is that at the least such breadth.
public enum SettingChoice: VectorExperiment {
  public static let description = ExperimentDescription(
    name: "setting-choice",
    summary: "Whether other settings of a graph find as much in less time, without costing more to "
      + "build and to keep.",
    version: 1,
    arms: SearchWay.allCases.filter { $0.storage != nil }.map(\.description),
    parameters: SearchSettings.parameters + [
      ParameterDescription(
        "margin", .ratio, default: .ratio(.percent(10)),
        "By which share of the time a setting must be faster to count as better."),
      ParameterDescription(
        "stated-work", .integer(1...1_000), default: .integer(1),
        "A planted slow-down of the stated settings: how often each query is searched."),
    ],
    metrics: [
      MetricDescription(
        "better_settings", .timed, unit: "1", .neutral,
        "How many other settings are faster by more than the margin."),
      MetricDescription(
        "compared_settings", .timed, unit: "1", .neutral,
        "How many other settings cost no more and reach the recall."),
      MetricDescription(
        "least_time_ratio", .timed, unit: "1", .lower,
        "The time of the fastest other setting over that of the stated ones; 1 where none can be "
          + "compared."),
      MetricDescription(
        "fastest_connectivity", .timed, unit: "1", .neutral,
        "The connectivity of the fastest of all settings."),
      MetricDescription(
        "fastest_build_breadth", .timed, unit: "1", .neutral, "Its build breadth."),
      MetricDescription(
        "fastest_search_breadth", .timed, unit: "1", .neutral, "Its search breadth."),
    ])

  /// The values of connectivity that are tried (the paper's M).
  static let connectivities = [4, 8, 12, 16]
  /// The build breadths that are tried (efConstruction).
  static let buildBreadths = [40, 100, 200]

  /// Speed is measured, so trials run alone.
  public static func runsInRealTime(_ settings: Settings) -> Bool { true }

  public static func run(_ trial: Trial, into recorder: inout Recorder) throws {
    let stated = try SearchSettings(trial)
    guard stated.searchBreadth > 0 else { throw SearchProblem.noBreadth }
    let margin = try trial.share("margin")
    let bench = try SettingBench(
      trial.subject(), stated, statedWork: trial.integer("stated-work"))
    var found: [SettingBench.Outcome] = []
    for connectivity in connectivities where connectivity <= stated.connectivity {
      for buildBreadth in buildBreadths where buildBreadth <= stated.buildBreadth {
        var other = stated
        (other.connectivity, other.buildBreadth) = (connectivity, buildBreadth)
        guard other != stated, let outcome = try bench.outcome(other) else { continue }
        found.append(outcome)
      }
    }
    let all = found + [SettingBench.Outcome(settings: stated, ratio: 1)]
    let fastest = all.min { $0.ratio < $1.ratio }?.settings ?? stated
    recorder.record("better_settings", found.count { $0.ratio < 1 - margin })
    recorder.record("compared_settings", found.count)
    recorder.record("least_time_ratio", found.map(\.ratio).min() ?? 1)
    recorder.record("fastest_connectivity", fastest.connectivity)
    recorder.record("fastest_build_breadth", fastest.buildBreadth)
    recorder.record("fastest_search_breadth", fastest.searchBreadth)
  }
}
