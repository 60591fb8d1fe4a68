// What does a text cost to encode, beside another implementation of the same model?

import Embedding
import LabCore
public import LabManifest
public import LabRunner

/// Encodes texts of one length, each by a call of its own, on one thread.
///
/// A program from outside gets the parameters `tokens` and `work` and encodes work / tokens texts
/// (at least one) that are the word "test" as often as the tokens leave room between the two that
/// frame a text. It times them by its own processor clock, after one that it does not time, and
/// answers with ``description``'s metrics. The parameters that plant a fault are for the
/// laboratory's own arm; a peer passes over them.
public enum EncoderSpeed: Experiment {
  public static let description = ExperimentDescription(
    name: "encoder-speed",
    summary: "Texts of 16 to 256 tokens, encoded one by one by all-MiniLM-L6-v2 on one thread.",
    version: 1,
    arms: [ArmDescription("minilm", "The laboratory's own encoder, its tokenizer included.")],
    parameters: [
      ParameterDescription(
        "tokens", .integer(3...256), default: .integer(64), "How many tokens a text has."),
      ParameterDescription(
        "work", .integer(1...10_000_000), default: .integer(1_536),
        "How many tokens are encoded in a trial, all texts together."),
      EncoderWeights.parameter,
      ParameterDescription(
        "handicap", .integer(0...100), default: .integer(0),
        "A planted slow-down of the laboratory's own arm: how often each text is encoded in vain."),
      ParameterDescription(
        "planted-word", .flag, default: .flag(false),
        "A planted difference in the work of the laboratory's own arm: one word is another."),
    ],
    metrics: [
      MetricDescription(
        "text_cpu", .timed, unit: "s", .lower, "Processor time of one text on one thread."),
      MetricDescription(
        "first_number", .exact, unit: "1", .neutral,
        "The first number of the text's vector in whole thousandths: the same for all that encode "
          + "the same text by the same model."),
      RunnerMetric.cpuSeconds.description, RunnerMetric.peakBytes.description,
    ])

  public static var exactness: [String: String] { SearchKernels.encoding }

  /// Speed is measured, so trials run alone.
  public static func runsInRealTime(_ settings: Settings) -> Bool { true }

  public static func missing(for plan: Plan) -> [String] { EncoderWeights.missing(for: plan) }

  public static func run(_ trial: Trial, into recorder: inout Recorder) throws {
    let tokens = try trial.integer("tokens")
    let work = try trial.integer("work")
    let handicap = try trial.integer("handicap")
    let hasOtherWord = try trial.flag("planted-word")
    let load = EncodingLoad(
      tokens: tokens, texts: max(1, work / tokens), handicap: handicap, hasOtherWord: hasOtherWord)
    let outcome = load.run(try EncoderWeights.encoder(of: trial))
    recorder.record("text_cpu", outcome.time.seconds)
    recorder.record("first_number", outcome.firstNumber)
  }
}
