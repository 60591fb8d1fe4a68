// The generated parts of REPORT.md.

public import LabGate
public import LabManifest
import LabRecord

/// The report of the whole laboratory: the parts of `REPORT.md` that are generated.
///
/// - Determinism: A pure function of the entries, the claims and the state of the pictures.
public struct LaboratoryReport: Sendable {
  /// One experiment with its record.
  public struct Entry: Sendable {
    /// The report of its run.
    public var report: RunReport
    /// Whether the record answers the manifest as it is now.
    public var standing: Standing

    /// Puts an entry together.
    public init(report: RunReport, standing: Standing) {
      self.report = report
      self.standing = standing
    }
  }

  /// Whether a record answers its manifest as it is now.
  public enum Standing: Hashable, Sendable {
    /// It was made from this manifest.
    case fresh
    /// It is older, and stays because it cannot be made here, or was not made again yet.
    case kept(reason: String)
  }

  private let entries: [Entry]
  /// What the records say of each claim.
  public let claims: [ClaimOutcome]

  /// The names of the generated parts, in the order of a new document.
  public static let parts = ["claims", "summary", "experiments", "figures"]

  /// Judges claims from the records.
  ///
  /// - Parameters:
  ///   - entries: The experiments that have a record, in the order in which they are listed.
  ///   - claims: The claims of the document, in its order.
  public init(entries: [Entry], claims: [Claim]) {
    self.entries = entries
    self.claims = ClaimJudge(outcomes: entries.flatMap(\.report.outcomes)).outcomes(of: claims)
  }

  /// The content of each generated part.
  ///
  /// - Parameters:
  ///   - results: The path of the folder of records, relative to the report: `Results`.
  ///   - picture: The state of the picture of a figure, by the ids of manifest and figure.
  public func contents(
    results: String, picture: (_ manifest: String, _ figure: String) -> PictureState
  ) -> [(name: String, text: String)] {
    [
      ("claims", claimTable(results: results)),
      ("summary", summary),
      ("experiments", experimentTable(results: results)),
      ("figures", figures(results: results, picture: picture)),
    ]
  }

  /// The claims that records have decided, in brief, for the page that readers see first.
  public var decided: String {
    let found = claims.filter { $0.deciding != nil && $0.verdict != .notYetTested }
    guard !found.isEmpty else { return "No record has decided a claim yet." }
    var table = MarkdownTable(columns: [
      "claim", "the document says", "verdict", "decided by", "ours reaches",
    ])
    for outcome in found {
      table.append([
        MarkdownText.plain(outcome.claim.id), "“\(MarkdownText.plain(outcome.claim.quote))”",
        Self.verdict(outcome), outcome.deciding.map(Self.figure) ?? "–",
        outcome.ours.map { "**\($0.verdict.rawValue)**" } ?? "–",
      ])
    }
    return table.markdown
  }

  private func claimTable(results: String) -> String {
    guard !claims.isEmpty else { return "There are no claims yet." }
    var table = MarkdownTable(columns: [
      "claim", "the document says", "verdict", "decided by", "negative control", "ours reaches",
      "run",
    ])
    for outcome in claims {
      table.append([
        MarkdownText.plain(outcome.claim.id),
        "“\(MarkdownText.plain(outcome.claim.quote))” "
          + "(\(MarkdownText.plain(outcome.claim.section)))",
        Self.verdict(outcome),
        Self.decision(outcome),
        outcome.deciding.map(Self.control) ?? "–",
        outcome.ours.map { ours in
          "**\(ours.verdict.rawValue)**, \(MarkdownText.plain(ours.outcome.figureText))"
        } ?? "–",
        links(of: outcome, results: results),
      ])
    }
    return table.markdown
  }

  private static func verdict(_ outcome: ClaimOutcome) -> String {
    let name = "**\(outcome.verdict.name)**"
    guard let detail = outcome.verdict.detail else { return name }
    return "\(name): \(MarkdownText.plain(detail))"
  }

  private static func decision(_ outcome: ClaimOutcome) -> String {
    guard let deciding = outcome.deciding else {
      return outcome.verdict == .notYetTested
        ? "*to be decided by* \(MarkdownText.plain(outcome.claim.criterion))" : "–"
    }
    var text = figure(deciding)
    if let condition = outcome.condition { text += "; under the condition \(figure(condition))" }
    if outcome.verdict == .inconclusive {
      let reason = deciding.verdict == .pass ? outcome.reason : deciding.reason
      text += " (\(MarkdownText.plain(reason)))"
    }
    return text
  }

