// One experiment of the page.

import LabGate
import LabManifest
import LabRecord

/// The section of the page on one record.
struct ExperimentSection {
  private let entry: LaboratoryReport.Entry
  private let figures: [PageFigure]
  private let table: ArmTable

  /// The most rows of a table by cell and arm.
  static let rowLimit = 200

  /// Draws the figures of a report and sums its rows up.
  ///
  /// - Throws: ``ReportError/noMeasurement(manifest:reason:)``.
  init(_ entry: LaboratoryReport.Entry) throws(ReportError) {
    self.entry = entry
    let report = entry.report
    var figures: [PageFigure] = []
    for request in report.manifest.figures { figures.append(try PageFigure(request, of: report)) }
    self.figures = figures
    do {
      table = try ArmTable(
        record: report.record, index: report.index, rowLimit: Self.rowLimit)
    } catch {
      throw .noMeasurement(manifest: report.manifest.path, reason: "\(error)")
    }
  }

  private var report: RunReport { entry.report }
  private var run: RunDescription { report.record.run }

  /// The section's name in addresses within the page.
  var anchor: String { "experiment-\(run.experiment.id)" }
  /// The title of the experiment.
  var title: String { run.experiment.title }

  var html: String {
    let parts = [
      HTML.element("h2", ["id": "\(anchor)-title"], HTML.text(title)),
      HTML.element("p", ["class": "question"], HTML.text(report.manifest.question)),
      facts, criteria, figures.map { figure($0) }.joined(), tables, failures,
    ]
    return HTML.element(
      "section", ["id": anchor, "class": "experiment", "aria-labelledby": "\(anchor)-title"],
      parts.joined(separator: "\n"))
  }

  private var facts: String {
    var facts: [(String, String)] = []
    let standing =
      switch entry.standing {
      case .fresh: "fresh: made from the manifest as it is now"
      case .kept(let reason): "kept: \(reason)"
      }
    facts.append(("record", HTML.text(standing)))
    facts.append(
      ("run", "\(HTML.code(run.run)), \(HTML.text(run.size.rawValue)) size, seed \(run.seed)"))
    let controls = report.record.cells.count { $0.control != nil }
    let cells = RunReport.count(report.record.cells.count - controls, "cell")
    facts.append(
      (
        "trials",
        HTML.text(
          "\(report.trialCounts); \(cells) of the sweep, \(controls) of negative controls, "
            + "\(RunReport.count(run.experiment.repetitions, "repetition")) of each arm")
      ))
    facts.append(("arms", run.experiment.arms.map(HTML.code).joined(separator: ", ")))
    if let commit = run.code.commit {
      let dirty = run.code.dirtyDigest == nil ? "" : " with changes"
      facts.append(("commit", HTML.code(String(commit.prefix(12))) + dirty))
    }
    facts.append(
      ("machine", HTML.text("\(run.host.cpuModel), \(RunReport.count(run.host.cores, "core"))")))
    facts.append(("again", HTML.code(report.command)))
    let items = facts.map { "<div><dt>\($0.0)</dt><dd>\($0.1)</dd></div>" }
    return HTML.element("dl", ["class": "facts"], items.joined())
  }

  private var criteria: String {
    guard !report.outcomes.isEmpty else { return "" }
    var table = HTMLTable(
      "criteria", caption: "What the record says of each criterion, and of its planted break",
      columns: ["criterion", "verdict", "figure and 95 % interval", "bar", "n", "control", "why"],
      numeric: [4])
    for outcome in report.outcomes {
      let control = outcome.control
      let flip = outcome.flipped ? "flipped" : "not flipped"
      table.append([
        "\(HTML.code(outcome.criterion.id))<p>\(HTML.text(outcome.criterion.text))</p>",
        HTML.badge(outcome.verdict.rawValue),
        "<b>\(HTML.text(outcome.figureText))</b><p>\(HTML.text(Self.measured(outcome)))</p>",
        HTML.text(outcome.bar), "\(outcome.subject.count)",
        "\(HTML.text(control.verdict.rawValue)), \(HTML.text(outcome.controlFigureText)), "
          + "\(flip)<p>\(HTML.text(outcome.change.text))</p>",
        HTML.text(outcome.reason),
      ])
    }
    return "<h3>Criteria</h3>\n\(table.html)"
  }

  private static func measured(_ outcome: CriterionOutcome) -> String {
    let place = outcome.subject.worst.map { "worst cell \($0.description)" } ?? "all cells pooled"
    return "\(outcome.criterion.statistic.text) of \(outcome.criterion.metric), "
      + "arm \(outcome.subject.arm), \(place)"
  }

