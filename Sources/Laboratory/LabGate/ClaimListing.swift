import LabManifest
import LabRecord

/// Prints claims, each with what decided it.
public struct ClaimListing: Sendable {
  private let outcomes: [ClaimOutcome]

  /// Takes what is to be printed, in that order.
  public init(_ outcomes: [ClaimOutcome]) { self.outcomes = outcomes }

  /// The claims in a form.
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
      "claim", "verdict", "decided by", "figure [95 %]", "bar", "control", "ours", "why",
    ])
    for outcome in outcomes {
      let deciding = outcome.deciding
      let control = deciding.map { "\($0.control.verdict.rawValue) \($0.controlFigureText)" }
      table.append([
        .init(outcome.claim.id),
        .init(outcome.verdict.name, colour: outcome.verdict.colour),
        .init(deciding?.name ?? "–"),
        .init(deciding?.figureText ?? "–"),
        .init(deciding?.bar ?? "–"),
        .init(control ?? "–"),
        outcome.ours.map { .init("\($0.verdict.rawValue) \($0.outcome.figureText)") } ?? "–",
        .init(outcome.verdict.detail ?? outcome.reason),
      ])
    }
    return table
  }

  /// The columns of the CSV form.
  public static let columns = [
    "claim", "section", "quote", "verdict", "detail", "reason", "experiment", "decided_by",
    "figure", "low", "high", "unit", "bar", "control_verdict", "control_figure", "flipped",
    "condition_by", "condition_figure", "ours_verdict", "ours_by", "ours_figure", "ours_low",
    "ours_high",
  ]

  private var csv: String {
    var writer = CSVWriter(columns: Self.columns)
    for outcome in outcomes {
      let (claim, deciding) = (outcome.claim, outcome.deciding)
      let ours = outcome.ours
      writer.append([
        claim.id, claim.section, claim.quote, outcome.verdict.name, outcome.verdict.detail ?? "",
        outcome.reason, claim.experiment ?? "", deciding?.name ?? "",
        Self.plain(deciding?.subject.figure), Self.plain(deciding?.subject.interval?.lowerBound),
        Self.plain(deciding?.subject.interval?.upperBound), deciding?.unit ?? "",
        deciding?.bar ?? "", deciding?.control.verdict.rawValue ?? "",
        Self.plain(deciding?.control.figure),
        deciding.map { $0.flipped ? "true" : "false" } ?? "",
        outcome.condition?.name ?? "", Self.plain(outcome.condition?.subject.figure),
        ours?.verdict.rawValue ?? "", ours?.outcome.name ?? "",
        Self.plain(ours?.outcome.subject.figure),
        Self.plain(ours?.outcome.subject.interval?.lowerBound),
        Self.plain(ours?.outcome.subject.interval?.upperBound),
      ])
    }
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  private static func plain(_ number: Double?) -> String { number.map { "\($0)" } ?? "" }
}

extension ClaimOutcome {
  /// The outcome as JSON, with keys in a fixed order.
  var json: JSONValue {
    .object([
      .init("claim", .string(claim.id)),
      .init("section", .string(claim.section)),
      .init("quote", .string(claim.quote)),
      .init("criterion", .string(claim.criterion)),
      .init("verdict", .string(verdict.name)),
      .init("detail", .optional(verdict.detail)),
      .init("reason", .string(reason)),
      .init("experiment", .optional(claim.experiment)),
      .init("decided_by", deciding?.json ?? .null),
      .init("condition", condition?.json ?? .null),
      .init(
        "ours",
        ours.map {
          .object([
            .init("verdict", .string($0.verdict.rawValue)), .init("decided_by", $0.outcome.json),
          ])
        } ?? .null),
    ])
  }
}
