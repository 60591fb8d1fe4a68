// Questions on one record that `fleetlab explain` answers.
import LabGate
import LabManifest
import LabRecord
import LabReport
import LabRunner

/// A question of two or three words: what is asked, of which experiment, and of what in it.
struct RecordQuestion {
  /// What can be asked.
  enum Subject: String, CaseIterable {
    case verdict, cell, rerun
  }

  let subject: Subject
  let words: [String]
  let folders: FolderOptions

  /// Reads a question.
  ///
  /// - Returns: `nil` when the words begin with no subject.
  init?(_ words: [String], in folders: FolderOptions) {
    guard words.count > 1, let subject = Subject(rawValue: words[0]) else { return nil }
    self.subject = subject
    self.words = Array(words.dropFirst())
    self.folders = folders
  }

  /// How each question is written.
  static let forms =
    "'verdict ID', 'verdict ID/CRITERION', 'cell ID CELL' or 'rerun ID'"

  /// The answer.
  func answer() throws -> String {
    switch (subject, words.count) {
    case (.verdict, 1): try verdict()
    case (.cell, 2): try cell()
    case (.rerun, 1): try rerun()
    case (.verdict, _), (.cell, _), (.rerun, _):
      throw Failure(
        .failed,
        "'\(subject.rawValue) \(words.joined(separator: " "))' is no question; \(Self.forms) was "
          + "expected; write one")
    }
  }

  private func verdict() throws -> String {
    let parts = words[0].split(separator: "/", maxSplits: 1).map(String.init)
    let report = try folders.report(of: parts.first ?? "").report
    let outcomes = report.outcomes.filter { parts.count < 2 || $0.criterion.id == parts[1] }
    guard !outcomes.isEmpty else {
      let ids = report.outcomes.map(\.criterion.id).joined(separator: ", ")
      throw Failure(
        .finding,
        "\(words[0]) is no criterion; one of \(ids.isEmpty ? "none" : ids) was expected; name one")
    }
    return outcomes.map { report.explanation(of: $0) }.joined(separator: "\n\n")
  }

  private func cell() throws -> String {
    let (report, plan) = try folders.report(of: words[0])
    let replay = LabRunner.ReplayCommand(manifest: plan.manifest, overrides: [])
    let explanation: CellExplanation?
    do throws(ReportError) {
      explanation = try CellExplanation(
        words[1], of: report, planned: plan.cells.first { $0.id == words[1] }
      ) { arm in replay.line(cell: words[1], arm: arm, repetition: 0) }
    } catch { throw Failure(.failed, "\(error)") }
    guard let explanation else {
      throw Failure(
        .finding,
        "cell '\(words[1])' is not in the record of \(words[0]); one of "
          + "\(report.record.cells.count) cells was expected; cells.csv lists them")
    }
    return explanation.text
  }

  private func rerun() throws -> String {
    let (report, plan) = try folders.report(of: words[0])
    let code = CodeProbe(checkout: FolderProbe.checkout, results: folders.results).code()
    let explanation = RerunExplanation(report.record, plan: plan, code: code)
    var table = Listing(columns: ["cell", "runs again", "place"])
    for row in explanation.rows { table.append([row.cell, "\(row.reason)", row.place]) }
    let notes = explanation.notes.map { "\($0)." }.joined(separator: "\n")
    return table.text(as: .text) + (notes.isEmpty ? "" : "\n\(notes)\n")
  }
}
