// fleetlab explain
import ArgumentParser
import LabGate
import LabManifest
import LabRecord
import LabRunner

/// Explains a word of the laboratory, or something in a record.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Explain a manifest key, a metric, an experiment, a verdict, a cell or a rerun.",
    discussion: """
      One word is explained as such. 'verdict ID[/CRITERION]' derives the verdict from the record, \
      'cell ID CELL' says what a cell is and what was measured in it, and 'rerun ID' which cells \
      the record has and which would run.

      EXAMPLES
        fleetlab explain network.link.loss
        fleetlab explain literal-transport
        fleetlab explain parsed_fraction
        fleetlab explain inconclusive
        fleetlab explain records
        fleetlab explain verdict literal-transport/reliable
        fleetlab explain cell literal-transport de91e9fc08da5744
        fleetlab explain rerun literal-transport
      """)

  @OptionGroup var folders: FolderOptions

  @Argument(help: "A word, or verdict, cell or rerun with the id of an experiment.")
  var words: [String]

  private var word: String { words.joined(separator: " ") }

  func run() throws {
    if let question = RecordQuestion(words, in: folders) {
      return Console.print(try question.answer())
    }
    let texts = [manifestKey, experiment, metrics, verdict, records].compactMap { $0 }
    guard texts.isEmpty else { return Console.print(texts.joined(separator: "\n\n")) }
    let nearest = ManifestKeys.nearestKey(to: word).map { "; did you mean '\($0)'?" } ?? ""
    throw Failure(
      .finding,
      "nothing here is called '\(word)'; a manifest key, a metric, an experiment, a verdict, "
        + "'records', \(RecordQuestion.forms) was expected\(nearest)")
  }

  private var manifestKey: String? { ManifestKeys.explain(word) }

  private var experiment: String? {
    guard let experiment = laboratory[word]?.description else { return nil }
    var lines = ["\(experiment.name), version \(experiment.version): \(experiment.summary)"]
    lines += ["", "Arms"]
    lines += experiment.arms.map { "  \($0.name): \($0.summary)" }
    lines += ["", "Parameters"]
    lines += experiment.parameters.map { "  \($0.name): \($0.summary)" }
    lines += ["", "Metrics"]
    lines += experiment.metrics.map { "  \($0.name) (\($0.unit)): \($0.summary)" }
    return lines.joined(separator: "\n")
  }

  private var metrics: String? {
    let found = laboratory.experiments.compactMap { type in
      type.description.metrics.first { $0.name == word }.map { metric in
        "\(metric.name) of \(type.description.name): \(metric.summary)\n"
          + "  unit \(metric.unit), class \(metric.metricClass.rawValue), "
          + "better is \(metric.direction.rawValue)"
      }
    }
    return found.isEmpty ? nil : found.joined(separator: "\n\n")
  }

  private var verdict: String? {
    let texts = [
      ClaimVerdict.explanation(ofName: word).map { "\(word), of a claim: \($0)" },
      CriterionVerdict(rawValue: word).map { "\(word), of a criterion: \($0.explanation)" },
      GateVerdict(rawValue: word).map { "\(word), of a gate: \($0.explanation)" },
    ].compactMap { $0 }
    return texts.isEmpty ? nil : texts.joined(separator: "\n\n")
  }

  private var records: String? {
    guard word == "records" else { return nil }
    return DataDictionary.markdown(experiments: laboratory.experiments.map { $0.description })
  }
}
