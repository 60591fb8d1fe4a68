// The whole laboratory as one page for a browser.

import Journal
import LabGate
public import LabManifest
import LabRecord

/// One page of HTML with all claims, experiments, tables and interactive figures, which needs
/// nothing but itself: style, scripts and data are inside.
///
/// Tables and figures are bounded; where they leave something out or pool it, the page says so.
/// - Determinism: A pure function of the entries, the claims and the drawing library.
public struct LaboratoryPage: Sendable {
  /// The page as text.
  public let html: String

  /// Builds the page.
  ///
  /// - Parameters:
  ///   - entries: The experiments that have a record, in the order in which they are listed.
  ///   - claims: The claims of the document, in its order.
  ///   - library: The JavaScript that defines `vegaEmbed`; ``FigureRenderer/library()`` gives it.
  /// - Throws: ``ReportError/noMeasurement(manifest:reason:)``.
  public init(
    _ entries: [LaboratoryReport.Entry], claims: [Claim], library: String
  ) throws(ReportError) {
    var sections: [ExperimentSection] = []
    for entry in entries { sections.append(try ExperimentSection(entry)) }
    let outcomes = LaboratoryReport(entries: entries, claims: claims).claims
    let main = [
      Self.head(outcomes, entries), Self.claims(outcomes, entries),
      sections.map(\.html).joined(separator: "\n"),
    ]
    html = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>What the laboratory found</title>
      <link rel="icon" href="data:,">
      <style>
      \(String(decoding: PackageResources.page_css, as: UTF8.self))</style>
      </head>
      <body>
      <a class="skip" href="#claims">Skip to the claims</a>
      \(Self.contents(sections))
      <main>
      \(main.joined(separator: "\n"))
      </main>
      <script>\(Self.inline(library))</script>
      <script>
      \(Self.inline(String(decoding: PackageResources.page_js, as: UTF8.self)))</script>
      </body>
      </html>

      """
  }

  /// Writes the page as a whole or not at all.
  ///
  /// - Throws: ``ReportError/unwritable(path:reason:)``; the caller names another place.
  public func write(to path: String) throws(ReportError) {
    do {
      try AtomicFile.write(html, to: path)
    } catch {
      throw .unwritable(path: path, reason: "\(error)")
    }
  }

  /// A script that nothing in it can end.
  private static func inline(_ script: String) -> String {
    script.replacing("</script", with: "<\\/script").replacing("<!--", with: "<\\!--")
  }

  private static func contents(_ sections: [ExperimentSection]) -> String {
    let links =
      ["<a href=\"#claims\">Claims</a>"]
      + sections.map { HTML.element("a", ["href": "#\($0.anchor)"], HTML.text($0.title)) }
    let items = links.map { "<li>\($0)</li>" }.joined()
    return "<nav aria-label=\"Contents\"><p>FleetLab</p><ol>\(items)</ol></nav>"
  }

  private static func head(
    _ claims: [ClaimOutcome], _ entries: [LaboratoryReport.Entry]
  ) -> String {
    let trials = entries.reduce(0) { $0 + $1.report.record.timings.count }
    let words =
      "\(RunReport.count(claims.count, "claim")) of the design document, "
      + "\(RunReport.count(entries.count, "experiment")), \(RunReport.count(trials, "trial")). "
      + "A verdict is for the document as it is written. Every criterion has a negative control, a "
      + "planted break that must turn its verdict over; an unclear result is called inconclusive."
    let counts = ClaimVerdict.names.map { name in
      (name: name, count: claims.count { $0.verdict.name == name })
    }.filter { $0.count > 0 }
    let parts = counts.map { part in
      HTML.element(
        "button",
        [
          "type": "button", "class": "share", "data-verdict": part.name, "aria-pressed": "false",
          "style": "flex-grow:\(part.count)",
          "title": ClaimVerdict.explanation(ofName: part.name) ?? "",
        ], "<b>\(part.count)</b> <span>\(HTML.text(part.name))</span>")
    }
    return """
      <header>
      <h1>What the laboratory found</h1>
      <p class="lead">\(HTML.text(words))</p>
      <div class="shares" role="group" aria-label="Claims by verdict; press to show one kind">
      \(parts.joined(separator: "\n"))
      </div>
      </header>
      """
  }

  private static func claims(
    _ outcomes: [ClaimOutcome], _ entries: [LaboratoryReport.Entry]
  ) -> String {
    var table = HTMLTable(
      "claims", caption: "Each claim with its verdict and what decided it",
      columns: [
        "claim", "the document says", "verdict", "decided by", "negative control", "ours reaches",
      ])
    let recorded = Set(entries.map(\.report.record.run.experiment.id))
    for outcome in outcomes {
      let head = [
        "<b>\(HTML.text(outcome.claim.id))</b>",
        "<q>\(HTML.text(outcome.claim.quote))</q> "
          + HTML.element("small", HTML.text(outcome.claim.section)),
        HTML.badge(outcome.verdict.name)
          + (outcome.verdict.detail.map { "<p>\(HTML.text($0))</p>" } ?? ""),
      ]
      table.append(head + decision(outcome, recorded), label: outcome.verdict.name)
    }
    return """
      <section id="claims" aria-labelledby="claims-title">
      <h2 id="claims-title">The claims</h2>
      \(table.html)
      </section>
      """
  }

  /// What decided a claim, its control and what ours reaches; one cell when nothing decided it.
  private static func decision(_ outcome: ClaimOutcome, _ recorded: Set<String>) -> [String] {
    guard let deciding = outcome.deciding else {
      let text = HTML.text(outcome.claim.criterion)
      return [
        outcome.verdict == .notYetTested ? "<small>To be decided by this: \(text)</small>" : "–"
      ]
    }
    var text =
      "<b>\(HTML.text(deciding.figureText))</b>, bar \(HTML.text(deciding.bar))"
      + "<p>\(HTML.code(deciding.criterion.metric)), "
    text +=
      recorded.contains(deciding.experiment)
      ? HTML.element(
        "a", ["href": "#experiment-\(deciding.experiment)"], HTML.text(deciding.name))
      : HTML.text(deciding.name)
    if let condition = outcome.condition {
      text += "; under the condition \(HTML.text(condition.figureText))"
    }
    let ours = outcome.ours.map {
      "\(HTML.badge($0.verdict.rawValue)) \(HTML.text($0.outcome.figureText))"
    }
    return [text + "</p>", control(deciding), ours ?? "–"]
  }

  private static func control(_ outcome: CriterionOutcome) -> String {
    "\(HTML.text(outcome.control.verdict.rawValue)), \(HTML.text(outcome.controlFigureText)), "
      + (outcome.flipped ? "flipped" : "<b>not flipped</b>")
  }
}
