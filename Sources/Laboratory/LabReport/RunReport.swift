// The report of one run.

public import LabGate
public import LabManifest
public import LabRecord

/// The report of one record: `Results/<id>/report.md` and the specifications of its figures.
///
/// - Determinism: A pure function of the manifest, the record and the state of the pictures: the
///   same ones give the same bytes.
public struct RunReport: Sendable {
  /// The question.
  public let manifest: Manifest
  /// What was run and measured.
  public let record: RunRecord
  /// What the record says of each criterion of the manifest.
  public let outcomes: [CriterionOutcome]
  /// The figures that the manifest asks for.
  public let figures: [FigureSpecification]
  /// The rows of the record, sorted.
  let index: MeasurementIndex
  private let table: ArmTable

  /// Judges a record and draws its figures.
  ///
  /// - Throws: ``ReportError/noMeasurement(manifest:reason:)`` when rows hold what is no
  ///   measurement; a record that ``RunRecord/load(folder:tableLimit:)`` accepted holds none.
  public init(manifest: Manifest, record: RunRecord) throws(ReportError) {
    index = MeasurementIndex(record.rows)
    self.manifest = manifest
    self.record = record
    outcomes = Judge(record, index: index).outcomes(of: manifest.criteria)
    var figures: [FigureSpecification] = []
    for request in manifest.figures {
      figures.append(
        try FigureSpecification(request, manifest: manifest, record: record, index: index))
    }
    self.figures = figures
    do {
      table = try ArmTable(record: record, index: index)
    } catch {
      throw .noMeasurement(manifest: manifest.path, reason: "\(error)")
    }
  }

  /// The report as Markdown.
  ///
  /// - Parameter picture: The state of the picture of a figure, by the figure's id.
  public func markdown(picture: (String) -> PictureState) -> String {
    let parts = [
      "# \(MarkdownText.plain(record.run.experiment.title))",
      "> \(MarkdownText.plain(manifest.question))",
      "## What was run\n\n\(whatWasRun)",
      criteria,
      figureSection(picture),
      table.markdown,
      subjects,
      failures,
      reproduction,
      files,
    ]
    return parts.filter { !$0.isEmpty }.map(Self.stripped).joined(separator: "\n\n") + "\n"
  }

  private static func stripped(_ text: String) -> String {
    var text = Substring(text)
    while text.last == "\n" { text.removeLast() }
    return String(text)
  }

  /// The path of the manifest where it can be shown: one of this machine is cut to its last part.
  static func shownPath(_ path: String) -> String {
    path.hasPrefix("/") ? path.split(separator: "/").last.map(String.init) ?? path : path
  }

  private var whatWasRun: String {
    let run = record.run
    var table = MarkdownTable(columns: ["", ""])
    func row(_ name: String, _ value: String) { table.append([name, value]) }
    row(
      "experiment",
      MarkdownText.code(run.experiment.name) + " version \(run.experiment.version), manifest "
        + MarkdownText.code(Self.shownPath(run.manifest.path)))
    let controls = record.cells.count { $0.control != nil }
    let sweep = record.cells.count - controls
    row("size", "\(run.size.rawValue), seed \(run.seed)")
    row(
      "trials",
      "\(Self.count(sweep, "cell")) of the sweep and \(controls) of negative controls, "
        + "\(Self.repetitions(run)) of each arm: " + MarkdownText.plain(trialCounts))
    if let stopping = run.stopping { row("precision", Self.words(stopping)) }
    row("arms", run.experiment.arms.map { MarkdownText.code($0) }.joined(separator: ", "))
    row("code", code)
    row(
      "machine",
      "\(MarkdownText.plain(run.host.cpuModel)), \(Self.count(run.host.cores, "core")), "
        + MarkdownText.plain(run.host.kernel))
    row("time", MarkdownText.plain("\(run.start) to \(run.end)"))
    row("run", MarkdownText.code(run.run))
    return table.markdown
  }