  private func figure(_ figure: PageFigure) -> String {
    let id = "\(anchor)-\(figure.request.id)"
    let title = HTML.element("h3", ["id": "\(id)-title"], HTML.text(figure.request.title))
    let caption = figure.notes.map { HTML.text($0) + "." }.joined(separator: " ")
    guard let json = figure.json else {
      return "\(title)\n<p>The record holds nothing to draw. \(caption)</p>\n"
    }
    let body = [
      title, controls(of: figure, id: id),
      HTML.element(
        "div", ["class": "box"],
        HTML.element(
          "div", ["class": "plot", "role": "group", "aria-labelledby": "\(id)-title"],
          "<noscript>Drawing needs JavaScript; the tables do not.</noscript>")),
      HTML.element(
        "figcaption",
        "\(caption) Rest on a mark, or touch it, for its cell and seeds. "
          + "<output aria-live=\"polite\"></output>"),
      HTML.data(json.line, id: "\(id)-data"),
    ]
    return HTML.element(
      "figure", ["id": id, "data-figure": "\(id)-data"], body.joined(separator: "\n")) + "\n"
  }

  private func controls(of figure: PageFigure, id: String) -> String {
    var controls = ""
    if figure.arms.count > 1 {
      let boxes = figure.arms.map { arm in
        "<label>"
          + HTML.tag("input", ["type": "checkbox", "name": "arm", "value": arm])
          .replacing(">", with: " checked>") + " \(HTML.text(arm))</label>"
      }
      controls += "<fieldset><legend>arms</legend>\(boxes.joined())</fieldset>"
    }
    for filter in figure.filters {
      let options =
        "<option value=\"\">all</option>"
        + filter.values.map { HTML.element("option", ["value": $0], HTML.text($0)) }.joined()
      let select = HTML.element("select", ["name": filter.field], options)
      controls += "<label><span>\(HTML.text(filter.key))</span> \(select)</label>"
    }
    guard !controls.isEmpty else { return "" }
    return HTML.element(
      "form", ["class": "filters", "aria-label": "Filter of the figure"], controls)
  }

  private var tables: String {
    guard !table.parts.isEmpty else { return "" }
    var text = "<p>\(HTML.text(ArmTable.method))"
    if !table.fixed.isEmpty {
      let fixed = table.fixed.map { HTML.code("\($0.key)=\($0.value)") }
      text += " In all cells: \(fixed.joined(separator: ", "))."
    }
    text += "</p>\n"
    for (place, part) in table.parts.enumerated() {
      let which = table.parts.count > 1 ? ", part \(place + 1) of \(table.parts.count)" : ""
      var html = HTMLTable(
        "arms", caption: "\(title): figures by cell and arm\(which)", columns: part.columns,
        numeric: Set(part.firstFigure..<part.columns.count))
      for row in part.rows { html.append(row.map { HTML.text($0) }) }
      text += html.html + "\n"
    }
    if table.hidden > 0 {
      text += "<p>The page shows the first \(Self.rowLimit) rows; \(table.hidden) more stand in "
      text += "\(HTML.code("measurements.csv")) and \(HTML.code("observations.csv")).</p>\n"
    }
    return HTML.element(
      "details", (table.parts.first?.rows.count ?? 0) > 24 ? [:] : ["open": ""],
      "<summary><h3>Figures by cell and arm</h3></summary>\n\(text)")
  }

  private var failures: String {
    let failed = report.record.timings.filter { $0.status != .ok }
    guard !failed.isEmpty else { return "" }
    var text = "<h3>Failed trials</h3>\n"
    text += "<p>\(RunReport.count(failed.count, "trial")) did not end well.</p>\n<ul>"
    for trial in failed.prefix(RunReport.failureLimit) {
      text += "<li>\(HTML.code(trial.cell)), arm \(HTML.code(trial.arm)), "
      text += "repetition \(trial.repetition): \(HTML.text(trial.status.rawValue))"
      if let error = trial.error {
        text += HTML.element(
          "pre", ["class": "box", "tabindex": "0"], HTML.text(RunReport.shortened(error)))
      }
      text += "</li>\n"
    }
    text += "</ul>\n"
    if failed.count > RunReport.failureLimit {
      text += "<p>\(failed.count - RunReport.failureLimit) more stand in "
      text += "\(HTML.code("timings.csv")).</p>\n"
    }
    return text
  }
}