  private static func figure(_ outcome: CriterionOutcome) -> String {
    "\(MarkdownText.code(outcome.criterion.metric)) \(MarkdownText.plain(outcome.figureText)), "
      + "bar \(MarkdownText.plain(outcome.bar))"
  }

  private static func control(_ outcome: CriterionOutcome) -> String {
    "\(outcome.control.verdict.rawValue), \(MarkdownText.plain(outcome.controlFigureText)), "
      + (outcome.flipped ? "flipped" : "**not flipped**")
  }

  private func links(of outcome: ClaimOutcome, results: String) -> String {
    let names = [
      outcome.deciding?.experiment, outcome.condition?.experiment,
      outcome.ours?.outcome.experiment,
    ]
    var ids: [String] = []
    for case let id? in names where !ids.contains(id) { ids.append(id) }
    let recorded = Set(entries.map(\.report.record.run.experiment.id))
    if ids.isEmpty, let named = outcome.claim.experiment {
      guard recorded.contains(named) else { return MarkdownText.plain("\(named), no record yet") }
      ids.append(named)
    }
    guard !ids.isEmpty else { return "–" }
    return ids.map { MarkdownText.link($0, "\(results)/\($0)/report.md") }.joined(separator: ", ")
  }

  private var summary: String {
    var table = MarkdownTable(columns: ["verdict", "claims", "what it means"], numeric: [1])
    for name in ClaimVerdict.names {
      let count = claims.count { $0.verdict.name == name }
      table.append([
        "**\(name)**", "\(count)",
        MarkdownText.plain(ClaimVerdict.explanation(ofName: name) ?? ""),
      ])
    }
    table.append(["all", "\(claims.count)", ""])
    return table.markdown
  }

  private func experimentTable(results: String) -> String {
    guard !entries.isEmpty else { return "There are no records yet." }
    var table = MarkdownTable(
      columns: ["experiment", "criteria", "size", "run", "record", "files"])
    for entry in entries {
      let report = entry.report
      let run = report.record.run
      let folder = "\(results)/\(run.experiment.id)"
      let counts = CriterionVerdict.allCases.compactMap { verdict -> String? in
        let count = report.outcomes.count { $0.verdict == verdict }
        return count > 0 ? "\(count) \(verdict.rawValue)" : nil
      }
      let standing =
        switch entry.standing {
        case .fresh: "fresh"
        case .kept(let reason): "**kept**: \(MarkdownText.plain(reason))"
        }
      table.append([
        MarkdownText.link(run.experiment.title, "\(folder)/report.md"),
        counts.isEmpty ? "–" : counts.joined(separator: ", "),
        run.size.rawValue, MarkdownText.code(run.run), standing,
        "\(MarkdownText.link("rows", "\(folder)/measurements.csv")), "
          + MarkdownText.link("run", "\(folder)/run.json"),
      ])
    }
    return table.markdown
  }

  /// The first figure of each experiment that has a picture.
  private func figures(results: String, picture: (String, String) -> PictureState) -> String {
    let shown = entries.compactMap { entry -> String? in
      let run = entry.report.record.run
      guard let figure = entry.report.figures.first(where: { !$0.isEmpty }) else { return nil }
      let folder = "\(results)/\(run.experiment.id)"
      let state = picture(run.experiment.id, figure.request.id)
      guard state != .absent else { return nil }
      let image = MarkdownText.path("\(folder)/figures/\(figure.request.id).svg")
      let source = MarkdownText.link(run.experiment.title, "\(folder)/report.md")
      let age = state == .stale ? " **This picture is older than the record.**" : ""
      return "![\(MarkdownText.plain(figure.request.title))](\(image))\n\n"
        + "From \(source), run \(MarkdownText.code(run.run, inTable: false)).\(age)"
    }
    return shown.isEmpty ? "There are no pictures yet." : shown.joined(separator: "\n\n")
  }

  /// The document that is made where there is none.
  public static var template: String {
    """
    # What the laboratory found

    Each row quotes the design document and says what the records say of it. A verdict is for the
    document as it is written; what the corrected system reaches stands beside it. Every criterion
    has a negative control, a planted break that must turn its verdict over.

    ## The claims

    \(MarkedDocument.markers("claims"))

    ## The verdicts

    \(MarkedDocument.markers("summary"))

    ## The experiments

    \(MarkedDocument.markers("experiments"))

    ## Figures

    \(MarkedDocument.markers("figures"))

    """
  }
}
