// What every file, column and metric of a record means.

public import LabManifest

/// The data dictionary as Markdown: a pure function of what the experiments say of themselves.
public enum DataDictionary {
  /// Describes the files of a record, their columns, and the metrics of experiments.
  public static func markdown(experiments: [ExperimentDescription]) -> String {
    var text = """
      # Data dictionary

      A record is the folder `Results/<id>` of one manifest. Tables are UTF-8 with LF line ends \
      and quoted as in RFC 4180; one value stands in a row; a missing value is an empty field with \
      a status. `measurements.csv` is the same, byte for byte, for the same seed, manifest and \
      exactness keys.


      """
    for (title, rows) in files { text += "## \(title)\n\n" + table(["column", "meaning"], rows) }
    text += "## Words\n\n" + table(["word", "meaning"], words)
    for experiment in experiments { text += section(experiment) }
    while text.hasSuffix("\n\n") { text.removeLast() }
    return text
  }

  private static func section(_ experiment: ExperimentDescription) -> String {
    "## Metrics of `\(experiment.name)`, version \(experiment.version)\n\n\(experiment.summary)\n\n"
      + table(
        ["metric", "class", "unit", "better", "meaning"],
        experiment.metrics.map { metric in
          [
            "`\(metric.name)`", metric.metricClass.rawValue, "`\(metric.unit)`",
            metric.direction.rawValue, metric.summary,
          ]
        })
  }

  private static func table(_ header: [String], _ rows: [[String]]) -> String {
    func line(_ fields: [String]) -> String {
      "| " + fields.map(escaped).joined(separator: " | ") + " |\n"
    }
    return line(header) + line(header.map { _ in "---" }) + rows.map(line).joined() + "\n"
  }

  private static func escaped(_ field: String) -> String {
    field.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
  }

  private static let files: [(title: String, rows: [[String]])] = [
    ("`measurements.csv` and `observations.csv`", measurementColumns),
    ("`timings.csv`", timingColumns), ("`cells.csv`", cellColumns), ("`run.json`", runKeys),
  ]

  private static let measurementColumns = [
    ["`experiment`", "the manifest's id"],
    ["`cell_id`", "the cell, a row of `cells.csv`"],
    ["`arm`", "what is compared"],
    ["`repetition`", "the repetition, counted from 0"],
    ["`block`", "the block of paired trials that a timed value belongs to; else empty"],
    ["`order`", "the place of the trial in its block, counted from 0; else empty"],
    ["`seed`", "the trial's seed, 64 bits in hexadecimal; arms of one repetition share it"],
    ["`metric`", "what was measured"],
    ["`class`", "how the metric is compared between runs"],
    ["`unit`", "the unit of the value; `1` for none"],
    ["`direction`", "which way is better"],
    ["`step`", "the place in a series; empty for a metric that is measured once"],
    [
      "`value`",
      "whole numbers without a point, others with the fewest digits that read back as the same, "
        + "fingerprints as sixteen hexadecimal digits, histograms in their text form",
    ],
    ["`status`", "how the trial ended"],
  ]

  private static let timingColumns = [
    ["`cell_id`", "the cell"],
    ["`arm`", "what is compared"],
    ["`repetition`", "the repetition, counted from 0"],
    ["`cpu_seconds`", "processor time of all threads; empty when the worker died"],
    ["`wall_seconds`", "time on the wall clock"],
    ["`peak_bytes`", "the most memory that the worker held during the trial"],
    ["`status`", "how the trial ended"],
    ["`error`", "what went wrong, the end of the worker's log, and the command that replays it"],
  ]

  private static let cellColumns = [
    ["`cell_id`", "the cell: a hash of the experiment, its version, the settings and the data"],
    ["`control`", "the criterion whose negative control the cell runs; else empty"],
    ["`controls`", "the cell of the sweep that a control cell breaks; else empty"],
    ["one for each swept key", "the key's value in the cell, as a manifest writes it"],
  ]

  private static let runKeys = [
    ["`format`", "the version of the record's form"],
    ["`run`", "the run's name"],
    ["`experiment`", "id, title, name, version, repetitions, arms and metrics"],
    ["`manifest`", "its path, and SHA-256 over its resolved canonical text"],
    ["`data`", "the files that the experiment read, with SHA-256"],
    ["`size`, `seed`", "what the run was asked for"],
    ["`code`", "commit, digest of what differs from it, toolchain, packages"],
    ["`host`", "processor, cores, memory, kernel, load before and after"],
    ["`exactness`", "what must agree before exact values of two runs are compared"],
    ["`start`, `end`", "in UTC"],
    ["`trials`", "how many trials ended with each status"],
    ["`subjects`", "programs from outside: arm, own name and version, digest of the command"],
    ["`files`", "SHA-256 of each table"],
    ["`program`", "the version of the program that wrote the record"],
    [
      "`taken_over`",
      "where trials that did not run again come from: the run, how many trials, its code",
    ],
    ["`shard`", "the part of the plan that ran; only in a record that is to be merged"],
    ["`merged`", "the parts from which the record was merged, with their runs and machines"],
    [
      "`stopping`",
      "the precision at which cells stopped repeating, and for each cell how many repetitions it "
        + "has and whether the precision was reached",
    ],
  ]

  private static let words = [
    ["`exact`", "compared by equality, between runs whose exactness keys agree"],
    ["`counted`", "compared within 0.2 %"],
    ["`sampled`", "compared by an interval over seeds"],
    ["`timed`", "compared only as a paired ratio within one run"],
    ["`ceiling`", "recorded with the host and never compared"],
    ["`ok`", "the trial measured the metric"],
    ["`missing`", "the trial ended well and left the metric out"],
    ["`failed`", "the trial reported an error, trapped or ended its worker"],
    ["`timeout`", "the trial ran longer than its limit"],
    ["`memory`", "the trial used more memory than its limit"],
  ]
}