  /// How often each arm ran: `3 repetitions`, or `5 to 40 repetitions` where cells stopped.
  static func repetitions(_ run: RunDescription) -> String {
    let counts = run.stopping?.cells.values.map(\.repetitions) ?? []
    guard let least = counts.min(), let most = counts.max(), least < most else {
      return count(counts.first ?? run.experiment.repetitions, "repetition")
    }
    return "\(least) to \(most) repetitions"
  }

  private static func words(_ stopping: RunDescription.Stopping) -> String {
    let reached = stopping.cells.values.count(where: \.isReached)
    let share = FigureText.number(100 * stopping.relative)
    let confidence = FigureText.number(100 * stopping.confidence)
    return "cells stopped once the \(confidence) % interval for the mean of "
      + "\(MarkdownText.code(stopping.metric)) reached no further than \(share) % of it in every "
      + "arm: \(reached) of \(stopping.cells.count) did"
  }

  static func count(_ number: Int, _ noun: String) -> String {
    number == 1 ? "1 \(noun)" : "\(number) \(noun)s"
  }

  /// How many trials ended with each status, in words.
  var trialCounts: String {
    let counts = record.run.trials.filter { $0.value > 0 }.sorted { left, right in
      (left.key == "ok" ? 0 : 1, left.key) < (right.key == "ok" ? 0 : 1, right.key)
    }
    return counts.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
  }

  private var code: String {
    let code = record.run.code
    var text =
      code.commit.map { "commit " + MarkdownText.code(String($0.prefix(12))) }
      ?? "outside a checkout"
    if let dirty = code.dirtyDigest {
      text += " with changes " + MarkdownText.code(String(dirty.prefix(12)))
    }
    if let toolchain = code.toolchain { text += ", \(MarkdownText.plain(toolchain))" }
    return text
  }

  private var criteria: String {
    guard !outcomes.isEmpty else { return "" }
    var table = MarkdownTable(columns: [
      "criterion", "verdict", "figure (95 %)", "n", "bar", "worst cell", "negative control",
    ])
    for outcome in outcomes {
      let control = outcome.control
      table.append([
        "**\(MarkdownText.plain(outcome.criterion.id))**: "
          + MarkdownText.plain(outcome.criterion.text),
        "**\(outcome.verdict.rawValue)**",
        "\(MarkdownText.plain(outcome.criterion.statistic.text)) of "
          + "\(MarkdownText.code(outcome.criterion.metric)) in arm "
          + "\(MarkdownText.code(outcome.subject.arm)): \(MarkdownText.plain(outcome.figureText))",
        "\(outcome.subject.count)", MarkdownText.plain(outcome.bar),
        MarkdownText.plain(outcome.subject.worst?.description ?? "all pooled"),
        "\(MarkdownText.plain(outcome.change.text)): \(control.verdict.rawValue), "
          + "\(MarkdownText.plain(outcome.controlFigureText)), "
          + (outcome.flipped ? "flipped" : "**not flipped**"),
      ])
    }
    var text = "## Criteria\n\n\(table.markdown)"
    let open = outcomes.filter { $0.verdict != .pass }
    if !open.isEmpty {
      text += "\n"
      for outcome in open {
        text += "- **\(MarkdownText.plain(outcome.criterion.id))** is \(outcome.verdict.rawValue): "
        text += "\(MarkdownText.plain(outcome.reason))\n"
      }
    }
    return text
  }

  private func figureSection(_ picture: (String) -> PictureState) -> String {
    guard !figures.isEmpty else { return "" }
    var text = "## Figures\n"
    for figure in figures {
      let id = figure.request.id
      let specification = "figures/\(id).vl.json"
      let image =
        "![\(MarkdownText.plain(figure.request.title))](\(MarkdownText.path("figures/\(id).svg")))"
      text += "\n"
      if figure.isEmpty {
        text += "*\(MarkdownText.plain(figure.request.title))*: the record holds nothing to draw.\n"
        text += Self.caption(figure)
        continue
      }
      switch picture(id) {
      case .current: text += "\(image)\n"
      case .stale:
        text += "\(image)\n\n**This picture is older than its specification**: the renderer was "
        text += "not there. \(MarkdownText.link("The specification", specification)) is right; "
        text += "`./Scripts/setup` installs the renderer and `fleetlab report` draws again.\n"
      case .absent:
        text += "**There is no picture yet**: the renderer was not there. "
        text += "\(MarkdownText.link("The specification", specification)) says what "
        text += "*\(MarkdownText.plain(figure.request.title))* shows; `./Scripts/setup` installs "
        text += "the renderer and `fleetlab report` draws.\n"
      }
      text += Self.caption(figure)
    }
    return text
  }

