// Outcomes of gates for people and programs.

import LabManifest
import LabRecord

/// Prints outcomes of gates.
public struct GateListing: Sendable {
  private let outcomes: [GateOutcome]
  /// How many metrics, by cell and arm, are left to paired comparison and to criteria.
  private let left: Int

  /// Takes what is to be printed, in that order.
  public init(_ outcomes: [GateOutcome], left: Int) {
    self.outcomes = outcomes
    self.left = left
  }

  /// The outcomes in a form: as text only those that are not a pass, as JSON and CSV all.
  ///
  /// - Determinism: Depends on the outcomes alone.
  public func print(as format: ListingFormat, colours: Bool = false) -> String {
    switch format {
    case .text: text(colours: colours)
    case .json: json.text
    case .csv: csv
    }
  }

  /// How many gates have each verdict, in words: `60 pass, 2 regressed; 14 left to compare`.
  public var counts: String {
    let parts = GateVerdict.allCases.compactMap { verdict in
      let count = outcomes.count { $0.verdict == verdict }
      return count == 0 ? nil : "\(count) \(verdict.rawValue)"
    }
    return (parts.isEmpty ? "no gates" : parts.joined(separator: ", "))
      + "; \(left) timed, ceiling and real-time values are left to 'fleetlab compare' and criteria"
  }

  private func text(colours: Bool) -> String {
    // A record without a baseline is one matter, not one for each of its metrics.
    let shown = outcomes.filter {
      $0.verdict != .pass && $0.reason != GateJudge.withoutBaselineReason
    }
    guard !shown.isEmpty else { return counts + "\n" }
    var table = TextTable(columns: [
      "experiment", "cell", "arm", "metric", "verdict", "baseline", "run", "why",
    ])
    for outcome in shown {
      func figure(_ value: Double?) -> TextTable.Field {
        .init(value.map { FigureText.quantity($0, unit: outcome.unit) } ?? "–")
      }
      table.append([
        .init(outcome.experiment), .init(outcome.place), .init(outcome.key.arm),
        .init(outcome.key.metricText),
        .init(outcome.verdict.rawValue, colour: outcome.verdict.colour),
        figure(outcome.baseline), figure(outcome.current), .init(outcome.fullReason),
      ])
    }
    return table.text(colours: colours) + counts + "\n"
  }

  private var json: JSONValue {
    .object([
      .init(
        "counts",
        .object(
          GateVerdict.allCases.map { verdict in
            .init(verdict.rawValue, .integer(outcomes.count { $0.verdict == verdict }))
          })),
      .init("left", .integer(left)),
      .init("gates", .array(outcomes.map(\.json))),
    ])
  }

  /// The columns of the CSV form.
  public static let columns = [
    "experiment", "cell_id", "cell", "arm", "metric", "statistic", "class", "unit", "verdict",
    "reason", "baseline", "run", "n", "first_difference",
  ]

  private var csv: String {
    var writer = CSVWriter(columns: Self.columns)
    for outcome in outcomes {
      writer.append([
        outcome.experiment, outcome.key.cell, outcome.place, outcome.key.arm, outcome.key.metric,
        outcome.key.statistic?.rawValue ?? "", outcome.metricClass.rawValue, outcome.unit,
        outcome.verdict.rawValue, outcome.reason, outcome.baseline.map { "\($0)" } ?? "",
        outcome.current.map { "\($0)" } ?? "", "\(outcome.count)", outcome.firstDifference ?? "",
      ])
    }
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}

extension GateOutcome {
  /// The outcome as JSON, with keys in a fixed order.
  var json: JSONValue {
    .object([
      .init("experiment", .string(experiment)),
      .init("cell_id", .string(key.cell)),
      .init("cell", .string(place)),
      .init("arm", .string(key.arm)),
      .init("metric", .string(key.metric)),
      .init("statistic", .optional(key.statistic?.rawValue)),
      .init("class", .string(metricClass.rawValue)),
      .init("unit", .string(unit)),
      .init("verdict", .string(verdict.rawValue)),
      .init("reason", .string(reason)),
      .init("baseline", .optional(baseline)),
      .init("run", .optional(current)),
      .init("n", .integer(count)),
      .init("first_difference", .optional(firstDifference)),
    ])
  }
}
