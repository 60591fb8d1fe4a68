// What a comparison found, for people and for programs.

public import LabRecord

/// Prints a comparison with its judgement.
public struct ComparisonListing: Sendable {
  private let base: String
  private let head: String
  private let blocks: [ComparisonBlock]
  private let judgement: ComparisonJudgement?

  /// Takes what was measured and judged.
  ///
  /// - Parameters:
  ///   - base: The program that is compared with, as a person would name it.
  ///   - head: The program that is judged.
  ///   - judgement: `nil` when there were too few blocks for the first look.
  public init(
    base: String, head: String, blocks: [ComparisonBlock], judgement: ComparisonJudgement?
  ) {
    self.base = base
    self.head = head
    self.blocks = blocks
    self.judgement = judgement
  }

  /// What the judge says, or inconclusive where there was nothing to look at.
  public var verdict: ComparisonVerdict { judgement?.verdict ?? .inconclusive }

  /// The comparison in a form.
  ///
  /// - Parameter colours: Whether the verdict is coloured; only in ``ListingFormat/text``.
  /// - Determinism: Depends on the blocks and the judgement alone.
  public func print(as format: ListingFormat, colours: Bool = false) -> String {
    switch format {
    case .text: text(colours: colours)
    case .json: json.text
    case .csv: csv
    }
  }

  private var reason: String {
    judgement?.reason
      ?? "\(blocks.count) blocks are too few for a first look; a larger budget was expected"
  }

  private var rows: [(name: String, estimate: ShiftEstimate, confidence: Double)] {
    guard let judgement else { return [] }
    return [
      ("head / base", judgement.head, judgement.confidence),
      ("base / base (control)", judgement.control, judgement.controlConfidence),
    ]
  }

  private func text(colours: Bool) -> String {
    var table = TextTable(columns: [
      "ratio of", "estimate", "interval", "confidence", "median", "n", "by",
    ])
    for row in rows {
      let (low, high) = (row.estimate.interval.lowerBound, row.estimate.interval.upperBound)
      table.append([
        .init(row.name), .init(FigureText.number(row.estimate.ratio)),
        .init("[\(FigureText.number(low)), \(FigureText.number(high))]"),
        .init("\(FigureText.number(row.confidence * 100)) %"),
        .init(FigureText.number(row.estimate.plainMedian)),
        .init("\(row.estimate.count)"), .init(row.estimate.method.rawValue),
      ])
    }
    var verdictLine = TextTable(columns: ["verdict", "why"])
    verdictLine.append([.init(verdict.rawValue, colour: verdict.colour), .init(reason)])
    let lines =
      verdictLine.text(colours: colours) + (rows.isEmpty ? "" : table.text(colours: false))
    return lines + "base: \(base)\nhead: \(head)\n" + machine
  }

  /// Under what conditions the blocks were measured.
  private var machine: String {
    guard let last = blocks.last, let most = blocks.map(\.load).max() else { return "" }
    let steal = blocks.reduce(0) { $0 + $1.stealSeconds }
    let slots = blocks.flatMap(\.slots)
    let cpu = slots.reduce(0) { $0 + $1.cpuSeconds * Double(last.runsPerSlot) }
    let wall = slots.reduce(0) { $0 + $1.wallSeconds * Double(last.runsPerSlot) }
    let switches = slots.reduce(0) { $0 + $1.contextSwitches }
    return "\(blocks.count) blocks, \(last.runsPerSlot) "
      + "\(last.runsPerSlot == 1 ? "run" : "runs") a slot, \(FigureText.quantity(cpu, unit: "s")) "
      + "of processor time in \(FigureText.quantity(wall, unit: "s")), load up to "
      + "\(FigureText.number(most)), \(FigureText.quantity(steal, unit: "s")) stolen, \(switches) "
      + "context switches\n"
  }

  private var json: JSONValue {
    .object([
      .init("base", .string(base)), .init("head", .string(head)),
      .init("verdict", .string(verdict.rawValue)), .init("reason", .string(reason)),
      .init("control_failed", .bool(judgement?.controlFailed ?? false)),
      .init("margin", .optional(judgement?.margin)),
      .init("blocks", .integer(blocks.count)),
      .init("blocks_judged", .integer(judgement?.blocks ?? 0)),
      .init("runs_per_slot", .integer(blocks.last?.runsPerSlot ?? 0)),
      .init("load_highest", .optional(blocks.map(\.load).max())),
      .init("steal_seconds", .number(blocks.reduce(0) { $0 + $1.stealSeconds })),
      .init(
        "ratios",
        .array(
          rows.map { row in
            .object([
              .init("of", .string(row.name)), .init("estimate", .number(row.estimate.ratio)),
              .init("low", .number(row.estimate.interval.lowerBound)),
              .init("high", .number(row.estimate.interval.upperBound)),
              .init("confidence", .number(row.confidence)),
              .init("median", .number(row.estimate.plainMedian)),
              .init("method", .string(row.estimate.method.rawValue)),
              .init("n", .integer(row.estimate.count)),
            ])
          })),
    ])
  }

  private var csv: String {
    var writer = CSVWriter(columns: [
      "of", "estimate", "low", "high", "confidence", "median", "method", "n", "verdict",
    ])
    for row in rows {
      writer.append([
        row.name, "\(row.estimate.ratio)", "\(row.estimate.interval.lowerBound)",
        "\(row.estimate.interval.upperBound)", "\(row.confidence)", "\(row.estimate.plainMedian)",
        row.estimate.method.rawValue, "\(row.estimate.count)", verdict.rawValue,
      ])
    }
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}

extension ComparisonVerdict {
  /// The colour of the verdict on a terminal.
  public var colour: TextTable.Colour {
    switch self {
    case .pass, .improved: .green
    case .regressed: .red
    case .inconclusive: .yellow
    }
  }
}