  private static func caption(_ figure: FigureSpecification) -> String {
    guard !figure.notes.isEmpty else { return "" }
    let notes = figure.notes.map { MarkdownText.plain($0) }.joined(separator: ". ")
    return "\n\(notes).\n"
  }

  /// What the programs from outside call themselves.
  private var subjects: String {
    guard let subjects = record.run.subjects, !subjects.isEmpty else { return "" }
    let lines = subjects.map { subject in
      "- \(MarkdownText.code(subject.arm, inTable: false)) is \(MarkdownText.plain(subject.name)) "
        + "\(MarkdownText.plain(subject.version)), command "
        + MarkdownText.code(String(subject.commandDigest.prefix(12)), inTable: false)
    }
    return "Arms that are programs from outside, as they name themselves:\n\n"
      + lines.joined(separator: "\n")
  }

  /// The most failed trials that are shown.
  static let failureLimit = 20
  /// The most lines of a failure that are shown.
  private static let failureLines = 14

  private var failures: String {
    let failed = record.timings.filter { $0.status != .ok }
    guard !failed.isEmpty else { return "" }
    let cells = Dictionary(record.cells.map { ($0.id, $0) }) { first, _ in first }
    var text = "## Failed trials\n\n\(Self.count(failed.count, "trial")) did not end well.\n"
    for trial in failed.prefix(Self.failureLimit) {
      let place = cells[trial.cell].map { cell in
        cell.coordinates.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
      }
      text += "\n\(MarkdownText.code(trial.cell, inTable: false)) "
      if let place, !place.isEmpty { text += "(\(MarkdownText.plain(place))) " }
      text += "arm \(MarkdownText.code(trial.arm, inTable: false)), "
      text += "repetition \(trial.repetition): \(trial.status.rawValue)\n"
      if let error = trial.error { text += "\n\(MarkdownText.block(Self.shortened(error)))" }
    }
    if failed.count > Self.failureLimit {
      text += "\n\(failed.count - Self.failureLimit) more stand in [timings.csv](timings.csv).\n"
    }
    return text
  }

  /// The first lines of a failure and its last one, which is the command that replays it.
  static func shortened(_ error: String) -> String {
    let lines = error.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count > failureLines, let last = lines.last else { return error }
    return (lines.prefix(failureLines - 2) + ["…", last]).joined(separator: "\n")
  }

  /// The command that makes the record again.
  var command: String {
    let run = record.run
    let path = Self.shownPath(run.manifest.path)
    let word = path.contains(where: { $0 == " " || $0 == "'" }) ? "\"\(path)\"" : path
    return "fleetlab run \(word) --size \(run.size.rawValue) --seed \(run.seed)"
  }

  private var reproduction: String {
    """
    ## To run it again

    \(MarkdownText.block(command))
    At the same commit it writes the same `measurements.csv`, byte for byte; \
    `observations.csv` and `timings.csv` hold what real time did.
    """
  }

  private var files: String {
    var table = MarkdownTable(columns: ["file", "what it holds"])
    let words: [(RecordFile, String)] = [
      (.measurements, "\(Self.count(record.measurements.count, "row")) that the seed reproduces"),
      (.observations, "\(Self.count(record.observations.count, "row")) of trials in real time"),
      (.timings, "what each trial cost and how it ended"),
      (.cells, "the cells with their swept values"),
      (.run, "commit, toolchain, machine, digests"),
    ]
    for (file, text) in words {
      table.append([MarkdownText.link(file.rawValue, file.rawValue), text])
    }
    return "## Files\n\n\(table.markdown)"
  }
}
