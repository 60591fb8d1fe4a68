import LabManifest
import LabRecord

/// Prints outcomes of criteria, each with its negative control.
public struct CriterionListing: Sendable {
  private let outcomes: [CriterionOutcome]

  /// Takes what is to be printed, in that order.
  public init(_ outcomes: [CriterionOutcome]) { self.outcomes = outcomes }

  /// The outcomes in a form.
  ///
  /// - Parameter colours: Whether verdicts are coloured; only in ``ListingFormat/text``.
  /// - Determinism: Depends on the outcomes alone.
  public func print(as format: ListingFormat, colours: Bool = false) -> String {
    switch format {
    case .text: table.text(colours: colours)
    case .json: JSONValue.array(outcomes.map(\.json)).text
    case .csv: csv
    }
  }

  private var table: TextTable {
    var table = TextTable(columns: [
      "criterion", "verdict", "figure [95 %]", "n", "bar", "worst cell", "control", "flipped",
      "why",
    ])
    for outcome in outcomes {
      let control = outcome.control
      table.append([
        .init(outcome.name),
        .init(outcome.verdict.rawValue, colour: outcome.verdict.colour),
        .init(outcome.figureText),
        .init("\(outcome.subject.count)"),
        .init(outcome.bar),
        .init(outcome.subject.worst?.description ?? (outcome.subject.cells > 0 ? "pooled" : "–")),
        .init("\(control.verdict.rawValue) \(outcome.controlFigureText)"),
        .init(outcome.flipped ? "yes" : "no", colour: outcome.flipped ? nil : .yellow),
        .init(outcome.reason),
      ])
    }
    return table
  }

  /// The columns of the CSV form.
  public static let columns = [
    "experiment", "criterion", "text", "verdict", "reason", "metric", "statistic", "scope", "bar",
    "unit", "arm", "figure", "low", "high", "n", "reference", "cells", "missing", "worst_cell",
    "worst_coordinates", "control", "control_arm", "control_verdict", "control_figure",
    "control_low", "control_high", "control_n", "control_reference", "control_reason", "flipped",
  ]

  private var csv: String {
    var writer = CSVWriter(columns: Self.columns)
    for outcome in outcomes {
      let (criterion, subject, control) = (outcome.criterion, outcome.subject, outcome.control)
      writer.append([
        outcome.experiment, criterion.id, criterion.text, outcome.verdict.rawValue,
        outcome.reason, criterion.metric, criterion.statistic.text, criterion.scope.rawValue,
        outcome.bar, outcome.unit, subject.arm, Self.plain(subject.figure),
        Self.plain(subject.interval?.lowerBound), Self.plain(subject.interval?.upperBound),
        "\(subject.count)", Self.plain(subject.reference), "\(subject.cells)",
        "\(subject.missing)", subject.worst?.id ?? "",
        subject.worst.map { $0.coordinates.isEmpty ? "" : $0.description } ?? "",
        outcome.change.text, control.arm, control.verdict.rawValue, Self.plain(control.figure),
        Self.plain(control.interval?.lowerBound), Self.plain(control.interval?.upperBound),
        "\(control.count)", Self.plain(control.reference), control.reason,
        outcome.flipped ? "true" : "false",
      ])
    }
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  private static func plain(_ number: Double?) -> String { number.map { "\($0)" } ?? "" }
}

extension CriterionOutcome {
  /// The figure with its interval, in its unit; with the reference where the bar is another metric.
  public var figureText: String { Self.text(subject, unit: unit) }
  /// The control's figure with its interval, in its unit.
  public var controlFigureText: String { Self.text(control, unit: unit) }

  private static func text(_ finding: Finding, unit: String) -> String {
    let text = FigureText.figure(finding.figure, interval: finding.interval, unit: unit)
    guard let reference = finding.reference else { return text }
    return "\(text) against \(FigureText.quantity(reference, unit: unit))"
  }

  /// The outcome as JSON, with keys in a fixed order.
  var json: JSONValue {
    .object([
      .init("experiment", .string(experiment)),
      .init("criterion", .string(criterion.id)),
      .init("text", .string(criterion.text)),
      .init("verdict", .string(verdict.rawValue)),
      .init("reason", .string(reason)),
      .init("metric", .string(criterion.metric)),
      .init("statistic", .string(criterion.statistic.text)),
      .init("scope", .string(criterion.scope.rawValue)),
      .init("bar", .string(bar)),
      .init("unit", .string(unit)),
      .init("subject", subject.json),
      .init("control_text", .string(change.text)),
      .init("control", control.json),
      .init("flipped", .bool(flipped)),
    ])
  }
}

extension Finding {
  /// The finding as JSON, with keys in a fixed order.
  var json: JSONValue {
    .object([
      .init("arm", .string(arm)),
      .init("verdict", .string(verdict.rawValue)),
      .init("reason", .string(reason)),
      .init("figure", .optional(figure)),
      .init("low", .optional(interval?.lowerBound)),
      .init("high", .optional(interval?.upperBound)),
      .init("n", .integer(count)),
      .init("reference", .optional(reference)),
      .init("cells", .integer(cells)),
      .init("missing", .integer(missing)),
      .init(
        "worst_cell",
        worst.map { worst in
          .object([
            .init("id", .string(worst.id)),
            .init(
              "coordinates",
              .object(worst.coordinates.map { .init($0.key, .string($0.value)) })),
          ])
        } ?? .null),
    ])
  }
}
