// Why a criterion has its verdict, from the rows to the word.

public import LabGate
import LabManifest
import LabRecord

extension RunReport {
  /// How the verdict of a criterion came about: rows, statistic, interval, bar, control.
  ///
  /// - Parameter outcome: One of ``outcomes``.
  /// - Determinism: A pure function of the report.
  public func explanation(of outcome: CriterionOutcome) -> String {
    let criterion = outcome.criterion
    let control = outcome.change
    let change = control.settings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    var lines = [
      "\(outcome.name) is \(outcome.verdict.rawValue)", "  asks      \(criterion.text)",
      "  rows      \(rows(of: outcome))",
    ]
    lines += evidence(of: outcome.subject, outcome, label: "figure")
    lines += ["  bar       \(outcome.bar)", "  alone     \(Self.judgement(of: outcome.subject))"]
    lines.append(
      "  control   \(control.text)"
        + (change.isEmpty ? "" : " (\(change.joined(separator: " ")))"))
    lines += evidence(of: outcome.control, outcome, label: "figure")
    lines += [
      "  broken    \(Self.judgement(of: outcome.control))",
      "  so        "
        + (outcome.flipped
          ? "the control turns the verdict over: the criterion can fail, and its verdict stands"
          : "the control does not turn the verdict over, so nothing is proved"),
      "  verdict   \(outcome.verdict.rawValue): \(outcome.reason)",
    ]
    return lines.joined(separator: "\n")
  }

  private static func judgement(of finding: Finding) -> String {
    "\(finding.verdict.rawValue): \(finding.reason)"
  }

  private func rows(of outcome: CriterionOutcome) -> String {
    let criterion = outcome.criterion
    let selection = criterion.selection.map { "\($0.key)=\($0.values.joined(separator: "|"))" }
    let place = selection.isEmpty ? "" : " where \(selection.joined(separator: " "))"
    let scope =
      criterion.scope == .every ? "each cell by itself, the worst one decides" : "all together"
    return "metric \(criterion.metric), arm \(outcome.subject.arm), "
      + "\(Self.count(outcome.subject.cells, "cell"))\(place), "
      + "\(Self.count(record.run.experiment.repetitions, "repetition")), \(scope)"
  }

  /// The most values that are written out.
  private static let shownValues = 12

  private func evidence(
    of finding: Finding, _ outcome: CriterionOutcome, label: String
  ) -> [String] {
    func line(_ label: String, _ text: String) -> String {
      "  \(label)\(String(repeating: " ", count: max(1, 10 - label.count)))\(text)"
    }
    let metric = outcome.criterion.metric
    var lines: [String] = []
    if let worst = finding.worst {
      lines.append(line("", "in cell \(worst.id) \(worst.description)"))
      let trials = index.trials(cell: worst.id, arm: finding.arm, metric: metric)
      let values = trials.map { trial in
        trial.isComplete
          ? TrialMean.of(trial).map { FigureText.number($0) } ?? "a distribution"
          : trial.status.rawValue
      }
      if !values.isEmpty {
        let more = values.count - Self.shownValues
        lines.append(
          line(
            "",
            "values \(values.prefix(Self.shownValues).joined(separator: ", "))"
              + (more > 0 ? " and \(more) more" : "")))
      }
    }
    let interval = finding.interval == nil ? ", which has no interval" : " with its 95 % interval"
    let reference = finding.reference.map {
      " against \(FigureText.quantity($0, unit: outcome.unit))"
    }
    lines.append(
      line(
        label,
        "\(outcome.criterion.statistic.text)\(interval): "
          + FigureText.figure(finding.figure, interval: finding.interval, unit: outcome.unit)
          + "\(reference ?? ""), n = \(finding.count)"
          + (finding.missing > 0 ? ", \(finding.missing) missing" : "")))
    return lines
  }
}
