// The entries of a baseline as rows of a table.

import LabManifest

/// Turns baselines into rows.
public enum BaselineListing {
  /// The names of the columns.
  public static let columns = [
    "experiment", "size", "class of machine", "cell", "arm", "metric", "class", "n", "mean",
    "spread", "changed", "run", "reason",
  ]

  /// One row an entry, in the order of the baseline.
  public static func rows(of baseline: Baseline) -> [[String]] {
    baseline.entries.map { entry in
      let unit = entry.unit == "histogram" ? "s" : entry.unit
      func figure(_ value: Double?) -> String {
        value.map { FigureText.quantity($0, unit: unit) } ?? "–"
      }
      let place = baseline.cells[entry.cell] ?? ""
      return [
        baseline.experiment, baseline.size.rawValue, Baseline.machineClass(baseline.exactness),
        place.isEmpty ? entry.cell : place, entry.arm, entry.metricText, entry.class.rawValue,
        "\(entry.count)",
        entry.digest.map { "\(figure(entry.mean)) \($0.prefix(8))" } ?? figure(entry.mean),
        figure(entry.spread), entry.changed, entry.run, entry.reason ?? "",
      ]
    }
  }
}

extension BaselineUpdate {
  /// How many gates change in which way, in words: `3 added, 1 loosened`.
  public var counts: String {
    Change.allCases.compactMap { change in
      let count = steps.count { $0.change == change }
      return count == 0 ? nil : "\(count) \(change.rawValue)"
    }.joined(separator: ", ")
  }
}

extension BaselineFolder {
  /// The ids of the experiments that have baselines, sorted.
  ///
  /// - Throws: ``BaselineError/unreadable(_:)``.
  public static func experiments(in baselines: String) throws(BaselineError) -> [String] {
    var found: [String] = []
    for name in try names(in: baselines) {
      let files = try Self.names(in: "\(baselines)/\(name)/baseline")
      if !files.isEmpty { found.append(name) }
    }
    return found
  }
}
